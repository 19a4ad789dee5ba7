// Strings. Positions count code points. Source: OPA v1/topdown/strings.go (1.22.2).
#include <algorithm>
#include <cwctype>
#include <functional>

#include "base/unicode.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

std::string_view arg(const Call& call, std::size_t i) { return call[i].as_text(); }

Value concat(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (!call.is(1, Kind::array) && !call.is(1, Kind::set))
    return call.wrong_type(1, "one of {set, array}");
  std::string& out = call.environment.scratch;
  out.clear();
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    const Value& item = call[1].items()[i];
    if (!item.is(Kind::string)) {
      const char* kind = kind_name(call[1].kind());
      return call.type_error("operand 2 must be " + std::string(kind) + " of strings but got " +
                             kind + " containing " + kind_name(item.kind()));
    }
    if (i != 0) out += arg(call, 0);
    out += item.as_text();
  }
  return call.text(out);
}

Value contains(Call& call) {
  return call.has_strings(2)
             ? Value::boolean(arg(call, 0).find(arg(call, 1)) != std::string_view::npos)
             : Value();
}
Value startswith(Call& call) {
  return call.has_strings(2) ? Value::boolean(arg(call, 0).starts_with(arg(call, 1))) : Value();
}
Value endswith(Call& call) {
  return call.has_strings(2) ? Value::boolean(arg(call, 0).ends_with(arg(call, 1))) : Value();
}

/// strings.any_prefix_match and any_suffix_match: each operand is a string or a collection of
/// strings.
bool texts_of(Call& call, std::size_t operand, std::vector<std::string_view>& out) {
  const Value& value = call[operand];
  if (value.is(Kind::string)) {
    out.push_back(value.as_text());
    return true;
  }
  if (!value.is(Kind::array) && !value.is(Kind::set)) {
    call.wrong_type(operand, "one of {string, set, array}");
    return false;
  }
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    const Value& item = value.items()[i];
    if (!item.is(Kind::string)) {
      const char* kind = kind_name(value.kind());
      call.type_error("operand " + std::to_string(operand + 1) + " must be " + kind +
                      " of strings but got " + kind + " containing " + kind_name(item.kind()));
      return false;
    }
    out.push_back(item.as_text());
  }
  return true;
}

template <typename Match>
Value any_match(Call& call, Match match) {
  std::vector<std::string_view> texts, bases;
  if (!texts_of(call, 0, texts) || !texts_of(call, 1, bases)) return Value();
  for (std::string_view text : texts) {
    if (std::any_of(bases.begin(), bases.end(),
                    [&](std::string_view base) { return match(text, base); }))
      return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value any_prefix(Call& call) {
  return any_match(
      call, [](std::string_view text, std::string_view base) { return text.starts_with(base); });
}
Value any_suffix(Call& call) {
  return any_match(
      call, [](std::string_view text, std::string_view base) { return text.ends_with(base); });
}

Value format_int(Call& call) {
  if (!call.is(0, Kind::number)) return call.wrong_type(0, "number");
  if (!call.is(1, Kind::number)) return call.wrong_type(1, "number");
  std::optional<std::int64_t> base = to_int64(call[1]);
  if (!base || (*base != 2 && *base != 8 && *base != 10 && *base != 16)) {
    return call.type_error("operand 2 must be one of {2, 8, 10, 16}");
  }
  bool whole = number_text(call[0]).find_first_of(".eE") == std::string::npos;
  BigInt value = whole ? *to_big_int(call[0]) : truncate(to_big_float(call[0]));
  bool negative = value < 0;
  if (negative) value = -value;
  std::string out;
  do {
    out += "0123456789abcdef"[static_cast<std::size_t>(value % *base)];
    value /= *base;
  } while (value != 0);
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return call.text(out);
}

Value indexof(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (arg(call, 1).empty()) return call.fail("empty search character");
  std::size_t at = arg(call, 0).find(arg(call, 1));
  if (at == std::string_view::npos) return Value::integer(-1);
  return Value::integer(static_cast<std::int64_t>(count_runes(arg(call, 0).substr(0, at))));
}

Value indexof_n(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (arg(call, 1).empty()) return call.fail("empty search character");
  ArenaVector<Value> out(call.arena);
  for (std::size_t at = arg(call, 0).find(arg(call, 1)); at != std::string_view::npos;
       at = arg(call, 0).find(arg(call, 1), at + 1)) {
    out.push_back(
        Value::integer(static_cast<std::int64_t>(count_runes(arg(call, 0).substr(0, at)))));
  }
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

/// Simple case mapping of the scripts that have one: Latin, Greek, Cyrillic, Armenian, full-width.
char32_t to_case(char32_t c, bool upper) {
  if (c < 0x80)
    return upper ? (c >= 'a' && c <= 'z' ? c - 32 : c) : (c >= 'A' && c <= 'Z' ? c + 32 : c);
  auto range = [&](char32_t first, char32_t last, char32_t offset) -> char32_t {
    // [first, last] is the upper-case range, and lower case stands `offset` above it.
    return upper ? (c >= first + offset && c <= last + offset ? c - offset : 0u)
                 : (c >= first && c <= last ? c + offset : 0u);
  };
  auto pairs = [&](char32_t first, char32_t last, bool even_is_upper) -> char32_t {
    if (c < first || c > last) return 0;
    bool is_upper = (c % 2 == 0) == even_is_upper;
    return upper ? (is_upper ? c : c - 1) : (is_upper ? c + 1 : c);
  };
  if (c == 0xD7 || c == 0xF7 || c == 0xDF) return c;
  if (c == 0xFF) return upper ? 0x178 : c;
  if (c == 0x178) return upper ? c : 0xFF;
  if (c == 0xB5) return upper ? 0x39C : c;
  if (c == 0x130) return upper ? c : 'i';
  if (c == 0x131) return upper ? 'I' : c;
  if (c == 0x3C2) return upper ? 0x3A3 : c;
  for (char32_t mapped :
       {range(0xC0, 0xDE, 32), pairs(0x100, 0x12F, true), pairs(0x132, 0x137, true),
        pairs(0x139, 0x148, false), pairs(0x14A, 0x177, true), pairs(0x179, 0x17E, false),
        range(0x391, 0x3AB, 32), range(0x410, 0x42F, 32), range(0x400, 0x40F, 80),
        pairs(0x460, 0x481, true), pairs(0x48A, 0x4BF, true), pairs(0x4D0, 0x52F, true),
        range(0x531, 0x556, 48), pairs(0x1E00, 0x1E95, true), pairs(0x1EA0, 0x1EFF, true),
        range(0xFF21, 0xFF3A, 32)}) {
    if (mapped != 0) return mapped;
  }
  return c;
}

Value map_case(Call& call, bool upper) {
  if (!call.has_strings(1)) return Value();
  std::u32string runes = to_runes(arg(call, 0));
  for (char32_t& rune : runes) rune = to_case(rune, upper);
  return call.text(from_runes(runes));
}

Value lower(Call& call) { return map_case(call, false); }
Value upper(Call& call) { return map_case(call, true); }

/// Go's strings.Split: an empty separator parts code points.
std::vector<std::string_view> split_text(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> out;
  if (separator.empty()) {
    for (std::size_t i = 0; i < text.size();) {
      std::size_t size = decode_rune(text, i).size;
      out.push_back(text.substr(i, size));
      i += size;
    }
    return out;
  }
  std::size_t start = 0;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator, start)) {
    out.push_back(text.substr(start, at - start));
    start = at + separator.size();
  }
  out.push_back(text.substr(start));
  return out;
}

Value text_array(Call& call, const std::vector<std::string_view>& parts) {
  Value* items = call.arena.allocate<Value>(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) items[i] = call.text(parts[i]);
  return Value::array(items, static_cast<std::uint32_t>(parts.size()));
}

Value split(Call& call) {
  return call.has_strings(2) ? text_array(call, split_text(arg(call, 0), arg(call, 1))) : Value();
}

Value split_n(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (!call.is(2, Kind::number)) return call.wrong_type(2, "number");
  std::optional<std::int64_t> most = to_int64(call[2]);
  if (!most)
    return call.type_error("operand 3 must be integer number but got floating-point number");
  std::vector<std::string_view> parts = split_text(arg(call, 0), arg(call, 1));
  auto size = static_cast<std::int64_t>(parts.size());
  if (*most >= 0 && *most < size) parts.resize(static_cast<std::size_t>(*most));
  if (*most < 0 && *most > -size) parts.erase(parts.begin(), parts.end() + *most);
  return text_array(call, parts);
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  if (from.empty()) {
    out += to;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t size = decode_rune(text, i).size;
      out += text.substr(i, size);
      out += to;
      i += size;
    }
    return out;
  }
  std::size_t start = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos;
       at = text.find(from, start)) {
    out += text.substr(start, at - start);
    out += to;
    start = at + from.size();
  }
  out += text.substr(start);
  return out;
}

Value replace(Call& call) {
  return call.has_strings(3) ? call.text(replace_all(arg(call, 0), arg(call, 1), arg(call, 2)))
                             : Value();
}

/// strings.replace_n: at each position the first pattern (in key order) that matches is replaced,
/// as Go's Replacer.
Value replace_n(Call& call) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object");
  if (!call.is(1, Kind::string)) return call.wrong_type(1, "string");
  const Member* pairs = sorted_members(call[0]);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    if (!pairs[i].key.is(Kind::string))
      return call.type_error("operand 1 non-string key found in pattern object");
    if (!pairs[i].value.is(Kind::string))
      return call.type_error("operand 1 non-string value found in pattern object");
  }
  std::string_view text = arg(call, 1);
  std::string out;
  bool matched_empty = false;
  for (std::size_t at = 0; at <= text.size();) {
    const Member* found = nullptr;
    for (std::uint32_t i = 0; i < call[0].size() && !found; ++i) {
      std::string_view key = pairs[i].key.as_text();
      if (text.substr(at).starts_with(key) && !(key.empty() && matched_empty)) found = &pairs[i];
    }
    std::size_t size = found ? found->key.as_text().size() : 0;
    if (found) out += found->value.as_text();
    matched_empty = found && size == 0;
    if (found && size != 0) {
      at += size;
      continue;
    }
    if (found) continue;
    if (at < text.size()) out += text[at];
    ++at;
  }
  return call.text(out);
}

Value reverse(Call& call) {
  if (!call.has_strings(1)) return Value();
  std::u32string runes = to_runes(arg(call, 0));
  std::reverse(runes.begin(), runes.end());
  return call.text(from_runes(runes));
}

Value count_text(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (arg(call, 1).empty())
    return Value::integer(static_cast<std::int64_t>(count_runes(arg(call, 0))) + 1);
  std::int64_t count = 0;
  for (std::size_t at = arg(call, 0).find(arg(call, 1)); at != std::string_view::npos;
       at = arg(call, 0).find(arg(call, 1), at + arg(call, 1).size()))
    ++count;
  return Value::integer(count);
}

Value substring(Call& call) {
  if (!call.has_strings(1)) return Value();
  std::optional<std::int64_t> start, length;
  for (std::size_t i = 1; i < 3; ++i) {
    if (!call.is(i, Kind::number)) return call.wrong_type(i, "number");
    std::optional<std::int64_t>& number = i == 1 ? start : length;
    number = to_int64(call[i]);
    if (!number)
      return call.type_error("operand " + std::to_string(i + 1) +
                             " must be integer number but got floating-point number");
  }
  if (*start < 0) return call.fail("negative offset");
  std::u32string runes = to_runes(arg(call, 0));
  if (static_cast<std::size_t>(*start) >= runes.size()) return call.text("");
  std::size_t count = *length < 0 ? std::u32string::npos : static_cast<std::size_t>(*length);
  return call.text(
      from_runes(std::u32string_view(runes).substr(static_cast<std::size_t>(*start), count)));
}

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

template <typename Drop>
Value trim_runes(Call& call, bool left, bool right, Drop drop) {
  std::u32string runes = to_runes(arg(call, 0));
  std::size_t first = 0, last = runes.size();
  while (left && first < last && drop(runes[first])) ++first;
  while (right && last > first && drop(runes[last - 1])) --last;
  return call.text(from_runes(std::u32string_view(runes).substr(first, last - first)));
}

Value trim_set(Call& call, bool left, bool right) {
  if (!call.has_strings(2)) return Value();
  std::u32string set = to_runes(arg(call, 1));
  return trim_runes(call, left, right,
                    [&](char32_t c) { return set.find(c) != std::u32string::npos; });
}

Value trim(Call& call) { return trim_set(call, true, true); }
Value trim_left(Call& call) { return trim_set(call, true, false); }
Value trim_right(Call& call) { return trim_set(call, false, true); }
Value trim_space(Call& call) {
  return call.has_strings(1) ? trim_runes(call, true, true, is_space) : Value();
}

Value trim_prefix(Call& call) {
  if (!call.has_strings(2)) return Value();
  std::string_view text = arg(call, 0);
  return text.starts_with(arg(call, 1)) ? call.text(text.substr(arg(call, 1).size())) : call[0];
}

Value trim_suffix(Call& call) {
  if (!call.has_strings(2)) return Value();
  std::string_view text = arg(call, 0);
  return text.ends_with(arg(call, 1)) ? call.text(text.substr(0, text.size() - arg(call, 1).size()))
                                      : call[0];
}

constexpr Builtin table[] = {
    {"concat", "(delimiter: string, collection: any<array[string], set[string]>) => output: string",
     concat},
    {"contains", "(haystack: string, needle: string) => result: boolean", contains},
    {"startswith", "(search: string, base: string) => result: boolean", startswith},
    {"endswith", "(search: string, base: string) => result: boolean", endswith},
    {"strings.any_prefix_match",
     "(search: any<string, array[string], set[string]>, base: any<string, array[string], "
     "set[string]>) => result: boolean",
     any_prefix},
    {"strings.any_suffix_match",
     "(search: any<string, array[string], set[string]>, base: any<string, array[string], "
     "set[string]>) => result: boolean",
     any_suffix},
    {"format_int", "(number: number, base: number) => output: string", format_int},
    {"indexof", "(haystack: string, needle: string) => output: number", indexof},
    {"indexof_n", "(haystack: string, needle: string) => output: array[number]", indexof_n},
    {"lower", "(x: string) => y: string", lower},
    {"upper", "(x: string) => y: string", upper},
    {"split", "(x: string, delimiter: string) => ys: array[string]", split},
    {"strings.split_n", "(x: string, delimiter: string, n: number) => ys: array[string]", split_n},
    {"replace", "(x: string, old: string, new: string) => y: string", replace},
    {"strings.replace_n", "(patterns: object[string: string], value: string) => output: string",
     replace_n},
    {"strings.reverse", "(x: string) => y: string", reverse},
    {"strings.count", "(search: string, substring: string) => output: number", count_text},
    {"substring", "(value: string, offset: number, length: number) => output: string", substring},
    {"trim", "(value: string, cutset: string) => output: string", trim},
    {"trim_left", "(value: string, cutset: string) => output: string", trim_left},
    {"trim_right", "(value: string, cutset: string) => output: string", trim_right},
    {"trim_space", "(value: string) => output: string", trim_space},
    {"trim_prefix", "(value: string, prefix: string) => output: string", trim_prefix},
    {"trim_suffix", "(value: string, suffix: string) => output: string", trim_suffix},
};

}  // namespace

std::span<const Builtin> string_builtins() { return table; }

}  // namespace lictor::builtins
