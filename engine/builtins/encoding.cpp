// base64, hex and URL queries. Source: OPA v1/topdown/encoding.go.
#include <algorithm>
#include <map>
#include <optional>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/percent.hpp"
#include "base/unicode.hpp"
#include "builtins/families.hpp"
#include "json/escape.hpp"

namespace lictor::builtins {
namespace {

bool string(Call& call) {
  if (call.is(0, Kind::string)) return true;
  call.wrong_type(0, "string");
  return false;
}

Value base64_encode(Call& call) {
  return string(call) ? call.text(encode_base64(call[0].as_text(), base64_standard, true))
                      : Value();
}
Value base64url_encode(Call& call) {
  return string(call) ? call.text(encode_base64(call[0].as_text(), base64_url_safe, true))
                      : Value();
}
Value base64url_encode_no_pad(Call& call) {
  return string(call) ? call.text(encode_base64(call[0].as_text(), base64_url_safe, false))
                      : Value();
}

Value decode_base64(Call& call, std::string_view text, std::string_view alphabet) {
  Base64Decoder decoder(text, alphabet);
  std::optional<std::string> out = decoder.run();
  if (out) return call.text(*out);
  return call.fail(decoder.error());
}

Value base64_decode(Call& call) {
  return string(call) ? decode_base64(call, call[0].as_text(), base64_standard) : Value();
}

Value base64_is_valid(Call& call) {
  return Value::boolean(call.is(0, Kind::string) &&
                        Base64Decoder(call[0].as_text(), base64_standard).run());
}

Value base64url_decode(Call& call) {
  if (!string(call)) return Value();
  std::string text(call[0].as_text());
  if (!text.ends_with('=')) {
    std::size_t rest = text.size() % 4;
    if (rest == 1) return call.fail("illegal base64url string: " + text);
    if (rest != 0) text.append(4 - rest, '=');
  }
  return decode_base64(call, text, base64_url_safe);
}

Value hex_encode(Call& call) {
  if (!string(call)) return Value();
  return call.text(hex_text(call[0].as_string()));
}

/// The error of a byte that is no digit: its number, and the Latin-1 character if printable.
Value bad_hex_digit(Call& call, char c) {
  auto byte = static_cast<unsigned char>(c);
  std::string message = "encoding/hex: invalid byte: U+00";
  append_hex_byte(message, c);
  if (is_printable(byte)) {
    message += " '";
    append_rune(message, byte);
    message += "'";
  }
  return call.fail(message);
}

Value hex_decode(Call& call) {
  if (!string(call)) return Value();
  std::string_view text = call[0].as_text();
  auto bad = std::find_if(text.begin(), text.end(), [](char c) { return hex_digit(c) < 0; });
  if (bad != text.end()) return bad_hex_digit(call, *bad);
  if (text.size() % 2 != 0) return call.fail("encoding/hex: odd length hex string");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2)
    out += static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1]));
  return call.text(out);
}

std::optional<std::string> query_unescape(std::string_view text, std::string& error) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) {
        error = "invalid URL escape ";
        append_go_quoted(error, text.substr(i, 3));
        return std::nullopt;
      }
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    }
  }
  return out;
}

Value query_encode(Call& call) {
  return string(call) ? call.text(escape_query(call[0].as_text())) : Value();
}

Value query_decode(Call& call) {
  if (!string(call)) return Value();
  std::string error;
  std::optional<std::string> out = query_unescape(call[0].as_text(), error);
  if (!out) return call.fail(error);
  return call.text(*out);
}

/// Appends the texts of a field's value; false if it is neither a text nor a collection of texts.
bool append_texts(const Value& value, std::vector<std::string_view>& out) {
  if (value.is(Kind::string)) {
    out.push_back(value.as_string());
    return true;
  }
  if (!value.is(Kind::array) && !value.is(Kind::set)) return false;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (!value.items()[i].is(Kind::string)) return false;
    out.push_back(value.items()[i].as_string());
  }
  return true;
}

Value query_encode_object(Call& call) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object");
  std::map<std::string, std::vector<std::string_view>> fields;
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    Member member = object_member(call[0], i);
    std::string key = member.key.is(Kind::string) ? std::string(member.key.as_string())
                                                  : json::to_json(member.key);
    if (!append_texts(member.value, fields[key])) {
      return call.type_error("operand 1 values must be string, array[string], or set[string]");
    }
  }
  std::string out;
  for (const auto& [key, values] : fields) {
    for (std::string_view value : values) {
      if (!out.empty()) out += '&';
      out += escape_query(key) + "=" + escape_query(value);
    }
  }
  return call.text(out);
}

using QueryFields = std::map<std::string, std::vector<std::string>>;

/// Adds the field of one key=value pair; false after an error.
bool add_field(std::string_view pair, QueryFields& fields, std::string& error) {
  std::size_t equals = std::min(pair.find('='), pair.size());
  std::optional<std::string> key = query_unescape(pair.substr(0, equals), error);
  if (!key) return false;
  std::string_view text = pair.substr(std::min(equals + 1, pair.size()));
  std::optional<std::string> value = query_unescape(text, error);
  if (value) fields[*key].push_back(*value);
  return value.has_value();
}

Value query_object(Call& call, const QueryFields& fields) {
  ArenaVector<Member> members(call.arena);
  for (const auto& [key, values] : fields) {
    Value* items = call.arena.allocate<Value>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) items[i] = call.text(values[i]);
    members.push_back(
        {call.text(key), Value::array(items, static_cast<std::uint32_t>(values.size()))});
  }
  return make_object(call.arena, members.data(), members.size(), true);
}

Value query_decode_object(Call& call) {
  if (!string(call)) return Value();
  constexpr std::ptrdiff_t most_separators = 9999;  // Go's limit is 10,000 parameters
  std::string_view rest = call[0].as_text();
  if (std::count(rest.begin(), rest.end(), '&') > most_separators)
    return call.fail("number of URL query parameters exceeded limit");
  if (rest.find(';') != std::string_view::npos)
    return call.fail("invalid semicolon separator in query");
  QueryFields fields;
  while (!rest.empty()) {
    std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    std::string error;
    if (!pair.empty() && !add_field(pair, fields, error)) return call.fail(error);
  }
  return query_object(call, fields);
}

constexpr Builtin table[] = {
    {"base64.encode", "(x: string) => y: string", base64_encode},
    {"base64.decode", "(x: string) => y: string", base64_decode},
    {"base64.is_valid", "(x: string) => result: boolean", base64_is_valid},
    {"base64url.encode", "(x: string) => y: string", base64url_encode},
    {"base64url.encode_no_pad", "(x: string) => y: string", base64url_encode_no_pad},
    {"base64url.decode", "(x: string) => y: string", base64url_decode},
    {"hex.encode", "(x: string) => y: string", hex_encode},
    {"hex.decode", "(x: string) => y: string", hex_decode},
    {"urlquery.encode", "(x: string) => y: string", query_encode},
    {"urlquery.decode", "(x: string) => y: string", query_decode},
    {"urlquery.encode_object",
     "(object: object[string: any<string, array[string], set[string]>]) => y: string",
     query_encode_object},
    {"urlquery.decode_object", "(x: string) => object: object[string: array[string]]",
     query_decode_object},
};

}  // namespace

std::span<const Builtin> encoding_builtins() { return table; }

}  // namespace lictor::builtins
