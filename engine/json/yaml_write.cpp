// Values → YAML. Source: OPA v1/topdown/encoding.go (1.22.2) over Go's yaml.v3, of which the styles
// of scalars and the order of keys are kept.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/unicode.hpp"
#include "json/write.hpp"
#include "json/yaml.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::json {
namespace {

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char32_t c) { return (c | 0x20) - 'a' < 26 || c >= 0x80; }
bool is_line_break(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_printable(char32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E) || c == 0x85 || (c >= 0xA0 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

/// What no YAML text may hold and JSON does not escape.
bool is_forbidden(char32_t c) {
  return (c >= 0x7F && c < 0xA0 && c != 0x85) || c == 0xFFFE || c == 0xFFFF;
}

// ---- What was never a string to some reader of YAML ----

bool is_old_boolean(std::string_view text) {
  constexpr std::string_view words[] = {"y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
                                        "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

/// Takes a number of at least `least` and at most `most` digits off the front.
bool take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  while (count < text.size() && count < most && is_digit(static_cast<unsigned char>(text[count])))
    ++count;
  if (count < least) return false;
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// Hours, minutes and seconds: [-+]? digits (: [0-5]? digit)+ ( . digits )?
bool is_sexagesimal(std::string_view text) {
  if (!take(text, '-')) take(text, '+');
  if (!take_digits(text, 1, 1)) return false;
  while (!text.empty() && (is_digit(static_cast<unsigned char>(text[0])) || text[0] == '_'))
    text.remove_prefix(1);
  int parts = 0;
  for (; take(text, ':'); ++parts) {
    std::string_view before = text;
    if (!take_digits(text, 1, 2)) return false;
    if (before.size() - text.size() == 2 && before[0] > '5') return false;
  }
  if (take(text, '.'))
    text.remove_prefix(std::min(text.find_first_not_of("0123456789_"), text.size()));
  return parts > 0 && text.empty();
}

/// A day, perhaps with a time behind it.
bool is_timestamp(std::string_view text) {
  bool day = take_digits(text, 4, 4) && take(text, '-') && take_digits(text, 1, 2) &&
             take(text, '-') && take_digits(text, 1, 2);
  if (!day || text.empty()) return day;
  bool zoned = take(text, 'T') || take(text, 't');
  if (!zoned && !take(text, ' ')) return false;
  bool time = take_digits(text, 1, 2) && take(text, ':') && take_digits(text, 1, 2) &&
              take(text, ':') && take_digits(text, 1, 2);
  if (!time || (take(text, '.') && !take_digits(text, 1, 9))) return false;
  if (!zoned || take(text, 'Z')) return text.empty();
  return (take(text, '+') || take(text, '-')) && take_digits(text, 2, 2) && take(text, ':') &&
         take_digits(text, 2, 2) && text.empty();
}

bool is_ambiguous(const std::string& text) {
  return is_yaml_scalar(text) || is_old_boolean(text) || is_sexagesimal(text) || is_timestamp(text);
}

// ---- Styles ----

enum class Style { plain, single_quotes, double_quotes, literal };

/// What stands in a text that decides how it may be written.
struct Traits {
  bool breaks = false, indicator = false, special = false, tab = false;
  bool edge = false;         // a blank or a break at either end
  bool space_break = false;  // a blank in front of a break
  bool break_space = false;
  bool trailing_space = false;
};

bool starts_like_markup(std::u32string_view text) {
  bool blank_behind =
      text.size() == 1 || text[1] == ' ' || text[1] == '\t' || is_line_break(text[1]);
  if (text[0] == '-' || text[0] == '?' || text[0] == ':') return blank_behind;
  return std::u32string_view(U"#,[]{}&*!|>'\"%@`").find(text[0]) != std::u32string_view::npos;
}

Traits traits_of(std::u32string_view text) {
  Traits out;
  out.indicator = text.starts_with(U"---") || text.starts_with(U"...") || starts_like_markup(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i], before = i == 0 ? U'\n' : text[i - 1];
    bool last = i + 1 == text.size(), at_edge = i == 0 || last;
    bool blank_before = before == ' ' || before == '\t' || is_line_break(before);
    bool blank_behind =
        last || text[i + 1] == ' ' || text[i + 1] == '\t' || is_line_break(text[i + 1]);
    out.indicator |= i != 0 && ((c == ':' && blank_behind) || (c == '#' && blank_before));
    if (c == '\t')
      out.tab = true;
    else if (!is_printable(c) && !is_line_break(c))
      out.special = true;
    out.special |= c == '\r';
    if (c == ' ') {
      out.edge |= at_edge;
      out.trailing_space |= last;
      out.break_space |= i != 0 && is_line_break(before);
    } else if (is_line_break(c)) {
      out.breaks = true;
      out.edge |= at_edge;
      out.space_break |= i != 0 && before == ' ';
    }
  }
  return out;
}

Style style_of(const std::string& text, std::u32string_view runes, bool is_key) {
  if (text.empty()) return Style::double_quotes;
  Traits traits = traits_of(runes);
  if (text.find('\n') != std::string::npos) {
    bool literal = !is_key && !traits.trailing_space && !traits.space_break && !traits.special;
    return literal ? Style::literal : Style::double_quotes;
  }
  if (is_ambiguous(text) || traits.space_break || traits.tab || traits.special)
    return Style::double_quotes;
  if (!traits.edge && !traits.breaks && !traits.indicator) return Style::plain;
  return traits.break_space ? Style::double_quotes : Style::single_quotes;
}

// ---- Scalars ----

std::string double_quoted(std::u32string_view text) {
  constexpr std::pair<char32_t, char> short_names[] = {
      {0, '0'},     {7, 'a'},    {8, 'b'},    {'\t', 't'},   {'\n', 'n'},
      {11, 'v'},    {12, 'f'},   {'\r', 'r'}, {0x1B, 'e'},   {'"', '"'},
      {'\\', '\\'}, {0x85, 'N'}, {0xA0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
  std::string out = "\"";
  for (char32_t c : text) {
    bool as_it_is = is_printable(c) && !is_line_break(c) && c != '"' && c != '\\';
    if (as_it_is) {
      append_rune(out, c);
      continue;
    }
    out += '\\';
    auto known = std::find_if(std::begin(short_names), std::end(short_names),
                              [&](const auto& name) { return name.first == c; });
    if (known != std::end(short_names)) {
      out += known->second;
      continue;
    }
    int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
    out += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
      out += "0123456789ABCDEF"[(c >> shift) & 15];
  }
  return out + '"';
}

std::string single_quoted(std::u32string_view text, int indent) {
  std::string out = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    // What follows a break stands on a line of its own.
    if (i != 0 && is_line_break(text[i - 1]) && !is_line_break(text[i]))
      out.append(static_cast<std::size_t>(indent), ' ');
    if (text[i] == '\'') out += '\'';
    append_rune(out, text[i]);
  }
  return out + '\'';
}

std::string literal(std::u32string_view text, int indent) {
  std::string out = "|";
  if (text[0] == ' ' || is_line_break(text[0])) out += '2';
  if (!is_line_break(text.back()))
    out += '-';
  else if (text.size() == 1 || is_line_break(text[text.size() - 2]))
    out += '+';
  out += '\n';
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool starts_line = i == 0 || is_line_break(text[i - 1]);
    if (starts_line && !is_line_break(text[i])) out.append(static_cast<std::size_t>(indent), ' ');
    append_rune(out, text[i]);
  }
  return out;
}

/// Thrown with what is wrong.
struct Refused {
  std::string message;
};

std::string yaml_number(const Value& number) {
  if (number.is_integer()) return std::to_string(number.as_integer());
  std::string text(number.as_text());
  if (text == "-0") return "0";  // an integer to Go
  char* end = nullptr;
  errno = 0;
  unsigned long long whole = std::strtoull(text.c_str(), &end, 10);
  bool fits = text[0] != '-' && *end == '\0' && errno == 0;
  if (fits) return std::to_string(whole);
  double value = std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(value)) return text;
  return format_decimal(shortest_decimal(value), 'g', -1, true);
}

/// Numbers inside keys count, and letters stand behind other characters.
bool key_before(const std::u32string& a, const std::u32string& b) {
  bool digits = false;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) {
      digits = is_digit(a[i]);
      continue;
    }
    bool letter_a = is_letter(a[i]), letter_b = is_letter(b[i]);
    if (letter_a && letter_b) return a[i] < b[i];
    if (letter_a || letter_b) return digits ? letter_a : letter_b;
    std::uint64_t number_a = 0, number_b = 0;
    if (a[i] == '0' || b[i] == '0') {
      for (std::size_t j = i; j-- > 0 && is_digit(a[j]);) {
        if (a[j] == '0') continue;
        number_a = number_b = 1;
        break;
      }
    }
    std::size_t end_a = i, end_b = i;
    for (; end_a < a.size() && is_digit(a[end_a]); ++end_a)
      number_a = number_a * 10 + (a[end_a] - '0');
    for (; end_b < b.size() && is_digit(b[end_b]); ++end_b)
      number_b = number_b * 10 + (b[end_b] - '0');
    if (number_a != number_b) return number_a < number_b;
    return end_a != end_b ? end_a < end_b : a[i] < b[i];
  }
  return a.size() < b.size();
}

class Writer {
 public:
  std::string run(const Value& value) {
    node(value, 0, 2);
    if (!out_.ends_with('\n')) out_ += '\n';
    return std::move(out_);
  }

 private:
  struct Entry {
    std::string key;
    std::u32string runes;
    Value value;
  };

  static bool is_block(const Value& value) { return value.is_collection() && value.size() != 0; }

  void new_line(int indent) {
    if (!out_.ends_with('\n')) out_ += '\n';
    out_.append(static_cast<std::size_t>(indent), ' ');
  }

  /// A value from here on; its further lines stand at `indent`, those of a text at `text_indent`.
  void node(const Value& value, int indent, int text_indent) {
    switch (value.kind()) {
      case Kind::string:
        return text(std::string(value.as_string()), text_indent, false);
      case Kind::number:
        out_ += yaml_number(value);
        return;
      case Kind::boolean:
        out_ += value.as_boolean() ? "true" : "false";
        return;
      case Kind::object:
        return value.size() == 0 ? void(out_ += "{}") : mapping(value, indent);
      case Kind::array:
      case Kind::set:
        return value.size() == 0 ? void(out_ += "[]") : sequence(value, indent);
      default:
        out_ += "null";
    }
  }

  void text(const std::string& text, int indent, bool is_key) {
    std::u32string runes = to_runes(text);
    if (std::any_of(runes.begin(), runes.end(), is_forbidden))
      throw Refused{"yaml: control characters are not allowed"};
    switch (style_of(text, runes, is_key)) {
      case Style::plain:
        out_ += text;
        return;
      case Style::single_quotes:
        out_ += single_quoted(runes, indent);
        return;
      case Style::double_quotes:
        out_ += double_quoted(runes);
        return;
      case Style::literal:
        out_ += literal(runes, indent);
    }
  }

  void sequence(const Value& value, int indent) {
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (i != 0) new_line(indent);
      out_ += "- ";
      node(value.items()[i], indent + 2, indent + 2);
    }
  }

  static std::vector<Entry> entries_of(const Value& object) {
    std::vector<Entry> out;
    for (std::uint32_t i = 0; i < object.size(); ++i) {
      Member member = object_member(object, i);
      bool plain = member.key.is(Kind::string);
      std::string key = plain ? std::string(member.key.as_string()) : to_json(member.key, false);
      out.push_back({key, to_runes(key), member.value});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Entry& a, const Entry& b) { return key_before(a.runes, b.runes); });
    return out;
  }

  void mapping(const Value& object, int indent) {
    bool first = true;
    for (const Entry& entry : entries_of(object)) {
      if (!first) new_line(indent);
      first = false;
      bool breaks = std::any_of(entry.runes.begin(), entry.runes.end(), is_line_break);
      if (breaks || entry.key.size() > 128) {
        out_ += "? ";
        text(entry.key, indent + 2, false);
        new_line(indent);
        out_ += ": ";
      } else {
        text(entry.key, indent + 2, true);
        out_ += ':';
        if (is_block(entry.value))
          new_line(indent + 2);
        else
          out_ += ' ';
      }
      node(entry.value, indent + 2, indent + 2);
    }
  }

  std::string out_;
};

}  // namespace

Result<std::string> to_yaml(const Value& value) {
  try {
    return Writer().run(value);
  } catch (const Refused& refused) {
    return Error{ErrorCode::eval_builtin, refused.message, {}, 0, 0, {}, {}};
  }
}

}  // namespace lictor::json
