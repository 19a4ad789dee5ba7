# Makes the policies' input from what callers send.
# In: input (a ticket or a plan), the time, and data.lictor.configuration = {parameters, flags, flag_names,
# trust_ticket_context} (what operators allow). hosted_ticket and hosted_plan: input = {subject, host: {context,
# parameters, flags}}, what the calling program knows.
# Out: ticket and plan, the input of the policies; known_band, without which no limit of a band applies.
# The host wins over operators and the clock, these over fields at the top of a ticket, and these over the ticket's own context
# and flags, which only fill what is left. Without trust in them, nothing of a ticket is context or flags.
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

given_context.current_time := now_ms

now_ms := time.now_ns() / 1000000

trusted if data.lictor.configuration.trust_ticket_context

has_context if is_object(input.context)

# Most tickets have no context of their own, and need no union.
context := given_context if {
	trusted
	not has_context
}

else := object.union(input.context, given_context) if trusted

else := {"current_time": now_ms}

given_flags.scaling_threshold := input.scaling_threshold

given_flags.gradual_rollout := input.gradual_rollout

default nested_flags := {}

nested_flags := input.flags if is_object(input.flags)

has_flags if is_object(input.flags)

has_flags if type_name(input.scaling_threshold) # of any value, also false

has_flags if type_name(input.gradual_rollout)

# Whole members: what operators set is not filled up from within.
flags := object.union(
	object.remove(object.union(nested_flags, given_flags), data.lictor.configuration.flag_names),
	data.lictor.configuration.flags,
) if {
	trusted
	has_flags
}

else := data.lictor.configuration.flags

# A value that is not an object must not pass for a missing one.
unreadable contains {"field": "context", "expected": "object", "actual": input.context} if {
	trusted
	not is_object(input.context)
}

unreadable contains {"field": "flags", "expected": "object", "actual": input.flags} if {
	trusted
	not is_object(input.flags)
}

ticket := {
	"resource": input,
	"parameters": data.lictor.configuration.parameters,
	"flags": flags,
	"context": context,
	"unreadable": unreadable,
}

# A plan is checked as the ticket that it and its tasks would need: the longest timeout and estimate, and every
# capability. A field of another type stays as it is, for the policies to refuse.
plan := {
	"subject": "plan",
	"resource": object.union_n([input, derived_sla, derived_estimate, derived_capabilities]),
	"parameters": data.lictor.configuration.parameters,
	"flags": flags,
	"context": context,
	"unreadable": unreadable,
}

default tasks := []

tasks := input.tasks if is_array(input.tasks)

default derived_sla := {}

derived_sla := {"sla": {"timeout_ms": longest}} if {
	is_object(object.get(input, "sla", {}))
	longest := longest_of(object.get(input, ["sla", "timeout_ms"], 0), "timeout_ms")
}

default derived_estimate := {}

derived_estimate := {"estimated_duration_ms": longest} if {
	longest := longest_of(object.get(input, "estimated_duration_ms", 0), "estimated_duration_ms")
}

# Undefined if the plan's own is no number that could count, or none of the tasks names one.
longest_of(own, field) := max([own, max(named)]) if {
	is_number(own)
	own >= 0
	named := [task[field] | some task in tasks; is_number(task[field])]
	count(named) > 0
}

default derived_capabilities := {}

derived_capabilities := {"required_capabilities": sort(own | needed)} if {
	count(needed) > 0
	given := object.get(input, "required_capabilities", [])
	is_array(given)
	own := {capability | some capability in given}
}

needed := {capability |
	some task in tasks
	is_array(task.required_capabilities)
	some capability in task.required_capabilities
}

hosted_ticket := overlaid(request) if request := ticket with input as input.subject

hosted_plan := overlaid(request) if request := plan with input as input.subject

default hosted_band := false

hosted_band if known_band with input as input.subject

# Whole members again: a part of what the host says is not filled up from a ticket.
overlaid(request) := object.union(object.remove(request, object.keys(parts)), parts) if {
	parts := {part: merged |
		some part, said in input.host
		merged := object.union(object.remove(request[part], object.keys(said)), said)
	}
}
