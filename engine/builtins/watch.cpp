// Asks the clock and the caller whether an evaluation is to go on.
#include "builtins/watch.hpp"

namespace lictor::builtins {

void stop_if_due(const Environment& environment) {
  if (environment.deadline && std::chrono::steady_clock::now() > *environment.deadline)
    throw Stopped{"context deadline exceeded"};
  if (environment.is_cancelled && (*environment.is_cancelled)())
    throw Stopped{"caller cancelled query execution"};
}

}  // namespace lictor::builtins
