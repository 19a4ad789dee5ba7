#include "builtins/lenient_json.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/unicode.hpp"

namespace lictor::builtins {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// The beginning and the end of a long text.
std::string shortened(std::string_view text) {
  constexpr std::size_t most = 80, part = 40;
  if (text.size() <= most) return std::string(text);
  return std::string(text.substr(0, part)) + "..." + std::string(text.substr(text.size() - part));
}

bool equal_fold(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

/// Four hexadecimal digits, or -1.
int hex_code(std::string_view text) {
  if (text.size() < 4) return -1;
  int out = 0;
  for (char c : text.substr(0, 4)) {
    if (hex_digit(c) < 0) return -1;
    out = out * 16 + hex_digit(c);
  }
  return out;
}

/// The character of an escape that is one letter, or 0.
char plain_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

/// Takes what follows "\u"; an escape that is none stays as it is.
void take_code(std::string_view& text, std::string& out) {
  int code = hex_code(text);
  if (code < 0) {
    out += "\\u";
    return;
  }
  std::string_view digits = text.substr(0, 4);
  text.remove_prefix(4);
  if (code < 0xd800 || code > 0xdfff) return append_rune(out, static_cast<char32_t>(code));
  int low = text.starts_with("\\u") ? hex_code(text.substr(2)) : -1;
  if (low < 0) {
    out.append("\\u").append(digits);
    return;
  }
  text.remove_prefix(6);
  bool pair = code < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
  append_rune(out, pair ? static_cast<char32_t>(0x10000 + ((code - 0xd800) << 10) + low - 0xdc00)
                        : replacement_rune);
}

std::string unescaped(std::string_view text) {
  std::string out;
  while (true) {
    std::size_t slash = text.find('\\');
    out += text.substr(0, slash);
    if (slash == std::string_view::npos) return out;
    text.remove_prefix(slash + 1);
    if (text.empty()) return out;
    char c = text[0];
    text.remove_prefix(1);
    if (c == 'u') {
      take_code(text, out);
    } else if (char plain = plain_escape(c); plain != 0) {
      out += plain;
    } else {
      out.append("\\").append(1, c);
    }
  }
}

}  // namespace

LenientJson::LenientJson(std::string_view text) : rest_(text) {
  skip_space();
  if (!read_value(0)) {
    error_ = "cannot parse JSON: " + error_ + "; unparsed tail: " + in_quotes(shortened(rest_));
    return;
  }
  skip_space();
  if (!at_end()) error_ = "unexpected tail: " + in_quotes(shortened(rest_));
}

bool LenientJson::fail(const char* text) {
  error_ = text;
  return false;
}

void LenientJson::skip_space() {
  std::size_t first = rest_.find_first_not_of(" \n\t\r");
  rest_.remove_prefix(std::min(first, rest_.size()));
}

bool LenientJson::take(char c) {
  if (at_end() || rest_[0] != c) return false;
  rest_.remove_prefix(1);
  return true;
}

bool LenientJson::read_value(int depth) {
  constexpr int deepest = 300;
  if (at_end()) return fail("cannot parse empty string");
  if (depth == deepest) return fail("too big depth for the nested JSON; it exceeds 300");
  auto inside = [&](bool read, const char* what) {
    if (!read) error_ = "cannot parse " + std::string(what) + ": " + error_;
    return read;
  };
  if (take('{')) return inside(read_object(depth + 1), "object");
  if (take('[')) return inside(read_array(depth + 1), "array");
  if (take('"')) {
    if (!inside(read_string(text_), "string")) return false;
    kind_ = "string";
    return true;
  }
  if (rest_[0] == 't') return read_word("true", "true");
  if (rest_[0] == 'f') return read_word("false", "false");
  if (rest_[0] == 'n') return read_null();
  return inside(read_number(), "number");
}

bool LenientJson::read_word(std::string_view word, const char* kind) {
  if (!rest_.starts_with(word)) {
    error_ = "unexpected value found: " + in_quotes(rest_);
    return false;
  }
  rest_.remove_prefix(word.size());
  kind_ = kind;
  return true;
}

bool LenientJson::read_null() {
  if (rest_.starts_with("null") || !equal_fold(rest_, "nan")) return read_word("null", "null");
  rest_.remove_prefix(3);
  kind_ = "number";
  return true;
}

bool LenientJson::read_number() {
  kind_ = "number";
  std::size_t size = std::min(rest_.find_first_not_of("0123456789.-eE+"), rest_.size());
  std::string_view after = rest_.substr(size);
  bool sign = size == 1 && (rest_[0] == '-' || rest_[0] == '+');
  if (!after.empty() && (size == 0 || sign)) {
    if (!equal_fold(after, "inf") && !equal_fold(after, "nan")) {
      error_ = "unexpected char: " + in_quotes(rest_.substr(0, 1));
      return false;
    }
    size += 3;
  }
  rest_.remove_prefix(size);
  return true;
}

/// Ends behind the quote that closes the string.
bool LenientJson::read_string(std::string_view& out) {
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    if (rest_[i] == '\\') {
      ++i;
    } else if (rest_[i] == '"') {
      out = rest_.substr(0, i);
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  rest_ = {};
  return fail("missing closing '\"'");
}

bool LenientJson::read_array(int depth) {
  skip_space();
  if (at_end()) return fail("missing ']'");
  bool done = take(']');
  while (!done) {
    skip_space();
    if (!read_value(depth)) {
      error_ = "cannot parse array value: " + error_;
      return false;
    }
    skip_space();
    if (at_end()) return fail("unexpected end of array");
    done = take(']');
    if (!done && !take(',')) return fail("missing ',' after array value");
  }
  kind_ = "array";
  return true;
}

bool LenientJson::read_object(int depth) {
  skip_space();
  if (at_end()) return fail("missing '}'");
  bool done = take('}');
  while (!done) {
    skip_space();
    if (!take('"')) return fail("cannot find opening '\"\" for object key");
    std::string_view name;
    if (!read_string(name)) {
      error_ = "cannot parse object key: " + error_;
      return false;
    }
    skip_space();
    if (!take(':')) return fail("missing ':' after object key");
    skip_space();
    if (!read_value(depth)) {
      error_ = "cannot parse object value: " + error_;
      return false;
    }
    if (depth == 1) members_.push_back({name, text_, kind_});
    skip_space();
    if (at_end()) return fail("unexpected end of object");
    done = take('}');
    if (!done && !take(',')) return fail("missing ',' after object value");
  }
  kind_ = "object";
  return true;
}

const LenientJson::Member* LenientJson::find(std::string_view name) const {
  if (!error_.empty()) return nullptr;
  for (const Member& member : members_)
    if (member.name == name) return &member;
  for (const Member& member : members_)
    if (unescaped(member.name) == name) return &member;
  return nullptr;
}

std::optional<std::string> LenientJson::text_of(std::string_view name, std::string& wrong) const {
  const Member* member = find(name);
  std::string_view string_kind = "string";
  if (member && member->kind == string_kind) return unescaped(member->text);
  if (!error_.empty()) {
    wrong = error_;
  } else if (member == nullptr) {
    wrong = "jwsbb: header \"" + std::string(name) + "\" not found";
  } else {
    wrong = "value doesn't contain string; it contains " + std::string(member->kind);
  }
  return std::nullopt;
}

}  // namespace lictor::builtins
