// Sorts as Go's sort.Slice does, which is not stable: equal items end in the order in which its
// quicksort leaves them, and users see that order where only some of the items are shown.
// In: items and an order. Out: the items sorted. Source: Go (1.27) package sort.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lictor::builtins {

template <class T, class Less>
class GoSorter {
 public:
  GoSorter(std::vector<T>& items, Less less) : items_(items), less_(less) {}

  void sort() { sort_range(0, items_.size(), static_cast<int>(std::bit_width(items_.size()))); }

 private:
  static constexpr std::size_t longest_inserted = 12, shortest_shifted = 50, shortest_ninther = 50;
  static constexpr int most_shifts = 5, most_pivot_swaps = 12;

  /// A pivot, and what choosing it showed of the order.
  struct Pivot {
    std::size_t place;
    int swaps;  // none: perhaps sorted; most_pivot_swaps: perhaps in reverse
  };

  struct Partition {
    std::size_t middle;
    bool was_partitioned;
  };

  bool less(std::size_t a, std::size_t b) const { return less_(items_[a], items_[b]); }
  void swap(std::size_t a, std::size_t b) { std::swap(items_[a], items_[b]); }

  void sort_range(std::size_t first, std::size_t end, int bad_pivots_left) {
    bool was_balanced = true, was_partitioned = true;
    while (end - first > longest_inserted) {
      if (bad_pivots_left == 0) return sort_heap(first, end);
      if (!was_balanced) {
        scatter(first, end);
        --bad_pivots_left;
      }
      Pivot pivot = choose_pivot(first, end);
      if (pivot.swaps == most_pivot_swaps) {
        reverse(first, end);
        pivot = {end - 1 - (pivot.place - first), 0};
      }
      bool may_be_sorted = was_balanced && was_partitioned && pivot.swaps == 0;
      if (may_be_sorted && finish_nearly_sorted(first, end)) return;
      if (first > 0 && !less(first - 1, pivot.place)) {  // equal to all before: no item is less
        first = partition_equal(first, end, pivot.place);
        continue;
      }
      std::size_t length = end - first;
      Partition parts = partition(first, end, pivot.place);
      was_partitioned = parts.was_partitioned;
      std::size_t left = parts.middle - first, right = end - parts.middle;
      was_balanced = std::min(left, right) >= length / 8;
      if (left < right) {
        sort_range(first, parts.middle, bad_pivots_left);
        first = parts.middle + 1;
      } else {
        sort_range(parts.middle + 1, end, bad_pivots_left);
        end = parts.middle;
      }
    }
    insert_all(first, end);
  }

  void insert_all(std::size_t first, std::size_t end) {
    for (std::size_t i = first + 1; i < end; ++i) sink(i, first);
  }

  /// Moves an item down past greater ones, to `lowest` at most.
  void sink(std::size_t place, std::size_t lowest) {
    for (; place > lowest && less(place, place - 1); --place) swap(place, place - 1);
  }

  // --- pivots

  Pivot choose_pivot(std::size_t first, std::size_t end) {
    std::size_t quarter = (end - first) / 4;
    std::size_t a = first + quarter, b = first + quarter * 2, c = first + quarter * 3;
    int swaps = 0;
    if (end - first >= shortest_ninther) {
      a = median(a - 1, a, a + 1, swaps);
      b = median(b - 1, b, b + 1, swaps);
      c = median(c - 1, c, c + 1, swaps);
    }
    std::size_t place = median(a, b, c, swaps);
    return {place, swaps};
  }

  std::size_t median(std::size_t a, std::size_t b, std::size_t c, int& swaps) const {
    order(a, b, swaps);
    order(b, c, swaps);
    order(a, b, swaps);
    return b;
  }

  void order(std::size_t& a, std::size_t& b, int& swaps) const {
    if (!less(b, a)) return;
    ++swaps;
    std::swap(a, b);
  }

  /// Exchanges three items in the middle with others, so that a pattern does not repeat.
  void scatter(std::size_t first, std::size_t end) {
    std::uint64_t length = end - first, random = length;
    std::uint64_t mask = (std::uint64_t{1} << std::bit_width(length)) - 1;
    std::size_t middle = first + length / 4 * 2;
    for (std::size_t place = middle - 1; place <= middle + 1; ++place) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      std::uint64_t other = random & mask;
      swap(place, first + (other >= length ? other - length : other));
    }
  }

  // --- partitions

  Partition partition(std::size_t first, std::size_t end, std::size_t pivot) {
    swap(first, pivot);
    std::size_t low = first + 1, high = end - 1;
    bool was_partitioned = true;
    for (;; was_partitioned = false) {
      while (low <= high && less(low, first)) ++low;
      while (low <= high && !less(high, first)) --high;
      if (low > high) break;
      swap(low++, high--);
    }
    swap(high, first);
    return {high, was_partitioned};
  }

  /// Moves what equals the pivot, which no item is less than, to the front.
  std::size_t partition_equal(std::size_t first, std::size_t end, std::size_t pivot) {
    swap(first, pivot);
    std::size_t low = first + 1, high = end - 1;
    for (;;) {
      while (low <= high && !less(first, low)) ++low;
      while (low <= high && less(first, high)) --high;
      if (low > high) return low;
      swap(low++, high--);
    }
  }

  /// Sorts by moving few items; false if that is not enough.
  bool finish_nearly_sorted(std::size_t first, std::size_t end) {
    std::size_t place = first + 1;
    for (int i = 0; i < most_shifts; ++i) {
      while (place < end && !less(place, place - 1)) ++place;
      if (place == end) return true;
      if (end - first < shortest_shifted) return false;
      swap(place, place - 1);
      if (place - first >= 2) sink(place - 1, 0);
      for (std::size_t next = place + 1; next < end && less(next, next - 1); ++next)
        swap(next, next - 1);
    }
    return false;
  }

  void reverse(std::size_t first, std::size_t end) {
    std::reverse(items_.begin() + static_cast<std::ptrdiff_t>(first),
                 items_.begin() + static_cast<std::ptrdiff_t>(end));
  }

  // --- the fallback after many bad pivots

  void sort_heap(std::size_t first, std::size_t end) {
    std::size_t length = end - first;
    for (std::size_t root = (length - 1) / 2 + 1; root-- > 0;) sift_down(first, root, length);
    for (std::size_t last = length; last-- > 0;) {
      swap(first, first + last);
      sift_down(first, 0, last);
    }
  }

  void sift_down(std::size_t first, std::size_t root, std::size_t length) {
    for (;;) {
      std::size_t child = 2 * root + 1;
      if (child >= length) return;
      if (child + 1 < length && less(first + child, first + child + 1)) ++child;
      if (!less(first + root, first + child)) return;
      swap(first + root, first + child);
      root = child;
    }
  }

  std::vector<T>& items_;
  Less less_;
};

template <class T, class Less>
void go_sort(std::vector<T>& items, Less less) {
  GoSorter<T, Less>(items, less).sort();
}

}  // namespace lictor::builtins
