package golden

limits := {"high": 10, "low": 1}

default p := false

p if {
	limit := limits[input.band]
	input.n < limit
	not input.blocked
}
