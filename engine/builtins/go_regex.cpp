// Reads Go's syntax from left to right and appends RE2's as it goes. An item that is repeated was
// appended last, so an operator follows it; only one that ends with an operator needs parentheses.
#include "builtins/go_regex.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "base/hex.hpp"
#include "base/letters.hpp"
#include "base/rune_set.hpp"
#include "base/unicode.hpp"

namespace lictor::builtins {
namespace {

/// Thrown with Go's words.
struct Wrong {
  std::string text;
};

[[noreturn]] void fail(std::string_view fault, std::string_view where) {
  throw Wrong{"error parsing regexp: " + std::string(fault) + ": `" + std::string(where) + "`"};
}

struct Flags {
  bool fold = false, multi_line = false, dot_all = false, lazy = false;
};

/// What Go limits, of a part of a pattern: the height of its tree, the instructions it needs, and
/// how often its innermost part is copied by nested repetitions.
struct Measure {
  std::int64_t height = 1, size = 1, copies = 1;
};

constexpr std::int64_t most_height = 1000, most_copies = 1000;
constexpr std::int64_t most_instructions = (128 << 20) / 40;

enum class Shape { literal, set, concatenation, alternation, other };

struct Item {
  std::size_t start = 0;  // in the output
  Shape shape = Shape::other;
  bool folded = false;        // of a literal
  bool has_operator = false;  // it ends with a repetition
  bool nullable = false;      // it can match the empty text
  Measure measure;
};

/// Measures of several items side by side, of which those of the same shape as the whole merge.
class Sequence {
 public:
  explicit Sequence(Shape whole) : whole_(whole) {}

  void add(const Item& item) {
    bool merges = item.shape == whole_;
    bool joins_literal = whole_ == Shape::concatenation && parts_ != 0 &&
                         last_.shape == Shape::literal && item.shape == Shape::literal &&
                         item.folded == last_.folded;
    all_single_ = all_single_ && item.measure.size == 1 &&
                  (item.shape == Shape::literal || item.shape == Shape::set);
    parts_ += joins_literal ? 0 : merges ? 2 : 1;
    height_ = std::max(height_, item.measure.height - (merges ? 1 : 0));
    size_ += item.measure.size;
    copies_ = std::max(copies_, item.measure.copies);
    all_nullable_ = all_nullable_ && item.nullable;
    any_nullable_ = any_nullable_ || item.nullable;
    last_ = item;
  }

  /// The whole as one item; a single item is itself.
  Item joined() const {
    Item out;
    out.nullable = whole_ == Shape::concatenation ? all_nullable_ : any_nullable_;
    if (parts_ == 0) return out;
    out.shape = last_.shape;
    out.folded = last_.folded;
    out.measure = last_.measure;
    out.measure.size = size_;
    if (parts_ == 1) return out;
    bool is_set = whole_ == Shape::alternation && all_single_;
    if (is_set) {
      out.shape = Shape::set;
      out.measure = Measure();
      return out;
    }
    out.shape = whole_;
    std::int64_t bars = whole_ == Shape::alternation ? parts_ - 1 : 0;
    out.measure = {height_ + 1, size_ + bars, copies_};
    return out;
  }

 private:
  Shape whole_;
  bool all_single_ = true;  // each item is one character or one class
  bool all_nullable_ = true, any_nullable_ = false;
  std::int64_t parts_ = 0, height_ = 0, size_ = 0, copies_ = 1;
  Item last_;
};

/// What is open: a parenthesis, or the whole pattern.
struct Group {
  std::size_t start = 0;  // of its parenthesis in the output
  bool captures = false;
  Flags flags;  // of the text around it
  Sequence items{Shape::concatenation};
  Sequence alternatives{Shape::alternation};
  std::optional<Item> last;  // not yet in items, as it may be repeated
};

struct NamedClass {
  std::string_view name;
  std::string_view ranges;  // pairs of ends
};

constexpr NamedClass posix_classes[] = {{"alnum", "09AZaz"},
                                        {"alpha", "AZaz"},
                                        {"ascii", {"\0\x7F", 2}},
                                        {"blank", "\t\t  "},
                                        {"cntrl", {"\0\x1F\x7F\x7F", 4}},
                                        {"digit", "09"},
                                        {"graph", "!~"},
                                        {"lower", "az"},
                                        {"print", " ~"},
                                        {"punct", "!/:@[`{~"},
                                        {"space", "\t\r  "},
                                        {"upper", "AZ"},
                                        {"word", "09AZ__az"},
                                        {"xdigit", "09AFaf"}};

constexpr NamedClass perl_classes[] = {{"d", "09"}, {"s", "\t\n\f\r  "}, {"w", "09AZ__az"}};

RuneSet set_of(std::string_view pairs) {
  std::vector<RuneRange> out;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
    out.push_back({static_cast<unsigned char>(pairs[i]), static_cast<unsigned char>(pairs[i + 1])});
  return RuneSet(std::move(out));
}

template <std::size_t size>
std::optional<RuneSet> find_class(const NamedClass (&classes)[size], std::string_view name) {
  for (const NamedClass& one : classes) {
    if (one.name == name) return set_of(one.ranges);
  }
  return std::nullopt;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern), rest_(pattern) {
    groups_.emplace_back();
    out_.group_names.emplace_back();
  }

  GoRegex run() {
    while (!rest_.empty()) {
      std::string_view repetition;  // of this step, from its operator to the end
      step(repetition);
      last_repetition_ = repetition;
    }
    finish_alternative();
    if (groups_.size() != 1) fail("missing closing )", pattern_);
    return std::move(out_);
  }

 private:
  void step(std::string_view& repetition) {
    switch (rest_[0]) {
      case '(':
        return open_group();
      case '|':
        return bar();
      case ')':
        return close_group();
      case '^':
        return skip_and_push(1, flags_.multi_line ? "(?m:^)" : "\\A");
      case '$':
        return skip_and_push(1, flags_.multi_line ? "(?m:$)" : "\\z");
      case '.':
        return any_character();
      case '[':
        return push_set(character_class());
      case '*':
      case '+':
      case '?':
        repetition = rest_;
        return repeat_by_sign();
      case '{':
        return repeat_by_count(repetition);
      case '\\':
        return escape();
      default:
        return push_literal(next_rune(rest_));
    }
  }

  // What is read.

  /// What has been read since `before`.
  std::string_view read_since(std::string_view before) const {
    return before.substr(0, before.size() - rest_.size());
  }

  static char32_t next_rune(std::string_view& text) {
    if (text.empty()) return replacement_rune;
    Rune rune = decode_rune(text, 0);
    if (!rune.valid) fail("invalid UTF-8", text);
    text.remove_prefix(rune.size);
    return rune.code;
  }

  static void check_utf8(std::string_view text) {
    while (!text.empty()) next_rune(text);
  }

  // What is written.

  void append_code(char32_t code) {
    bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    bool is_plain = code < 0x80 ? is_word(static_cast<char>(code)) : !is_surrogate;
    if (is_plain) return append_rune(out_.re2, code);
    std::array<char, 16> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\x{%X}", static_cast<unsigned>(code));
    out_.re2 += buffer.data();
  }

  void append_set(const RuneSet& set) {
    if (set.is_everything()) {
      out_.re2 += "(?s:.)";
      return;
    }
    bool negated = set.ranges().empty() || set.contains(last_rune);
    out_.re2 += negated ? "[^" : "[";
    const RuneSet shown = negated ? set.negated() : set;
    for (const RuneRange& range : shown.ranges()) {
      append_code(range.first);
      if (range.last == range.first) continue;
      out_.re2 += '-';
      append_code(range.last);
    }
    out_.re2 += ']';
  }

  Group& group() { return groups_.back(); }

  void check_limits(const Measure& measure) const {
    if (measure.size > most_instructions) fail("expression too large", pattern_);
    if (measure.height > most_height) fail("expression nests too deeply", pattern_);
  }

  void push(const Item& item) {
    check_limits(item.measure);
    settle();
    group().last = item;
  }

  /// Adds the last item to its group, as it cannot be repeated anymore.
  void settle() {
    if (group().last) group().items.add(*group().last);
    group().last.reset();
  }

  void skip_and_push(std::size_t size, std::string_view text) {
    rest_.remove_prefix(size);
    Item item;
    item.start = out_.re2.size();
    item.nullable = true;  // an assertion
    out_.re2 += text;
    push(item);
  }

  void push_literal(char32_t code) {
    Item item;
    item.start = out_.re2.size();
    item.shape = Shape::literal;
    item.folded = flags_.fold;
    if (flags_.fold && next_fold(code) != code)
      append_set(RuneSet::of(code).folded());
    else
      append_code(code);
    push(item);
  }

  void push_set(const RuneSet& set) {
    Item item;
    item.start = out_.re2.size();
    item.shape = Shape::set;
    append_set(set);
    push(item);
  }

  void any_character() {
    rest_.remove_prefix(1);
    push_set(flags_.dot_all ? RuneSet({{0, last_rune}}) : RuneSet::of('\n').negated());
  }

  // Groups.

  void begin_group(bool captures) {
    settle();
    Group group;
    group.start = out_.re2.size();
    group.captures = captures;
    group.flags = flags_;
    groups_.push_back(std::move(group));
    out_.re2 += captures ? "(" : "(?:";
  }

  void begin_capture(std::string_view name) {
    begin_group(true);
    out_.group_names.emplace_back(name);
  }

  void open_group() {
    if (rest_.starts_with("(?")) return open_perl_group();
    begin_capture({});
    rest_.remove_prefix(1);
  }

  void open_perl_group() {
    bool with_p = rest_.size() > 4 && rest_.substr(2, 2) == "P<";
    bool without_p = rest_.size() > 3 && rest_[2] == '<';
    if (with_p || without_p)
      named_group(with_p ? 4 : 3);
    else
      change_flags();
  }

  /// (?P<name>re) and (?<name>re).
  void named_group(std::size_t name_start) {
    std::size_t end = rest_.find('>');
    if (end == std::string_view::npos) {
      check_utf8(rest_);
      fail("invalid named capture", rest_);
    }
    std::string_view name = rest_.substr(name_start, end - name_start);
    check_utf8(name);
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_word))
      fail("invalid named capture", rest_.substr(0, end + 1));
    begin_capture(name);
    rest_.remove_prefix(end + 1);
  }

  /// (?flags) and (?flags:re).
  void change_flags() {
    std::string_view before = rest_;
    rest_.remove_prefix(2);
    Flags flags = flags_;
    bool on = true, seen = false;
    while (!rest_.empty()) {
      char32_t letter = next_rune(rest_);
      if (letter == ':' || letter == ')') {
        if (!on && !seen) break;
        if (letter == ':') begin_group(false);
        flags_ = flags;
        return;
      }
      if (letter == '-' && on) {
        on = seen = false;
        continue;
      }
      bool* flag = flag_of(flags, letter);
      if (flag == nullptr) break;
      *flag = on;
      seen = true;
    }
    fail("invalid or unsupported Perl syntax", read_since(before));
  }

  static bool* flag_of(Flags& flags, char32_t letter) {
    switch (letter) {
      case 'i':
        return &flags.fold;
      case 'm':
        return &flags.multi_line;
      case 's':
        return &flags.dot_all;
      case 'U':
        return &flags.lazy;
      default:
        return nullptr;
    }
  }

  void finish_alternative() {
    settle();
    Item items = group().items.joined();
    check_limits(items.measure);
    group().alternatives.add(items);
    check_limits(group().alternatives.joined().measure);
    group().items = Sequence(Shape::concatenation);
  }

  void bar() {
    finish_alternative();
    out_.re2 += '|';
    rest_.remove_prefix(1);
  }

  void close_group() {
    finish_alternative();
    if (groups_.size() == 1) fail("unexpected )", pattern_);
    Item item = group().alternatives.joined();
    item.start = group().start;
    item.has_operator = false;
    if (group().captures) {
      item.shape = Shape::other;
      ++item.measure.height;
      item.measure.size += 2;
    }
    flags_ = group().flags;
    groups_.pop_back();
    out_.re2 += ')';
    rest_.remove_prefix(1);
    push(item);
  }

  // Repetitions.

  struct Count {
    int least, most;  // most -1: no limit
  };

  void repeat_by_sign() {
    std::string_view before = rest_;
    char sign = rest_[0];
    rest_.remove_prefix(1);
    Item& item = repeat(before, std::string(1, sign), sign != '?');
    item.measure.size += sign == '*' ? 2 : 1;
    item.nullable = item.nullable || sign != '+';
    check_limits(item.measure);
  }

  /// Appends an operator to the last item. The body of a loop that can match the empty text becomes
  /// a group: elsewhere RE2 forgets, when it merges instructions, that the loop has been entered
  /// without a character since, and then matches more than Go does.
  Item& repeat(std::string_view before, const std::string& sign, bool is_loop) {
    bool lazy = flags_.lazy;
    if (rest_.starts_with('?')) {
      rest_.remove_prefix(1);
      lazy = !lazy;
    }
    if (!last_repetition_.empty())
      fail("invalid nested repetition operator", read_since(last_repetition_));
    if (!group().last) fail("missing argument to repetition operator", read_since(before));
    Item& item = *group().last;
    bool needs_group = is_loop && item.nullable;
    if (needs_group || item.has_operator) {
      out_.re2.insert(item.start, needs_group ? added_group() : "(?:");
      out_.re2 += ')';
    }
    out_.re2 += sign;
    if (lazy) out_.re2 += '?';
    item.shape = Shape::other;
    item.has_operator = true;
    ++item.measure.height;
    return item;
  }

  /// The start of a group that the pattern does not have. Only such groups have names.
  std::string added_group() { return "(?P<_" + std::to_string(added_groups_++) + ">"; }

  void repeat_by_count(std::string_view& repetition) {
    std::string_view before = rest_;
    std::optional<Count> count = read_count();
    if (!count) {
      rest_ = before;
      return push_literal(next_rune(rest_));
    }
    repetition = before;
    bool in_order = count->most < 0 || count->least <= count->most;
    if (count->least < 0 || count->least > most_copies || count->most > most_copies || !in_order)
      fail("invalid repeat count", read_since(before));
    std::string sign(before.substr(0, before.find('}') + 1));
    Item& item = repeat(before, sign, count->most < 0);
    item.nullable = item.nullable || count->least == 0;
    measure_copies(item.measure, *count);
    check_limits(item.measure);
    if (item.measure.copies > most_copies) fail("invalid repeat count", read_since(before));
  }

  static void measure_copies(Measure& measure, Count count) {
    int factor = count.most < 0 ? count.least : count.most;
    std::int64_t size = measure.size;
    if (count.most >= 0)
      measure.size = count.most * size + (count.most - count.least);
    else
      measure.size = count.least == 0 ? 2 + size : 1 + count.least * size;
    measure.size = std::max<std::int64_t>(measure.size, 1);
    measure.copies = count.most == 0 ? 1 : measure.copies * std::max(factor, 1);
  }

  /// {least}, {least,} or {least,most}; a number that is too large is -1.
  std::optional<Count> read_count() {
    rest_.remove_prefix(1);
    std::optional<int> least = read_number();
    if (!least) return std::nullopt;
    Count out{*least, *least};
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      out.most = -1;
      if (!rest_.starts_with('}')) {
        std::optional<int> most = read_number();
        if (!most) return std::nullopt;
        out.most = *most;
        if (*most < 0) out.least = -1;
      }
    }
    if (!rest_.starts_with('}')) return std::nullopt;
    rest_.remove_prefix(1);
    return out;
  }

  /// Digits without a leading zero.
  std::optional<int> read_number() {
    std::size_t size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (size == 0 || (size > 1 && rest_[0] == '0')) return std::nullopt;
    int number = 0;
    for (char digit : rest_.substr(0, size)) {
      if (number >= 100000000) number = -1;
      if (number >= 0) number = number * 10 + (digit - '0');
    }
    rest_.remove_prefix(size);
    return number;
  }

  // Escapes and classes.

  void escape() {
    switch (rest_.size() < 2 ? '\0' : rest_[1]) {
      case 'A':
      case 'b':
      case 'B':
      case 'z':
        return skip_and_push(2, rest_.substr(0, 2));
      case 'C':
        fail("invalid escape sequence", rest_.substr(0, 2));
      case 'Q':
        return quoted();
      default:
        break;
    }
    if (std::optional<RuneSet> set = class_escape()) return push_set(*set);
    push_literal(escaped_code());
  }

  /// \Q...\E.
  void quoted() {
    rest_.remove_prefix(2);
    std::size_t end = rest_.find("\\E");
    std::string_view text = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 2);
    while (!text.empty()) push_literal(next_rune(text));
  }

  RuneSet in_any_case(RuneSet set) const { return flags_.fold ? set.folded() : set; }

  /// \d, \pN and the like, if one is next.
  std::optional<RuneSet> class_escape() {
    if (rest_.size() < 2 || rest_[0] != '\\') return std::nullopt;
    char letter = rest_[1];
    if (letter == 'p' || letter == 'P') return unicode_escape();
    bool negated = letter >= 'A' && letter <= 'Z';
    char name = negated ? static_cast<char>(letter - 'A' + 'a') : letter;
    std::optional<RuneSet> set = find_class(perl_classes, {&name, 1});
    if (!set) return std::nullopt;
    rest_.remove_prefix(2);
    set = in_any_case(*set);
    return negated ? set->negated() : *set;
  }

  /// \pN, \p{Name} and \P{^Name}.
  RuneSet unicode_escape() {
    std::string_view before = rest_;
    bool negated = rest_[1] == 'P';
    rest_.remove_prefix(2);
    std::string_view name = rest_;
    bool braces = next_rune(rest_) == '{';
    name = name.substr(0, name.size() - rest_.size());
    if (braces) name = name_in_braces(before);
    std::string_view shown = name;
    if (shown.starts_with('^')) {
      negated = !negated;
      shown.remove_prefix(1);
    }
    std::optional<RuneSet> set = unicode_class(shown, flags_.fold);
    if (!set) fail("invalid character class range", read_since(before));
    return negated ? set->negated() : *set;
  }

  std::string_view name_in_braces(std::string_view before) {
    std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) {
      check_utf8(before);
      fail("invalid character class range", before);
    }
    std::string_view name = rest_.substr(0, end);
    check_utf8(name);
    rest_.remove_prefix(end + 1);
    return name;
  }

  /// The character that an escape means.
  char32_t escaped_code() {
    std::string_view before = rest_;
    rest_.remove_prefix(1);
    if (rest_.empty()) fail("trailing backslash at end of expression", "");
    char32_t letter = next_rune(rest_);
    std::optional<char32_t> code = code_of_escape(letter);
    if (!code) fail("invalid escape sequence", read_since(before));
    return *code;
  }

  std::optional<char32_t> code_of_escape(char32_t letter) {
    constexpr std::string_view letters = "afnrtv", controls = "\a\f\n\r\t\v";
    if (letter >= 0x80) return std::nullopt;
    char c = static_cast<char>(letter);
    if (std::size_t at = letters.find(c); at != std::string_view::npos)
      return static_cast<char32_t>(controls[at]);
    if (c >= '0' && c <= '7') return octal(letter - '0');
    if (c == 'x') return hexadecimal();
    if (is_word(c) && c != '_') return std::nullopt;
    return letter;
  }

  bool octal_digit_is_next() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; }

  /// Up to three digits; a single one but 0 is a reference to a group, which Go does not have.
  std::optional<char32_t> octal(char32_t code) {
    if (code != 0 && !octal_digit_is_next()) return std::nullopt;
    for (int digits = 1; digits < 3 && octal_digit_is_next(); ++digits) {
      code = code * 8 + static_cast<char32_t>(rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return code;
  }

  /// The value of the next character, or -1; the character is read in any case.
  int next_hex_digit() {
    char32_t code = next_rune(rest_);
    return code < 0x80 ? hex_digit(static_cast<char>(code)) : -1;
  }

  std::optional<char32_t> hexadecimal() {
    if (rest_.starts_with('{')) return hexadecimal_in_braces();
    if (rest_.empty()) return std::nullopt;
    int high = next_hex_digit(), low = next_hex_digit();
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char32_t>(high * 16 + low);
  }

  std::optional<char32_t> hexadecimal_in_braces() {
    rest_.remove_prefix(1);
    char32_t code = 0;
    for (bool first = true; !rest_.empty(); first = false) {
      if (rest_[0] == '}') {
        rest_.remove_prefix(1);
        return first ? std::nullopt : std::optional(code);
      }
      int digit = next_hex_digit();
      if (digit < 0) return std::nullopt;
      code = code * 16 + static_cast<char32_t>(digit);
      if (code > last_rune) return std::nullopt;
    }
    return std::nullopt;
  }

  static void append(std::vector<RuneRange>& to, const RuneSet& set) {
    to.insert(to.end(), set.ranges().begin(), set.ranges().end());
  }

  RuneSet character_class() {
    std::string_view before = rest_;
    rest_.remove_prefix(1);
    bool negated = rest_.starts_with('^');
    if (negated) rest_.remove_prefix(1);
    std::vector<RuneRange> characters, classes;
    for (bool first = true; first || rest_.empty() || rest_[0] != ']'; first = false) {
      if (std::optional<RuneSet> set = posix_class())
        append(classes, *set);
      else if (set = class_escape(); set)
        append(classes, *set);
      else
        characters.push_back(class_range(before));
    }
    rest_.remove_prefix(1);
    RuneSet out = in_any_case(RuneSet(std::move(characters)));
    out.add(RuneSet(std::move(classes)));
    return negated ? out.negated() : out;
  }

  /// [:name:] or [:^name:], if one is next.
  std::optional<RuneSet> posix_class() {
    if (rest_.size() < 3 || !rest_.starts_with("[:")) return std::nullopt;
    std::size_t end = rest_.find(":]", 2);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view whole = rest_.substr(0, end + 2), name = rest_.substr(2, end - 2);
    bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    std::optional<RuneSet> set = find_class(posix_classes, name);
    if (!set) fail("invalid character class range", whole);
    rest_.remove_prefix(whole.size());
    set = in_any_case(*set);
    return negated ? set->negated() : *set;
  }

  RuneRange class_range(std::string_view whole_class) {
    std::string_view before = rest_;
    char32_t first = class_character(whole_class);
    bool is_range = rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']';
    if (!is_range) return {first, first};
    rest_.remove_prefix(1);
    char32_t last = class_character(whole_class);
    if (last < first) fail("invalid character class range", read_since(before));
    return {first, last};
  }

  char32_t class_character(std::string_view whole_class) {
    if (rest_.empty()) fail("missing closing ]", whole_class);
    return rest_[0] == '\\' ? escaped_code() : next_rune(rest_);
  }

  std::string_view pattern_, rest_;
  std::string_view last_repetition_;
  std::size_t added_groups_ = 0;
  Flags flags_;
  std::vector<Group> groups_;
  GoRegex out_;
};

}  // namespace

GoRegex translate_go_regex(std::string_view pattern) {
  try {
    return Translator(pattern).run();
  } catch (const Wrong& wrong) {
    GoRegex out;
    out.error = wrong.text;
    return out;
  }
}

}  // namespace lictor::builtins
