# Rules beside each other that need the same rule.
package golden

left := input.end - input.now

p contains "late" if left < 0

p contains "soon" if {
	left >= 0
	left < 60
}

answer := {"p": p, "none": count(p) == 0}
