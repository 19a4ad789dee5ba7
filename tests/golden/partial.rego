package golden

p contains name if {
	some user in input.users
	user.active
	name := upper(user.name)
}

q[role] := count(names) if {
	some role in ["admin", "guest"]
	names := {user.name | some user in input.users; user.role == role}
}

r := q.admin
