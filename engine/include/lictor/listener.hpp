// What an evaluation says on the way, for those who want to hear it.
#pragma once

#include <functional>
#include <string_view>

namespace lictor {

/// Called on the evaluation's thread; the texts live until the call returns.
struct Listener {
  /// A line of print(), without a newline; null: it goes to standard error.
  std::function<void(std::string_view line)> print;
  /// The keys of a case of a test (`test_p[name] if …`) as a JSON array, as soon as they are known;
  /// null: tests do not tell.
  std::function<void(std::string_view keys)> test_case;
};

}  // namespace lictor
