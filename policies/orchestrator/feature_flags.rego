# Which advanced features a ticket may use.
# In: input.flags (what operators switched on), input.context (namespace, tenant, load), input.resource.risk_band.
# Out: result = five booleans, each false where the input does not say otherwise.
package neuralhive.orchestrator.feature_flags

import future.keywords.if
import future.keywords.in

intelligent_scheduler_bands := {"critical", "high"}

default_beta_namespaces := ["production-beta", "staging", "beta"]

experimental_namespaces := {"dev", "development", "staging"}

minimum_model_accuracy := 0.85

default_burst_threshold := 0.8

default_scaling_threshold := 100

# Hours of the day where the operators work; the offset is Brasília's.
default_business_hours := {"start": 8, "end": 18, "utc_offset_hours": -3}

day_ms := 86400000

hour_ms := 3600000

default enable_intelligent_scheduler := false

enable_intelligent_scheduler if {
	input.flags.intelligent_scheduler_enabled == true
	input.context.namespace in input.flags.scheduler_namespaces
	input.resource.risk_band in intelligent_scheduler_bands
}

default enable_burst_capacity := false

enable_burst_capacity if {
	input.flags.burst_capacity_enabled == true
	is_number(input.context.current_load)
	input.context.current_load < burst_threshold
	burst_eligible
}

burst_threshold := input.flags.burst_threshold if is_number(input.flags.burst_threshold)

else := default_burst_threshold

burst_eligible if input.context.tenant_id in input.flags.premium_tenants

burst_eligible if input.resource.risk_band == "critical"

default enable_predictive_allocation := false

enable_predictive_allocation if {
	input.flags.predictive_allocation_enabled == true
	is_number(input.context.model_accuracy)
	input.context.model_accuracy > minimum_model_accuracy
	input.context.namespace in beta_namespaces
}

beta_namespaces := input.flags.beta_namespaces if is_array(input.flags.beta_namespaces)

else := default_beta_namespaces

default enable_auto_scaling := false

enable_auto_scaling if {
	input.flags.auto_scaling_enabled == true
	is_number(input.context.queue_depth)
	input.context.queue_depth > scaling_threshold
	in_business_hours
}

scaling_threshold := input.flags.scaling_threshold if is_number(input.flags.scaling_threshold)

else := default_scaling_threshold

# The hour of the day from whole milliseconds since 1970. Adding a day keeps western offsets from going below zero.
hour_of_day := floor(((input.context.current_time + local_offset_ms) % day_ms) / hour_ms) if {
	is_number(input.context.current_time)
	input.context.current_time >= 0
}

local_offset_ms := day_ms + (business_hours.utc_offset_hours * hour_ms)

business_hours := hours if {
	given := input.flags.business_hours
	is_number(given.start)
	is_number(given.end)
	hours := {"start": given.start, "end": given.end, "utc_offset_hours": utc_offset_hours}
}

else := default_business_hours

utc_offset_hours := input.flags.business_hours.utc_offset_hours if {
	is_number(input.flags.business_hours.utc_offset_hours)
}

else := 0

in_business_hours if {
	hour_of_day >= business_hours.start
	hour_of_day < business_hours.end
}

default enable_experimental_features := false

enable_experimental_features if experimental

experimental if input.context.namespace in experimental_namespaces

experimental if input.context.tenant_id in input.flags.early_access_tenants

result := {
	"enable_intelligent_scheduler": enable_intelligent_scheduler,
	"enable_burst_capacity": enable_burst_capacity,
	"enable_predictive_allocation": enable_predictive_allocation,
	"enable_auto_scaling": enable_auto_scaling,
	"enable_experimental_features": enable_experimental_features,
}
