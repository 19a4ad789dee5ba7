// The pass over the text.
#include "json/quick_read.hpp"

#include <algorithm>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "json/escape.hpp"
#include "json/parts.hpp"
#include "json/read.hpp"
#include "json/structure.hpp"
#include "value/object.hpp"

namespace lictor::json {
namespace {

#ifdef __SSE2__

/// Sixteen bytes of a text; bit i of a mask stands for byte i.
class Block {
 public:
  explicit Block(const char* at) : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) {}
  /// Of an address that is a multiple of 16.
  static Block aligned(const char* at) {
    return Block(_mm_load_si128(reinterpret_cast<const __m128i*>(at)));
  }
  /// Quotes, backslashes and control characters.
  std::uint32_t specials() const {
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes_, _mm_set1_epi8(0x1F)), bytes_);
    return mask(_mm_or_si128(_mm_or_si128(equal_to('"'), equal_to('\\')), control));
  }
  std::uint32_t quotes() const { return mask(equal_to('"')); }
  /// All but backslashes, control characters and what is beyond ASCII.
  std::uint32_t plain() const {
    return mask(_mm_andnot_si128(equal_to('\\'), _mm_cmpgt_epi8(bytes_, _mm_set1_epi8(0x1F))));
  }
  std::uint32_t beyond_ascii() const { return mask(bytes_); }
  /// 80 to BF, which go on with a code point.
  std::uint32_t continuations() const {
    return mask(_mm_cmplt_epi8(bytes_, _mm_set1_epi8('\xC0')));
  }
  /// C2 to DF, which begin code points of two bytes.
  std::uint32_t leads_of_two() const {
    return mask(_mm_and_si128(_mm_cmpgt_epi8(bytes_, _mm_set1_epi8('\xC1')),
                              _mm_cmplt_epi8(bytes_, _mm_set1_epi8('\xE0'))));
  }
  std::uint32_t same_as(const Block& other) const {
    return mask(_mm_cmpeq_epi8(bytes_, other.bytes_));
  }

 private:
  explicit Block(__m128i bytes) : bytes_(bytes) {}
  __m128i equal_to(char c) const { return _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c)); }
  static std::uint32_t mask(__m128i bytes) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
  }

  __m128i bytes_;
};

#else

class Block {
 public:
  explicit Block(const char* at) { std::memcpy(bytes_, at, sizeof bytes_); }
  static Block aligned(const char* at) { return Block(at); }
  std::uint32_t specials() const {
    return mask(
        [this](int i) { return bytes_[i] < 0x20 || bytes_[i] == '"' || bytes_[i] == '\\'; });
  }
  std::uint32_t quotes() const {
    return mask([this](int i) { return bytes_[i] == '"'; });
  }
  std::uint32_t plain() const {
    return mask(
        [this](int i) { return bytes_[i] >= 0x20 && bytes_[i] < 0x80 && bytes_[i] != '\\'; });
  }
  std::uint32_t beyond_ascii() const {
    return mask([this](int i) { return bytes_[i] >= 0x80; });
  }
  std::uint32_t continuations() const {
    return mask([this](int i) { return (bytes_[i] & 0xC0) == 0x80; });
  }
  std::uint32_t leads_of_two() const {
    return mask([this](int i) { return bytes_[i] >= 0xC2 && bytes_[i] < 0xE0; });
  }
  std::uint32_t same_as(const Block& other) const {
    return mask([&](int i) { return bytes_[i] == other.bytes_[i]; });
  }

 private:
  template <typename Test>
  static std::uint32_t mask(Test test) {
    std::uint32_t out = 0;
    for (int i = 0; i < 16; ++i) out |= std::uint32_t{test(i)} << i;
    return out;
  }

  unsigned char bytes_[16];
};

#endif

const char* behind_blanks(const char* at) {
  while (static_cast<unsigned char>(*at) <= ' ' && is_blank(*at)) ++at;
  return at;
}

/// Whether a text is UTF-8 of code points of up to two bytes, as most are beyond ASCII.
class TwoByteText {
 public:
  /// Adds a block of the text, which ends at the first of `specials` if there are any.
  void add(const Block& block, std::uint32_t specials) {
    std::uint32_t inside = (specials - 1) & ~specials & 0xFFFF;
    std::uint32_t beyond_ascii = block.beyond_ascii() & inside;
    if ((beyond_ascii | begun_) == 0) return;
    std::uint32_t leads = block.leads_of_two() & inside;
    std::uint32_t continuations = block.continuations() & inside;
    std::uint32_t wanted = leads << 1 | begun_;
    std::uint32_t seen = specials == 0 ? 0xFFFF : specials ^ (specials - 1);
    bad_ |= (beyond_ascii ^ (leads | continuations)) | ((wanted ^ continuations) & seen);
    begun_ = wanted >> 16;
  }
  bool is_good() const { return bad_ == 0; }

 private:
  std::uint32_t begun_ = 0;  // 1 if the last block ended within a code point
  std::uint32_t bad_ = 0;
};

/// Each function takes where something starts, and returns where it ends or null if it is not
/// plain.
class Pass {
 public:
  using Known = std::vector<std::unique_ptr<KnownMembers>>;

  Pass(const Shape& shape, Known& known, Arena& arena, Value* slots)
      : shape_(shape), known_(known), arena_(arena), slots_(slots) {}

  /// Reads a document into the slots.
  const char* document(const char* at) {
    return shape_.nodes[0].whole ? fill_whole(at, 0, 0) : fill_node(at, node_known(0), 0);
  }

 private:
  using Member = KnownMembers::Member;
  using Use = KnownMembers::Use;

  struct Name {
    std::string_view key;
    const char* value = nullptr;  // where the value starts; null if the name is not plain
  };
  struct Found {
    Member* member;
    const char* value;  // as above
  };

  /// Reads a value into the slots of a node that is not whole, and of all below it.
  [[gnu::always_inline]] const char* fill_node(const char* at, KnownMembers& known, int depth) {
    at = behind_blanks(at);
    return *at == '{' ? fill_members(at + 1, known, depth) : skip_any(at, depth);
  }

  /// The same for a node that is whole.
  [[gnu::noinline]] const char* fill_whole(const char* at, std::uint32_t number, int depth) {
    const Shape::Node& node = shape_.nodes[number];
    Value& out = slots_[node.slot];
    if (node.kind_only && *behind_blanks(at) == '{') {
      out = empty_object();
      return fill_node(at, node_known(number), depth);
    }
    at = build(at, depth, out);
    if (at && !node.children.empty()) fill_slots_below(shape_, number, out, slots_);
    return at;
  }

  const char* fill_members(const char* at, KnownMembers& known, int depth) {
    if (depth >= plain_depth) return nullptr;
    int looked_up = 0;
    std::uint64_t seen = 0;
    for (Member* before = &known.start();;) {
      Member* member = before->next;
      if (member->stands_at(at)) [[likely]] {
        at += member->size;
      } else {
        bool empty = before == &known.start() && *behind_blanks(at) == '}';
        if (empty) return behind_blanks(at) + 1;
        Found found = look_up(at, known, *before, ++looked_up);
        if (found.value == nullptr) return nullptr;
        member = found.member;
        at = found.value;
      }
      if (member->use == Use::leaf) {
        Value& out = slots_[member->target];
        at = *at == '[' ? leaf_array(at, *member, depth + 1, out) : build(at, depth + 1, out);
      } else if (member->use == Use::none) {
        at = skip(at, depth + 1);
      } else {
        // A key that occurs twice must leave nothing of its first value.
        std::uint64_t bit = std::uint64_t{1} << (member->target & 63);
        if (seen & bit) clear(member->target);
        seen |= bit;
        at = member->use == Use::node ? fill_node(at, *member->below, depth + 1)
                                      : fill_whole(at, member->target, depth + 1);
      }
      if (at == nullptr) return nullptr;
      before = member;
      if (*at != ',') at = behind_blanks(at);
      if (*at == '}') return at + 1;
      if (*at++ != ',') return nullptr;
    }
  }

  /// An array behind a member; often the one that stood there the last time.
  [[gnu::noinline]] const char* leaf_array(const char* at, Member& member, int depth, Value& out) {
    KnownArray* known = member.array;
    if (known == nullptr) return build_array(at + 1, depth, out);
    if (const char* end = known->end_at(at)) {
      out = known->value();
      return end;
    }
    const char* end = build_array(at + 1, depth, out);
    if (end && !known->take({at, static_cast<std::size_t>(end - at)}, out)) member.array = nullptr;
    return end;
  }

  void clear(std::uint32_t number) {
    const Shape::Node& node = shape_.nodes[number];
    std::fill(slots_ + node.first_slot, slots_ + node.last_slot, Value());
  }

  KnownMembers& node_known(std::uint32_t number) {
    std::unique_ptr<KnownMembers>& out = known_[number];
    if (!out) out = std::make_unique<KnownMembers>(number);
    return *out;
  }

  /// What stands behind `before` this time, and the next time as well, it is hoped.
  [[gnu::noinline]] Found look_up(const char* at, KnownMembers& known, Member& before,
                                  int looked_up) {
    constexpr int most_remembered = 32;  // an object of very many members is not worth it
    Member* member = looked_up <= most_remembered ? known.find(at) : nullptr;
    const char* value = nullptr;
    if (member) {
      value = behind_blanks(at + member->size);
    } else {
      Name name = this->name(at);
      if (name.value == nullptr) return {nullptr, nullptr};
      value = name.value;
      if (looked_up <= most_remembered)
        member = known.add({at, static_cast<std::size_t>(value - at)});
      if (!member) member = &known.once();
      set_use(*member, known, name);
    }
    bool lasting = member != &known.once() && &before != &known.once();
    if (lasting) before.next = member;
    return {member, value};
  }

  void set_use(Member& member, KnownMembers& known, const Name& name) {
    const Shape::Node& node = shape_.nodes[known.node()];
    const Shape::Place* place = node.find(name.key);
    if (place == nullptr) {
      member.use = Use::none;
    } else if (place->leaf_slot != Shape::no_slot) {
      member.use = Use::leaf;
      member.target = place->leaf_slot;
      member.array = *name.value == '[' ? known.array_behind(member) : nullptr;
    } else {
      member.target = node.children[place->child].node;
      bool whole = shape_.nodes[member.target].whole;
      member.use = whole ? Use::whole : Use::node;
      member.below = whole ? nullptr : &node_known(member.target);
    }
  }

  /// A key without escapes and the colon behind it.
  Name name(const char* at) {
    at = behind_blanks(at);
    if (*at++ != '"') return {};
    const char* end = short_text(at);
    if (end == nullptr) end = plain_text(at);
    if (end == nullptr || *end != '"') return {};
    std::string_view key(at, static_cast<std::size_t>(end - at));
    at = behind_blanks(end + 1);
    return *at == ':' ? Name{key, behind_blanks(at + 1)} : Name{};
  }

  /// More blanks may stand in front than did the last time.
  [[gnu::always_inline]] const char* build(const char* at, int depth, Value& out) {
    if (*at == '"') return text(at + 1, out);
    if (*at < '[') {
      const char* end = number(at, out);
      return end || !is_blank(*at) ? end : build_behind_blanks(at, depth, out);
    }
    return is_letter(*at) ? literal(at, out) : build_other(at, depth, out);
  }

  [[gnu::always_inline]] const char* skip(const char* at, int depth) {
    if (*at == '"') {
      const char* end = short_text(at + 1);
      return end ? end + 1 : long_text(at + 1, nullptr);
    }
    Value unused;
    if (*at < '[') {
      const char* end = number(at, unused);
      return end || !is_blank(*at) ? end : build_behind_blanks(at, depth, unused);
    }
    return is_letter(*at) ? literal(at, unused) : skip_other(at, depth);
  }

  /// As above, where a value is hardly ever skipped.
  [[gnu::noinline, gnu::cold]] const char* skip_any(const char* at, int depth) {
    return skip(at, depth);
  }

  [[gnu::noinline, gnu::cold]] const char* build_behind_blanks(const char* at, int depth,
                                                               Value& out) {
    return build(behind_blanks(at), depth, out);
  }

  static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

  const char* build_other(const char* at, int depth, Value& out) {
    if (*at == '[') return build_array(at + 1, depth, out);
    return *at == '{' ? build_object(at + 1, depth, out) : nullptr;
  }

  [[gnu::noinline]] const char* skip_other(const char* at, int depth) {
    auto item = [&](const char* value) { return skip(value, depth + 1); };
    if (*at == '[') return each_item(at + 1, depth, item);
    auto member = [&](std::string_view, const char* value) { return item(value); };
    return *at == '{' ? each_member(at + 1, depth, member) : nullptr;
  }

  static constexpr std::size_t few = 8;  // of items and members, for which there is room at first

  [[gnu::noinline]] const char* build_object(const char* at, int depth, Value& out) {
    ArenaVector<lictor::Member> members(arena_, few);
    at = each_member(at, depth, [&](std::string_view key, const char* value) {
      lictor::Member& member = members.add();
      member.key = Value::utf8_string(key);
      return build(value, depth + 1, member.value);
    });
    if (at) out = object_of(arena_, members);
    return at;
  }

  [[gnu::noinline]] const char* build_array(const char* at, int depth, Value& out) {
    ArenaVector<Value> items(arena_, few);
    at = each_item(at, depth,
                   [&](const char* value) { return build(value, depth + 1, items.add()); });
    items.shrink();
    out = Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
    return at;
  }

  /// Calls visit(key, value) for each member of an object whose brace is taken.
  template <typename Visit>
  const char* each_member(const char* at, int depth, Visit visit) {
    if (depth >= plain_depth) return nullptr;
    if (*behind_blanks(at) == '}') return behind_blanks(at) + 1;
    for (;;) {
      Name name = this->name(at);
      if (name.value == nullptr) return nullptr;
      at = visit(name.key, name.value);
      if (at == nullptr) return nullptr;
      if (*at != ',') at = behind_blanks(at);
      if (*at == '}') return at + 1;
      if (*at++ != ',') return nullptr;
    }
  }

  /// Calls visit(value) for each item of an array whose bracket is taken; blanks may stand in front
  /// of the value.
  template <typename Visit>
  const char* each_item(const char* at, int depth, Visit visit) {
    if (depth >= plain_depth) return nullptr;
    at = behind_blanks(at);
    if (*at == ']') return at + 1;
    for (;;) {
      at = visit(at);
      if (at == nullptr) return nullptr;
      if (*at != ',') at = behind_blanks(at);
      if (*at == ']') return at + 1;
      if (*at++ != ',') return nullptr;
    }
  }

  /// The quote that ends a text of ASCII which is shorter than a block, as most are; null if it is
  /// another.
  static const char* short_text(const char* first) {
    Block block(first);
    std::uint32_t quotes = block.quotes();
    std::uint32_t through_first =
        quotes ^ (quotes - 1);  // without a quote more bits than a block has
    if ((block.plain() & through_first) != through_first) return nullptr;
    return first + static_cast<unsigned>(__builtin_ctz(quotes));
  }

  /// A string whose opening quote is taken.
  const char* text(const char* first, Value& out) {
    const char* end = short_text(first);
    if (end == nullptr) return long_text(first, &out);
    out = Value::utf8_string({first, static_cast<std::size_t>(end - first)});
    return end + 1;
  }

  /// As above, without an end that is easily found; `out` may be null.
  [[gnu::noinline]] const char* long_text(const char* first, Value* out) {
    const char* end = plain_text(first);
    if (end == nullptr) return nullptr;
    if (*end == '\\') return text_with_escapes(first, end, out);
    if (*end != '"') return nullptr;
    if (out) *out = Value::utf8_string({first, static_cast<std::size_t>(end - first)});
    return end + 1;
  }

  /// The end of the text up to a quote, a backslash or a control character; null if it is not
  /// UTF-8.
  static const char* plain_text(const char* first) {
    const char* at = first;
    TwoByteText text;
    for (;; at += 16) {
      Block block(at);
      std::uint32_t specials = block.specials();
      text.add(block, specials);
      if (specials == 0) continue;
      at += __builtin_ctz(specials);
      return text.is_good() || is_utf8({first, static_cast<std::size_t>(at - first)}) ? at
                                                                                      : nullptr;
    }
  }

  /// As text(), for a string whose first backslash is at `at`.
  const char* text_with_escapes(const char* first, const char* at, Value* out) {
    while (*at == '\\') {
      // What is escaped may be a quote; an escape that is cut off ends in a NUL.
      at = plain_text(at + 1 + (at[1] == '"' || at[1] == '\\'));
      if (at == nullptr) return nullptr;
    }
    if (*at != '"') return nullptr;
    std::optional<std::string> plain = unescape({first, static_cast<std::size_t>(at - first)});
    if (!plain) return nullptr;
    if (out) *out = Value::utf8_string(arena_.copy(*plain));
    return at + 1;
  }

  static const char* literal(const char* at, Value& out) {
    auto word = [&](std::string_view text, const Value& value) {
      out = value;
      return std::string_view(at, text.size()) == text ? at + text.size() : nullptr;
    };
    switch (*at) {
      case 't':
        return word("true", Value::boolean(true));
      case 'f':
        return word("false", Value::boolean(false));
      case 'n':
        return word("null", Value::null());
      default:
        return nullptr;
    }
  }

  static const char* number(const char* at, Value& out) {
    std::uint64_t integer = 0;
    const char* end = small_integer(at, integer);
    if (end == nullptr) return other_number(at, out);
    if (*end == ',' || ((*end | 0x20) != 'e' && *end != '.')) [[likely]] {
      out = Value::integer(static_cast<std::int64_t>(integer));
      return end;
    }
    if (*end != '.') return other_number(at, out);
    end = small_fraction(end);
    if (end == nullptr || (*end | 0x20) == 'e') return other_number(at, out);
    out = Value::number_text({at, static_cast<std::size_t>(end - at)});
    return end;
  }

  [[gnu::noinline]] static const char* other_number(const char* at, Value& out) {
    const char* end = at;
    while (*end > ' ' && *end != ',' && *end != ']' && *end != '}') ++end;
    std::optional<Value> number = number_of({at, static_cast<std::size_t>(end - at)});
    if (!number) return nullptr;
    out = *number;
    return end;
  }

  const Shape& shape_;
  Known& known_;
  Arena& arena_;
  Value* slots_;
};

}  // namespace

inline const char* KnownArray::end_at(const char* at) {
  const char* text = text_.data();
  std::size_t i = 0;
  for (; i + 16 < size_; i += 16) {
    if (Block(at + i).same_as(Block(text + i)) != 0xFFFF) return nullptr;
  }
  std::uint32_t rest = (std::uint32_t{1} << (size_ - i)) - 1;
  if ((Block(at + i).same_as(Block(text + i)) & rest) != rest) return nullptr;
  patience_ += patience_ < most_patience;
  return at + size_;
}

bool KnownArray::take(std::string_view text, const Value& array) {
  patience_ -= patience_to_take;
  if (patience_ < 0 || text.size() > longest) return false;
  text_.reserve((text.size() + 15) / 16 * 16);  // nothing has changed if there is no memory
  text_.assign(text);
  text_.resize((text.size() + 15) / 16 * 16);
  size_ = text.size();
  items_.clear();
  for (std::uint32_t i = 0; i < array.size(); ++i) {
    std::optional<Value> item = kept(array.items()[i], text);
    if (!item) {
      patience_ = -1;
      return false;
    }
    items_.push_back(*item);
  }
  value_ = Value::array(items_.data(), array.size());
  return true;
}

/// A scalar of a text, which points into what is remembered of it; nullopt for another value.
std::optional<Value> KnownArray::kept(const Value& item, std::string_view text) const {
  bool is_number = item.is(Kind::number);
  if (item.is_collection() || item.as_float()) return std::nullopt;
  if (item.is_integer() || !(is_number || item.is(Kind::string))) return item;
  // A text with escapes was put together elsewhere.
  auto place = [](std::string_view of) { return reinterpret_cast<std::uintptr_t>(of.data()); };
  std::size_t offset = place(item.as_text()) - place(text);
  if (offset >= text.size()) return std::nullopt;
  std::string_view mine(text_.data() + offset, item.as_text().size());
  return is_number ? Value::number_text(mine) : Value::utf8_string(mine);
}

KnownMembers::KnownMembers(std::uint32_t node) : node_(node) {
  for (Member* none : {&start(), &once()}) {
    *none = {};
    none->text[0] = '\x01';
    none->bytes = 1;
    none->next = &start();
  }
}

inline bool KnownMembers::Member::stands_at(const char* at) const {
  std::uint32_t same = Block(at).same_as(Block::aligned(text));
  if (size > 16) same |= Block(at + 16).same_as(Block::aligned(text + 16)) << 16;
  return (same & bytes) == bytes;
}

KnownMembers::Member* KnownMembers::find(const char* at) {
  for (std::size_t i = first; i < used_; ++i) {
    if (members_[i].stands_at(at)) return &members_[i];
  }
  return nullptr;
}

KnownMembers::Member* KnownMembers::add(std::string_view text) {
  if (text.size() > Member::longest) return nullptr;
  bool full = used_ == most;
  Member& out = members_[full ? oldest_ : used_++];
  if (full) oldest_ = oldest_ + 1 == most ? first : oldest_ + 1;
  out = {};
  std::memcpy(out.text, text.data(), text.size());
  out.bytes = static_cast<std::uint32_t>((std::uint64_t{1} << text.size()) - 1);
  out.size = static_cast<std::uint8_t>(text.size());
  out.next = &start();
  return &out;
}

KnownArray* KnownMembers::array_behind(const Member& member) {
  if (&member == &once()) return nullptr;
  std::unique_ptr<KnownArray>& out = arrays_[&member - members_];
  if (!out) out = std::make_unique<KnownArray>();
  return out->is_worth_it() ? out.get() : nullptr;
}

bool QuickReader::read(const char* text, std::size_t size, const Shape& shape, Arena& arena,
                       Value* slots) {
  if (shape_ != &shape) {
    shape_ = nullptr;  // until all of it is there
    known_.clear();
    known_.resize(shape.nodes.size());
    shape_ = &shape;
  }
  const Value undefined;
#pragma GCC unroll 4
  for (Value *slot = slots, *last = slots + shape.slot_count; slot != last; ++slot)
    std::memcpy(slot, &undefined, sizeof undefined);  // at once, not field by field
  const char* end = Pass(shape, known_, arena, slots).document(text);
  return end && behind_blanks(end) == text + size;
}

}  // namespace lictor::json
