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
    std::size_t bytes = rounded(count * sizeof(T));
    if (bytes > static_cast<std::size_t>(end_ - next_)) grow(bytes);
    void* out = next_;
    next_ += bytes;
    return static_cast<T*>(out);
  }

  /// Makes the latest allocation longer or shorter where it stands; false for another one, or if
  /// there is no room.
  template <typename T>
  bool resize(T* data, std::size_t from, std::size_t to) {
    char* first = reinterpret_cast<char*>(data);
    std::size_t bytes = rounded(to * sizeof(T));
    if (first == nullptr || first + rounded(from * sizeof(T)) != next_ ||
        first < blocks_[block_].memory.get() ||  // blocks may stand side by side
        bytes > static_cast<std::size_t>(end_ - first))
      return false;
    next_ = first + bytes;
    return true;
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
  static std::size_t rounded(std::size_t bytes) { return (bytes + 15) & ~std::size_t{15}; }

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

  void enter(std::size_t block) {
    block_ = block;
    next_ = blocks_[block].memory.get();
    end_ = next_ + blocks_[block].size;
  }

  /// Rare, and out of the way of all who allocate.
  [[gnu::noinline, gnu::cold]] void grow(std::size_t bytes) {
    while (block_ + 1 < blocks_.size()) {
      enter(block_ + 1);
      if (bytes <= static_cast<std::size_t>(end_ - next_)) return;
    }
    std::size_t size = blocks_.empty() ? std::size_t{16} << 10 : blocks_.back().size * 2;
    if (size > (std::size_t{8} << 20)) size = std::size_t{8} << 20;
    if (size < bytes) size = bytes;
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
      : arena_(&arena), data_(arena.allocate<T>(capacity)), capacity_(capacity) {}

  void push_back(const T& item) {
    if (size_ == capacity_) reserve(capacity_ == 0 ? 8 : capacity_ * 2);
    data_[size_++] = item;
  }
  /// A new last item, which stays where it is until the next one.
  T& add() {
    if (size_ == capacity_) reserve(capacity_ == 0 ? 8 : capacity_ * 2);
    return data_[size_++] = T();
  }
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    if (arena_->resize(data_, capacity_, capacity)) {
      capacity_ = capacity;
      return;
    }
    T* data = arena_->allocate<T>(capacity);
    if (size_ != 0) std::memcpy(static_cast<void*>(data), data_, size_ * sizeof(T));
    data_ = data;
    capacity_ = capacity;
  }
  /// Gives back what is not used, if nothing was allocated since.
  void shrink() {
    if (arena_->resize(data_, capacity_, size_)) capacity_ = size_;
  }
  T* data() { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  Arena* arena_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace lictor
