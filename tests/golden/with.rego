package golden

p if allow with input as {"user": "alice"} with data.admins as ["alice"]

allow if input.user in data.admins
