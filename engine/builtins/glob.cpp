// Globs. Short ones of text, "?" and one kind of star, which most are, are matched as they stand;
// the others by translation to RE2, which matches them in linear time.
//
//   pattern = { text | "?" | "*" | "**" | class | "{" pattern { "," pattern } "}" }
//   class   = "[" [ "!" ] ( char "-" char | char { char } ) "]"
//
// "?" and "*" match no delimiter, "**" and classes do. A backslash takes the meaning off the next
// character, but for the first one of a class that a "-" follows.
// Source: OPA v1/topdown/glob.go over gobwas/glob 1.1.0.
#include <algorithm>

#include "base/unicode.hpp"
#include "builtins/families.hpp"
#include "builtins/pattern_cache.hpp"
#include "builtins/pattern_subject.hpp"

namespace lictor::builtins {
namespace {

struct SyntaxError {
  std::size_t offset;
  std::string reason;
};

std::string code_point(char32_t rune) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "\\x{%X}", static_cast<unsigned>(rune));
  return buffer;
}

class Translator {
 public:
  Translator(std::string_view pattern, std::string_view delimiters) : pattern_(pattern) {
    std::u32string runes = to_runes(delimiters);
    std::sort(runes.begin(), runes.end());
    runes.erase(std::unique(runes.begin(), runes.end()), runes.end());
    for (char32_t delimiter : runes) not_delimiter_ += code_point(delimiter);
    not_delimiter_ = delimiters.empty() ? "(?s:.)" : "[^" + not_delimiter_ + "]";
  }

  /// Throws a SyntaxError.
  std::string run() {
    std::string out;
    while (at_ < pattern_.size()) out += term();
    if (depth_ != 0) fail("unclosed `{`");
    return out;
  }

 private:
  [[noreturn]] void fail(std::string reason) const { throw SyntaxError{at_, std::move(reason)}; }

  bool next_is(char c) const { return at_ < pattern_.size() && pattern_[at_] == c; }

  /// Takes the next character of text. `at_end` is the fault where there is none, and also of a bad
  /// byte, unless it is empty.
  char32_t take(const char* at_end) {
    bool ended = at_ == pattern_.size();
    Rune rune = ended ? Rune{0, 0, false} : decode_rune(pattern_, at_);
    if (!rune.valid) fail(*at_end != 0 ? at_end : "invalid UTF-8 sequence");
    at_ += rune.size;
    return rune.code;
  }

  std::string term() {
    char32_t rune = take("");
    switch (rune) {
      case U'?':
        return not_delimiter_;
      case U'*':
        if (!next_is('*')) return not_delimiter_ + "*";
        ++at_;
        return "(?s:.)*";
      case U'[':
        return character_class();
      case U'{':
        ++depth_;
        return "(?:";
      case U',':
        return depth_ == 0 ? code_point(rune) : "|";
      case U'}':
        if (depth_ == 0) return code_point(rune);
        --depth_;
        return ")";
      case U'\\':
        return code_point(take("trailing backslash"));
      default:
        return code_point(rune);
    }
  }

  static constexpr const char* class_ends = "unexpected end of input";

  std::string character_class() {
    std::string out = "[";
    if (next_is('!')) {
      out += '^';
      ++at_;
    }
    std::size_t start = at_;
    char32_t first = take(class_ends);
    if (next_is('-')) {
      ++at_;
      return out + class_range(first, take(class_ends));
    }
    at_ = start;
    std::string set = class_set();
    close_class();
    if (set.empty()) fail("could not parse range");
    return out + set + "]";
  }

  void close_class() {
    if (take(class_ends) != U']') fail("expected close range character");
  }

  std::string class_range(char32_t low, char32_t high) {
    close_class();
    if (high < low) fail("range hi character is less than lo");
    return code_point(low) + "-" + code_point(high) + "]";
  }

  std::string class_set() {
    std::string out;
    while (!next_is(']')) {
      char32_t rune = take(class_ends);
      if (rune == U'\\') rune = take(class_ends);
      out += code_point(rune);
    }
    return out;
  }

  std::string_view pattern_;
  std::string not_delimiter_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

/// A pattern without classes, alternatives and escapes, between ASCII delimiters, with stars of one
/// kind. It is short, as its length times the text's is what matching may cost.
class SimpleGlob {
 public:
  SimpleGlob(std::string_view pattern, std::string_view delimiters)
      : pattern_(pattern), delimiters_(delimiters), wide_(pattern.find("**") != pattern.npos) {}

  bool is_simple() const {
    return pattern_.size() <= longest &&
           pattern_.find_first_of("[]{}\\") == std::string_view::npos && has_one_kind_of_star() &&
           is_ascii(delimiters_) && (is_ascii(pattern_) || valid_utf8(pattern_));
  }

  /// A star that took too little takes one byte more. Only the last star has to: an earlier "*"
  /// would come to the same delimiter, and an earlier "**" can leave all to a later one.
  bool matches(std::string_view text) const {
    std::size_t behind_star = std::string_view::npos, taken = 0;
    std::size_t p = 0, t = 0;
    for (;;) {
      if (p < pattern_.size() && pattern_[p] == '*') {
        p += wide_ ? 2 : 1;
        behind_star = p;
        taken = t;
        continue;
      }
      if (p == pattern_.size() && t == text.size()) return true;
      if (p < pattern_.size() && t < text.size()) {
        if (pattern_[p] == '?' && !is_delimiter(text[t])) {
          ++p;
          t += decode_rune(text, t).size;
          continue;
        }
        if (pattern_[p] == text[t] && pattern_[p] != '?') {
          ++p;
          ++t;
          continue;
        }
      }
      if (behind_star == std::string_view::npos || taken == text.size()) return false;
      if (!wide_ && is_delimiter(text[taken])) return false;
      p = behind_star;
      t = ++taken;
    }
  }

 private:
  static constexpr std::size_t longest = 256;

  bool has_one_kind_of_star() const {
    for (std::size_t at = pattern_.find('*'); at != std::string_view::npos;) {
      if ((pattern_.substr(at, 2) == "**") != wide_) return false;
      at = pattern_.find('*', at + (wide_ ? 2 : 1));
    }
    return true;
  }

  bool is_delimiter(char c) const { return delimiters_.find(c) != std::string_view::npos; }

  static bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  }

  std::string_view pattern_, delimiters_;
  bool wide_;  // the stars are "**"
};

struct CompiledGlob {
  std::unique_ptr<RE2> re2;  // null if it is too large
};

constexpr char end_of_delimiters = '\xFF';  // which is not UTF-8

/// The cache's key: the delimiters, their end, the pattern.
CompiledGlob compile(std::string_view key) {
  std::size_t end = key.find(end_of_delimiters);
  return {compile_re2(Translator(key.substr(end + 1), key.substr(0, end)).run())};
}

/// False after a failure. No delimiters stand for a point, null for none at all.
bool delimiters_of(Call& call, std::string& out) {
  if (call.is(1, Kind::null_value)) return true;
  if (!call.is(1, Kind::array)) {
    call.wrong_type(1, "one of {array, null}");
    return false;
  }
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    const Value& item = call[1].items()[i];
    bool rune = item.is(Kind::string) && count_runes(item.as_string()) == 1;
    if (!rune) {
      call.type_error(std::string("operand 2 must be array of ") +
                      (item.is(Kind::string) ? "rune" : "string") + "s but got array containing " +
                      kind_name(item.kind()));
      return false;
    }
    out += repair_utf8(item.as_string());
  }
  if (call[1].size() == 0) out = ".";
  return true;
}

Value match(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  std::string key;
  if (!delimiters_of(call, key)) return Value();
  if (!call.is(2, Kind::string)) return call.wrong_type(2, "string");
  if (SimpleGlob simple(call[0].as_string(), key); simple.is_simple())
    return Value::boolean(simple.matches(call[2].as_string()));
  key += end_of_delimiters;
  key += call[0].as_string();
  try {
    thread_local PatternCache<CompiledGlob> cache(compile);
    const CompiledGlob& pattern = cache.get(key);
    if (!pattern.re2) return call.fail("glob: pattern is too large");
    PatternSubject subject(call[2].as_string());
    return Value::boolean(RE2::FullMatch(subject.piece(), *pattern.re2));
  } catch (const SyntaxError& error) {
    return call.fail("glob: syntax error at " + std::to_string(error.offset) + ": " + error.reason);
  }
}

Value quote_meta(Call& call) {
  if (!call.has_strings(1)) return Value();
  std::string out;
  for (char c : call[0].as_string()) {
    if (std::string_view("*?\\[]{}").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return call.text(out);
}

constexpr Builtin table[] = {
    {"glob.match",
     "(pattern: string, delimiters: any<null, array[string]>, match: string) => result: boolean",
     match},
    {"glob.quote_meta", "(pattern: string) => output: string", quote_meta},
};

}  // namespace

std::span<const Builtin> glob_builtins() { return table; }

}  // namespace lictor::builtins
