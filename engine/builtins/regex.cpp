// Regular expressions on RE2, with Go's syntax, Go's loops over matches and Go's templates.
// Source: OPA v1/topdown/regex.go, regex_template.go.
#include "base/rune_set.hpp"
#include "base/unicode.hpp"
#include "builtins/families.hpp"
#include "builtins/glob_intersection.hpp"
#include "builtins/go_regex.hpp"
#include "builtins/pattern_cache.hpp"
#include "builtins/pattern_subject.hpp"
#include "builtins/regex_match.hpp"
#include "builtins/watch.hpp"

namespace lictor::builtins {
namespace {

struct CompiledRegex {
  std::unique_ptr<RE2> re2;         // null after an error
  bool has_inner_boundary = false;  // it has a \B
  std::vector<std::string> group_names;
  std::vector<std::size_t> re2_groups;  // the number that RE2 has for each group
  std::string error;
};

/// The numbers of the groups that the translation did not add.
std::vector<std::size_t> original_groups(const RE2& re2) {
  std::vector<std::size_t> out = {0};
  const std::map<int, std::string>& added = re2.CapturingGroupNames();
  for (int group = 1; group <= re2.NumberOfCapturingGroups(); ++group) {
    if (!added.contains(group)) out.push_back(static_cast<std::size_t>(group));
  }
  return out;
}

CompiledRegex compile(std::string_view pattern) {
  GoRegex translated = translate_go_regex(pattern);
  CompiledRegex out;
  out.group_names = std::move(translated.group_names);
  out.error = std::move(translated.error);
  if (!out.error.empty()) return out;
  out.has_inner_boundary = translated.re2.find("\\B") != std::string::npos;
  out.re2 = compile_re2(translated.re2);
  if (out.re2)
    out.re2_groups = original_groups(*out.re2);
  else
    out.error = "error parsing regexp: expression too large: `" + std::string(pattern) + "`";
  return out;
}

const CompiledRegex& compiled(std::string_view pattern) {
  thread_local PatternCache<CompiledRegex> cache(compile);
  return cache.get(pattern);
}

const CompiledRegex* pattern_at(Call& call, std::size_t operand) {
  const CompiledRegex& regex = compiled(call[operand].as_string());
  if (regex.re2) return &regex;
  call.fail(regex.error);
  return nullptr;
}

std::size_t after_rune(std::string_view text, std::size_t at) {
  return at < text.size() ? at + decode_rune(text, at).size : at + 1;
}

/// Finds the first match from a position on. To RE2 there is a \B between the bytes of a code
/// point, where Go never looks: such a match is empty, and the search goes on after it.
bool find_from(const CompiledRegex& regex, std::string_view text, std::size_t at,
               std::vector<re2::StringPiece>& pieces) {
  re2::StringPiece whole(text.data(), text.size());
  while (regex.re2->Match(whole, at, text.size(), RE2::UNANCHORED, pieces.data(),
                          static_cast<int>(pieces.size()))) {
    auto start = static_cast<std::size_t>(pieces[0].data() - text.data());
    bool is_inside = start < text.size() && (text[start] & 0xC0) == 0x80;
    if (!is_inside) return true;
    at = start + 1;
  }
  return false;
}

bool matches(const CompiledRegex& regex, std::string_view text) {
  PatternSubject subject(text);
  if (!regex.has_inner_boundary) return RE2::PartialMatch(subject.piece(), *regex.re2);
  std::vector<re2::StringPiece> pieces(1);
  return find_from(regex, subject.seen(), 0, pieces);
}

Value is_valid(Call& call) {
  return Value::boolean(call.is(0, Kind::string) && is_regex(call[0].as_string()));
}

Value match(Call& call) {
  if (!call.has_strings(2)) return Value();
  const CompiledRegex* regex = pattern_at(call, 0);
  return regex ? Value::boolean(matches(*regex, call[1].as_string())) : Value();
}

Value globs_match(Call& call) {
  if (!call.has_strings(2)) return Value();
  std::string error;
  std::optional<bool> out = globs_intersect(call[0].as_string(), call[1].as_string(), error);
  return out ? Value::boolean(*out) : call.fail(error);
}

/// A match: the positions of its groups in what RE2 has seen.
struct Span {
  std::size_t start = std::string_view::npos, end = std::string_view::npos;  // npos: no part in it
};
using Groups = std::vector<Span>;

/// The matches of a pattern, as Go finds them: an empty one right after another does not count.
class Matches {
 public:
  Matches(const CompiledRegex& regex, const PatternSubject& subject, const Call& call)
      : regex_(regex),
        subject_(subject),
        watch_(call.environment),
        pieces_(regex.re2_groups.back() + 1) {}

  /// Calls visit(groups) for each match, at most `most` times if that is not negative.
  template <typename Visit>
  void each(std::int64_t most, Visit visit) {
    std::string_view text = subject_.seen();
    std::size_t last_end = std::string_view::npos;
    std::int64_t found = 0;
    for (std::size_t at = 0; at <= text.size() && (most < 0 || found < most);) {
      if (!find(at)) return;
      Span whole = groups_[0];
      watch_.tick(20 + whole.end - at);
      bool is_empty = whole.start == whole.end;
      if (!is_empty || whole.start != last_end) {
        visit(groups_);
        ++found;
      }
      last_end = whole.end;
      at = is_empty ? after_rune(text, whole.end) : whole.end;
    }
  }

 private:
  bool find(std::size_t at) {
    std::string_view text = subject_.seen();
    if (!find_from(regex_, text, at, pieces_)) return false;
    groups_.assign(regex_.re2_groups.size(), Span());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      re2::StringPiece piece = pieces_[regex_.re2_groups[i]];
      if (piece.data() == nullptr) continue;
      auto start = static_cast<std::size_t>(piece.data() - text.data());
      groups_[i] = {start, start + piece.size()};
    }
    return true;
  }

  const CompiledRegex& regex_;
  const PatternSubject& subject_;
  Watch watch_;
  std::vector<re2::StringPiece> pieces_;
  Groups groups_;
};

/// The text of a group; empty if it had no part in the match.
std::string_view text_of(const PatternSubject& subject, Span span) {
  return span.start == std::string_view::npos ? std::string_view()
                                              : subject.part(span.start, span.end);
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

/// The array of what make(subject, groups) makes of each match, at most as many as the third
/// operand says.
template <typename Make>
Value find(Call& call, Make make) {
  std::int64_t most = 0;
  if (!call.has_strings(2) || !limit(call, most)) return Value();
  const CompiledRegex* regex = pattern_at(call, 0);
  if (!regex) return Value();
  PatternSubject subject(call[1].as_string());
  ArenaVector<Value> out(call.arena);
  Matches(*regex, subject, call).each(most, [&](const Groups& groups) {
    out.push_back(make(subject, groups));
  });
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

Value find_n(Call& call) {
  return find(call, [&](const PatternSubject& subject, const Groups& groups) {
    return call.text(text_of(subject, groups[0]));
  });
}

Value find_all_submatches(Call& call) {
  return find(call, [&](const PatternSubject& subject, const Groups& groups) {
    Value* items = call.arena.allocate<Value>(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i)
      items[i] = call.text(text_of(subject, groups[i]));
    return Value::array(items, static_cast<std::uint32_t>(groups.size()));
  });
}

/// An empty match at the start splits nothing off, and one at the end has nothing after it.
Value split(Call& call) {
  if (!call.has_strings(2)) return Value();
  const CompiledRegex* regex = pattern_at(call, 0);
  if (!regex) return Value();
  PatternSubject subject(call[1].as_string());
  std::size_t size = subject.seen().size();
  ArenaVector<Value> out(call.arena);
  std::size_t begin = 0, last_start = std::string_view::npos;
  bool is_splittable = size != 0 || call[0].size() == 0;
  if (is_splittable) {
    Matches(*regex, subject, call).each(-1, [&](const Groups& groups) {
      auto [start, end] = groups[0];
      if (end != 0) out.push_back(call.text(subject.part(begin, start)));
      begin = end;
      last_start = start;
    });
  }
  if (last_start != size) out.push_back(call.text(subject.part(begin, size)));
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

/// The text that replaces a match: $1, ${1}, $name, ${name} and $$; the longest name counts.
class Template {
 public:
  Template(std::string_view text, const CompiledRegex& regex) : text_(text), regex_(regex) {}

  void expand(std::string& out, const PatternSubject& subject, const Groups& groups) const {
    std::string_view rest = text_;
    for (std::size_t dollar = rest.find('$'); dollar != std::string_view::npos;
         dollar = rest.find('$')) {
      out += rest.substr(0, dollar);
      rest.remove_prefix(dollar + 1);
      std::string_view name = take_name(rest);
      if (name.empty()) {
        if (rest.starts_with('$')) rest.remove_prefix(1);
        out += '$';
      } else {
        out += text_of(subject, find_group(name, groups));
      }
    }
    out += rest;
  }

 private:
  /// Takes the name after a dollar, with its braces; takes nothing if there is none.
  static std::string_view take_name(std::string_view& text) {
    bool braces = text.starts_with('{');
    std::string_view rest = text.substr(braces ? 1 : 0);
    std::size_t size = 0;
    while (size < rest.size()) {
      Rune rune = decode_rune(rest, size);
      if (!is_name_rune(rune.code)) break;
      size += rune.size;
    }
    std::string_view name = rest.substr(0, size);
    rest.remove_prefix(size);
    if (name.empty() || (braces && !rest.starts_with('}'))) return {};
    text = rest.substr(braces ? 1 : 0);
    return name;
  }

  static bool is_name_rune(char32_t code) {
    static const RuneSet runes = [] {
      RuneSet out = *unicode_class("L");
      out.add(*unicode_class("Nd"));
      out.add(RuneSet::of('_'));
      return out;
    }();
    return runes.contains(code);
  }

  Span find_group(std::string_view name, const Groups& groups) const {
    if (std::optional<std::size_t> number = number_of(name))
      return *number < groups.size() ? groups[*number] : Span();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      bool is_found = regex_.group_names[i] == name && groups[i].start != std::string_view::npos;
      if (is_found) return groups[i];
    }
    return Span();
  }

  /// A number without leading zeros, of up to nine digits as Go's.
  static std::optional<std::size_t> number_of(std::string_view name) {
    constexpr std::size_t most_digits = 9;
    bool is_number = name.find_first_not_of("0123456789") == std::string_view::npos;
    if (!is_number || name.size() > most_digits || (name.size() > 1 && name[0] == '0'))
      return std::nullopt;
    return std::stoul(std::string(name));
  }

  std::string_view text_;
  const CompiledRegex& regex_;
};

Value replace(Call& call) {
  if (!call.has_strings(3)) return Value();
  const CompiledRegex* regex = pattern_at(call, 1);
  if (!regex) return Value();
  PatternSubject subject(call[0].as_string());
  Template replacement(call[2].as_string(), *regex);
  std::string out;
  std::size_t done = 0;
  Matches(*regex, subject, call).each(-1, [&](const Groups& groups) {
    out += subject.part(done, groups[0].start);
    replacement.expand(out, subject, groups);
    done = groups[0].end;
  });
  out += subject.part(done, subject.seen().size());
  return call.text(out);
}

/// The pattern that means a text and nothing else.
void append_quoted_pattern(std::string& out, std::string_view text) {
  for (char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
}

/// A template's pattern, and what is wrong with it. Text between the delimiters is a pattern;
/// delimiters nest.
struct TemplatePattern {
  std::string pattern = "^", error;
};

TemplatePattern pattern_of_template(std::string_view text, char open, char close) {
  TemplatePattern out;
  int depth = 0;
  std::size_t start = 0;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < text.size() && depth >= 0; ++i) {
    bool opens = text[i] == open && depth++ == 0;
    bool closes = text[i] == close && text[i] != open && --depth == 0;
    if (opens) append_quoted_pattern(out.pattern, text.substr(start, i - start));
    if (closes) {
      parts.emplace_back(text.substr(start, i - start));
      out.pattern += "(" + parts.back() + ")";
    }
    if (opens || closes) start = i + 1;
  }
  if (depth != 0) {
    out.error = "unbalanced braces in ";
    append_go_quoted(out.error, text);
    return out;
  }
  append_quoted_pattern(out.pattern, text.substr(start));
  out.pattern += '$';
  for (const std::string& part : parts) {
    if (out.error.empty()) out.error = compile("^" + part + "$").error;
  }
  return out;
}

Value template_match(Call& call) {
  if (!call.has_strings(4)) return Value();
  for (std::size_t i : {2U, 3U}) {
    if (call[i].size() == 1) continue;
    // OPA reports the start's length in either case.
    return call.fail(std::string(i == 2 ? "start" : "end") +
                     " delimiter has to be exactly one character long but is " +
                     std::to_string(call[2].size()) + " long");
  }
  TemplatePattern made =
      pattern_of_template(call[0].as_string(), call[2].as_string()[0], call[3].as_string()[0]);
  if (!made.error.empty()) return call.fail(made.error);
  const CompiledRegex& regex = compiled(made.pattern);
  if (!regex.re2) return call.fail(regex.error);
  return Value::boolean(matches(regex, call[1].as_string()));
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

bool is_regex(std::string_view pattern) { return translate_go_regex(pattern).error.empty(); }

std::optional<bool> matches_regex(std::string_view pattern, std::string_view text) {
  const CompiledRegex& regex = compiled(pattern);
  if (!regex.re2) return std::nullopt;
  return matches(regex, text);
}

std::span<const Builtin> regex_builtins() { return table; }

}  // namespace lictor::builtins
