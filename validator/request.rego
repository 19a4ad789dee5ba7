# What the policies are asked, from what callers send.
# In: input.subject (a ticket or a plan), input.now (milliseconds since 1970), and
# data.lictor.configuration = {parameters, flags} (what operators allow).
# Out: ticket and plan, the input of the policies; known_band, without which no limit of a band applies.
# Fields that callers put at the top of a ticket are found in context and flags too. Operators have the
# last word on flags, and the clock on the time.
package lictor.request

import rego.v1

default known_band := false

known_band if input.subject.risk_band in {"critical", "high", "medium", "low"}

context_fields := {
	"namespace", "tenant_id", "current_load", "queue_depth", "model_accuracy", "total_tickets",
}

flag_fields := {"scaling_threshold", "gradual_rollout"}

default given_context := {}

given_context := input.subject.context if is_object(input.subject.context)

default given_flags := {}

given_flags := input.subject.flags if is_object(input.subject.flags)

context := object.union(
	object.union({field: value | some field in context_fields; value := input.subject[field]}, given_context),
	{"current_time": input.now},
)

flags := object.union(
	object.union({field: value | some field in flag_fields; value := input.subject[field]}, given_flags),
	data.lictor.configuration.flags,
)

ticket := {
	"resource": input.subject,
	"parameters": data.lictor.configuration.parameters,
	"flags": flags,
	"context": context,
}

# A plan is checked as the ticket that its tasks would need: the longest timeout and estimate, and
# every capability. What the plan says itself counts instead.
plan := {
	"resource": object.union(derived, input.subject),
	"parameters": data.lictor.configuration.parameters,
	"flags": flags,
	"context": context,
}

derived := object.union_n([derived_sla, derived_estimate, derived_capabilities])

default derived_sla := {}

derived_sla := {"sla": {"timeout_ms": max(timeouts)}} if count(timeouts) > 0

timeouts := [task.timeout_ms | some task in input.subject.tasks; is_number(task.timeout_ms)]

default derived_estimate := {}

derived_estimate := {"estimated_duration_ms": max(estimates)} if count(estimates) > 0

estimates := [task.estimated_duration_ms |
	some task in input.subject.tasks
	is_number(task.estimated_duration_ms)
]

default derived_capabilities := {}

derived_capabilities := {"required_capabilities": sort(capabilities)} if count(capabilities) > 0

capabilities := {capability |
	some task in input.subject.tasks
	some capability in task.required_capabilities
}
