# Comparisons, checks of types and membership are one instruction each.
package golden

p if {
	is_string(input.name)
	input.n >= 10
	input.kind in {"a", "b"}
	input.a != input.b
}
