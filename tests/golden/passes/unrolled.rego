package golden

requirements := {
	"high": {"mode": ["once"], "order": ["strong"]},
	"low": {"mode": ["once", "twice"], "order": ["strong", "weak"]},
}

p contains message if {
	some field, allowed in requirements[input.band]
	not input.quality[field] in allowed
	message := sprintf("%s must be one of %v", [concat(".", ["quality", field]), allowed])
}

p contains "short" if {
	every word in ["a", "b"] {
		startswith(input.text, word)
	}
}
