// A bump allocator: memory for values that live until reset(). One thread owns an Arena.
// After a reset the blocks are reused, so a steady load allocates nothing from the heap.
// INVARIANT: pointers stay valid until reset() or destruction.
#pragma once

#include <cstddef>
#include <cstdint>
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
    std::size_t bytes = (count * sizeof(T) + 15) & ~std::size_t{15};
    if (bytes > static_cast<std::size_t>(end_ - next_)) grow(bytes);
    void* out = next_;
    next_ += bytes;
    return static_cast<T*>(out);
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
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size;
  };

  void enter(std::size_t block) {
    block_ = block;
    next_ = blocks_[block].memory.get();
    end_ = next_ + blocks_[block].size;
  }

  void grow(std::size_t bytes) {
    while (block_ + 1 < blocks_.size()) {
      enter(block_ + 1);
      if (bytes <= static_cast<std::size_t>(end_ - next_)) return;
    }
    std::size_t size = blocks_.empty() ? std::size_t{16} << 10 : blocks_.back().size * 2;
    if (size > (std::size_t{8} << 20)) size = std::size_t{8} << 20;
    if (size < bytes) size = bytes;
    if (size > limit_ || total_ > limit_ - size) throw MemoryLimit{};
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
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

  void push_back(const T& item) {
    if (size_ == capacity_) reserve(capacity_ == 0 ? 8 : capacity_ * 2);
    data_[size_++] = item;
  }
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    T* data = arena_->allocate<T>(capacity);
    if (size_ != 0) std::memcpy(static_cast<void*>(data), data_, size_ * sizeof(T));
    data_ = data;
    capacity_ = capacity;
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
