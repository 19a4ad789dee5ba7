# Only what is used several times, or in a loop, is remembered.
package golden

total := sum([x | some x in input.xs])

once := count(input.xs)

p contains x if {
	some x in input.xs
	x > total / once
}
