# Constant collections are made once; a record's JSON is known but for its values.
package golden

limits := {"low": 1, "high": 5}

p contains {"rule": "too_many", "limit": limit, "bands": {"low", "high"}} if {
	limit := limits[input.band]
	input.n > limit
}
