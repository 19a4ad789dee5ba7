// Strings, which are bytes: positions count code points, and a byte that is not UTF-8 is one.
// Source: OPA v1/topdown/strings.go.
#include <algorithm>
#include <functional>

#include "base/find_text.hpp"
#include "base/letters.hpp"
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
             ? Value::boolean(find_text(arg(call, 0), arg(call, 1)) != std::string_view::npos)
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

/// True if one of the texts starts with one of the bases. Texts with a common prefix are
/// neighbors once sorted, and follow the prefix.
bool any_starts_with(std::vector<std::string_view>& texts,
                     const std::vector<std::string_view>& bases) {
  std::sort(texts.begin(), texts.end());
  return std::any_of(bases.begin(), bases.end(), [&](std::string_view base) {
    auto found = std::lower_bound(texts.begin(), texts.end(), base);
    return found != texts.end() && found->starts_with(base);
  });
}

Value any_prefix(Call& call) {
  std::vector<std::string_view> texts, bases;
  if (!texts_of(call, 0, texts) || !texts_of(call, 1, bases)) return Value();
  return Value::boolean(any_starts_with(texts, bases));
}

void reverse_bytes(Call& call, std::vector<std::string_view>& texts) {
  for (std::string_view& text : texts)
    text = call.arena.copy(std::string(text.rbegin(), text.rend()));
}

Value any_suffix(Call& call) {
  std::vector<std::string_view> texts, bases;
  if (!texts_of(call, 0, texts) || !texts_of(call, 1, bases)) return Value();
  reverse_bytes(call, texts);
  reverse_bytes(call, bases);
  return Value::boolean(any_starts_with(texts, bases));
}

Value format_int(Call& call) {
  if (!call.is(0, Kind::number)) return call.wrong_type(0, "number");
  if (!call.is(1, Kind::number)) return call.wrong_type(1, "number");
  std::int64_t base = call[1].is_integer() ? call[1].as_integer() : 0;
  if (base != 2 && base != 8 && base != 10 && base != 16)
    return call.type_error("operand 2 must be one of {2, 8, 10, 16}");
  bool whole = number_text(call[0]).find_first_of(".eE") == std::string::npos;
  BigInt value = whole ? *to_big_int(call[0]) : truncate(to_big_float(call[0]));
  bool negative = value < 0;
  if (negative) value = -value;
  std::string out;
  do {
    out += "0123456789abcdef"[static_cast<std::size_t>(value % base)];
    value /= base;
  } while (value != 0);
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return call.text(out);
}

/// Go compares code points here, and every byte that is not UTF-8 is U+FFFD to it.
class Occurrences {
 public:
  explicit Occurrences(Call& call)
      : text_(repair_utf8(arg(call, 0))), wanted_(repair_utf8(arg(call, 1))) {}

  std::int64_t first() const {
    std::size_t at = find_text(text_, wanted_);
    return at == std::string::npos ? -1 : count(0, at);
  }

  /// The index of each occurrence, in code points.
  ArenaVector<Value> all(Arena& arena) const {
    ArenaVector<Value> out(arena);
    std::size_t counted = 0;
    std::int64_t index = 0;
    each_occurrence(text_, wanted_, [&](std::size_t at) {
      index += count(counted, at);
      counted = at;
      out.push_back(Value::integer(index));
    });
    return out;
  }

 private:
  std::int64_t count(std::size_t from, std::size_t to) const {
    return static_cast<std::int64_t>(count_runes(std::string_view(text_).substr(from, to - from)));
  }

  std::string text_, wanted_;
};

Value indexof(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (arg(call, 1).empty()) return call.fail("empty search character");
  return Value::integer(Occurrences(call).first());
}

Value indexof_n(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (arg(call, 1).empty()) return call.fail("empty search character");
  ArenaVector<Value> out = Occurrences(call).all(call.arena);
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

Value map_runes(Call& call, char32_t (*map)(char32_t)) {
  if (!call.has_strings(1)) return Value();
  std::u32string runes = to_runes(arg(call, 0));
  for (char32_t& rune : runes) rune = map(rune);
  return call.text(from_runes(runes));
}

Value lower(Call& call) { return map_runes(call, to_lower); }
Value upper(Call& call) { return map_runes(call, to_upper); }

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
  for (std::size_t at = find_text(text, separator); at != std::string_view::npos;
       at = find_text(text, separator, start)) {
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

/// What to replace, in order, each with its replacement.
using Replacements = std::vector<std::pair<std::string_view, std::string_view>>;

/// The first of the sorted patterns that the text starts with, which is the shortest, or null.
const Replacements::value_type* first_match(const Replacements& patterns, std::string_view text) {
  auto low = patterns.begin(), high = patterns.end();
  for (std::size_t size = 0; low != high; ++size) {
    if (low->first.size() == size) return &*low;
    if (size == text.size()) return nullptr;
    auto byte_of = [&](const auto& pattern) {
      return static_cast<unsigned char>(pattern.first[size]);
    };
    auto wanted = static_cast<unsigned char>(text[size]);
    bool all_have_it = byte_of(*low) == wanted && byte_of(*(high - 1)) == wanted;
    if (all_have_it) continue;
    low = std::partition_point(low, high, [&](const auto& p) { return byte_of(p) < wanted; });
    high = std::partition_point(low, high, [&](const auto& p) { return byte_of(p) == wanted; });
  }
  return nullptr;
}

/// Replaces at each byte as Go's Replacer does: an empty pattern matches before every byte, also
/// within a code point, and at the end.
std::string replace_sorted(std::string_view text, const Replacements& patterns) {
  std::string out;
  Replacements others = patterns;  // what may match right after an empty match
  std::erase_if(others, [](const auto& pattern) { return pattern.first.empty(); });
  bool matched_empty = false;
  for (std::size_t at = 0; at <= text.size();) {
    auto found = first_match(matched_empty ? others : patterns, text.substr(at));
    if (found) out += found->second;
    matched_empty = found && found->first.empty();
    if (found) at += found->first.size();
    if (found) continue;
    if (at < text.size()) out += text[at];
    ++at;
  }
  return out;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return replace_sorted(text, {{from, to}});
  std::string out;
  std::size_t start = 0;
  for (std::size_t at = find_text(text, from); at != std::string_view::npos;
       at = find_text(text, from, start)) {
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

/// strings.replace_n: at each position the first pattern that matches counts.
Value replace_n(Call& call) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object");
  if (!call.is(1, Kind::string)) return call.wrong_type(1, "string");
  Replacements patterns;
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    Member pattern = object_member(call[0], i);
    if (!pattern.key.is(Kind::string))
      return call.type_error("operand 1 non-string key found in pattern object");
    if (!pattern.value.is(Kind::string))
      return call.type_error("operand 1 non-string value found in pattern object");
    patterns.emplace_back(pattern.key.as_string(), pattern.value.as_string());
  }
  return call.text(replace_sorted(arg(call, 1), patterns));
}

/// Reverses the code points; a byte that is not UTF-8 stays as it is.
Value reverse(Call& call) {
  if (!call.has_strings(1)) return Value();
  std::string_view text = arg(call, 0);
  std::string out(text.size(), '\0');
  std::size_t end = out.size();
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = decode_rune(text, at).size;
    end -= size;
    text.copy(out.data() + end, size, at);
    at += size;
  }
  return call.text(out);
}

Value count_text(Call& call) {
  if (!call.has_strings(2)) return Value();
  if (arg(call, 1).empty())
    return Value::integer(static_cast<std::int64_t>(count_runes(arg(call, 0))) + 1);
  std::int64_t count = 0;
  for (std::size_t at = find_text(arg(call, 0), arg(call, 1)); at != std::string_view::npos;
       at = find_text(arg(call, 0), arg(call, 1), at + arg(call, 1).size()))
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
  if (*start == 0 && *length >= static_cast<std::int64_t>(runes.size())) return call[0];
  if (static_cast<std::size_t>(*start) >= runes.size()) return call.text("");
  std::size_t count = *length < 0 ? std::u32string::npos : static_cast<std::size_t>(*length);
  return call.text(
      from_runes(std::u32string_view(runes).substr(static_cast<std::size_t>(*start), count)));
}

/// Drops code points from either end; what stays keeps its bytes.
template <typename Drop>
Value trim_runes(Call& call, bool left, bool right, Drop drop) {
  std::string_view text = arg(call, 0);
  std::size_t first = 0;
  while (left && first < text.size()) {
    Rune rune = decode_rune(text, first);
    if (!drop(rune.code)) break;
    first += rune.size;
  }
  std::size_t last = right ? first : text.size();
  for (std::size_t at = first; right && at < text.size();) {
    Rune rune = decode_rune(text, at);
    at += rune.size;
    if (!drop(rune.code)) last = at;
  }
  return call.text(text.substr(first, last - first));
}

Value trim_set(Call& call, bool left, bool right) {
  if (!call.has_strings(2)) return Value();
  std::u32string set = to_runes(arg(call, 1));
  std::sort(set.begin(), set.end());
  return trim_runes(call, left, right,
                    [&](char32_t c) { return std::binary_search(set.begin(), set.end(), c); });
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
