// A short key is packed into three words, the same ones for values that are equal. The last byte
// says what they are.
#include "value/key_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "base/copy_text.hpp"
#include "value/compare.hpp"
#include "value/hash.hpp"
#include "value/number.hpp"

namespace lictor {
namespace {

constexpr std::size_t longest = 23;

/// What the last byte of a packed key is; for one text its size, which is less.
enum Tag : std::uint64_t { number = 0xF0, null, boolean, several, long_key };

constexpr std::uint64_t tagged(std::uint64_t tag) { return tag << 56; }

template <typename Word>
std::uint64_t word_at(const char* text) {
  Word out;
  std::memcpy(&out, text, sizeof out);
  return out;
}

/// The first eight bytes of a text, with zeros for those that it lacks.
std::uint64_t first_word(std::string_view text) {
  const char* first = text.data();
  std::size_t size = text.size();
  auto at = [](std::uint64_t part, std::size_t byte) { return part << (byte * 8); };
  if (size >= 8) return word_at<std::uint64_t>(first);
  if (size >= 4)
    return word_at<std::uint32_t>(first) | at(word_at<std::uint32_t>(first + size - 4), size - 4);
  if (size == 0) return 0;
  auto byte = [&](std::size_t i) { return at(static_cast<std::uint8_t>(first[i]), i); };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

std::string_view behind(std::string_view text, std::size_t size) {
  return text.substr(std::min(size, text.size()));
}

using Words = std::array<std::uint64_t, 3>;

// False is answered for keys that are too long.

bool pack_text(std::string_view text, Words& out) {
  if (text.size() > longest) return false;
  out = {first_word(text), first_word(behind(text, 8)),
         first_word(behind(text, 16)) | tagged(text.size())};
  return true;
}

bool pack_number(const Value& value, Words& out) {
  std::optional<std::int64_t> integer = integer_of(value);
  if (!integer || *integer == INT64_MIN) return false;  // of which one spelling only is found
  out = {static_cast<std::uint64_t>(*integer), 0, tagged(number)};
  return true;
}

/// Texts and numbers, each behind a byte that says which, as far as there is room.
bool pack_several(std::span<const Value> key, Words& out) {
  char bytes[sizeof out] = {};
  char* to = bytes;
  for (const Value& value : key) {
    auto left = static_cast<std::size_t>(bytes + longest - to);
    Words own;
    if (value.is(Kind::string) && value.size() < left) {
      *to++ = static_cast<char>(value.size());
      to = copy_text(value.as_string(), to);
    } else if (value.is(Kind::number) && sizeof own[0] < left && pack_number(value, own)) {
      *to++ = static_cast<char>(number);
      to = copy_text({reinterpret_cast<const char*>(own.data()), sizeof own[0]}, to);
    } else {
      return false;
    }
  }
  std::memcpy(out.data(), bytes, sizeof out);
  out.back() |= tagged(several);
  return true;
}

bool pack(std::span<const Value> key, Words& out) {
  if (key.size() != 1) return pack_several(key, out);
  switch (key[0].kind()) {
    case Kind::string:
      return pack_text(key[0].as_string(), out);
    case Kind::number:
      return pack_number(key[0], out);
    case Kind::boolean:
      out = {key[0].as_boolean(), 0, tagged(boolean)};
      return true;
    case Kind::null_value:
      out = {0, 0, tagged(null)};
      return true;
    default:
      return false;
  }
}

/// The halves of a product, one in the other.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Product = unsigned __int128;
  Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint32_t hash_of(const Words& words) {
  std::uint64_t out = fold(words[0] ^ 0x9E3779B97F4A7C15u, words[1] ^ 0xBF58476D1CE4E5B9u);
  return static_cast<std::uint32_t>(fold(out ^ words[2], 0x94D049BB133111EBu));
}

std::uint32_t hash_of(std::span<const Value> key) {
  std::uint64_t out = 0;
  for (const Value& value : key) out = fold(out ^ hash(value), 0x9E3779B97F4A7C15u);
  return static_cast<std::uint32_t>(out);
}

bool is_long(const Words& words) { return words.back() == tagged(long_key); }

}  // namespace

KeyTable::Packed KeyTable::packed(const Value* key) const {
  Packed out;
  if (pack({key, width_}, out.words)) {
    out.hash = hash_of(out.words);
  } else {
    out.words = {0, 0, tagged(long_key)};
    out.hash = hash_of({key, width_});
  }
  return out;
}

/// Counts the numbers of each key, makes room for them, and puts them there.
KeyTable::KeyTable(Arena& arena, std::size_t width, std::span<const Value> keys,
                   std::span<const std::uint32_t> numbers)
    : width_(width) {
  std::size_t size = std::bit_ceil(numbers.size() + numbers.size() / 2 + 1);
  std::size_t bytes = size * sizeof(Slot), room = bytes + sizeof(Slot);
  void* memory = arena.allocate<char>(room);
  slots_ = {static_cast<Slot*>(std::align(sizeof(Slot), bytes, memory, room)), size};
  std::fill(slots_.begin(), slots_.end(), Slot{0, free_slot, {}});
  std::vector<Slot*> places;
  places.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    places.push_back(&claim(&keys[i * width]));
    ++places.back()->number;
  }
  for (Slot& slot : slots_) {
    if (slot.number == free_slot || slot.number == 1) continue;
    std::size_t list = lists_.size();
    lists_.resize(list + 1 + slot.number);
    slot.number = in_list | static_cast<std::uint32_t>(list);
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::uint32_t& own = places[i]->number;
    if ((own & in_list) == 0) {
      own = numbers[i];
    } else {
      std::uint32_t* list = &lists_[own & ~in_list];
      list[++list[0]] = numbers[i];
    }
  }
}

/// The slot of a key, which counts as many numbers as it has been claimed for.
KeyTable::Slot& KeyTable::claim(const Value* key) {
  const Packed wanted = packed(key);
  std::size_t at = place_of(wanted, key);
  Slot& slot = slots_[at];
  if (slot.number != free_slot) return slot;
  slot = {wanted.hash, 0, wanted.words};
  if (is_long(wanted.words)) {
    slot.words[0] = long_keys_.size();
    long_keys_.insert(long_keys_.end(), key, key + width_);
  }
  return slot;
}

/// Where a key is, or else where it would be: a free slot.
std::size_t KeyTable::place_of(const Packed& wanted, const Value* key) const {
  std::size_t mask = slots_.size() - 1;
  for (std::size_t at = wanted.hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    bool found = slot.hash == wanted.hash && has(slot, wanted, key);
    if (found || slot.number == free_slot) return at;
  }
}

bool KeyTable::has(const Slot& slot, const Packed& wanted, const Value* key) const {
  if (!is_long(wanted.words)) return slot.words == wanted.words;
  return is_long(slot.words) && std::equal(key, key + width_, &long_keys_[slot.words[0]], equal);
}

std::span<const std::uint32_t> KeyTable::find(const Value* key) const {
  const Slot& slot = slots_[place_of(packed(key), key)];
  if (slot.number == free_slot) return {};
  if ((slot.number & in_list) == 0) return {&slot.number, 1};
  const std::uint32_t* list = &lists_[slot.number & ~in_list];
  return {list + 1, list[0]};
}

}  // namespace lictor
