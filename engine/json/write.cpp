// JSON and Rego text of values.
#include "json/write.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/copy_text.hpp"
#include "base/unicode.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::json {
namespace {

constexpr char hex[] = "0123456789abcdef";

void append_unicode_escape(std::string& out, unsigned code) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[(code >> shift) & 0xF];
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      append_unicode_escape(out, static_cast<unsigned char>(c));
  }
}

/// The bytes that may need an escape: E2 begins the two line separators of Unicode.
constexpr auto special_bytes = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < 0x20; ++c) out[c] = true;
  for (unsigned char c : {'"', '\\', '<', '>', '&'}) out[c] = true;
  out[0xE2] = true;
  return out;
}();

/// The first position from `at` on of a byte that may need an escape.
std::size_t plain_prefix(std::string_view text, std::size_t at) {
  while (at < text.size() && !special_bytes[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

#ifdef __SSE2__

/// True if none of the bytes may need an escape.
bool is_plain(__m128i bytes) {
  auto any = [](__m128i of, char wanted) { return _mm_cmpeq_epi8(of, _mm_set1_epi8(wanted)); };
  // The quote and the ampersand differ in one bit, and so do both angle brackets.
  __m128i quotes = any(_mm_or_si128(bytes, _mm_set1_epi8('"' ^ '&')), '&');
  __m128i brackets = any(_mm_or_si128(bytes, _mm_set1_epi8('<' ^ '>')), '>');
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  __m128i others = _mm_or_si128(any(bytes, '\\'), any(bytes, '\xE2'));
  return _mm_movemask_epi8(
             _mm_or_si128(_mm_or_si128(quotes, brackets), _mm_or_si128(control, others))) == 0;
}

__m128i both(std::uint64_t first, std::uint64_t last) {
  return _mm_set_epi64x(static_cast<std::int64_t>(last), static_cast<std::int64_t>(first));
}
__m128i both(std::uint32_t first, std::uint32_t last) {
  return _mm_set1_epi64x(static_cast<std::int64_t>(std::uint64_t{last} << 32 | first));
}

/// Copies the first and the last bytes of a text, which overlap; true if they are plain.
template <typename Word>
bool copy_both_ends(std::string_view text, char* to) {
  Word first, last;
  std::size_t at = text.size() - sizeof last;
  std::memcpy(&first, text.data(), sizeof first);
  std::memcpy(&last, text.data() + at, sizeof last);
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + at, &last, sizeof last);
  return is_plain(both(first, last));
}

bool copy_block(const char* from, char* to) {
  __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  return is_plain(bytes);
}

/// Copies a text in which nothing may need an escape. False for any other, of which some is copied.
bool copy_plain(std::string_view text, char* to) {
  if (text.size() < 4) {
    copy_text(text, to);
    return plain_prefix(text, 0) == text.size();
  }
  if (text.size() < 8) return copy_both_ends<std::uint32_t>(text, to);
  if (text.size() < 16) return copy_both_ends<std::uint64_t>(text, to);
  std::size_t last = text.size() - 16;
  for (std::size_t at = 0; at < last; at += 16) {
    if (!copy_block(text.data() + at, to + at)) return false;
  }
  return copy_block(text.data() + last, to + last);
}

#else

bool copy_plain(std::string_view text, char* to) {
  copy_text(text, to);
  return plain_prefix(text, 0) == text.size();
}

#endif

bool has_only_string_keys(const Value& object) {
  const Member* members = sorted_members(object);
  // Strings sort after null, booleans and numbers and before collections.
  return object.size() == 0 ||
         (members[0].key.is(Kind::string) && members[object.size() - 1].key.is(Kind::string));
}

/// Calls visit(key text, value) in the order in which JSON prints the members.
template <typename Visit>
void each_json_member(const Value& object, Visit visit) {
  const Member* members = sorted_members(object);
  if (has_only_string_keys(object)) {
    for (std::uint32_t i = 0; i < object.size(); ++i)
      visit(members[i].key.as_string(), members[i].value);
    return;
  }
  std::map<std::string, Value> texts;
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    const Value& key = members[i].key;
    texts[key.is(Kind::string) ? std::string(key.as_text()) : to_json(key, false)] =
        members[i].value;
  }
  for (const auto& [key, value] : texts) visit(std::string_view(key), value);
}

void new_line(std::string& out, int level) {
  out += '\n';
  out.append(static_cast<std::size_t>(level) * 2, ' ');
}

}  // namespace

void append_quoted(std::string& out, std::string_view text, bool escape_html) {
  out += '"';
  std::size_t start = 0;
  for (std::size_t i = plain_prefix(text, 0); i < text.size(); i = plain_prefix(text, i + 1)) {
    auto c = static_cast<unsigned char>(text[i]);
    bool html = escape_html && (c == '<' || c == '>' || c == '&');
    bool separator = c == 0xE2 && text.size() - i > 2 && text[i + 1] == '\x80' &&
                     (text[i + 2] == '\xA8' || text[i + 2] == '\xA9');
    if (c >= 0x20 && c != '"' && c != '\\' && !html && !separator) continue;
    out.append(text, start, i - start);
    if (html) {
      append_unicode_escape(out, c);
    } else if (separator) {
      append_unicode_escape(out, text[i + 2] == '\xA8' ? 0x2028 : 0x2029);
      i += 2;
    } else {
      append_escaped(out, text[i]);
    }
    start = i + 1;
  }
  out.append(text, start, text.size() - start);
  out += '"';
}

namespace {

/// Compact JSON, put together in a buffer: the string grows once for most texts, to their size.
/// Each function takes where to write and returns where to go on.
class Writer {
 public:
  Writer(std::string& out, bool escape_html) : out_(out), escape_html_(escape_html) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void write(const Value& value) { flush(this->value(buffer_, value)); }

 private:
  /// Each kind has a function of its own, so that scalars do not pay for what collections need.
  char* value(char* at, const Value& value) {
    switch (value.kind()) {
      case Kind::string:
        return quoted(at, value.as_string());
      case Kind::number:
        return number(at, value);
      case Kind::boolean:
        return value.as_boolean() ? word(at, "true") : word(at, "false");
      case Kind::object:
        return object(at, value);
      case Kind::array:
      case Kind::set:
        return items(at, value);
      case Kind::null_value:
      case Kind::undefined:
        break;
    }
    return word(at, "null");
  }

  template <std::size_t size>
  char* word(char* at, const char (&text)[size]) {
    at = with_room(at, size);
    std::memcpy(at, text, size - 1);
    return at + size - 1;
  }

  [[gnu::noinline]] char* flush(char* at) {
    out_.append(buffer_, static_cast<std::size_t>(at - buffer_));
    return buffer_;
  }

  /// Where so many bytes have room, which must be fewer than the buffer has.
  char* with_room(char* at, std::size_t size) {
    return at + size > buffer_ + sizeof buffer_ ? flush(at) : at;
  }

  char* put(char* at, char c) {
    at = with_room(at, 1);
    *at = c;
    return at + 1;
  }

  char* raw(char* at, std::string_view text) {
    if (text.size() > sizeof buffer_) {
      at = flush(at);
      out_.append(text);
      return at;
    }
    return copy_text(text, with_room(at, text.size()));
  }

  char* quoted(char* at, std::string_view text) {
    if (text.size() + 2 > sizeof buffer_) return escaped(at, text);
    at = with_room(at, text.size() + 2);
    if (!copy_plain(text, at + 1)) return escaped(at, text);
    *at = '"';
    at += text.size() + 1;
    *at = '"';
    return at + 1;
  }

  [[gnu::noinline]] char* escaped(char* at, std::string_view text) {
    std::string out;
    append_quoted(out, text, escape_html_);
    return raw(at, out);
  }

  [[gnu::noinline]] char* number(char* at, const Value& number) {
    if (!number.is_integer()) return raw(at, number.as_text());
    at = with_room(at, longest_integer);
    return std::to_chars(at, at + longest_integer, number.as_integer()).ptr;
  }

  [[gnu::noinline]] char* record(char* at, const Value& value, const Layout& layout) {
    const Member* members = value.as_object()->members;
    for (const Layout::Piece& piece : layout.pieces)
      at = this->value(raw(at, piece.before), members[piece.member].value);
    return raw(at, layout.after);
  }

  char* object(char* at, const Value& value) {
    const Object* body = value.as_object();
    if (body->is_record) return record(at, value, *static_cast<const RecordObject*>(body)->layout);
    return members(at, value);
  }

  [[gnu::noinline]] char* members(char* at, const Value& value) {
    bool first = true;
    at = put(at, '{');
    each_json_member(value, [&](std::string_view key, const Value& item) {
      if (!first) at = put(at, ',');
      first = false;
      at = this->value(put(quoted(at, key), ':'), item);
    });
    return put(at, '}');
  }

  [[gnu::noinline]] char* items(char* at, const Value& value) {
    if (value.size() == 0) return word(at, "[]");
    at = put(at, '[');
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (i != 0) at = put(at, ',');
      at = this->value(at, value.items()[i]);
    }
    return put(at, ']');
  }

  std::string& out_;
  bool escape_html_;
  char buffer_[1024];
};

bool append_scalar(std::string& out, const Value& value, bool escape_html) {
  if (value.is_collection()) return false;
  Writer(out, escape_html).write(value);
  return true;
}

}  // namespace

void append_json(std::string& out, const Value& value, bool escape_html) {
  Writer(out, escape_html).write(value);
}

void append_pretty(std::string& out, const Value& value, int level, bool escape_html) {
  if (append_scalar(out, value, escape_html)) return;
  bool is_object = value.is(Kind::object);
  if (value.size() == 0) {
    out += is_object ? "{}" : "[]";
    return;
  }
  bool first = true;
  auto next = [&] {
    if (!first) out += ',';
    first = false;
    new_line(out, level + 1);
  };
  out += is_object ? '{' : '[';
  if (is_object) {
    each_json_member(value, [&](std::string_view key, const Value& item) {
      next();
      append_quoted(out, key, escape_html);
      out += ": ";
      append_pretty(out, item, level + 1, escape_html);
    });
  } else {
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      next();
      append_pretty(out, value.items()[i], level + 1, escape_html);
    }
  }
  new_line(out, level);
  out += is_object ? '}' : ']';
}

void append_rego(std::string& out, const Value& value) {
  if (value.is(Kind::string)) return append_go_quoted(out, value.as_string());
  if (append_scalar(out, value, false)) return;
  if (value.is(Kind::set) && value.size() == 0) {
    out += "set()";
    return;
  }
  bool is_array = value.is(Kind::array);
  out += is_array ? '[' : '{';
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (i != 0) out += ", ";
    if (value.is(Kind::object)) {
      const Member& member = sorted_members(value)[i];
      append_rego(out, member.key);
      out += ": ";
      append_rego(out, member.value);
    } else {
      append_rego(out, value.items()[i]);
    }
  }
  out += is_array ? ']' : '}';
}

std::string to_json(const Value& value, bool escape_html) {
  std::string out;
  append_json(out, value, escape_html);
  return out;
}

std::string to_rego(const Value& value) {
  std::string out;
  append_rego(out, value);
  return out;
}

}  // namespace lictor::json
