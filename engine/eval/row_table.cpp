// A hash table of the hashes of the columns' values.
#include "eval/row_table.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "eval/state.hpp"
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

/// The rows that have all columns.
std::vector<RowTable::Row> rows_of(const Value& rows, const ir::RowIndex& index) {
  std::vector<RowTable::Row> out;
  std::vector<Value> values(index.columns.size());
  for (std::uint32_t at = 0; at < rows.size(); ++at) {
    Value row = row_at(rows, at);
    for (std::size_t c = 0; c < values.size(); ++c) values[c] = lookup_path(row, index.columns[c]);
    bool whole = std::none_of(values.begin(), values.end(),
                              [](const Value& value) { return value.is_undefined(); });
    if (whole) out.push_back({hash_of(values.data(), values.size()), at, row});
  }
  return out;
}

}  // namespace

RowTable::RowTable(const Value& rows, const ir::RowIndex& index) : columns_(index.columns.size()) {
  std::vector<Row> found;
  if (rows.is_collection()) found = rows_of(rows, index);
  std::sort(found.begin(), found.end(), [](const Row& a, const Row& b) {
    return std::pair(a.hash, a.at) < std::pair(b.hash, b.at);
  });
  std::size_t size = std::bit_ceil(found.size() * 2 + 1);
  slots_ = {arena_.allocate<Row>(size), size};
  std::fill(slots_.begin(), slots_.end(), Row{0, free, Value()});
  for (auto first = found.begin(); first != found.end();) {
    auto last =
        std::find_if(first, found.end(), [&](const Row& row) { return row.hash != first->hash; });
    place({first, last});
    first = last;
  }
}

void RowTable::place(std::span<const Row> rows) {
  std::size_t slot = rows[0].hash & (slots_.size() - 1);
  while (slots_[slot].at != free) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = rows[0];
  if (rows.size() == 1) return;
  slots_[slot].at = several | static_cast<std::uint32_t>(lists_.size());
  slots_[slot].value = Value::integer(static_cast<std::int64_t>(rows.size()));
  lists_.insert(lists_.end(), rows.begin(), rows.end());
}

std::span<const RowTable::Row> RowTable::find(const Value* values) const {
  std::uint32_t hash = hash_of(values, columns_);
  for (std::size_t slot = hash;; ++slot) {
    const Row& row = slots_[slot & (slots_.size() - 1)];
    if (row.at == free) return {};
    if (row.hash != hash) continue;
    if ((row.at & several) == 0) return {&row, 1};
    return {lists_.data() + (row.at & ~several), static_cast<std::size_t>(row.value.as_integer())};
  }
}

}  // namespace lictor::eval
