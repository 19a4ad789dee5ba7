// A bump allocator: memory for values that live until reset(). One thread owns an Arena.
// After a reset the blocks are reused, so a steady load allocates nothing from the heap.
// INVARIANT: pointers stay valid until reset() or destruction.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lictor {

/// Thrown by Arena::allocate beyond its limit, and caught where an evaluation starts.
struct MemoryLimit {};

class Arena {
 public:
  explicit Arena(std::size_t limit = SIZE_MAX) : limit_(limit) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  template <typename T>
  T* allocate(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    std::size_t bytes = rounded<T>(count);
    if (bytes > static_cast<std::size_t>(end_ - next_)) grow(bytes);
    void* out = next_;
    next_ += bytes;
    return static_cast<T*>(out);
  }

  /// Makes the latest allocation longer where it stands; false for another one, or if there is no
  /// room.
  template <typename T>
  bool extend(T* data, std::size_t from, std::size_t to) {
    std::size_t bytes = rounded<T>(to);
    char* first = reinterpret_cast<char*>(data);
    if (end_of(data, from) != next_ || bytes > static_cast<std::size_t>(end_ - first)) return false;
    next_ = first + bytes;
    return true;
  }

  /// Gives back the end of the latest allocation; nothing of another one.
  template <typename T>
  void shrink(T* data, std::size_t from, std::size_t to) {
    if (end_of(data, from) == next_) next_ = end_of(data, to);
  }

  std::string_view copy(std::string_view text) {
    char* out = allocate<char>(text.size() + 1);
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
  }

  /// Forgets every allocation; keeps the blocks unless an unusual request made them very large.
  void reset() {
    constexpr std::size_t keep = std::size_t{64} << 20;
    if (total_ > keep) {
      blocks_.clear();
      total_ = 0;
    }
    block_ = 0;
    next_ = end_ = nullptr;
    if (!blocks_.empty()) enter(0);
  }

  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  static constexpr std::size_t gap = 16;  // before a block's first allocation, see enter()

  /// The bytes that so many take, up to where the next allocation is aligned.
  template <typename T>
  static std::size_t rounded(std::size_t count) {
    std::size_t bytes = count * sizeof(T);
    return sizeof(T) % 16 == 0 ? bytes : (bytes + 15) & ~std::size_t{15};
  }

  template <typename T>
  static char* end_of(T* data, std::size_t count) {
    return reinterpret_cast<char*>(data) + rounded<T>(count);
  }

  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  struct Block {
    std::unique_ptr<char, Free> memory;
    std::size_t size;
  };

  /// Large blocks ask for large pages, of which far fewer have to be made.
  static char* new_block(std::size_t& size) {
    constexpr std::size_t page = std::size_t{2} << 20;
    char* out = nullptr;
    if (size < page) {
      out = static_cast<char*>(std::malloc(size));
    } else {
      size = (size + page - 1) & ~(page - 1);
      out = static_cast<char*>(std::aligned_alloc(page, size));
      if (out) ::madvise(out, size, MADV_HUGEPAGE);
    }
    if (out == nullptr) throw std::bad_alloc();
    return out;
  }

  /// Blocks may stand side by side: what ends where another one begins must not look like the
  /// latest allocation in it.
  void enter(std::size_t block) {
    block_ = block;
    next_ = blocks_[block].memory.get() + gap;
    end_ = blocks_[block].memory.get() + blocks_[block].size;
  }

  /// Rare, and out of the way of all who allocate.
  [[gnu::noinline, gnu::cold]] void grow(std::size_t bytes) {
    while (block_ + 1 < blocks_.size()) {
      enter(block_ + 1);
      if (bytes <= static_cast<std::size_t>(end_ - next_)) return;
    }
    std::size_t size = blocks_.empty() ? std::size_t{16} << 10 : blocks_.back().size * 2;
    if (size > (std::size_t{8} << 20)) size = std::size_t{8} << 20;
    if (size < bytes + gap) size = bytes + gap;
    if (size > limit_ || total_ > limit_ - size) throw MemoryLimit{};
    char* memory = new_block(size);
    blocks_.push_back({std::unique_ptr<char, Free>(memory), size});
    total_ += size;
    enter(blocks_.size() - 1);
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t total_ = 0;
  std::size_t limit_;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

/// A growing array in an Arena; growing copies and leaves the old storage to the arena's reset.
template <typename T>
class ArenaVector {
 public:
  explicit ArenaVector(Arena& arena) : arena_(&arena) {}
  ArenaVector(Arena& arena, std::size_t capacity)
      : arena_(&arena), data_(arena.allocate<T>(capacity)), next_(data_), end_(data_ + capacity) {}

  /// Room for a new last item, which is to be written; it stays where it is until the next one.
  T& add() {
    if (next_ == end_) reserve(data_ == end_ ? 8 : capacity() * 2);
    return *next_++;
  }
  void push_back(const T& item) { add() = item; }
  void reserve(std::size_t room) {
    if (room <= capacity()) return;
    if (data_ == nullptr || !arena_->extend(data_, capacity(), room)) {
      T* data = arena_->allocate<T>(room);
      if (!empty()) std::memcpy(static_cast<void*>(data), data_, size() * sizeof(T));
      next_ = data + size();
      data_ = data;
    }
    end_ = data_ + room;
  }
  /// Gives back what is not used, if nothing was allocated since.
  void shrink() {
    arena_->shrink(data_, capacity(), size());
    end_ = next_;
  }
  T* data() { return data_; }
  T* begin() { return data_; }
  T* end() { return next_; }
  T& operator[](std::size_t i) { return data_[i]; }
  T& back() { return next_[-1]; }
  std::size_t size() const { return static_cast<std::size_t>(next_ - data_); }
  bool empty() const { return next_ == data_; }

 private:
  std::size_t capacity() const { return static_cast<std::size_t>(end_ - data_); }

  Arena* arena_;
  T* data_ = nullptr;
  T* next_ = nullptr;  // behind the last item
  T* end_ = nullptr;   // of the room
};

}  // namespace lictor
