# What the policies are asked, from what callers send.
# In: input (a ticket or a plan), the time, and data.lictor.configuration = {parameters, flags} (what operators allow).
# Out: ticket and plan, the input of the policies; known_band, without which no limit of a band applies.
# Fields that callers put at the top of a ticket are found in context and flags too. Operators have the
# last word on flags, and the clock on the time.
package lictor.request

import rego.v1

default known_band := false

known_band if input.risk_band in {"critical", "high", "medium", "low"}

given_context.namespace := input.namespace

given_context.tenant_id := input.tenant_id

given_context.current_load := input.current_load

given_context.queue_depth := input.queue_depth

given_context.model_accuracy := input.model_accuracy

given_context.total_tickets := input.total_tickets

given_context.current_time := time.now_ns() / 1000000

default nested_context := {}

nested_context := object.remove(input.context, ["current_time"]) if is_object(input.context)

context := object.union(given_context, nested_context)

given_flags.scaling_threshold := input.scaling_threshold

given_flags.gradual_rollout := input.gradual_rollout

default nested_flags := {}

nested_flags := input.flags if is_object(input.flags)

flags := object.union(object.union(given_flags, nested_flags), data.lictor.configuration.flags)

ticket := {
	"resource": input,
	"parameters": data.lictor.configuration.parameters,
	"flags": flags,
	"context": context,
}

# A plan is checked as the ticket that its tasks would need: the longest timeout and estimate, and
# every capability. What the plan says itself counts instead.
plan := {
	"resource": object.union(derived, input),
	"parameters": data.lictor.configuration.parameters,
	"flags": flags,
	"context": context,
}

derived := object.union_n([derived_sla, derived_estimate, derived_capabilities])

default derived_sla := {}

derived_sla := {"sla": {"timeout_ms": max(timeouts)}} if count(timeouts) > 0

timeouts := [task.timeout_ms | some task in input.tasks; is_number(task.timeout_ms)]

default derived_estimate := {}

derived_estimate := {"estimated_duration_ms": max(estimates)} if count(estimates) > 0

estimates := [task.estimated_duration_ms |
	some task in input.tasks
	is_number(task.estimated_duration_ms)
]

default derived_capabilities := {}

derived_capabilities := {"required_capabilities": sort(capabilities)} if count(capabilities) > 0

capabilities := {capability |
	some task in input.tasks
	some capability in task.required_capabilities
}
