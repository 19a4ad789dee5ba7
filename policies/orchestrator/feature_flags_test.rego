package neuralhive.orchestrator.feature_flags_test

import data.neuralhive.orchestrator.feature_flags
import future.keywords.every
import future.keywords.if
import future.keywords.in

# 2023-11-13, 15:26 in Brasília.
request := {
	"resource": {"ticket_id": "ticket-789", "risk_band": "high"},
	"flags": {
		"intelligent_scheduler_enabled": true,
		"scheduler_namespaces": ["production", "staging"],
		"burst_capacity_enabled": true,
		"burst_threshold": 0.8,
		"premium_tenants": ["tenant-1", "tenant-2"],
		"predictive_allocation_enabled": false,
		"auto_scaling_enabled": true,
		"scaling_threshold": 100,
	},
	"context": {
		"namespace": "production",
		"current_load": 0.6,
		"tenant_id": "tenant-1",
		"queue_depth": 120,
		"current_time": 1699900000000,
		"model_accuracy": 0.9,
	},
}

replaced(path, value) := json.patch(request, [{"op": "add", "path": path, "value": value}])

test_the_guides_example if {
	feature_flags.result == {
		"enable_intelligent_scheduler": true,
		"enable_burst_capacity": true,
		"enable_predictive_allocation": false,
		"enable_auto_scaling": true,
		"enable_experimental_features": false,
	} with input as request
}

test_empty_input_switches_nothing_on if {
	result := feature_flags.result with input as {}
	every value in result { value == false }
}

test_scheduler_needs_flag_namespace_and_band if {
	not feature_flags.result.enable_intelligent_scheduler with input as replaced("/flags/intelligent_scheduler_enabled", false)
	not feature_flags.result.enable_intelligent_scheduler with input as replaced("/context/namespace", "other")
	not feature_flags.result.enable_intelligent_scheduler with input as replaced("/resource/risk_band", "low")
}

test_burst_needs_low_load_and_a_premium_tenant_or_a_critical_ticket if {
	not feature_flags.result.enable_burst_capacity with input as replaced("/context/current_load", 0.8)
	not feature_flags.result.enable_burst_capacity with input as replaced("/context/tenant_id", "tenant-9")
	feature_flags.result.enable_burst_capacity with input as json.patch(request, [
		{"op": "replace", "path": "/context/tenant_id", "value": "tenant-9"},
		{"op": "replace", "path": "/resource/risk_band", "value": "critical"},
	])
}

test_prediction_needs_an_accurate_model_in_beta if {
	beta := json.patch(request, [
		{"op": "replace", "path": "/flags/predictive_allocation_enabled", "value": true},
		{"op": "replace", "path": "/context/namespace", "value": "staging"},
	])
	feature_flags.result.enable_predictive_allocation with input as beta
	not feature_flags.result.enable_predictive_allocation with input as json.patch(beta, [{"op": "replace", "path": "/context/model_accuracy", "value": 0.85}])
	feature_flags.result.enable_predictive_allocation with input as json.patch(beta, [
		{"op": "replace", "path": "/context/namespace", "value": "blue"},
		{"op": "add", "path": "/flags/beta_namespaces", "value": ["blue"]},
	])
}

test_scaling_needs_a_long_queue_in_business_hours if {
	not feature_flags.result.enable_auto_scaling with input as replaced("/context/queue_depth", 100)
	not feature_flags.result.enable_auto_scaling with input as replaced("/context/current_time", 1699920000000)
	feature_flags.result.enable_auto_scaling with input as json.patch(request, [
		{"op": "replace", "path": "/context/current_time", "value": 1699920000000},
		{"op": "add", "path": "/flags/business_hours", "value": {"start": 0, "end": 24}},
	])
}

test_experiments_by_namespace_or_tenant if {
	feature_flags.result.enable_experimental_features with input as replaced("/context/namespace", "dev")
	feature_flags.result.enable_experimental_features with input as replaced("/flags/early_access_tenants", ["tenant-1"])
}

test_wrong_types_switch_nothing_on if {
	every value in [null, "x", [1], {"a": 1}] {
		result := feature_flags.result with input as {"flags": value, "context": value, "resource": value}
		every flag in result { flag == false }
	}
}
