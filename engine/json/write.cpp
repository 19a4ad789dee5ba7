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

/// The first position from `at` on of a byte that may need an escape, 16 bytes at a time where the
/// machine can.
std::size_t plain_prefix(std::string_view text, std::size_t at) {
#ifdef __SSE2__
  auto any = [](__m128i bytes, char wanted) {
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted));
  };
  for (; at + 16 <= text.size(); at += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    __m128i special = _mm_or_si128(_mm_or_si128(any(bytes, '"'), any(bytes, '\\')),
                                   _mm_or_si128(any(bytes, '<'), any(bytes, '>')));
    __m128i other = _mm_or_si128(_mm_or_si128(any(bytes, '&'), any(bytes, '\xE2')), control);
    int mask = _mm_movemask_epi8(_mm_or_si128(special, other));
    if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  while (at < text.size() && !special_bytes[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

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

/// Copies a text and returns the end of the copy. Most texts are short: they are copied as two
/// words that overlap, without a call.
char* copy_text(std::string_view text, char* to) {
  auto two_words = [&](auto word) {
    auto last = word;
    std::memcpy(&word, text.data(), sizeof word);
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + text.size() - sizeof last, &last, sizeof last);
  };
  if (text.size() > 32)
    std::memcpy(to, text.data(), text.size());
  else if (text.size() >= 16)
    two_words(std::array<std::uint64_t, 2>{});
  else if (text.size() >= 8)
    two_words(std::uint64_t{});
  else if (text.size() >= 4)
    two_words(std::uint32_t{});
  else
    for (std::size_t i = 0; i < text.size(); ++i) to[i] = text[i];
  return to + text.size();
}

/// Compact JSON, put together in a buffer: the string grows once for most texts, to their size.
class Writer {
 public:
  Writer(std::string& out, bool escape_html) : out_(out), escape_html_(escape_html) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void value(const Value& value) {
    switch (value.kind()) {
      case Kind::string:
        return quoted(value.as_string());
      case Kind::number:
        return number(value);
      case Kind::boolean:
        return raw(value.as_boolean() ? "true" : "false");
      case Kind::object:
        return object(value);
      case Kind::array:
      case Kind::set:
        return items(value);
      case Kind::null_value:
      case Kind::undefined:
        return raw("null");
    }
  }

  /// Hands over what was written; call last.
  void flush() {
    out_.append(buffer_, static_cast<std::size_t>(at_ - buffer_));
    at_ = buffer_;
  }

 private:
  void quoted(std::string_view text) {
    if (plain_prefix(text, 0) == text.size()) {
      put('"');
      raw(text);
      put('"');
      return;
    }
    std::string escaped;
    append_quoted(escaped, text, escape_html_);
    raw(escaped);
  }

  std::size_t space() const { return sizeof buffer_ - static_cast<std::size_t>(at_ - buffer_); }

  void put(char c) {
    if (space() == 0) flush();
    *at_++ = c;
  }

  void raw(std::string_view text) {
    if (space() < text.size()) {
      flush();
      if (space() < text.size()) {
        out_.append(text);
        return;
      }
    }
    at_ = copy_text(text, at_);
  }

  void number(const Value& number) {
    if (!number.is_integer()) return raw(number.as_text());
    constexpr std::size_t longest = 20;
    if (space() < longest) flush();
    at_ = std::to_chars(at_, at_ + longest, number.as_integer()).ptr;
  }

  void record(const Value& value, const Layout& layout) {
    for (const Layout::Piece& piece : layout.pieces) {
      raw(piece.before);
      this->value(value.as_object()->members[piece.member].value);
    }
    raw(layout.after);
  }

  void object(const Value& value) {
    const Object* body = value.as_object();
    if (body->is_record) return record(value, *static_cast<const RecordObject*>(body)->layout);
    bool first = true;
    put('{');
    each_json_member(value, [&](std::string_view key, const Value& item) {
      if (!first) put(',');
      first = false;
      quoted(key);
      put(':');
      this->value(item);
    });
    put('}');
  }

  void items(const Value& value) {
    put('[');
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (i != 0) put(',');
      this->value(value.items()[i]);
    }
    put(']');
  }

  std::string& out_;
  bool escape_html_;
  char buffer_[1024];
  char* at_ = buffer_;
};

bool append_scalar(std::string& out, const Value& value, bool escape_html) {
  if (value.is_collection()) return false;
  Writer writer(out, escape_html);
  writer.value(value);
  writer.flush();
  return true;
}

}  // namespace

void append_json(std::string& out, const Value& value, bool escape_html) {
  Writer writer(out, escape_html);
  writer.value(value);
  writer.flush();
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
