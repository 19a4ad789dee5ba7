// Inputs made for a policy: seeded, aimed at the paths that it reads and the constants that it
// compares with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lictor/policy.hpp"

namespace lictor::cli {

/// Makes JSON documents: valid and boundary values, missing fields, wrong kinds, nulls, huge
/// numbers, unicode.
class InputGenerator {
 public:
  InputGenerator(const Policy& policy, std::uint64_t seed);
  std::string next();

 private:
  std::uint64_t random();
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random() % bound); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  std::string text();
  std::string number();
  std::string near_number();
  std::string value(int depth);
  std::string fields(const std::vector<std::vector<std::string>>& paths, std::size_t depth);

  std::vector<std::vector<std::string>> paths_;
  std::vector<std::string> texts_;
  std::vector<std::string> numbers_;
  std::uint64_t state_;
  bool sane_ = false;
};

}  // namespace lictor::cli
