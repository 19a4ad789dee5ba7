// sprintf with Go's verbs and template strings. Integers format as Go's int64 or big.Int, other
// numbers as float64, strings as strings, and all else as a string of Rego's notation. Source: OPA
// v1/topdown/strings.go.
#include <algorithm>
#include <cmath>

#include "base/unicode.hpp"
#include "builtins/families.hpp"
#include "builtins/go_format.hpp"

namespace lictor::builtins {
namespace {

struct Verb {
  bool plus = false, minus = false, sharp = false, space = false, zero = false;
  int width = -1, precision = -1;
  char32_t letter = 0;
};

/// Fills up to the width; zeros stand to the left, behind the sign of a number.
std::string pad(const std::string& text, const Verb& verb, bool zeros = true, bool number = false) {
  if (verb.width < 0) return text;
  auto length = static_cast<int>(count_runes(text));
  if (length >= verb.width) return text;
  bool zero = verb.zero && zeros && !verb.minus;
  std::string fill(static_cast<std::size_t>(verb.width - length), zero ? '0' : ' ');
  if (verb.minus) return text + fill;
  bool sign = zero && number && std::string_view("+- ").find(text[0]) != std::string_view::npos;
  return sign ? text.substr(0, 1) + fill + text.substr(1) : fill + text;
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

/// %q: with a sharp sign in backquotes, where the text can stand in them.
std::string quote(std::string_view text, const Verb& verb) {
  std::u32string runes = to_runes(text);
  bool raw = valid_utf8(text) && std::all_of(runes.begin(), runes.end(), [](char32_t c) {
               return c != '`' && c != 0x7F && c != 0xFEFF && (c >= ' ' || c == '\t');
             });
  if (verb.sharp && verb.letter == 'q' && raw) return "`" + std::string(text) + "`";
  std::string out;
  append_go_quoted(out, text, '"', verb.plus);
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

/// The same flags with the letter v: how Go shows a value whose verb is wrong.
Verb plain(Verb verb) {
  verb.letter = 'v';
  return verb;
}

char32_t to_rune(const BigInt& value) {
  bool rune = value >= 0 && value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
  return rune ? static_cast<char32_t>(value) : replacement_rune;
}

std::string format_character(const BigInt& value, const Verb& verb) {
  std::string character;
  append_rune(character, to_rune(value));
  if (verb.letter == 'c') return pad(character, verb);
  if (verb.letter == 'q') {
    std::string out;
    append_go_quoted(out, character, '\'', verb.plus);
    return pad(out, verb);
  }
  std::string hex = in_base(value, 16, true);
  auto least = static_cast<std::size_t>(std::max(4, verb.precision));
  hex.insert(0, least - std::min(least, hex.size()), '0');
  bool shown = verb.sharp && value <= 0x10FFFF && is_printable(to_rune(value));
  return pad("U+" + hex + (shown ? " '" + character + "'" : ""), verb, false);
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
    case 'c':
    case 'q':
    case 'U':
      if (!big)
        return format_character(letter == 'U' && negative ? value + (BigInt(1) << 64) : value,
                                verb);
      [[fallthrough]];
    default:
      return big ? bad_verb(verb, "big.Int", value.str())
                 : bad_verb(verb, "int64", format_integer(value, false, plain(verb)));
  }
  std::string sign = with_sign("", negative, verb);
  if (verb.precision == 0 && value == 0) {
    Verb blank = verb;
    blank.zero = false;
    return pad(big ? sign : "", blank);
  }
  int least = verb.precision;
  if (least < 0 && verb.zero && !verb.minus) least = verb.width - static_cast<int>(sign.size());
  if (least > static_cast<int>(digits.size()))
    digits.insert(0, static_cast<std::size_t>(least) - digits.size(), '0');
  if (verb.sharp && (verb.letter == 'x' || verb.letter == 'X'))
    digits = std::string("0") + static_cast<char>(verb.letter) + digits;
  bool octal = letter == 'o' || (letter == 'O' && !big);
  if (verb.sharp && octal && digits[0] != '0') digits = "0" + digits;
  if (verb.sharp && letter == 'b') digits = "0b" + digits;
  if (letter == 'O') digits = "0o" + digits;
  return pad(sign + digits, verb, false);
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

/// %x of a float: 0x1.8p+01.
std::string hexadecimal_float(double value, int precision, bool upper) {
  constexpr int most_digits = 13;  // of a double's fraction
  char buffer[1200];
  int exponent = 0;
  double mantissa = 2 * std::frexp(std::fabs(value), &exponent);  // from 1 to 2, or 0
  if (precision < 0)
    std::snprintf(buffer, sizeof buffer, "%a", mantissa);
  else
    std::snprintf(buffer, sizeof buffer, "%.*a", std::min(precision, most_digits), mantissa);
  std::string out = buffer;
  out.resize(out.find('p'));
  if (precision > most_digits) out.append(static_cast<std::size_t>(precision - most_digits), '0');
  out += 'p';
  exponent = value == 0 ? 0 : exponent - 1;
  if (out[2] == '2') {  // rounded up; Go's mantissa begins with 1
    out[2] = '1';
    ++exponent;
  }
  std::string power = std::to_string(std::abs(exponent));
  out += (exponent < 0 ? "-" : "+") + std::string(power.size() < 2 ? "0" : "") + power;
  if (upper) {
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
  }
  return out;
}

/// %b of a float: its mantissa as an integer, and the exponent of two.
std::string binary_float(double value) {
  int exponent = 0;
  double fraction = std::frexp(std::fabs(value), &exponent);
  if (fraction == 0) return "0p-1074";
  int bits = std::min(53, exponent + 1074);
  auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, bits));
  exponent -= bits;
  return std::to_string(mantissa) + "p" + (exponent < 0 ? "" : "+") + std::to_string(exponent);
}

/// What a sharp sign adds to a float: the point, and zeros up to the precision.
std::string with_point(const std::string& number, char letter, int precision) {
  bool significant = letter == 'g' || letter == 'G' || letter == 'x';
  bool hexadecimal = letter == 'x' || letter == 'X';
  int digits = !significant ? 0 : precision < 0 ? 6 : precision;
  bool point = false, counts = false;
  std::size_t tail = number.size();
  for (std::size_t i = 0; i < number.size() && tail == number.size(); ++i) {
    char c = number[i];
    if (c == '.') {
      point = true;
    } else if (c == 'p' || c == 'P' || (!hexadecimal && (c == 'e' || c == 'E'))) {
      tail = i;
    } else {
      counts = counts || c != '0';
      if (counts) --digits;
    }
  }
  std::string out = number.substr(0, tail);
  if (!point) {
    if (out == "0") --digits;
    out += '.';
  }
  if (digits > 0) out.append(static_cast<std::size_t>(digits), '0');
  return out + number.substr(tail);
}

std::string format_float(double value, const Verb& verb) {
  char letter = static_cast<char>(verb.letter);
  if (letter == 'v') letter = 'g';
  if (letter == 'F') letter = 'f';
  if (std::string_view("eEfgGxXb").find(letter) == std::string_view::npos)
    return bad_verb(verb, "float64", format_float(value, plain(verb)));
  constexpr int most_digits = 767;  // of a double, exactly
  int precision = verb.precision;
  if (precision < 0 && (letter == 'e' || letter == 'E' || letter == 'f')) precision = 6;
  std::string digits;
  if (letter == 'x' || letter == 'X') {
    digits = hexadecimal_float(value, precision, letter == 'X');
  } else if (letter == 'b') {
    digits = binary_float(value);
  } else {
    Decimal decimal = precision < 0 ? shortest_decimal(value) : exact_decimal(value, most_digits);
    decimal.negative = false;
    bool shortest = (letter == 'g' || letter == 'G') && precision < 0;
    digits = format_decimal(decimal, letter, precision, shortest);
  }
  if (verb.sharp && letter != 'b') digits = with_point(digits, letter, precision);
  return pad(with_sign(digits, std::signbit(value), verb), verb, true, true);
}

/// %x of a string, of as many bytes as the precision says.
std::string hex_text(std::string_view text, const Verb& verb) {
  const char* digits = verb.letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  if (verb.precision >= 0) text = text.substr(0, static_cast<std::size_t>(verb.precision));
  const std::string prefix = verb.sharp ? std::string("0") + static_cast<char>(verb.letter) : "";
  std::string out;
  for (char c : text) {
    if (verb.space && !out.empty()) out += ' ';
    if (out.empty() || verb.space) out += prefix;
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string cut_to_precision(std::string_view text, const Verb& verb) {
  if (verb.precision < 0) return std::string(text);
  std::size_t at = 0;
  for (int runes = 0; runes < verb.precision && at < text.size(); ++runes)
    at += decode_rune(text, at).size;
  return std::string(text.substr(0, at));
}

std::string format_string(std::string_view text, const Verb& verb) {
  switch (verb.letter) {
    case 's':
      return pad(cut_to_precision(text, verb), verb);
    case 'v':
      return verb.sharp && !verb.plus ? pad(quote(cut_to_precision(text, verb), verb), verb)
                                      : pad(cut_to_precision(text, verb), verb);
    case 'q':
      return pad(quote(cut_to_precision(text, verb), verb), verb);
    case 'x':
    case 'X':
      return pad(hex_text(text, verb), verb);
    default: {
      Verb shown = plain(verb);
      shown.sharp = false;
      return bad_verb(verb, "string", format_string(text, shown));
    }
  }
}

std::string go_type(const Value& value) {
  if (!value.is(Kind::number)) return "string";
  std::string text = number_text(value);
  bool is_float = text.find_first_of(".eE") != std::string::npos;
  if (is_float) return std::isinf(to_double(value)) ? "string" : "float64";
  std::optional<BigInt> integer = to_big_int(value);
  return *integer > INT64_MAX || *integer < INT64_MIN ? "*big.Int" : "int64";
}

/// The fields of a big integer: its sign and its words of 64 bits, the lowest first.
std::string big_integer_fields(const BigInt& value, const Verb& verb) {
  bool as_code = verb.sharp, is_named = verb.plus || as_code;
  Verb part = plain(verb);
  part.plus = part.sharp = false;
  std::string words;
  for (BigInt rest = abs(value); rest != 0; rest >>= 64) {
    BigInt word = rest & UINT64_MAX;
    words += words.empty() ? "" : as_code ? ", " : " ";
    words += as_code ? "0x" + in_base(word, 16, false) : format_integer(word, false, part);
  }
  std::string sign = pad(value < 0 ? "true" : "false", part);
  if (as_code) return "&big.Int{neg:" + sign + ", abs:big.nat{" + words + "}}";
  return is_named ? "&{neg:" + sign + " abs:[" + words + "]}" : "&{" + sign + " [" + words + "]}";
}

std::string format_value(const Value& value, const Verb& verb) {
  if (verb.letter == 'w') {
    std::string type = go_type(value);
    return bad_verb(verb, type,
                    type == "*big.Int" ? big_integer_fields(*to_big_int(value), verb)
                                       : format_value(value, plain(verb)));
  }
  if (verb.letter == 'T') return pad(cut_to_precision(go_type(value), verb), verb);
  bool is_shown_number = verb.sharp && value.is(Kind::number) && go_type(value) != "string";
  if (verb.letter == 'v' && (verb.plus || is_shown_number)) {
    // With v these ask for a notation of structures, which nothing here has; big integers look at
    // the plus themselves.
    Verb bare = verb;
    bare.plus = verb.plus && go_type(value) == "*big.Int";
    if (bare.plus) return format_integer(*to_big_int(value), true, bare);
    bare.sharp = verb.sharp && !is_shown_number;
    return format_value(value, bare);
  }
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

/// The Go type of decoded JSON.
const char* json_type(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return "bool";
    case Kind::number:
      return "json.Number";
    case Kind::string:
      return "string";
    case Kind::array:
    case Kind::set:
      return "[]interface {}";
    case Kind::object:
      return "map[string]interface {}";
    default:
      return "<nil>";
  }
}

std::string type_of(const GoValue& value) {
  switch (value.form) {
    case GoValue::Form::json:
      return json_type(value.value);
    case GoValue::Form::integer:
      return "int";
    case GoValue::Form::real:
      return "float64";
    default:
      return go_type(value.value);
  }
}

std::string format_json(const Value& value, const Verb& verb);

/// The items of a collection, each in the verb's format, without commas.
std::string format_items(const Value& value, const Verb& verb) {
  std::string out;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    Member member;
    bool object = value.is(Kind::object);
    if (object) member = object_member(value, i);
    const Value& item = object ? member.value : value.items()[i];
    out += i == 0 ? "" : " ";
    if (object) out += format_json(member.key, verb) + ":";
    out += item.is(Kind::null_value) ? "<nil>" : format_json(item, verb);
  }
  return value.is(Kind::object) ? "map[" + out + "]" : "[" + out + "]";
}

std::string format_json(const Value& value, const Verb& verb) {
  if (value.is_collection()) return format_items(value, verb);
  if (verb.letter == 'T') return pad(cut_to_precision(json_type(value), verb), verb);
  bool text = value.is(Kind::string) || value.is(Kind::number);
  if (text) {
    std::string_view verbs = "vsxXq";
    bool known = verb.letter < 0x80 && verbs.find(static_cast<char>(verb.letter)) != verbs.npos;
    std::string shown =
        value.is(Kind::string) ? std::string(value.as_string()) : number_text(value);
    if (known) return format_string(shown, verb);
    return bad_verb(verb, json_type(value), format_string(shown, plain(verb)));
  }
  bool nil = !value.is(Kind::boolean);
  std::string shown = nil ? "<nil>" : value.as_boolean() ? "true" : "false";
  if (verb.letter == 'v' || (verb.letter == 't' && !nil)) return pad(shown, verb, false);
  return nil ? "%!" + letter_text(verb) + "(<nil>)"
             : bad_verb(verb, "bool", pad(shown, verb, false));
}

std::string format_value(const GoValue& value, const Verb& verb) {
  bool type = verb.letter == 'T';
  if (type) return pad(cut_to_precision(type_of(value), verb), verb);
  if (value.form == GoValue::Form::json) return format_json(value.value, verb);
  constexpr std::string_view verbs = "vdboOxXcqU";
  bool known = verb.letter < 0x80 && verbs.find(static_cast<char>(verb.letter)) != verbs.npos;
  if (value.form == GoValue::Form::integer && !known)
    return bad_verb(verb, "int", format_value(value.value, plain(verb)));
  if (value.form == GoValue::Form::real && value.value.is_integer())
    return format_float(static_cast<double>(value.value.as_integer()), verb);
  return format_value(value.value, verb);
}

/// The operands of sprintf.
struct RegoArguments {
  const Value& values;
  std::uint32_t size() const { return values.size(); }
  GoValue operator[](std::uint32_t i) const { return {values.items()[i], GoValue::Form::rego}; }
};

struct GoArguments {
  std::span<const GoValue> values;
  std::uint32_t size() const { return static_cast<std::uint32_t>(values.size()); }
  GoValue operator[](std::uint32_t i) const { return values[i]; }
};

/// Walks a format string as Go's doPrintf does.
template <typename Arguments>
class Formatter {
 public:
  Formatter(std::string_view format, Arguments args, std::string& out)
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

  static constexpr int largest_number = 1000000;

  /// Decimal digits, if any. Of a number with a digit too many, Go takes the whole rest of the
  /// format.
  std::optional<int> number() {
    if (peek() < '0' || peek() > '9') return std::nullopt;
    int out = 0;
    while (peek() >= '0' && peek() <= '9') {
      if (out > largest_number) {
        at_ = format_.size();
        return std::nullopt;
      }
      out = out * 10 + (format_[at_++] - '0');
    }
    return out;
  }

  /// "[n]" selects the argument to use next. False if there is none, or no number in it.
  bool argument_number() {
    if (peek() != '[') return false;
    reordered_ = true;
    std::size_t start = at_++;
    std::size_t close = format_.find(']', start);
    bool has_room = format_.size() - start >= 3;  // Go does not look at less
    if (!has_room || close == std::string_view::npos) {
      bad_index_ = true;
      return false;
    }
    std::optional<int> index = number();
    bool is_number = index && at_ == close;
    at_ = close + 1;
    if (is_number && *index >= 1 && *index <= static_cast<int>(args_.size()))
      next_ = static_cast<std::uint32_t>(*index - 1);
    else
      bad_index_ = true;
    return is_number;
  }

  /// The value of a "*", which is the next argument; nothing and a complaint if it is no number or
  /// too large.
  std::optional<int> star(const char* complaint) {
    ++at_;
    if (next_ < args_.size()) {
      GoValue given = args_[next_++];
      const Value& argument = given.value;
      bool is_integer = argument.is(Kind::number) && given.form != GoValue::Form::json &&
                        number_text(argument).find_first_of(".eE") == std::string::npos;
      std::int64_t number = largest_number + 1;
      if (is_integer) number = to_int64(argument).value_or(number);
      if (number >= -largest_number && number <= largest_number) return static_cast<int>(number);
    }
    out_ += complaint;
    return std::nullopt;
  }

  void width(Verb& verb) {
    if (peek() != '*') {
      std::optional<int> given = number();
      if (given && after_index_) bad_index_ = true;
      verb.width = given.value_or(-1);
      return;
    }
    std::optional<int> given = star("%!(BADWIDTH)");
    after_index_ = false;
    if (given.value_or(0) < 0) verb.minus = true;
    verb.width = given ? std::abs(*given) : -1;
  }

  void precision(Verb& verb) {
    if (at_ + 1 >= format_.size() || peek() != '.') return;
    ++at_;
    if (after_index_) bad_index_ = true;
    after_index_ = argument_number();
    if (peek() != '*') {
      verb.precision = number().value_or(0);
      return;
    }
    std::optional<int> given = star("%!(BADPREC)");
    after_index_ = false;
    if (given && *given < 0) out_ += "%!(BADPREC)";
    verb.precision = std::max(given.value_or(-1), -1);
  }

  void verb() {
    ++at_;
    Verb verb;
    bad_index_ = false;
    flags(verb);
    after_index_ = argument_number();
    width(verb);
    precision(verb);
    if (!after_index_) argument_number();
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
      out_ += format_value(args_[next_++], verb);
  }

  void extra() {
    out_ += "%!(EXTRA ";
    for (std::uint32_t i = next_; i < args_.size(); ++i) {
      if (i != next_) out_ += ", ";
      Verb plain;
      plain.letter = 'v';
      GoValue given = args_[i];
      bool nil = given.form == GoValue::Form::json && json_type(given.value)[0] == '<';
      out_ += nil ? "<nil>" : type_of(given) + "=" + format_value(given, plain);
    }
    out_ += ")";
  }

  std::string_view format_;
  Arguments args_;
  std::size_t at_ = 0;
  std::uint32_t next_ = 0;
  bool reordered_ = false;
  bool bad_index_ = false;    // of the verb that is read
  bool after_index_ = false;  // an argument number was read last
  std::string& out_;
};

Value sprintf_(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (!call.is(1, Kind::array)) return call.wrong_type(1, "array");
  std::string& out = call.environment.scratch;
  out.clear();
  Formatter<RegoArguments>(call[0].as_text(), {call[1]}, out).run();
  return call.text(out);
}

constexpr Builtin table[] = {
    {"sprintf", "(format: string, values: array[any]) => output: string", sprintf_},
};

}  // namespace

std::string go_sprintf(std::string_view format, std::span<const GoValue> values) {
  std::string out;
  Formatter<GoArguments>(format, {values}, out).run();
  return out;
}

std::string go_formatted(const GoValue& value, char verb) {
  Verb wanted;
  wanted.letter = static_cast<unsigned char>(verb);
  return format_value(value, wanted);
}

std::span<const Builtin> format_builtins() { return table; }

}  // namespace lictor::builtins
