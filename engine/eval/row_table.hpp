// The rows of a base document by the values of some columns: an index for joins.
// In: an array, object or set of data, and the paths of the columns within a row. Out: the
// positions of rows, ascending, among which are all that have given values there; those of an
// object count in key order. Whoever asks compares the values, as rows whose values have one hash
// are not told apart. Immutable once built; shared by threads.
#pragma once

#include <span>
#include <vector>

#include "base/arena.hpp"
#include "ir/program.hpp"

namespace lictor::eval {

class RowTable {
 public:
  /// `rows` outlives the construction; rows that are no collection make the table empty.
  RowTable(const Value& rows, const ir::RowIndex& index);

  /// `values` are those of the columns in turn, none undefined.
  std::span<const std::uint32_t> find(const Value* values) const;

 private:
  /// Rows whose values have one hash. Most entries have one row, which stands in the table itself:
  /// a probe touches as little memory as can be. No document is long enough for 2^31 rows with
  /// columns.
  struct Entry {
    std::uint32_t hash;
    std::uint32_t row;  // or `free`, or `several` and where they stand in lists_
  };
  static constexpr std::uint32_t free = ~0u, several = 1u << 31;

  void place(std::uint32_t hash, std::span<const std::uint32_t> rows);

  std::size_t columns_;
  Arena arena_;                       // of the slots, for its large pages
  std::span<Entry> slots_;            // open addressing, a power of two
  std::vector<std::uint32_t> lists_;  // of rows, each behind its length
};

}  // namespace lictor::eval
