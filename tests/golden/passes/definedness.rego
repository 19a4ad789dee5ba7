# What is known to be undefined is set, not set once, and what is known to be defined is not tested.
package golden

default allowed := false

allowed if input.user == "alice"

limit := input.limit if is_number(input.limit)

else := 10

p if {
	allowed
	input.count < limit
}
