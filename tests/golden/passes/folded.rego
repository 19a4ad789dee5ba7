package golden

hour := time.parse_duration_ns("1h")

unit := "%"

p := {"late": late, "limits": limits} if {
	late := input.seconds * 1000000000 > 2 * hour
	limits := [upper("a"), sprintf("%v%s of %v", [100, unit, input.total]), count({"x", "y"})]
}
