package golden

p := double(input.x) if input.x > 0

else := -1

double(x) := 2 * x if is_number(x)

double([x, _]) := x
