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
	resource_limits.result == {"allow": true, "violations": set(), "warnings": set()} with input as ticket
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

number_paths := ["/resource/sla/timeout_ms", "/resource/sla/max_retries", "/resource/estimated_duration_ms", "/context/total_tickets", "/parameters/max_concurrent_tickets"]

no_numbers := [null, true, false, "", "999999999", "NaN", [], [1], {}, {"a": 1}, -1, -0.5, 9007199254740992, 1e400, -1e400]

test_what_is_no_number_is_invalid if {
	every path in number_paths {
		every value in no_numbers {
			result := resource_limits.result with input as patched([{"op": "add", "path": path, "value": value}])
			not result.allow
			invalid_fields(result) == {trim_prefix(trim_prefix(concat(".", split(path, "/")), "."), "resource.")}
		}
	}
}

invalid_fields(result) := {violation.field | some violation in result.violations; violation.rule == "invalid_field"}

test_what_has_another_type_is_invalid if {
	every field, values in {
		"risk_band": [null, true, 7, ["high"], {"high": 1}],
		"sla": [null, false, 7, "fast", [], [60000]],
		"required_capabilities": [null, false, 7, "testing", {"a": "testing"}],
	} {
		every value in values {
			result := resource_limits.result with input as patched([{"op": "add", "path": concat("/", ["/resource", field]), "value": value}])
			not result.allow
			invalid_fields(result) == {field}
		}
	}
}

test_an_invalid_field_says_what_was_expected if {
	result := resource_limits.result with input as patched([{"op": "add", "path": "/resource/sla/timeout_ms", "value": "999999999"}])
	result.violations == {{
		"policy": "resource_limits",
		"rule": "invalid_field",
		"severity": "high",
		"field": "sla.timeout_ms",
		"msg": "Campo sla.timeout_ms inválido: esperado number from 0 to 9007199254740991, recebido string",
		"expected": "number from 0 to 9007199254740991",
		"actual": "999999999",
	}}
}

test_lists_are_bounded if {
	many := [sprintf("root%d", [i]) | some i in numbers.range(1, 1001)]
	result := resource_limits.result with input as patched([{"op": "add", "path": "/resource/required_capabilities", "value": many}])
	rules(result) == {"invalid_field"}
	count(result.violations) == 1
}

test_missing_fields_are_warnings_or_violations if {
	every path, field in {"/resource/sla": "sla", "/resource/sla/timeout_ms": "sla.timeout_ms"} {
		lacking := patched([{"op": "remove", "path": path}])
		result := resource_limits.result with input as lacking
		result.allow
		{warning.field | some warning in result.warnings; warning.rule == "missing_field"} == {field}
		strict := resource_limits.result with input as json.patch(lacking, [{"op": "add", "path": "/parameters/require_fields", "value": true}])
		not strict.allow
		{violation.field | some violation in strict.violations; violation.rule == "missing_field"} == {field}
		strict.warnings == set()
	}
}

plan(tasks) := json.patch(ticket, [{"op": "add", "path": "/subject", "value": "plan"}, {"op": "add", "path": "/resource/tasks", "value": tasks}])

test_a_plan_without_tasks if {
	result := resource_limits.result with input as json.patch(ticket, [{"op": "add", "path": "/subject", "value": "plan"}])
	result.allow
	{warning.field | some warning in result.warnings} == {"tasks"}
}

test_tasks_are_not_trusted_either if {
	every value, fields in {
		"one": {"tasks"},
		[{"timeout_ms": 1}, 7, [], null]: {"tasks[1]", "tasks[2]", "tasks[3]"},
		[{"timeout_ms": "9"}, {"estimated_duration_ms": -1}]: {"tasks[0].timeout_ms", "tasks[1].estimated_duration_ms"},
		[{"required_capabilities": "root"}]: {"tasks[0].required_capabilities"},
		[{"timeout_ms": 1, "estimated_duration_ms": 2, "required_capabilities": []}]: set(),
	} {
		result := resource_limits.result with input as plan(value)
		invalid_fields(result) == fields
	}
}

test_what_could_not_be_read_is_invalid if {
	result := resource_limits.result with input as patched([{"op": "add", "path": "/unreadable", "value": [{"field": "context", "expected": "object", "actual": "x"}]}])
	invalid_fields(result) == {"context"}
}

test_any_input_is_answered if {
	every value in [null, true, 7, "x", [1], {"a": 1}] {
		every input_value in [value, {"resource": value, "context": value, "parameters": value, "subject": "plan"}, {"subject": "plan", "resource": {"sla": value, "tasks": value}}] {
			result := resource_limits.result with input as input_value
			is_boolean(result.allow)
		}
	}
}

test_texts_are_english_where_the_parameters_say_so if {
	subject := {
		"resource": {"risk_band": "low", "sla": {"timeout_ms": 900001, "max_retries": "2"}},
		"parameters": {"language": "en"},
	}
	messages := {violation.msg | some violation in resource_limits.result.violations} with input as subject
	messages == {
		"Timeout 900001ms exceeds the maximum of 900000ms for risk_band low",
		"Field sla.max_retries is invalid: expected number from 0 to 9007199254740991, got string",
	}
	other := {violation.msg | some violation in resource_limits.result.violations} with input as object.union(subject, {"parameters": {"language": "pt"}})
	count(other & messages) == 0
}
