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

/// The bytes that may need an escape. Beyond ASCII these are the two line separators of Unicode and
/// what is not UTF-8.
constexpr auto special_bytes = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < 0x20; ++c) out[c] = true;
  for (unsigned char c : {'"', '\\', '<', '>', '&'}) out[c] = true;
  for (std::size_t c = 0x80; c < out.size(); ++c) out[c] = true;
  return out;
}();

/// The first position from `at` on of a byte that may need an escape.
std::size_t plain_prefix(std::string_view text, std::size_t at) {
  while (at < text.size() && !special_bytes[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

bool is_line_separator(char32_t code) { return code == 0x2028 || code == 0x2029; }

/// The size of the code point beyond ASCII at a position, or 0 if it cannot be written as it is.
std::size_t plain_rune(std::string_view text, std::size_t at) {
  auto first = static_cast<unsigned char>(text[at]);
  bool is_pair = first >= 0xC2 && first < 0xE0 && at + 1 < text.size();
  if (is_pair) return (text[at + 1] & 0xC0) == 0x80 ? 2 : 0;
  Rune rune = decode_rune(text, at);
  return rune.valid && !is_line_separator(rune.code) ? rune.size : 0;
}

/// True if a text can be written as it is.
bool is_plain(std::string_view text) {
  for (std::size_t at = plain_prefix(text, 0); at < text.size(); at = plain_prefix(text, at)) {
    std::size_t size = static_cast<unsigned char>(text[at]) < 0x80 ? 0 : plain_rune(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// What is known of a text before it is written.
enum class Utf8 { known, unknown };

#ifdef __SSE2__

/// The bytes of a block that may need an escape: some of ASCII, and beyond it those that may begin
/// a line separator or, in a text that need not be UTF-8, all.
template <Utf8 utf8>
std::uint32_t special_mask(__m128i bytes) {
  auto any = [](__m128i of, char wanted) { return _mm_cmpeq_epi8(of, _mm_set1_epi8(wanted)); };
  // The quote and the ampersand differ in one bit, and so do both angle brackets.
  __m128i quotes = any(_mm_or_si128(bytes, _mm_set1_epi8('"' ^ '&')), '&');
  __m128i brackets = any(_mm_or_si128(bytes, _mm_set1_epi8('<' ^ '>')), '>');
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  // The high bits of the bytes themselves mark what is beyond ASCII.
  __m128i beyond = utf8 == Utf8::known ? any(bytes, '\xE2') : bytes;
  __m128i others = _mm_or_si128(any(bytes, '\\'), beyond);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(
      _mm_or_si128(_mm_or_si128(quotes, brackets), _mm_or_si128(control, others))));
}

std::uint32_t beyond_ascii(__m128i bytes) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
}

__m128i both(std::uint64_t first, std::uint64_t last) {
  return _mm_set_epi64x(static_cast<std::int64_t>(last), static_cast<std::int64_t>(first));
}
__m128i both(std::uint32_t first, std::uint32_t last) {
  return _mm_set1_epi64x(static_cast<std::int64_t>(std::uint64_t{last} << 32 | first));
}

/// Copies the first and the last bytes of a text, which overlap.
template <typename Word, Utf8 utf8>
std::uint32_t copy_both_ends(std::string_view text, char* to) {
  Word first, last;
  std::size_t at = text.size() - sizeof last;
  std::memcpy(&first, text.data(), sizeof first);
  std::memcpy(&last, text.data() + at, sizeof last);
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + at, &last, sizeof last);
  return special_mask<utf8>(both(first, last));
}

__m128i copy_block(const char* from, char* to) {
  __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  return bytes;
}

/// Whether bytes are ASCII and code points of two bytes, as most text is. Blocks are added in
/// order.
class PairText {
 public:
  /// Adds a block without its first `skipped` bytes.
  void add(__m128i bytes, unsigned skipped) {
    std::uint32_t high = beyond_ascii(bytes) >> skipped;
    if ((high | begun_) == 0) return;
    std::uint32_t tails = below(bytes, '\xC0') >> skipped;
    std::uint32_t leads = (below(bytes, '\xE0') & ~below(bytes, '\xC2')) >> skipped;
    std::uint32_t wanted = leads << 1 | begun_;
    std::uint32_t size = 16 - skipped, inside = (1U << size) - 1;
    bad_ |= (high ^ (leads | tails)) | ((wanted ^ tails) & inside);
    begun_ = wanted >> size;
  }
  bool is_good() const { return (bad_ | begun_) == 0; }

 private:
  /// The bytes beyond ASCII that are below a limit.
  static std::uint32_t below(__m128i bytes, char limit) {
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(limit))));
  }

  std::uint32_t begun_ = 0;  // 1 if the last block ended within a code point
  std::uint32_t bad_ = 0;
};

/// As copy_plain() for a text of which the blocks before `at` are ASCII and copied, and the block
/// at `at` is neither.
[[gnu::noinline]] bool copy_pair_blocks(std::string_view text, char* to, std::size_t at) {
  PairText pairs;
  std::size_t last = text.size() - 16;
  for (;; at += 16) {
    unsigned skipped = at < last ? 0 : static_cast<unsigned>(at - last);
    __m128i bytes = copy_block(text.data() + at - skipped, to + at - skipped);
    if ((special_mask<Utf8::unknown>(bytes) & ~beyond_ascii(bytes)) != 0) return false;
    pairs.add(bytes, skipped);
    if (at >= last) return pairs.is_good() || is_plain(text);
  }
}

/// As copy_plain() for a UTF-8 text of which the blocks before `at` are copied.
[[gnu::noinline]] bool copy_checked(std::string_view text, char* to, std::size_t at) {
  std::memcpy(to + at, text.data() + at, text.size() - at);
  return is_plain(text);
}

template <Utf8 utf8>
bool copy_plain_blocks(std::string_view text, char* to) {
  auto others = utf8 == Utf8::known ? copy_checked : copy_pair_blocks;
  std::size_t last = text.size() - 16;
  for (std::size_t at = 0; at < last; at += 16) {
    if (special_mask<utf8>(copy_block(text.data() + at, to + at)) != 0) return others(text, to, at);
  }
  return special_mask<utf8>(copy_block(text.data() + last, to + last)) == 0 ||
         others(text, to, last / 16 * 16 + (last % 16 != 0) * 16);
}

/// Copies a text in which nothing needs an escape. False for any other, of which some is copied.
template <Utf8 utf8>
bool copy_plain(std::string_view text, char* to) {
  if (text.size() >= 16) return copy_plain_blocks<utf8>(text, to);
  if (text.size() < 4) {
    copy_text(text, to);
    return is_plain(text);
  }
  std::uint32_t mask = text.size() < 8 ? copy_both_ends<std::uint32_t, utf8>(text, to)
                                       : copy_both_ends<std::uint64_t, utf8>(text, to);
  return mask == 0 || is_plain(text);
}

#else

template <Utf8>
bool copy_plain(std::string_view text, char* to) {
  copy_text(text, to);
  return is_plain(text);
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
    texts[key.is(Kind::string) ? std::string(key.as_text()) : to_json(key)] = members[i].value;
  }
  for (const auto& [key, value] : texts) visit(std::string_view(key), value);
}

void new_line(std::string& out, int level) {
  out += '\n';
  out.append(static_cast<std::size_t>(level) * 2, ' ');
}

}  // namespace

namespace {

/// Appends the code point at a position, and returns its size.
std::size_t append_json_rune(std::string& out, std::string_view text, std::size_t at,
                             bool escape_html) {
  char c = text[at];
  bool html = c == '<' || c == '>' || c == '&';
  if (html && !escape_html) {
    out += c;
  } else if (html) {
    append_unicode_escape(out, static_cast<unsigned char>(c));
  } else if (static_cast<unsigned char>(c) < 0x80) {
    append_escaped(out, c);
  } else {
    Rune rune = decode_rune(text, at);
    if (is_line_separator(rune.code))
      append_unicode_escape(out, rune.code);
    else
      append_rune(out, rune.code);
    return rune.size;
  }
  return 1;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text, bool escape_html) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t special = plain_prefix(text, at);
    out.append(text, at, special - at);
    at = special;
    if (at < text.size()) at += append_json_rune(out, text, at, escape_html);
  }
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
        return value.is_known_utf8() ? quoted<Utf8::known>(at, value.as_string())
                                     : quoted<Utf8::unknown>(at, value.as_string());
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

  template <Utf8 utf8>
  char* quoted(char* at, std::string_view text) {
    if (text.size() + 2 > sizeof buffer_) return escaped(at, text);
    at = with_room(at, text.size() + 2);
    if (!copy_plain<utf8>(text, at + 1)) return escaped(at, text);
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
      at = this->value(put(quoted<Utf8::unknown>(at, key), ':'), item);
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
