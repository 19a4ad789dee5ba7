#include "answer.hpp"

#include <array>
#include <vector>

#include "lictor/yaml.hpp"

namespace lictor::http {
namespace {

/// The first value of a JSON text, which Go's decoder takes whatever follows it; empty if there is
/// none. What is in between its brackets is not looked at.
std::string_view first_json_value(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n", ends = " \t\r\n,:]}[{\"";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth == 0) return text.substr(0, i);
      --depth;
    } else if (depth == 0 && ends.find(c) != ends.npos) {
      return text.substr(0, i);
    } else {
      continue;
    }
    if (depth == 0 && !in_string) return text.substr(0, i + 1);
  }
  return text;
}

/// The longest start of a text that is a JSON number, true, false or null.
std::string_view scalar_start(std::string_view text) {
  for (std::string_view word : {"true", "false", "null"}) {
    if (text.starts_with(word)) return word;
  }
  std::size_t at = text.starts_with('-') ? 1 : 0;
  auto skip_digits = [&] {
    std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at != start;
  };
  if (text.substr(at).starts_with('0'))
    ++at;
  else
    skip_digits();
  if (text.substr(at).starts_with('.')) {
    ++at;
    if (!skip_digits()) return "";
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!skip_digits()) return "";
  }
  return text.substr(0, at);
}

Value decode_json(std::string_view body, Builder& make) {
  std::string_view text = first_json_value(body);
  if (text.empty()) return Value::null();
  bool is_scalar = text[0] != '{' && text[0] != '[' && text[0] != '"';
  Result<Value> value = make.from_json(is_scalar ? scalar_start(text) : text);
  return value ? *value : Value::null();
}

Value decode_yaml(const std::string& body, Builder& make) {
  Result<std::string> json = document_to_json(body);
  if (!json) return Value::null();
  Result<Value> value = make.from_json(*json);
  return value ? *value : Value::null();
}

Value body_of(const Response& response, const Decoding& decoding, Builder& make) {
  std::string_view type = first_value(response.headers, "content-type");
  if (decoding.forces_json || is_json_type(type)) return decode_json(response.body, make);
  bool is_yaml =
      type.find("application/yaml") != type.npos || type.find("application/x-yaml") != type.npos;
  if (decoding.forces_yaml || is_yaml) return decode_yaml(response.body, make);
  return Value::null();
}

Value headers_of(const Headers& headers, Builder& make) {
  std::vector<Member> members;
  for (const auto& [name, values] : headers) {
    std::vector<Value> items;
    for (const std::string& value : values) items.push_back(make.string(value));
    members.push_back({make.string(name), make.array(items)});
  }
  return make.object(members);
}

}  // namespace

Value answer_of(const Response& response, const Decoding& decoding, Builder& make) {
  std::array<Member, 5> members = {{
      {Value::utf8_string("status"), make.string(response.status)},
      {Value::utf8_string("status_code"), Value::integer(response.status_code)},
      {Value::utf8_string("body"), body_of(response, decoding, make)},
      {Value::utf8_string("raw_body"), make.string(response.body)},
      {Value::utf8_string("headers"), headers_of(response.headers, make)},
  }};
  return make.object(members);
}

Value error_answer(std::string_view code, std::string_view message, Builder& make) {
  std::array<Member, 2> error = {{{Value::utf8_string("code"), make.string(code)},
                                  {Value::utf8_string("message"), make.string(message)}}};
  std::array<Member, 2> members = {{{Value::utf8_string("status_code"), Value::integer(0)},
                                    {Value::utf8_string("error"), make.object(error)}}};
  return make.object(members);
}

}  // namespace lictor::http
