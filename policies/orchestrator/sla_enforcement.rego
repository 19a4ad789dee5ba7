# SLA, quality of service and priority of a ticket, by its risk band.
# In: input.resource (the ticket), input.context.current_time (milliseconds since 1970), input.parameters.language.
# Out: result = {allow, violations, warnings}; both are sets, so that any number may hold at once.
# The ticket is not trusted: a field that a rule reads and that has another type or range is a violation (invalid_field).
package neuralhive.orchestrator.sla_enforcement

import future.keywords.contains
import future.keywords.if
import future.keywords.in

# Each requirement lists the values that a band allows.
qos_requirements := {
	"critical": {"delivery_mode": ["EXACTLY_ONCE"], "consistency": ["STRONG"]},
	"high": {"delivery_mode": ["EXACTLY_ONCE"], "consistency": ["STRONG"]},
	"medium": {"delivery_mode": ["AT_LEAST_ONCE"], "consistency": ["STRONG", "EVENTUAL"]},
	"low": {
		"delivery_mode": ["AT_LEAST_ONCE", "AT_MOST_ONCE"],
		"consistency": ["STRONG", "EVENTUAL", "WEAK"],
	},
}

priority_requirements := {
	"critical": ["CRITICAL"],
	"high": ["CRITICAL", "HIGH"],
	"medium": ["CRITICAL", "HIGH", "NORMAL"],
	"low": ["CRITICAL", "HIGH", "NORMAL", "LOW"],
}

# A ticket may name one value or a list of them; each one must be allowed.
qos_severity := {"critical": "critical", "high": "high", "medium": "high", "low": "high"}

seven_days_ms := 604800000

minimum_timeout_ratio := 1.5

threshold_ratio := 0.2

# Beyond this JSON readers no longer keep whole numbers apart.
largest_number := 9007199254740991

most_qos_values := 100

default allow := false

allow if count(violations) == 0

remaining_ms := remaining if {
	deadline := input.resource.sla.deadline
	now := input.context.current_time
	is_number(deadline)
	is_number(now)
	remaining := deadline - now
}

violations contains violation if {
	remaining_ms < 0
	violation := {
		"policy": "sla_enforcement",
		"rule": "deadline_in_past",
		"severity": "critical",
		"field": "sla.deadline",
		"msg": past_text(input.resource.sla.deadline),
		"expected": input.context.current_time,
		"actual": input.resource.sla.deadline,
	}
}

violations contains violation if {
	remaining_ms > seven_days_ms
	violation := {
		"policy": "sla_enforcement",
		"rule": "deadline_too_far",
		"severity": "medium",
		"field": "sla.deadline",
		"msg": far_text(input.resource.sla.deadline),
		"expected": input.context.current_time + seven_days_ms,
		"actual": input.resource.sla.deadline,
	}
}

violations contains violation if {
	band := input.resource.risk_band
	some field, allowed in qos_requirements[band]
	actual := input.resource.qos[field]
	not qos_allowed(actual, allowed)
	violation := {
		"policy": "sla_enforcement",
		"rule": "qos_mismatch_risk_band",
		"severity": qos_severity[band],
		"field": concat(".", ["qos", field]),
		"msg": qos_text(field, actual, band),
		"expected": allowed,
		"actual": actual,
	}
}

violations contains violation if {
	band := input.resource.risk_band
	allowed := priority_requirements[band]
	actual := input.resource.priority
	not actual in allowed
	violation := {
		"policy": "sla_enforcement",
		"rule": "priority_mismatch_risk_band",
		"severity": "medium",
		"field": "priority",
		"msg": priority_text(actual, band),
		"expected": allowed,
		"actual": actual,
	}
}

violations contains violation if {
	timeout := input.resource.sla.timeout_ms
	estimate := input.resource.estimated_duration_ms
	is_number(timeout)
	is_number(estimate)
	minimum := estimate * minimum_timeout_ratio
	timeout < minimum
	violation := {
		"policy": "sla_enforcement",
		"rule": "timeout_insufficient",
		"severity": "high",
		"field": "sla.timeout_ms",
		"msg": timeout_text(timeout, estimate),
		"expected": minimum,
		"actual": timeout,
	}
}

qos_allowed(actual, allowed) if {
	not is_array(actual)
	actual in allowed
}

qos_allowed(actual, allowed) if {
	is_array(actual)
	count(actual) > 0
	count([value | some value in actual; not value in allowed]) == 0
}

violations contains invalid("risk_band", "string", input.resource.risk_band) if not is_string(input.resource.risk_band)

violations contains invalid("sla", "object", input.resource.sla) if not is_object(input.resource.sla)

# Numbers sort after null and booleans, and before all else: what is within a range is a number.
violations contains invalid("sla.timeout_ms", number_expected, input.resource.sla.timeout_ms) if not timeout_valid

timeout_valid if {
	input.resource.sla.timeout_ms >= 0
	input.resource.sla.timeout_ms <= largest_number
}

violations contains invalid("sla.deadline", number_expected, input.resource.sla.deadline) if not deadline_valid

deadline_valid if {
	input.resource.sla.deadline >= 0
	input.resource.sla.deadline <= largest_number
}

violations contains invalid("estimated_duration_ms", number_expected, input.resource.estimated_duration_ms) if not estimate_valid

estimate_valid if {
	input.resource.estimated_duration_ms >= 0
	input.resource.estimated_duration_ms <= largest_number
}

violations contains invalid("context.current_time", number_expected, input.context.current_time) if not time_valid

time_valid if {
	input.context.current_time >= 0
	input.context.current_time <= largest_number
}

violations contains invalid("qos", "object", input.resource.qos) if not is_object(input.resource.qos)

violations contains invalid("qos.delivery_mode", qos_expected, input.resource.qos.delivery_mode) if not mode_valid

mode_valid if is_string(input.resource.qos.delivery_mode)

mode_valid if valid_list(input.resource.qos.delivery_mode)

violations contains invalid("qos.consistency", qos_expected, input.resource.qos.consistency) if not consistency_valid

consistency_valid if is_string(input.resource.qos.consistency)

consistency_valid if valid_list(input.resource.qos.consistency)

violations contains invalid("priority", "string", input.resource.priority) if not is_string(input.resource.priority)

number_expected := "number from 0 to 9007199254740991"

qos_expected := "string, or array of at most 100 strings"

valid_list(value) if {
	is_array(value)
	count(value) <= most_qos_values
	count([item | some item in value; not is_string(item)]) == 0
}

invalid(field, expected, actual) := {
	"policy": "sla_enforcement",
	"rule": "invalid_field",
	"severity": "high",
	"field": field,
	"msg": invalid_text(field, expected, actual),
	"expected": expected,
	"actual": actual,
}

# The texts: in English where parameters.language is "en", else in Portuguese.

past_text(deadline) := sprintf("Deadline %v is in the past", [deadline]) if {
	input.parameters.language == "en"
}

else := sprintf("Deadline %v está no passado", [deadline])

far_text(deadline) := sprintf("Deadline %v is too far away (more than 7 days)", [deadline]) if {
	input.parameters.language == "en"
}

else := sprintf("Deadline %v está muito distante (mais de 7 dias)", [deadline])

qos_text(field, actual, band) := sprintf("QoS %v %v does not fit risk_band %v", [field, actual, band]) if {
	input.parameters.language == "en"
}

else := sprintf("QoS %v %v não está alinhado com risk_band %v", [field, actual, band])

priority_text(actual, band) := sprintf("Priority %v is not allowed for risk_band %v", [actual, band]) if {
	input.parameters.language == "en"
}

else := sprintf("Priority %v não é permitida para risk_band %v", [actual, band])

timeout_text(timeout, estimate) := sprintf("Timeout %vms is not enough for the estimated duration %vms", [timeout, estimate]) if {
	input.parameters.language == "en"
}

else := sprintf("Timeout %vms é insuficiente para a duração estimada %vms", [timeout, estimate])

invalid_text(field, expected, actual) := sprintf("Field %v is invalid: expected %v, got %v", [field, expected, type_name(actual)]) if {
	input.parameters.language == "en"
}

else := sprintf("Campo %v inválido: esperado %v, recebido %v", [field, expected, type_name(actual)])

approaching_text(remaining, timeout) := sprintf("Deadline is near: %vms of %vms are left", [remaining, timeout]) if {
	input.parameters.language == "en"
}

else := sprintf("Deadline se aproximando: restam %vms de %vms", [remaining, timeout])

warnings contains warning if {
	remaining_ms > 0
	timeout := input.resource.sla.timeout_ms
	is_number(timeout)
	remaining_ms < timeout * threshold_ratio
	warning := {
		"policy": "sla_enforcement",
		"rule": "deadline_approaching_threshold",
		"msg": approaching_text(remaining_ms, timeout),
	}
}

result := {
	"allow": allow,
	"violations": violations,
	"warnings": warnings,
}
