// YAML text → JSON text, over yaml-cpp, which leaves scalars to us. The only file that includes it.
// Scalars without quotes: null, booleans, integers in four bases (also with underscores) and
// floats, as Go's yaml.v3 has them; what is written is what Go's encoding/json would write.
// INVARIANT: aliases cannot make the output larger than most_bytes(), nor endless.
#include "json/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "json/write.hpp"
#include "lictor/yaml.hpp"
#include "value/number.hpp"

namespace lictor {
namespace {

constexpr int most_depth = 1000;

/// What a text may grow to by its aliases.
std::size_t most_bytes(std::size_t text_size) { return (std::size_t{4} << 20) + 100 * text_size; }

struct Refused {
  std::string message;
  YAML::Mark mark;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// As Go's encoding/json spells a float64.
std::string float_text(double value) {
  Decimal decimal = shortest_decimal(value);
  int exponent = decimal.digits.empty() ? 0 : decimal.point - 1;
  bool exponential = exponent < -6 || exponent >= 21;
  std::string out = format_decimal(decimal, exponential ? 'e' : 'f', -1, true);
  std::size_t e = out.find('e');
  bool padded =
      e != std::string::npos && out.size() == e + 4 && out[e + 1] == '-' && out[e + 2] == '0';
  if (padded) out.erase(e + 2, 1);
  return out;
}

/// Digits in one of Go's bases: 0x, 0b, 0o, a leading 0 for octal. Nothing for what is none, or
/// does not fit 64 bits.
std::optional<std::string> integer_text(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  unsigned base = 10;
  auto prefix = [&](char small, char large) {
    return text.size() > 2 && text[0] == '0' && (text[1] == small || text[1] == large);
  };
  if (prefix('x', 'X'))
    base = 16;
  else if (prefix('b', 'B'))
    base = 2;
  else if (prefix('o', 'O'))
    base = 8;
  if (base != 10) {
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  unsigned __int128 value = 0;
  for (char c : text) {
    unsigned digit =
        is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
    if (value > UINT64_MAX) return std::nullopt;
  }
  bool fits = !text.empty() && (!negative || value <= static_cast<unsigned __int128>(1) << 63);
  if (!fits) return std::nullopt;
  std::string digits = std::to_string(static_cast<std::uint64_t>(value));
  return negative && value != 0 ? "-" + digits : digits;
}

/// [-+]? ( .digits | digits [ . digits? ] ) [ e [-+]? digits ]
bool is_float(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  std::size_t whole = 0, fraction = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) ++whole;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i) ++fraction;
  }
  if (whole + fraction == 0) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  if (++i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  std::size_t first = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i == text.size() && i > first;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

/// What a scalar without quotes is as JSON; nothing if it is a string.
std::optional<std::string> resolve(const std::string& text, YAML::Mark mark) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return "null";
  if (is_one_of(text, {"true", "True", "TRUE"})) return "true";
  if (is_one_of(text, {"false", "False", "FALSE"})) return "false";
  if (is_one_of(text, {".nan", ".NaN", ".NAN"}))
    throw Refused{"json: unsupported value: NaN", mark};
  if (is_one_of(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"}))
    throw Refused{"json: unsupported value: +Inf", mark};
  if (is_one_of(text, {"-.inf", "-.Inf", "-.INF"}))
    throw Refused{"json: unsupported value: -Inf", mark};
  if (!is_digit(text[0]) && std::string_view("+-.").find(text[0]) == std::string_view::npos)
    return std::nullopt;
  std::string plain = text;
  std::erase(plain, '_');
  if (auto integer = integer_text(plain)) return integer;
  if (!is_float(plain)) return std::nullopt;
  double value = std::strtod(plain.c_str(), nullptr);
  if (!std::isfinite(value)) return std::nullopt;
  return float_text(value);
}

class Converter {
 public:
  explicit Converter(std::size_t text_size) : most_bytes_(most_bytes(text_size)) {}

  std::string run(const YAML::Node& root) {
    value(root, 0);
    return std::move(out_);
  }

 private:
  /// The JSON of a scalar, which is a string unless it resolves to something else.
  static std::string scalar(const YAML::Node& node) {
    const std::string& tag = node.Tag();
    bool typed = is_one_of(tag, {"?", "", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float",
                                 "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"});
    if (typed) {
      if (auto resolved = resolve(node.Scalar(), node.Mark())) return *resolved;
    }
    std::string out;
    json::append_quoted(out, node.Scalar(), false);
    return out;
  }

  void value(const YAML::Node& node, int depth) {
    if (depth > most_depth)
      throw Refused{"yaml: nested too deeply, or an anchor contains itself", node.Mark()};
    if (out_.size() > most_bytes_)
      throw Refused{"yaml: document contains excessive aliasing", node.Mark()};
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        out_ += "null";
        return;
      case YAML::NodeType::Scalar:
        out_ += scalar(node);
        return;
      case YAML::NodeType::Sequence: {
        char separator = '[';
        for (const YAML::Node& item : node) {
          out_ += std::exchange(separator, ',');
          value(item, depth + 1);
        }
        out_ += node.size() == 0 ? "[]" : "]";
        return;
      }
      case YAML::NodeType::Map:
        out_ += '{';
        members(node, depth);
        out_ += '}';
    }
  }

  /// Members that are merged in stand first, since the reader of JSON takes the last of a key.
  void members(const YAML::Node& map, int depth) {
    if (depth > most_depth)
      throw Refused{"yaml: nested too deeply, or an anchor contains itself", map.Mark()};
    for (const auto& member : map) {
      if (is_merge(member.first)) merge(member.second, depth + 1);
    }
    for (const auto& member : map) {
      if (is_merge(member.first)) continue;
      if (out_.back() != '{') out_ += ',';
      out_ += key(member.first) + ":";
      value(member.second, depth + 1);
    }
  }

  static bool is_merge(const YAML::Node& key) {
    return key.IsScalar() && key.Tag() == "?" && key.Scalar() == "<<";
  }

  /// Of several maps the first one counts.
  void merge(const YAML::Node& node, int depth) {
    if (node.IsMap()) return members(node, depth);
    if (!node.IsSequence())
      throw Refused{"yaml: map merge requires map or sequence of maps as the value", node.Mark()};
    for (std::size_t i = node.size(); i-- > 0;) {
      if (!node[i].IsMap())
        throw Refused{"yaml: map merge requires map or sequence of maps as the value", node.Mark()};
      members(node[i], depth);
    }
  }

  static std::string key(const YAML::Node& node) {
    if (!node.IsScalar()) throw Refused{"yaml: invalid map key", node.Mark()};
    std::string text = scalar(node);
    if (text == "null") throw Refused{"unsupported map key of type: null", node.Mark()};
    return text[0] == '"' ? text : "\"" + text + "\"";
  }

  std::size_t most_bytes_;
  std::string out_;
};

/// libyaml's words for the commonest mistakes.
std::string words_of(const std::string& message) {
  if (message == "end of sequence flow not found") return "did not find expected ',' or ']'";
  if (message == "end of map flow not found") return "did not find expected ',' or '}'";
  if (message == "end of map not found") return "did not find expected key";
  if (message == "illegal map value") return "mapping values are not allowed in this context";
  // What yaml-cpp says where brackets or indentation go too deep.
  if (message == "bad file") return "nested too deeply";
  return message;
}

/// yaml-cpp starts a document where the one before cannot go on; YAML wants a line "---" between.
void expect_marker(std::string_view yaml, const YAML::Mark& before, const YAML::Mark& mark) {
  if (before.pos < 0 || mark.pos < before.pos) return;
  // An empty document stands where its marker ends.
  auto from = static_cast<std::size_t>(std::max(before.pos - 1, 0)),
       to = static_cast<std::size_t>(mark.pos);
  if (yaml.substr(0, to).find("\n---", from) == std::string_view::npos)
    throw Refused{
        "yaml: line " + std::to_string(mark.line) + ": did not find expected <document start>",
        mark};
}

Error failure(std::string message, const YAML::Mark& mark) {
  Error out{ErrorCode::input, std::move(message), {}, 0, 0, {}, {}};
  if (mark.line < 0) return out;
  out.row = static_cast<std::uint32_t>(mark.line) + 1;
  out.col = static_cast<std::uint32_t>(mark.column) + 1;
  return out;
}

}  // namespace

bool is_yaml_scalar(const std::string& text) {
  try {
    return resolve(text, {}).has_value();
  } catch (const Refused&) {
    return true;
  }
}

Result<std::string> yaml_to_json(std::string_view yaml) {
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    for (std::size_t i = 1; i < documents.size(); ++i)
      expect_marker(yaml, documents[i - 1].Mark(), documents[i].Mark());
    return documents.empty() ? "null" : Converter(yaml.size()).run(documents[0]);
  } catch (const Refused& refused) {
    return failure(refused.message, refused.mark);
  } catch (const YAML::Exception& error) {
    // libyaml counts from 0 where its parser fails, and from 1 where its scanner does; the end
    // stands on a line of its own.
    std::string words = words_of(error.msg);
    bool scanned = !words.starts_with("did not find expected") && error.mark.line > 0;
    bool behind = !scanned && !yaml.ends_with('\n') &&
                  error.mark.line == std::count(yaml.begin(), yaml.end(), '\n');
    int line = error.mark.line + (scanned ? 1 : 0) + (behind ? 1 : 0);
    std::string where = line <= 0 ? "" : "line " + std::to_string(line) + ": ";
    return failure("yaml: " + where + words, error.mark);
  }
}

}  // namespace lictor
