// A hash table of the hashes of the columns' values.
#include "eval/row_table.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "value/hash.hpp"
#include "value/object.hpp"

namespace lictor::eval {
namespace {

std::uint32_t hash_of(const Value* values, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out = (out ^ hash(values[i])) * 0xBF58476D1CE4E5B9u;
  return static_cast<std::uint32_t>(out >> 32);
}

Value row_at(const Value& rows, std::uint32_t at) {
  return rows.is(Kind::object) ? sorted_members(rows)[at].value : rows.items()[at];
}

/// The value at a path within a row, or undefined.
Value cell(const Value& row, const std::vector<std::string>& path) {
  Value out = row;
  for (const std::string& key : path) out = lookup(out, key);
  return out;
}

/// By row that has all columns: the hash of their values, and the row.
std::vector<std::pair<std::uint32_t, std::uint32_t>> hashed_rows(const Value& rows,
                                                                 const ir::RowIndex& index) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  std::vector<Value> values(index.columns.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    for (std::size_t c = 0; c < values.size(); ++c)
      values[c] = cell(row_at(rows, row), index.columns[c]);
    bool whole = std::none_of(values.begin(), values.end(),
                              [](const Value& value) { return value.is_undefined(); });
    if (whole) out.emplace_back(hash_of(values.data(), values.size()), row);
  }
  return out;
}

}  // namespace

RowTable::RowTable(const Value& rows, const ir::RowIndex& index) : columns_(index.columns.size()) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> hashed;
  if (rows.is_collection()) hashed = hashed_rows(rows, index);
  std::sort(hashed.begin(), hashed.end());
  std::size_t size = std::bit_ceil(hashed.size() * 2 + 1);
  slots_ = {arena_.allocate<Entry>(size), size};
  std::fill(slots_.begin(), slots_.end(), Entry{0, free});
  std::vector<std::uint32_t> same;
  for (std::size_t i = 0; i < hashed.size(); ++i) {
    same.push_back(hashed[i].second);
    bool last = i + 1 == hashed.size() || hashed[i + 1].first != hashed[i].first;
    if (!last) continue;
    place(hashed[i].first, same);
    same.clear();
  }
}

void RowTable::place(std::uint32_t hash, std::span<const std::uint32_t> rows) {
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].row != free) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = {hash, rows[0]};
  if (rows.size() == 1) return;
  slots_[slot].row = several | static_cast<std::uint32_t>(lists_.size());
  lists_.push_back(static_cast<std::uint32_t>(rows.size()));
  lists_.insert(lists_.end(), rows.begin(), rows.end());
}

std::span<const std::uint32_t> RowTable::find(const Value* values) const {
  std::uint32_t hash = hash_of(values, columns_);
  for (std::size_t slot = hash;; ++slot) {
    const Entry& entry = slots_[slot & (slots_.size() - 1)];
    if (entry.row == free) return {};
    if (entry.hash != hash) continue;
    if ((entry.row & several) == 0) return {&entry.row, 1};
    const std::uint32_t* list = lists_.data() + (entry.row & ~several);
    return {list + 1, *list};
  }
}

}  // namespace lictor::eval
