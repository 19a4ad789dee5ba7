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

invalid_fields(result) := {violation.field | some violation in result.violations; violation.rule == "invalid_field"}

test_what_is_no_number_is_invalid if {
	every path in ["/resource/sla/timeout_ms", "/resource/sla/deadline", "/resource/estimated_duration_ms", "/context/current_time"] {
		every value in [null, true, false, "", "1800000000000", "NaN", [], [1], {}, {"a": 1}, -1, 9007199254740992, 1e400, -1e400] {
			result := sla_enforcement.result with input as patched([{"op": "add", "path": path, "value": value}])
			not result.allow
			invalid_fields(result) == {trim_prefix(trim_prefix(concat(".", split(path, "/")), "."), "resource.")}
		}
	}
}

test_what_has_another_type_is_invalid if {
	every field, values in {
		"risk_band": [null, true, 7, ["high"], {"high": 1}],
		"sla": [null, false, 7, "fast", [], [60000]],
		"qos": [null, false, 7, "EXACTLY_ONCE", ["EXACTLY_ONCE"]],
		"qos/delivery_mode": [null, false, 7, {"a": "EXACTLY_ONCE"}, ["EXACTLY_ONCE", 7]],
		"qos/consistency": [null, false, 7, {"a": "STRONG"}, [["STRONG"]]],
		"priority": [null, false, 7, ["CRITICAL"], {"a": "CRITICAL"}],
	} {
		every value in values {
			result := sla_enforcement.result with input as patched([{"op": "add", "path": concat("/", ["/resource", field]), "value": value}])
			not result.allow
			invalid_fields(result) == {replace(field, "/", ".")}
		}
	}
}

test_lists_are_bounded if {
	result := sla_enforcement.result with input as replaced("/resource/qos/consistency", [value | some _ in numbers.range(1, 101); value := "STRONG"])
	invalid_fields(result) == {"qos.consistency"}
}

test_any_input_is_answered if {
	every value in [null, true, 7, "x", [1], {"a": 1}] {
		every input_value in [value, {"resource": value, "context": value}, {"resource": {"sla": value, "qos": value}}] {
			result := sla_enforcement.result with input as input_value
			is_boolean(result.allow)
		}
	}
}

test_texts_are_english_where_the_parameters_say_so if {
	subject := {
		"resource": {"risk_band": "low", "priority": "NONE", "sla": {"deadline": 5}},
		"context": {"current_time": 7},
		"parameters": {"language": "en"},
	}
	messages := {violation.msg | some violation in sla_enforcement.result.violations} with input as subject
	messages == {"Deadline 5 is in the past", "Priority NONE is not allowed for risk_band low"}
}
