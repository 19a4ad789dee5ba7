# Resource limits of a ticket, by its risk band.
# In: input.resource (the ticket), input.parameters (what operators allow), input.context (current load), input.subject ("plan" for a plan), input.unreadable.
# Out: result = {allow, violations, warnings}; both are sets, so that any number may hold at once.
# The ticket is not trusted: a field that a rule reads and that has another type or range is a violation (invalid_field).
# One that is missing is a warning (missing_field), or a violation with parameters.require_fields.
package neuralhive.orchestrator.resource_limits

import future.keywords.contains
import future.keywords.if
import future.keywords.in

timeout_limits := {
	"critical": 7200000,
	"high": 3600000,
	"medium": 1800000,
	"low": 900000,
}

retry_limits := {
	"critical": 5,
	"high": 3,
	"medium": 2,
	"low": 1,
}

shortest_realistic_ms := 1000

# Lists are bounded, as each of their items may be a violation.
most_capabilities := 1000

most_tasks := 10000

# Beyond this JSON readers no longer keep whole numbers apart.
largest_number := 9007199254740991

default allow := false

allow if count(violations) == 0

violations contains violation if {
	limit := timeout_limits[input.resource.risk_band]
	timeout := input.resource.sla.timeout_ms
	is_number(timeout)
	timeout > limit
	violation := {
		"policy": "resource_limits",
		"rule": "timeout_exceeds_maximum",
		"severity": "high",
		"field": "sla.timeout_ms",
		"msg": timeout_text(timeout, limit),
		"expected": limit,
		"actual": timeout,
	}
}

violations contains violation if {
	limit := retry_limits[input.resource.risk_band]
	retries := input.resource.sla.max_retries
	is_number(retries)
	retries > limit
	violation := {
		"policy": "resource_limits",
		"rule": "retries_exceed_maximum",
		"severity": "medium",
		"field": "sla.max_retries",
		"msg": retries_text(retries, limit),
		"expected": limit,
		"actual": retries,
	}
}

violations contains violation if {
	estimate := input.resource.estimated_duration_ms
	is_number(estimate)
	estimate < shortest_realistic_ms
	violation := {
		"policy": "resource_limits",
		"rule": "estimated_duration_unrealistic",
		"severity": "low",
		"field": "estimated_duration_ms",
		"msg": short_estimate_text(estimate),
		"expected": shortest_realistic_ms,
		"actual": estimate,
	}
}

violations contains violation if {
	estimate := input.resource.estimated_duration_ms
	timeout := input.resource.sla.timeout_ms
	is_number(estimate)
	is_number(timeout)
	estimate >= timeout
	violation := {
		"policy": "resource_limits",
		"rule": "estimated_duration_unrealistic",
		"severity": "medium",
		"field": "estimated_duration_ms",
		"msg": long_estimate_text(estimate, timeout),
		"expected": timeout,
		"actual": estimate,
	}
}

violations contains violation if {
	capabilities_valid
	some capability in input.resource.required_capabilities
	not capability_allowed(capability)
	violation := {
		"policy": "resource_limits",
		"rule": "capabilities_not_allowed",
		"severity": "high",
		"field": "required_capabilities",
		"msg": capability_text(capability),
		"actual": capability,
	}
}

violations contains violation if {
	limit := input.parameters.max_concurrent_tickets
	total := input.context.total_tickets
	is_number(limit)
	is_number(total)
	total > limit
	violation := {
		"policy": "resource_limits",
		"rule": "concurrent_tickets_limit",
		"severity": "high",
		"field": "context.total_tickets",
		"msg": total_text(total, limit),
		"expected": limit,
		"actual": total,
	}
}

capability_allowed(capability) if capability in input.parameters.allowed_capabilities

violations contains invalid("risk_band", "string", input.resource.risk_band) if not is_string(input.resource.risk_band)

violations contains invalid("sla", "object", input.resource.sla) if not is_object(input.resource.sla)

# Numbers sort after null and booleans, and before all else: what is within a range is a number.
violations contains invalid("sla.timeout_ms", number_expected, input.resource.sla.timeout_ms) if not timeout_valid

timeout_valid if {
	input.resource.sla.timeout_ms >= 0
	input.resource.sla.timeout_ms <= largest_number
}

violations contains invalid("sla.max_retries", number_expected, input.resource.sla.max_retries) if not retries_valid

retries_valid if {
	input.resource.sla.max_retries >= 0
	input.resource.sla.max_retries <= largest_number
}

violations contains invalid("estimated_duration_ms", number_expected, input.resource.estimated_duration_ms) if not estimate_valid

estimate_valid if {
	input.resource.estimated_duration_ms >= 0
	input.resource.estimated_duration_ms <= largest_number
}

violations contains invalid("context.total_tickets", number_expected, input.context.total_tickets) if not total_valid

total_valid if {
	input.context.total_tickets >= 0
	input.context.total_tickets <= largest_number
}

violations contains invalid("parameters.max_concurrent_tickets", number_expected, input.parameters.max_concurrent_tickets) if not limit_valid

limit_valid if {
	input.parameters.max_concurrent_tickets >= 0
	input.parameters.max_concurrent_tickets <= largest_number
}

violations contains invalid("required_capabilities", capabilities_expected, input.resource.required_capabilities) if {
	not capabilities_valid
}

capabilities_valid if {
	is_array(input.resource.required_capabilities)
	count(input.resource.required_capabilities) <= most_capabilities
}

# What the caller's request could not be made of.
violations contains invalid(part.field, part.expected, part.actual) if some part in input.unreadable

violations contains violation if {
	input.subject == "plan"
	some violation in task_violations
}

task_violations contains invalid("tasks", "array of at most 10000", input.resource.tasks) if {
	not valid_list(input.resource.tasks, most_tasks)
}

task_violations contains invalid(sprintf("tasks[%v]", [i]), "object", task) if {
	some i, task in tasks
	not is_object(task)
}

task_violations contains invalid(sprintf("tasks[%v].%v", [i, field]), number_expected, task[field]) if {
	some i, task in tasks
	some field in ["timeout_ms", "estimated_duration_ms"]
	not valid_number(task[field])
}

task_violations contains invalid(sprintf("tasks[%v].required_capabilities", [i]), capabilities_expected, task.required_capabilities) if {
	some i, task in tasks
	not valid_list(task.required_capabilities, most_capabilities)
}

tasks := input.resource.tasks if valid_list(input.resource.tasks, most_tasks)

number_expected := "number from 0 to 9007199254740991"

capabilities_expected := "array of at most 1000"

valid_number(value) if {
	value >= 0
	value <= largest_number
}

valid_list(value, most) if {
	is_array(value)
	count(value) <= most
}

invalid(field, expected, actual) := {
	"policy": "resource_limits",
	"rule": "invalid_field",
	"severity": "high",
	"field": field,
	"msg": invalid_text(field, expected, actual),
	"expected": expected,
	"actual": actual,
}

# The texts: in English where parameters.language is "en", else in Portuguese.

timeout_text(timeout, limit) := sprintf("Timeout %vms exceeds the maximum of %vms for risk_band %v", [timeout, limit, input.resource.risk_band]) if {
	input.parameters.language == "en"
}

else := sprintf("Timeout %vms excede o máximo de %vms para risk_band %v", [timeout, limit, input.resource.risk_band])

retries_text(retries, limit) := sprintf("Max retries %v exceeds the maximum of %v for risk_band %v", [retries, limit, input.resource.risk_band]) if {
	input.parameters.language == "en"
}

else := sprintf("Max retries %v excede o máximo de %v para risk_band %v", [retries, limit, input.resource.risk_band])

short_estimate_text(estimate) := sprintf("Estimated duration %vms is too short (minimum %vms)", [estimate, shortest_realistic_ms]) if {
	input.parameters.language == "en"
}

else := sprintf("Duração estimada %vms é muito curta (mínimo %vms)", [estimate, shortest_realistic_ms])

long_estimate_text(estimate, timeout) := sprintf("Estimated duration %vms is not below the timeout %vms", [estimate, timeout]) if {
	input.parameters.language == "en"
}

else := sprintf("Duração estimada %vms é maior ou igual ao timeout %vms", [estimate, timeout])

capability_text(capability) := sprintf("Capability %v is not in the allowed list", [capability]) if {
	input.parameters.language == "en"
}

else := sprintf("Capability %v não está na lista permitida", [capability])

total_text(total, limit) := sprintf("Total of %v tickets exceeds the concurrent limit of %v", [total, limit]) if {
	input.parameters.language == "en"
}

else := sprintf("Total de tickets %v excede o limite concorrente de %v", [total, limit])

invalid_text(field, expected, actual) := sprintf("Field %v is invalid: expected %v, got %v", [field, expected, type_name(actual)]) if {
	input.parameters.language == "en"
}

else := sprintf("Campo %v inválido: esperado %v, recebido %v", [field, expected, type_name(actual)])

missing_text(field) := sprintf("Field %v is missing", [field]) if {
	input.parameters.language == "en"
}

else := sprintf("Campo %v ausente", [field])

missing contains "sla" if not input.resource.sla

missing contains "sla.timeout_ms" if {
	input.resource.sla
	not input.resource.sla.timeout_ms
}

missing contains "tasks" if {
	input.subject == "plan"
	not input.resource.tasks
}

missing_field(field) := {
	"policy": "resource_limits",
	"rule": "missing_field",
	"field": field,
	"msg": missing_text(field),
}

violations contains object.union(missing_field(field), {"severity": "high"}) if {
	input.parameters.require_fields == true
	some field in missing
}

warnings contains missing_field(field) if {
	some field in missing
	not input.parameters.require_fields == true
}

result := {
	"allow": allow,
	"violations": violations,
	"warnings": warnings,
}
