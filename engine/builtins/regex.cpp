// Regular expressions on RE2, with Go's loops over matches. Source: OPA v1/topdown/regex.go
// (1.22.2).
#include "base/unicode.hpp"
#include "builtins/families.hpp"
#include "builtins/glob_intersection.hpp"
#include "builtins/pattern_cache.hpp"

namespace lictor::builtins {
namespace {

/// Go names groups (?<n>…) too, which this RE2 does not know yet.
std::string go_pattern(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[i++];
      out += pattern[i];
      continue;
    }
    bool group = pattern.substr(i).starts_with("(?<") && i + 3 < pattern.size() &&
                 pattern[i + 3] != '=' && pattern[i + 3] != '!';
    out += group ? "(?P<" : std::string(1, pattern[i]);
    if (group) i += 2;
  }
  return out;
}

const RE2& compiled(std::string_view pattern) {
  thread_local PatternCache cache(go_pattern);
  return cache.get(pattern);
}

/// What Go calls the fault of a pattern.
const char* go_fault(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "regexp/syntax: internal error";
  }
}

std::string go_error(const RE2& regex) {
  std::string fault = go_fault(regex.error_code());
  return "error parsing regexp: " + fault + ": `" + regex.error_arg() + "`";
}

const RE2* pattern_at(Call& call, std::size_t operand) {
  const RE2& regex = compiled(call[operand].as_text());
  if (regex.ok()) return &regex;
  call.fail(go_error(regex));
  return nullptr;
}

Value is_valid(Call& call) {
  if (!call.is(0, Kind::string)) return Value::boolean(false);
  return Value::boolean(compiled(call[0].as_text()).ok());
}

Value match(Call& call) {
  if (!call.has_strings(2)) return Value();
  const RE2* regex = pattern_at(call, 0);
  return regex ? Value::boolean(RE2::PartialMatch(
                     re2::StringPiece(call[1].as_text().data(), call[1].size()), *regex))
               : Value();
}

Value globs_match(Call& call) {
  if (!call.has_strings(2)) return Value();
  std::string error;
  std::optional<bool> out = globs_intersect(call[0].as_string(), call[1].as_string(), error);
  return out ? Value::boolean(*out) : call.fail(error);
}

/// Calls visit(groups) for each match as Go's FindAll: an empty match next to the one before does
/// not count.
template <typename Visit>
void each_match(const RE2& regex, std::string_view text, std::int64_t most, Visit visit) {
  re2::StringPiece input(text.data(), text.size());
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) +
                                       1);
  std::int64_t found = 0;
  std::size_t last_end = std::string_view::npos;
  for (std::size_t at = 0; at <= text.size() && (most < 0 || found < most);) {
    if (!regex.Match(input, at, text.size(), RE2::UNANCHORED, groups.data(),
                     static_cast<int>(groups.size())))
      return;
    auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    std::size_t end = start + groups[0].size();
    bool empty = end == start;
    if (!(empty && start == last_end)) {
      visit(groups, start, end);
      ++found;
    }
    last_end = end;
    at = empty ? (end < text.size() ? end + decode_rune(text, end).size : end + 1) : end;
  }
}

Value piece(Call& call, const re2::StringPiece& text) {
  return call.text(text.data() ? std::string_view(text.data(), text.size()) : std::string_view());
}

bool limit(Call& call, std::int64_t& most) {
  if (!call.is(2, Kind::number)) {
    call.wrong_type(2, "number");
    return false;
  }
  std::optional<std::int64_t> number = to_int64(call[2]);
  if (!number) call.type_error("operand 3 must be integer number but got floating-point number");
  most = number.value_or(-1);
  return number.has_value();
}

/// The array of what make(groups) makes of each match, at most as many as the third operand says.
template <typename Make>
Value find(Call& call, Make make) {
  std::int64_t most = 0;
  if (!call.has_strings(2) || !limit(call, most)) return Value();
  const RE2* regex = pattern_at(call, 0);
  if (!regex) return Value();
  ArenaVector<Value> out(call.arena);
  each_match(*regex, call[1].as_text(), most,
             [&](const auto& groups, std::size_t, std::size_t) { out.push_back(make(groups)); });
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

Value find_n(Call& call) {
  return find(call, [&](const auto& groups) { return piece(call, groups[0]); });
}

Value find_all_submatches(Call& call) {
  return find(call, [&](const auto& groups) {
    Value* items = call.arena.allocate<Value>(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) items[i] = piece(call, groups[i]);
    return Value::array(items, static_cast<std::uint32_t>(groups.size()));
  });
}

Value split(Call& call) {
  if (!call.has_strings(2)) return Value();
  const RE2* regex = pattern_at(call, 0);
  if (!regex) return Value();
  std::string_view text = call[1].as_text();
  ArenaVector<Value> out(call.arena);
  std::size_t begin = 0;
  each_match(*regex, text, -1, [&](const auto&, std::size_t start, std::size_t end) {
    if (end == 0) return;
    out.push_back(call.text(text.substr(begin, start - begin)));
    begin = end;
  });
  out.push_back(call.text(text.substr(begin)));
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

/// Go's template: $1, ${1}, $name, ${name}, $$; the longest name counts.
void expand(std::string& out, std::string_view text, const RE2& regex,
            const std::vector<re2::StringPiece>& groups) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    if (text[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    bool braces = text[i + 1] == '{';
    std::size_t first = i + 1 + braces, last = first;
    while (last < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[last])) || text[last] == '_'))
      ++last;
    if (first == last || (braces && (last == text.size() || text[last] != '}'))) {
      out += '$';
      continue;
    }
    std::string name(text.substr(first, last - first));
    i = braces ? last : last - 1;
    std::size_t index = groups.size();
    if (name.find_first_not_of("0123456789") == std::string::npos) {
      if (name.size() < 6) index = static_cast<std::size_t>(std::stoi(name));
    } else {
      auto found = regex.NamedCapturingGroups().find(name);
      if (found != regex.NamedCapturingGroups().end())
        index = static_cast<std::size_t>(found->second);
    }
    if (index < groups.size() && groups[index].data())
      out.append(groups[index].data(), groups[index].size());
  }
}

Value replace(Call& call) {
  if (!call.has_strings(3)) return Value();
  const RE2* regex = pattern_at(call, 1);
  if (!regex) return Value();
  std::string_view text = call[0].as_text();
  std::string out;
  std::size_t done = 0;
  each_match(*regex, text, -1, [&](const auto& groups, std::size_t start, std::size_t end) {
    out += text.substr(done, start - done);
    expand(out, call[2].as_text(), *regex, groups);
    done = end;
  });
  out += text.substr(done);
  return call.text(out);
}

/// regex.template_match: text outside of the delimiters is literal, inside it is a pattern.
Value template_match(Call& call) {
  if (!call.has_strings(4)) return Value();
  for (std::size_t i : {2U, 3U}) {
    if (call[i].size() == 1) continue;
    // OPA tells the start's length in either case.
    return call.fail(std::string(i == 2 ? "start" : "end") +
                     " delimiter has to be exactly one character long but is " +
                     std::to_string(call[2].size()) + " long");
  }
  char open = call[2].as_text()[0], close = call[3].as_text()[0];
  std::string_view text = call[0].as_text();
  std::string pattern = "^";
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == open && depth++ == 0) {
      pattern += RE2::QuoteMeta(re2::StringPiece(text.data() + start, i - start)) + "(";
      start = i + 1;
    } else if (text[i] == close && --depth == 0) {
      pattern += std::string(text.substr(start, i - start)) + ")";
      start = i + 1;
    } else if (depth < 0) {
      return call.fail("unbalanced braces in \"" + std::string(text) + "\"");
    }
  }
  if (depth != 0) return call.fail("unbalanced braces in \"" + std::string(text) + "\"");
  pattern += RE2::QuoteMeta(re2::StringPiece(text.data() + start, text.size() - start)) + "$";
  const RE2& regex = compiled(pattern);
  if (!regex.ok()) return call.fail(go_error(regex));
  return Value::boolean(
      RE2::PartialMatch(re2::StringPiece(call[1].as_text().data(), call[1].size()), regex));
}

constexpr Builtin table[] = {
    {"regex.is_valid", "(pattern: string) => result: boolean", is_valid},
    {"regex.match", "(pattern: string, value: string) => result: boolean", match},
    {"re_match", "(string, string) => boolean", match, Trait::deprecated},
    {"regex.globs_match", "(glob1: string, glob2: string) => result: boolean", globs_match},
    {"regex.find_n", "(pattern: string, value: string, number: number) => output: array[string]",
     find_n},
    {"regex.find_all_string_submatch_n",
     "(pattern: string, value: string, number: number) => output: array[array[string]]",
     find_all_submatches},
    {"regex.split", "(pattern: string, value: string) => output: array[string]", split},
    {"regex.replace", "(s: string, pattern: string, value: string) => output: string", replace},
    {"regex.template_match",
     "(template: string, value: string, delimiter_start: string, delimiter_end: string) => result: "
     "boolean",
     template_match},
};

}  // namespace

std::span<const Builtin> regex_builtins() { return table; }

}  // namespace lictor::builtins
