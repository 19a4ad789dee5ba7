package golden

p := y if {
	some x, y
	y > x
	every z in [x, y] { z > 0 }
	x = input.x
	not startswith(input.name, "a")
	y = input.ys[_]
}
