package neuralhive.orchestrator.sla_enforcement_test

import data.neuralhive.orchestrator.sla_enforcement
import future.keywords.every
import future.keywords.if
import future.keywords.in

ticket := {
	"resource": {
		"ticket_id": "ticket-456",
		"risk_band": "critical",
		"sla": {"timeout_ms": 120000, "deadline": 1700000000000},
		"qos": {"delivery_mode": "EXACTLY_ONCE", "consistency": "STRONG"},
		"priority": "CRITICAL",
		"estimated_duration_ms": 60000,
	},
	"context": {"current_time": 1699900000000},
}

rules(result) := {violation.rule | some violation in result.violations}

patched(patches) := json.patch(ticket, patches)

replaced(path, value) := patched([{"op": "replace", "path": path, "value": value}])

test_good_ticket_is_allowed if {
	sla_enforcement.result == {"allow": true, "violations": set(), "warnings": set()} with input as ticket
}

test_empty_input_is_defined if {
	sla_enforcement.result.allow with input as {}
}

test_deadline_in_the_past_is_critical if {
	result := sla_enforcement.result with input as replaced("/context/current_time", 1700000000001)
	some violation in result.violations
	violation.rule == "deadline_in_past"
	violation.severity == "critical"
	not result.allow
}

test_deadline_seven_days_away_is_allowed if {
	sla_enforcement.result.allow with input as replaced("/context/current_time", 1700000000000 - 604800000)
	result := sla_enforcement.result with input as replaced("/context/current_time", (1700000000000 - 604800000) - 1)
	rules(result) == {"deadline_too_far"}
}

test_qos_mismatch_is_critical_for_critical if {
	result := sla_enforcement.result with input as replaced("/resource/qos/delivery_mode", "AT_MOST_ONCE")
	[violation.severity | some violation in result.violations] == ["critical"]
}

test_qos_mismatch_is_high_elsewhere if {
	result := sla_enforcement.result with input as patched([
		{"op": "replace", "path": "/resource/risk_band", "value": "medium"},
		{"op": "replace", "path": "/resource/qos/consistency", "value": "WEAK"},
		{"op": "replace", "path": "/resource/qos/delivery_mode", "value": "AT_LEAST_ONCE"},
	])
	[violation.severity | some violation in result.violations] == ["high"]
}

test_lists_of_qos_values if {
	sla_enforcement.qos_allowed(["STRONG", "WEAK"], ["STRONG", "EVENTUAL", "WEAK"])
	not sla_enforcement.qos_allowed(["STRONG", "NONE"], ["STRONG", "EVENTUAL", "WEAK"])
	not sla_enforcement.qos_allowed([], ["STRONG"])
}

test_priorities_by_band if {
	every band, lowest in {"critical": "CRITICAL", "high": "HIGH", "medium": "NORMAL", "low": "LOW"} {
		result := sla_enforcement.result with input as {"resource": {"risk_band": band, "priority": lowest}}
		result.allow
	}
	every band in ["critical", "high", "medium"] {
		result := sla_enforcement.result with input as {"resource": {"risk_band": band, "priority": "LOW"}}
		rules(result) == {"priority_mismatch_risk_band"}
	}
}

test_timeout_must_leave_half_again if {
	sla_enforcement.result.allow with input as replaced("/resource/estimated_duration_ms", 80000)
	result := sla_enforcement.result with input as replaced("/resource/estimated_duration_ms", 80001)
	rules(result) == {"timeout_insufficient"}
}

test_warning_near_the_deadline if {
	result := sla_enforcement.result with input as replaced("/context/current_time", 1700000000000 - 23999)
	count(result.warnings) == 1
	result.allow
	none := sla_enforcement.result with input as replaced("/context/current_time", 1700000000000 - 24000)
	count(none.warnings) == 0
}

test_doubly_bad_ticket_has_all_violations if {
	result := sla_enforcement.result with input as patched([
		{"op": "replace", "path": "/resource/qos", "value": {"delivery_mode": "AT_MOST_ONCE", "consistency": "WEAK"}},
		{"op": "replace", "path": "/resource/priority", "value": "LOW"},
		{"op": "replace", "path": "/resource/estimated_duration_ms", "value": 119999},
		{"op": "replace", "path": "/context/current_time", "value": 1800000000000},
	])
	rules(result) == {"deadline_in_past", "qos_mismatch_risk_band", "priority_mismatch_risk_band", "timeout_insufficient"}
	count(result.violations) == 5
}
