// Lists values that conflict.
#include "eval/conflict.hpp"

#include <algorithm>
#include <tuple>

#include "base/one_line.hpp"
#include "json/write.hpp"

namespace lictor::eval {

std::string list_of_conflicts(std::vector<ConflictingValue> values, bool more) {
  std::stable_sort(values.begin(), values.end(),
                   [](const ConflictingValue& a, const ConflictingValue& b) {
                     return std::tie(a.file, a.row, a.col) < std::tie(b.file, b.row, b.col);
                   });
  std::string out = ":";
  for (const ConflictingValue& one : values) {
    out += "\n  " + on_one_line(json::to_rego(one.value)) + " at " + one.file + ":" +
           std::to_string(one.row);
  }
  return more ? out + "\n  ..." : out;
}

}  // namespace lictor::eval
