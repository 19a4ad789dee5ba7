package golden

request := {"resource": input, "parameters": data.parameters, "time": [input.now]}

allow if {
	input.resource.size < input.parameters.most
	input.time[0] > 0
}

p if allow with input as request
