package neuralhive.orchestrator.resource_limits_test

import data.neuralhive.orchestrator.resource_limits
import future.keywords.every
import future.keywords.if
import future.keywords.in

ticket := {
	"resource": {
		"ticket_id": "ticket-123",
		"risk_band": "high",
		"sla": {"timeout_ms": 60000, "max_retries": 3},
		"estimated_duration_ms": 30000,
		"required_capabilities": ["code_generation"],
	},
	"parameters": {
		"allowed_capabilities": ["code_generation", "deployment", "testing"],
		"max_concurrent_tickets": 100,
	},
	"context": {"total_tickets": 50},
}

rules(result) := {violation.rule | some violation in result.violations}

patched(patches) := json.patch(ticket, patches)

test_good_ticket_is_allowed if {
	resource_limits.result == {"allow": true, "violations": set(), "warnings": []} with input as ticket
}

test_empty_input_is_defined if {
	resource_limits.result.allow with input as {}
}

test_timeout_at_the_limit_is_allowed if {
	resource_limits.result.allow with input as patched([{"op": "replace", "path": "/resource/sla/timeout_ms", "value": 3600000}])
}

test_timeout_above_the_limit if {
	result := resource_limits.result with input as patched([{"op": "replace", "path": "/resource/sla/timeout_ms", "value": 3600001}])
	not result.allow
	rules(result) == {"timeout_exceeds_maximum"}
}

test_each_band_has_its_timeout if {
	every band, limit in {"critical": 7200000, "high": 3600000, "medium": 1800000, "low": 900000} {
		result := resource_limits.result with input as patched([
			{"op": "replace", "path": "/resource/risk_band", "value": band},
			{"op": "replace", "path": "/resource/sla/max_retries", "value": 1},
			{"op": "replace", "path": "/resource/sla/timeout_ms", "value": limit + 1},
		])
		rules(result) == {"timeout_exceeds_maximum"}
	}
}

test_retries_above_the_limit if {
	result := resource_limits.result with input as patched([{"op": "replace", "path": "/resource/sla/max_retries", "value": 4}])
	rules(result) == {"retries_exceed_maximum"}
}

test_short_estimate_is_low if {
	result := resource_limits.result with input as patched([{"op": "replace", "path": "/resource/estimated_duration_ms", "value": 999}])
	[violation | some violation in result.violations][0].severity == "low"
}

test_estimate_at_the_timeout_is_medium if {
	result := resource_limits.result with input as patched([{"op": "replace", "path": "/resource/estimated_duration_ms", "value": 60000}])
	[violation | some violation in result.violations][0].severity == "medium"
}

test_doubly_bad_estimate_gives_both if {
	result := resource_limits.result with input as patched([
		{"op": "replace", "path": "/resource/estimated_duration_ms", "value": 500},
		{"op": "replace", "path": "/resource/sla/timeout_ms", "value": 400},
	])
	count(result.violations) == 2
}

test_one_violation_a_capability if {
	result := resource_limits.result with input as patched([{"op": "replace", "path": "/resource/required_capabilities", "value": ["root", "testing", "network"]}])
	count(result.violations) == 2
	rules(result) == {"capabilities_not_allowed"}
}

test_concurrent_tickets if {
	resource_limits.result.allow with input as patched([{"op": "replace", "path": "/context/total_tickets", "value": 100}])
	result := resource_limits.result with input as patched([{"op": "replace", "path": "/context/total_tickets", "value": 101}])
	rules(result) == {"concurrent_tickets_limit"}
}

test_wrong_types_never_fail if {
	every value in [null, true, "x", [1], {"a": 1}] {
		result := resource_limits.result with input as {"resource": {"risk_band": "high", "sla": {"timeout_ms": value, "max_retries": value}, "estimated_duration_ms": value}}
		result.violations == set()
	}
}
