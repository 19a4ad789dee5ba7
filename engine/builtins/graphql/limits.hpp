// Limits on the work that a document may cause, so that none makes an evaluation hang or run out of
// stack. OPA has none of them; real documents stay far below.
#pragma once

#include <cstdint>

namespace lictor::builtins::graphql {

/// Thrown beyond a limit; caught by the builtins.
struct TooComplex {};

/// Counts the steps of a validation.
class Budget {
 public:
  void spend(std::uint64_t steps = 1) {
    if (steps > left_) throw TooComplex{};
    left_ -= steps;
  }

 private:
  std::uint64_t left_ = 15'000'000;
};

/// One level of recursion while it lives.
class Level {
 public:
  explicit Level(int& depth) : depth_(depth) {
    if (depth_ >= 4000) throw TooComplex{};
    ++depth_;
  }
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  int& depth_;
};

}  // namespace lictor::builtins::graphql
