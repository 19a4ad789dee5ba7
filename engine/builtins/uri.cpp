// URIs and their parts. Source: OPA v1/topdown/uri.go.
#include "base/uri.hpp"

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

Value parse(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  try {
    Uri uri = parse_uri(call[0].as_string());
    std::size_t colon = uri.host.rfind(':');
    bool has_port = colon != std::string::npos && is_port(std::string_view(uri.host).substr(colon));
    std::string name = has_port ? uri.host.substr(0, colon) : uri.host;
    std::string port = has_port ? uri.host.substr(colon + 1) : "";
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    ArenaVector<Member> members(call.arena);
    auto add = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) members.push_back({Value::string(key), call.text(value)});
    };
    add("fragment", uri.fragment);
    add("hostname", name);
    add("path", uri.path);
    add("port", port);
    add("raw_path", uri.path.empty() ? "" : uri.raw_path);
    add("raw_query", uri.query);
    add("scheme", uri.scheme);
    return make_object(call.arena, members.data(), members.size(), true);
  } catch (const UriError& wrong) {
    return call.fail(wrong.text);
  }
}

Value is_valid(Call& call) {
  if (!call.is(0, Kind::string) || call[0].size() == 0) return Value::boolean(false);
  try {
    parse_uri(call[0].as_string());
    return Value::boolean(true);
  } catch (const UriError&) {
    return Value::boolean(false);
  }
}

constexpr Builtin table[] = {
    {"uri.is_valid", "(uri: string) => result: boolean", is_valid},
    {"uri.parse", "(uri: string) => output: object[string: string]", parse},
};

}  // namespace

std::span<const Builtin> uri_builtins() { return table; }

}  // namespace lictor::builtins
