package lictor.request_test

import rego.v1

import data.lictor.request

configuration := {
	"parameters": {"max_concurrent_tickets": 100},
	"flags": {"auto_scaling_enabled": true},
	"flag_names": ["auto_scaling_enabled"],
	"trust_ticket_context": true,
}

suspicious := object.union(configuration, {"trust_ticket_context": false})

now_ns := 1700000000000000000

test_fields_at_the_top_are_found_in_context if {
	ticket := request.ticket with input as {"namespace": "dev", "queue_depth": 5}
		with data.lictor.configuration as configuration
		with time.now_ns as now_ns
	ticket.context == {"namespace": "dev", "queue_depth": 5, "current_time": 1700000000000}
}

test_the_clock_and_the_operators_win if {
	subject := {"context": {"current_time": 1}, "flags": {"auto_scaling_enabled": false, "burst_capacity_enabled": true}}
	ticket := request.ticket with input as subject
		with data.lictor.configuration as configuration
		with time.now_ns as now_ns
	ticket.context.current_time == 1700000000000
	ticket.flags == {"auto_scaling_enabled": true, "burst_capacity_enabled": true}
}

test_a_plan_needs_what_its_tasks_need if {
	tasks := [
		{"timeout_ms": 30000, "required_capabilities": ["testing"]},
		{"timeout_ms": 60000, "required_capabilities": ["deployment", "testing"]},
		{"timeout_ms": "soon"},
	]
	plan := request.plan with input as {"tasks": tasks} with data.lictor.configuration as configuration
	plan.resource.sla.timeout_ms == 60000
	plan.resource.required_capabilities == ["deployment", "testing"]
	not plan.resource.estimated_duration_ms
}

test_a_plan_counts_as_its_tasks_do if {
	tasks := [{"timeout_ms": 50, "estimated_duration_ms": 7, "required_capabilities": ["root"]}]
	plan := {"tasks": tasks, "sla": {"timeout_ms": 9, "deadline": 1}, "estimated_duration_ms": 8, "required_capabilities": ["testing"]}
	resource := request.plan.resource with input as plan with data.lictor.configuration as configuration
	resource.sla == {"timeout_ms": 50, "deadline": 1}
	resource.estimated_duration_ms == 8
	resource.required_capabilities == ["root", "testing"]
}

test_what_a_plan_says_in_another_type_stays_for_the_policies_to_refuse if {
	tasks := [{"timeout_ms": 5, "estimated_duration_ms": 7, "required_capabilities": ["root"]}]
	every value in [null, false, "9", [], ["9"], -1, -1e400] {
		plan := {"tasks": tasks, "sla": value, "estimated_duration_ms": value}
		resource := request.plan.resource with input as plan with data.lictor.configuration as configuration
		resource.sla == value
		resource.estimated_duration_ms == value
	}
	timeout := request.plan.resource.sla.timeout_ms with input as {"tasks": tasks, "sla": {"timeout_ms": "9"}}
		with data.lictor.configuration as configuration
	timeout == "9"
	capabilities := request.plan.resource.required_capabilities with input as {"tasks": tasks, "required_capabilities": "x"}
		with data.lictor.configuration as configuration
	capabilities == "x"
}

test_the_top_of_a_ticket_wins_over_its_context if {
	ticket := request.ticket with input as {"total_tickets": 1000, "context": {"total_tickets": 1, "namespace": "dev"}}
		with data.lictor.configuration as configuration
	ticket.context.total_tickets == 1000
	ticket.context.namespace == "dev"
}

test_operators_flags_are_not_filled_up_from_within if {
	flags := request.ticket.flags with input as {"flags": {"hours": {"utc": -11}}}
		with data.lictor.configuration as object.union(configuration, {"flags": {"hours": {"start": 8}}, "flag_names": ["hours"]})
	flags.hours == {"start": 8}
}

test_without_trust_a_ticket_says_nothing_of_context_and_flags if {
	subject := {"total_tickets": 1, "namespace": "dev", "scaling_threshold": 1, "context": {"tenant_id": "t"}, "flags": {"x": true}}
	ticket := request.ticket with input as subject with data.lictor.configuration as suspicious with time.now_ns as now_ns
	ticket.context == {"current_time": 1700000000000}
	ticket.flags == {"auto_scaling_enabled": true}
	ticket.resource == subject
}

test_context_and_flags_that_are_no_objects_are_reported if {
	every value in [null, false, 7, "x", [1]] {
		ticket := request.ticket with input as {"context": value, "flags": value} with data.lictor.configuration as configuration
		{part.field | some part in ticket.unreadable} == {"context", "flags"}
	}
}

test_the_host_wins if {
	subject := {"total_tickets": 1, "context": {"namespace": "dev", "current_load": 0.1}, "flags": {"hours": {"utc": -11}}}
	host := {
		"context": {"total_tickets": 1000, "current_load": 0.9, "current_time": 5},
		"parameters": {"max_concurrent_tickets": 7},
		"flags": {"hours": {"start": 8}, "auto_scaling_enabled": false},
	}
	ticket := request.hosted_ticket with input as {"subject": subject, "host": host}
		with data.lictor.configuration as configuration
		with time.now_ns as now_ns
	ticket.resource == subject
	ticket.context == {"total_tickets": 1000, "namespace": "dev", "current_load": 0.9, "current_time": 5}
	ticket.parameters == {"max_concurrent_tickets": 7}
	ticket.flags == {"hours": {"start": 8}, "auto_scaling_enabled": false}
	plan := request.hosted_plan with input as {"subject": subject, "host": {}} with data.lictor.configuration as configuration
	plan.resource == subject
	plan.subject == "plan"
	request.hosted_band with input as {"subject": {"risk_band": "low"}, "host": {"risk_band": "high"}}
	not request.hosted_band with input as {"subject": {}, "host": {"risk_band": "high"}}
}

test_bands if {
	request.known_band with input as {"risk_band": "low"}
	not request.known_band with input as {"risk_band": "lower"}
	not request.known_band with input as 7
}

test_any_subject_makes_a_request if {
	every subject in [null, 7, "text", [1], {}] {
		request.ticket with input as subject with data.lictor.configuration as configuration
	}
}
