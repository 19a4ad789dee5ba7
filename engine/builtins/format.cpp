// sprintf with Go's verbs and template strings. Integers format as Go's int64 or big.Int, other
// numbers as float64, strings as strings, and all else as a string of Rego's notation. Source: OPA
// v1/topdown/strings.go (1.22.2).
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/unicode.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

struct Verb {
  bool plus = false, minus = false, sharp = false, space = false, zero = false;
  int width = -1, precision = -1;
  char32_t letter = 0;
};

std::string pad(const std::string& text, const Verb& verb, bool zero_allowed) {
  if (verb.width < 0) return text;
  auto length = static_cast<int>(count_runes(text));
  if (length >= verb.width) return text;
  std::string fill(static_cast<std::size_t>(verb.width - length),
                   verb.zero && zero_allowed && !verb.minus ? '0' : ' ');
  if (verb.minus) return text + fill;
  if (verb.zero && zero_allowed && !text.empty() && (text[0] == '-' || text[0] == '+'))
    return text.substr(0, 1) + fill + text.substr(1);
  return fill + text;
}

std::string with_sign(std::string digits, bool negative, const Verb& verb) {
  if (negative) return "-" + digits;
  if (verb.plus) return "+" + digits;
  return verb.space ? " " + digits : digits;
}

std::string in_base(BigInt value, unsigned base, bool upper) {
  const std::string_view symbols = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    BigInt digit = value % base;
    out += symbols[static_cast<std::size_t>(digit)];
    value /= base;
  } while (value != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string quote(std::string_view text, bool sharp) {
  if (sharp && text.find('`') == std::string_view::npos) return "`" + std::string(text) + "`";
  std::string out;
  json::append_quoted(out, text, false);
  return out;
}

std::string letter_text(const Verb& verb) {
  std::string out;
  append_rune(out, verb.letter);
  return out;
}

std::string bad_verb(const Verb& verb, const std::string& type, const std::string& text) {
  return "%!" + letter_text(verb) + "(" + type + "=" + text + ")";
}

std::string format_integer(const BigInt& value, bool big, const Verb& verb) {
  bool negative = value < 0;
  BigInt magnitude = negative ? BigInt(-value) : value;
  std::string digits;
  char32_t letter = big && verb.letter == 's' ? U'd' : verb.letter;
  switch (letter) {
    case 'd':
    case 'v':
      digits = magnitude.str();
      break;
    case 'b':
      digits = in_base(magnitude, 2, false);
      break;
    case 'o':
    case 'O':
      digits = in_base(magnitude, 8, false);
      break;
    case 'x':
    case 'X':
      digits = in_base(magnitude, 16, verb.letter == 'X');
      break;
    case 'c': {
      std::string out;
      append_rune(out, magnitude > 0x10FFFF || negative ? replacement_rune
                                                        : static_cast<char32_t>(magnitude));
      return pad(out, verb, false);
    }
    case 'q': {
      std::string out = "'";
      append_rune(out, magnitude > 0x10FFFF || negative ? replacement_rune
                                                        : static_cast<char32_t>(magnitude));
      return pad(out + "'", verb, false);
    }
    case 'U': {
      std::string hex = in_base(magnitude, 16, true);
      return pad("U+" + std::string(hex.size() < 4 ? 4 - hex.size() : 0, '0') + hex, verb, false);
    }
    default:
      return bad_verb(verb, big ? "big.Int" : "int64", value.str());
  }
  if (verb.precision > static_cast<int>(digits.size()))
    digits.insert(0, static_cast<std::size_t>(verb.precision) - digits.size(), '0');
  if (verb.sharp && (verb.letter == 'x' || verb.letter == 'X'))
    digits = std::string("0") + static_cast<char>(verb.letter) + digits;
  if (verb.sharp && verb.letter == 'o') digits = "0" + digits;
  if (verb.sharp && verb.letter == 'b') digits = "0b" + digits;
  if (verb.letter == 'O') digits = "0o" + digits;
  return pad(with_sign(digits, negative, verb), verb, verb.precision < 0);
}

/// The digits of a double, rounded from its exact value.
Decimal exact_decimal(double value, int digits) {
  char buffer[1200];
  std::snprintf(buffer, sizeof buffer, "%.*e", digits, std::fabs(value));
  Decimal out;
  std::string_view text(buffer);
  std::size_t e = text.find('e');
  for (char c : text.substr(0, e)) {
    if (c != '.') out.digits += c;
  }
  out.point = std::atoi(buffer + e + 1) + 1;
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  return out;
}

std::string format_float(double value, const Verb& verb) {
  char letter = static_cast<char>(verb.letter);
  if (letter == 'v') letter = 'g';
  if (letter == 'F') letter = 'f';
  bool known = letter == 'e' || letter == 'E' || letter == 'f' || letter == 'g' || letter == 'G';
  int precision = verb.precision;
  if (!known) {
    Decimal decimal = shortest_decimal(value);
    return bad_verb(verb, "float64", format_decimal(decimal, 'g', -1, true));
  }
  if (precision < 0 && letter != 'g' && letter != 'G') precision = 6;
  Decimal decimal = precision < 0 ? shortest_decimal(value) : exact_decimal(value, 700);
  decimal.negative = false;
  std::string digits;
  if (letter == 'g' && precision < 0) {
    digits = format_decimal(decimal, 'g', -1, true);
  } else {
    digits = format_decimal(decimal, letter, precision, false);
  }
  return pad(with_sign(digits, std::signbit(value), verb), verb, true);
}

std::string hex_text(std::string_view text, const Verb& verb) {
  const char* digits = verb.letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (char c : text) {
    if (verb.space && !out.empty()) out += ' ';
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string format_string(std::string_view text, const Verb& verb) {
  if (verb.letter != 's' && verb.letter != 'v' && verb.letter != 'q' && verb.letter != 'x' &&
      verb.letter != 'X') {
    return bad_verb(verb, "string", std::string(text));
  }
  std::u32string runes = to_runes(text);
  std::string cut(text);
  if (verb.precision >= 0 && static_cast<std::size_t>(verb.precision) < runes.size()) {
    cut =
        from_runes(std::u32string_view(runes).substr(0, static_cast<std::size_t>(verb.precision)));
  }
  if (verb.letter == 'x' || verb.letter == 'X') return pad(hex_text(cut, verb), verb, false);
  if (verb.letter == 'q' || (verb.letter == 'v' && verb.sharp))
    return pad(quote(cut, verb.sharp && verb.letter == 'q'), verb, false);
  return pad(cut, verb, true);
}

std::string go_type(const Value& value) {
  if (!value.is(Kind::number)) return "string";
  std::string text = number_text(value);
  if (text.find_first_of(".eE") != std::string::npos) return "float64";
  return value.is_integer() ? "int64" : "*big.Int";
}

std::string format_value(const Value& value, const Verb& verb) {
  if (verb.letter == 'T') return pad(go_type(value), verb, false);
  if (value.is(Kind::string)) return format_string(value.as_text(), verb);
  if (!value.is(Kind::number)) return format_string(json::to_rego(value), verb);
  std::string text = number_text(value);
  if (text.find_first_of(".eE") != std::string::npos) {
    double number = to_double(value);
    return std::isinf(number) ? format_string(text, verb) : format_float(number, verb);
  }
  std::optional<BigInt> integer = to_big_int(value);
  return format_integer(*integer, *integer > INT64_MAX || *integer < INT64_MIN, verb);
}

/// Walks a format string as Go's doPrintf does.
class Formatter {
 public:
  Formatter(std::string_view format, const Value& args, std::string& out)
      : format_(format), args_(args), out_(out) {}

  void run() {
    while (at_ < format_.size()) {
      std::size_t percent = std::min(format_.find('%', at_), format_.size());
      out_ += format_.substr(at_, percent - at_);
      at_ = percent;
      if (at_ < format_.size()) verb();
    }
    if (!reordered_ && next_ < args_.size()) extra();
  }

 private:
  char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  void flags(Verb& verb) {
    for (;; ++at_) {
      switch (peek()) {
        case '+':
          verb.plus = true;
          break;
        case '-':
          verb.minus = true;
          break;
        case '#':
          verb.sharp = true;
          break;
        case ' ':
          verb.space = true;
          break;
        case '0':
          verb.zero = true;
          break;
        default:
          return;
      }
    }
  }

  int number() {
    if (peek() < '0' || peek() > '9') return -1;
    int out = 0;
    while (peek() >= '0' && peek() <= '9')
      out = std::min(out * 10 + (format_[at_++] - '0'), 1000000);
    return out;
  }

  /// "[n]" names the argument to use next.
  void argument_number() {
    if (peek() != '[') return;
    std::size_t close = format_.find(']', at_);
    if (close == std::string_view::npos) {
      bad_index_ = true;
      ++at_;
      return;
    }
    ++at_;
    int index = number();
    reordered_ = true;
    bad_index_ = at_ != close || index < 1 || index > static_cast<int>(args_.size());
    at_ = close + 1;
    if (!bad_index_) next_ = static_cast<std::uint32_t>(index - 1);
  }

  int star(const char* complaint) {
    ++at_;
    if (next_ < args_.size() && args_.items()[next_].is_integer()) {
      return static_cast<int>(args_.items()[next_++].as_integer());
    }
    if (next_ < args_.size()) ++next_;
    out_ += complaint;
    return -1;
  }

  void verb() {
    ++at_;
    Verb verb;
    bad_index_ = false;
    flags(verb);
    argument_number();
    if (peek() == '*') {
      verb.width = star("%!(BADWIDTH)");
      if (verb.width < -1) {
        verb.minus = true;
        verb.width = -verb.width;
      }
    } else {
      verb.width = number();
    }
    if (peek() == '.') {
      ++at_;
      argument_number();
      verb.precision = peek() == '*' ? star("%!(BADPREC)") : std::max(number(), 0);
    }
    argument_number();
    if (at_ == format_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    Rune rune = decode_rune(format_, at_);
    at_ += rune.size;
    verb.letter = rune.code;
    if (verb.letter == '%')
      out_ += '%';
    else if (bad_index_)
      out_ += "%!" + letter_text(verb) + "(BADINDEX)";
    else if (next_ >= args_.size())
      out_ += "%!" + letter_text(verb) + "(MISSING)";
    else
      out_ += format_value(args_.items()[next_++], verb);
  }

  void extra() {
    out_ += "%!(EXTRA ";
    for (std::uint32_t i = next_; i < args_.size(); ++i) {
      if (i != next_) out_ += ", ";
      Verb plain;
      plain.letter = 'v';
      out_ += go_type(args_.items()[i]) + "=" + format_value(args_.items()[i], plain);
    }
    out_ += ")";
  }

  std::string_view format_;
  const Value& args_;
  std::size_t at_ = 0;
  std::uint32_t next_ = 0;
  bool reordered_ = false;
  bool bad_index_ = false;
  std::string& out_;
};

/// %v, %s and %d without flags, each on a string or an int64: nearly all that policies use, written
/// straight to where the result lives. Undefined for all else.
Value sprintf_plain(Call& call) {
  constexpr std::size_t longest_integer = 20;
  std::string_view format = call[0].as_text();
  const Value* args = call[1].items();
  std::size_t room = format.size();
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    if (!args[i].is(Kind::string) && !args[i].is_integer()) return Value();
    room += args[i].is_integer() ? longest_integer : args[i].size();
  }
  char* first = call.arena.allocate<char>(room);
  char* out = first;
  std::size_t at = 0;
  for (std::uint32_t next = 0;; ++next) {
    std::size_t percent = std::min(format.find('%', at), format.size());
    out = std::copy_n(format.data() + at, percent - at, out);
    if (percent == format.size() && next == call[1].size())
      return Value::string({first, static_cast<std::size_t>(out - first)});
    if (percent + 1 >= format.size() || next == call[1].size()) return Value();
    char letter = format[percent + 1];
    if (letter != 'v' && letter != (args[next].is_integer() ? 'd' : 's')) return Value();
    if (args[next].is_integer()) {
      out = std::to_chars(out, out + longest_integer, args[next].as_integer()).ptr;
    } else {
      out = std::copy_n(args[next].as_text().data(), args[next].size(), out);
    }
    at = percent + 2;
  }
}

Value sprintf_(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (!call.is(1, Kind::array)) return call.wrong_type(1, "array");
  if (Value plain = sprintf_plain(call); !plain.is_undefined()) return plain;
  std::string& out = call.environment.scratch;
  out.clear();
  Formatter(call[0].as_text(), call[1], out).run();
  return call.text(out);
}

/// The parts of a template string: texts, and sets of at most one value.
Value template_string(Call& call) {
  std::string out;
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Value& part = call[0].items()[i];
    if (part.is(Kind::string)) {
      out += part.as_text();
    } else if (part.is(Kind::set)) {
      if (part.size() > 1) {
        call.failed = true;
        call.code = ErrorCode::eval_conflict;
        call.environment.message = "template-strings must not produce multiple outputs";
        return Value();
      }
      if (part.size() == 0)
        out += "<undefined>";
      else if (part.items()[0].is(Kind::string))
        out += part.items()[0].as_text();
      else
        json::append_rego(out, part.items()[0]);
    } else {
      json::append_rego(out, part);
    }
  }
  return call.text(out);
}

constexpr Builtin table[] = {
    {"sprintf", "(format: string, values: array[any]) => output: string", sprintf_},
    {"internal.template_string", "(array[any]) => string", template_string},
};

}  // namespace

std::span<const Builtin> format_builtins() { return table; }

}  // namespace lictor::builtins
