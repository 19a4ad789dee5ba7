// Values → YAML. As OPA does, it reads the value's JSON as YAML first, and writes what was read.
// Source: OPA internal/yaml, and go-yaml v3.0.6, encode.go, emitterc.go and sorter.go, of
// which the styles of scalars and the order of keys are kept.
#include <algorithm>
#include <vector>

#include "base/digits.hpp"
#include "base/rune_set.hpp"
#include "base/unicode.hpp"
#include "json/write.hpp"
#include "json/yaml.hpp"
#include "json/yaml_decode.hpp"
#include "value/number.hpp"

namespace lictor {
namespace yaml {
namespace {

bool is_letter(char32_t c) {
  static const RuneSet letters = *unicode_class("L");
  return letters.contains(c);
}

bool is_line_break(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_printable(char32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
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

bool is_ambiguous(const std::string& text) {
  return is_yaml_scalar(text) || text == "<<" || is_old_boolean(text) || is_sexagesimal(text);
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
  // After a byte-order mark go-yaml escapes all.
  bool marked = text.starts_with(U'\uFEFF');
  for (char32_t c : text) {
    bool as_it_is = !marked && is_printable(c) && !is_line_break(c) && c != '"' && c != '\\';
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

std::string number_text(const Scalar& number) {
  if (number.kind == Scalar::Kind::integer) return std::to_string(number.integer);
  if (number.kind == Scalar::Kind::unsigned_integer) return std::to_string(number.unsigned_integer);
  return format_decimal(shortest_decimal(number.floating), 'g', -1, true);
}

/// Numbers inside keys count, and letters come after other characters.
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
    // Go's integers wrap around.
    if (number_a != number_b)
      return static_cast<std::int64_t>(number_a) < static_cast<std::int64_t>(number_b);
    return end_a != end_b ? end_a < end_b : a[i] < b[i];
  }
  return a.size() < b.size();
}

class Writer {
 public:
  std::string run(const Decoded& value) {
    node(value, 0, 2);
    end_line();
    return std::move(out_);
  }

 private:
  struct Entry {
    const std::string* key;
    std::u32string runes;
    const Decoded* value;
  };

  static bool is_block(const Decoded& value) {
    return !value.items.empty() || !value.members.empty();
  }

  void end_line() {
    bool ended = out_.ends_with('\n') || out_.ends_with("\u2028") || out_.ends_with("\u2029");
    if (!ended) out_ += '\n';
  }

  void new_line(int indent) {
    end_line();
    out_.append(static_cast<std::size_t>(indent), ' ');
  }

  /// A value from here on; its further lines are indented by `indent`, those of a text by
  /// `text_indent`.
  void node(const Decoded& value, int indent, int text_indent) {
    if (value.kind == Decoded::Kind::list)
      return value.items.empty() ? void(out_ += "[]") : sequence(value, indent);
    if (value.kind != Decoded::Kind::scalar)
      return value.members.empty() ? void(out_ += "{}") : mapping(value, indent);
    switch (value.scalar.kind) {
      case Scalar::Kind::null:
        out_ += "null";
        return;
      case Scalar::Kind::boolean:
        out_ += value.scalar.boolean ? "true" : "false";
        return;
      case Scalar::Kind::text:
        return text(value.scalar.text, to_runes(value.scalar.text), text_indent, false);
      default:
        out_ += number_text(value.scalar);
    }
  }

  void text(const std::string& text, const std::u32string& runes, int indent, bool is_key) {
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

  void sequence(const Decoded& value, int indent) {
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (i != 0) new_line(indent);
      out_ += "- ";
      node(value.items[i], indent + 2, indent + 2);
    }
  }

  static std::vector<Entry> entries_of(const Decoded& map) {
    std::vector<Entry> out;
    for (const auto& [key, value] : map.members)
      out.push_back({&key.scalar.text, to_runes(key.scalar.text), &value});
    std::stable_sort(out.begin(), out.end(),
                     [](const Entry& a, const Entry& b) { return key_before(a.runes, b.runes); });
    return out;
  }

  void mapping(const Decoded& map, int indent) {
    bool first = true;
    for (const Entry& entry : entries_of(map)) {
      if (!first) new_line(indent);
      first = false;
      bool breaks = std::any_of(entry.runes.begin(), entry.runes.end(), is_line_break);
      if (breaks || entry.key->size() > 128) {
        out_ += "? ";
        text(*entry.key, entry.runes, indent + 2, false);
        new_line(indent);
        out_ += ": ";
      } else {
        text(*entry.key, entry.runes, indent + 2, true);
        out_ += ':';
        if (is_block(*entry.value))
          new_line(indent + 2);
        else
          out_ += ' ';
      }
      node(*entry.value, indent + 2, indent + 2);
    }
  }

  std::string out_;
};

}  // namespace
}  // namespace yaml

Result<std::string> json::to_yaml(const Value& value) {
  try {
    std::string text = to_json(value);
    yaml::Parser parser(text);
    yaml::Decoder decoder;
    yaml::Decoded decoded;
    decoder.any(*parser.document(), decoded);
    return yaml::Writer().run(decoded);
  } catch (const yaml::Refused& refused) {
    return Error{ErrorCode::eval_builtin, refused.message, {}, 0, 0, {}, {}};
  }
}

}  // namespace lictor
