// base64, hex and URL queries. Source: OPA v1/topdown/encoding.go (1.22.2).
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

/// Go's decoder: newlines are skipped, padding must be as `padded` says. The error names the first
/// bad byte.
std::optional<std::string> decode64(std::string_view text, std::string_view alphabet, bool padded,
                                    std::size_t& bad) {
  std::string out;
  std::uint32_t bits = 0;
  std::size_t count = 0, i = 0;
  for (; i < text.size() && text[i] != '='; ++i) {
    if (text[i] == '\n' || text[i] == '\r') continue;
    std::size_t digit = alphabet.find(text[i]);
    bad = i;
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if (++count % 4 != 0) continue;
    for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
    bits = 0;
  }
  std::size_t rest = count % 4;
  std::size_t signs = static_cast<std::size_t>(
      std::count(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), '='));
  bad = i;
  bool only_signs = text.find_first_not_of("=\r\n", i) == std::string_view::npos;
  std::size_t wanted = padded && rest != 0 ? 4 - rest : 0;
  if (rest == 1 || !only_signs || signs != wanted) return std::nullopt;
  if (rest >= 2) out += static_cast<char>(bits >> (6 * rest - 8));
  if (rest == 3) out += static_cast<char>(bits >> 2);
  return out;
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

Value decoded(Call& call, const std::optional<std::string>& text, std::size_t bad) {
  if (!text) return call.fail("illegal base64 data at input byte " + std::to_string(bad));
  return call.decoded(*text);
}

Value base64_decode(Call& call) {
  if (!string(call)) return Value();
  std::size_t bad = 0;
  return decoded(call, decode64(call[0].as_text(), base64_standard, true, bad), bad);
}

Value base64_is_valid(Call& call) {
  std::size_t bad = 0;
  return Value::boolean(call.is(0, Kind::string) &&
                        decode64(call[0].as_text(), base64_standard, true, bad));
}

Value base64url_decode(Call& call) {
  if (!string(call)) return Value();
  std::string text(call[0].as_text());
  bool padded = text.find('=') != std::string::npos;
  if (!text.ends_with('=') && text.size() % 4 == 1)
    return call.fail("illegal base64url string: " + text);
  std::size_t bad = 0;
  return decoded(call, decode64(text, base64_url_safe, padded, bad), bad);
}

Value hex_encode(Call& call) {
  if (!string(call)) return Value();
  return call.text(hex_text(call[0].as_string()));
}

std::string rune_text(std::string_view text, std::size_t at) {
  std::string out;
  append_rune(out, decode_rune(text, at).code);
  return out;
}

Value hex_decode(Call& call) {
  if (!string(call)) return Value();
  std::string_view text = call[0].as_text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    for (std::size_t k = i; k < std::min(i + 2, text.size()); ++k) {
      if (hex_digit(text[k]) < 0)
        return call.fail("encoding/hex: invalid byte: U+" + [&] {
          char buffer[16];
          std::snprintf(buffer, sizeof buffer, "%04X '%s'", static_cast<unsigned char>(text[k]),
                        rune_text(text, k).c_str());
          return std::string(buffer);
        }());
    }
    if (i + 1 == text.size()) return call.fail("encoding/hex: odd length hex string");
    out += static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1]));
  }
  return call.decoded(out);
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
        error = "invalid URL escape \"" + std::string(text.substr(i, 3)) + "\"";
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
  return call.decoded(*out);
}

Value query_encode_object(Call& call) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object");
  std::string out;
  auto add = [&](const Value& key, const Value& value) {
    if (!out.empty()) out += '&';
    out += escape_query(key.as_text()) + "=" + escape_query(value.as_text());
  };
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Member& member = sorted_members(call[0])[i];
    if (!member.key.is(Kind::string))
      return call.type_error("operand 1 must be object of string keys");
    if (member.value.is(Kind::string)) {
      add(member.key, member.value);
      continue;
    }
    if (!member.value.is(Kind::array) && !member.value.is(Kind::set)) {
      return call.type_error("operand 1 values must be string, array[string], or set[string]");
    }
    for (std::uint32_t k = 0; k < member.value.size(); ++k) {
      const Value& item = member.value.items()[k];
      if (!item.is(Kind::string))
        return call.type_error("operand 1 values must be string, array[string], or set[string]");
      add(member.key, item);
    }
  }
  return call.text(out);
}

Value query_decode_object(Call& call) {
  if (!string(call)) return Value();
  std::map<std::string, std::vector<std::string>> fields;
  std::string_view rest = call[0].as_text();
  std::string error;
  while (!rest.empty()) {
    std::string_view pair = rest.substr(0, rest.find('&'));
    rest = pair.size() < rest.size() ? rest.substr(pair.size() + 1) : std::string_view();
    if (pair.empty()) continue;
    if (pair.find(';') != std::string_view::npos)
      return call.fail("invalid semicolon separator in query");
    std::size_t equals = pair.find('=');
    auto key = query_unescape(pair.substr(0, equals), error);
    auto value = query_unescape(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), error);
    if (!key || !value) return call.fail(error);
    fields[*key].push_back(*value);
  }
  ArenaVector<Member> members(call.arena);
  for (const auto& [key, values] : fields) {
    Value* items = call.arena.allocate<Value>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) items[i] = call.text(values[i]);
    members.push_back(
        {call.text(key), Value::array(items, static_cast<std::uint32_t>(values.size()))});
  }
  return make_object(call.arena, members.data(), members.size(), true);
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
