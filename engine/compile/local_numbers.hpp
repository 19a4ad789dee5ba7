// The numbers in the names that OPA gives to the variables that its compiler makes (`__local3__`),
// which errors and traces show. In: the checked modules. Out: numbers in the order of OPA's stages.
// INVARIANT: one counter numbers the variables of all stages, so that no two share a name; lictor's
// own names begin with or contain `#`, which no name in a policy can.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "syntax/ast.hpp"

namespace lictor::compile {

class LocalNumbers {
 public:
  LocalNumbers() = default;
  /// Skips the numbers of names of this form that the modules use.
  explicit LocalNumbers(const std::vector<syntax::Module*>& modules);

  int next();

 private:
  std::set<int> taken_;
  int next_ = 0;
};

/// The number of the variable for an item of a head's ref, by clause and index; an item without one
/// stays as it is.
using HeadNumbers = std::map<std::pair<const syntax::Rule*, std::size_t>, int>;

}  // namespace lictor::compile
