// The rows of a base document by the values of some columns: an index for joins.
// In: an array, object or set of data, and the paths of the columns within a row. Out: the
// positions of the rows that have given values there, ascending; those of an object count in key
// order. Immutable once built; shared by threads.
#pragma once

#include <span>
#include <vector>

#include "ir/program.hpp"

namespace lictor::eval {

class RowTable {
 public:
  /// `rows` and the index outlive the table; rows that are no collection make it empty.
  RowTable(const Value& rows, const ir::RowIndex& index);

  /// `values` are those of the columns in turn, none undefined.
  std::span<const std::uint32_t> find(const Value* values) const;

 private:
  /// Rows that have the same values.
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t row = 0;    // the first of them
    std::uint32_t first = 0;  // where all of them stand in positions_, if they are several
    std::uint32_t count = 0;  // 0: of a free slot
  };
  class Builder;
  Value cell(std::uint32_t row, std::size_t column) const;
  bool read(std::uint32_t row, Value* out) const;
  bool has(std::uint32_t row, const Value* values) const;
  std::uint64_t hash_of(const Value* values) const;
  void place_rows(std::vector<Entry>& entries, const std::vector<std::uint32_t>& entry_of_row);

  Value rows_;
  std::vector<std::vector<Value>> paths_;  // of the columns, as keys
  std::vector<Entry> slots_{1};            // open addressing, a power of two
  std::vector<std::uint32_t> positions_;
};

}  // namespace lictor::eval
