package golden

p contains "reads" if input.action == "read"

p contains "writes" if input.action in {"write", "append"}

p contains "deletes" if {
	action := input.action
	action == "delete"
}

p contains "lists" if input.action == "list"

p contains "any" if input.user

p contains "appends" if input.action = "append"

p contains "one" if input.action == 1

p contains "watches" if input.action == "watch"

p contains "lives" if glob.match("/live/*", ["/"], input.path)

p contains "none" if input.action == null

p contains route(input.path)

route(path) := "static" if startswith(path, "/static/")

route(path) := "styles" if startswith(path, "/static/styles/")

route(path) := "api" if glob.match("/api/*/item", ["/"], path)

route(path) := "docs" if strings.any_prefix_match(path, ["/docs", "/help"])

route("/") := "root"

route(path) := "admin" if startswith(path, "/admin")

route(path) := "media" if startswith(path, "/media")

route(path) := "users" if startswith(path, "/users")

route(path) := "tests" if startswith(path, "/tests")

route(path) := "search" if startswith(path, "/search")
