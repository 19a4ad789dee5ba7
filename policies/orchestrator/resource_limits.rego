# Resource limits of a ticket, by its risk band.
# In: input.resource (the ticket), input.parameters (what operators allow), input.context (current load).
# Out: result = {allow, violations, warnings}; violations are a set, so that any number may hold at once.
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
		"msg": sprintf("Timeout %vms excede o máximo de %vms para risk_band %v", [timeout, limit, input.resource.risk_band]),
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
		"msg": sprintf("Max retries %v excede o máximo de %v para risk_band %v", [retries, limit, input.resource.risk_band]),
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
		"msg": sprintf("Duração estimada %vms é muito curta (mínimo %vms)", [estimate, shortest_realistic_ms]),
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
		"msg": sprintf("Duração estimada %vms é maior ou igual ao timeout %vms", [estimate, timeout]),
		"expected": timeout,
		"actual": estimate,
	}
}

violations contains violation if {
	some capability in input.resource.required_capabilities
	not capability_allowed(capability)
	violation := {
		"policy": "resource_limits",
		"rule": "capabilities_not_allowed",
		"severity": "high",
		"field": "required_capabilities",
		"msg": sprintf("Capability %v não está na lista permitida", [capability]),
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
		"msg": sprintf("Total de tickets %v excede o limite concorrente de %v", [total, limit]),
		"expected": limit,
		"actual": total,
	}
}

capability_allowed(capability) if capability in input.parameters.allowed_capabilities

warnings := []

result := {
	"allow": allow,
	"violations": violations,
	"warnings": warnings,
}
