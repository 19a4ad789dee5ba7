package lictor.request_test

import rego.v1

import data.lictor.request

configuration := {"parameters": {"max_concurrent_tickets": 100}, "flags": {"auto_scaling_enabled": true}}

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

test_what_a_plan_says_itself_counts if {
	plan := request.plan with input as {"tasks": [{"timeout_ms": 5}], "sla": {"timeout_ms": 9}}
		with data.lictor.configuration as configuration
	plan.resource.sla.timeout_ms == 9
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
