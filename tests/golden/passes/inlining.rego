# A rule with one body and a small function are planned where they are used.
package golden

is_admin if input.role == "admin"

doubled(x) := x * 2

p := n if {
	is_admin
	n := doubled(input.n)
}
