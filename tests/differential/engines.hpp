// Asks OPA and lictor what a program says, in one notation.
#pragma once

#include <sys/types.h>
#include <cstdio>
#include <string>

#include "node.hpp"

namespace lictor::differential {

/// What a program says: a value in Rego's notation, "undefined", or "CODE: MESSAGE" of its first
/// error.
struct Outcome {
  std::string text;
  bool refused = false;  // it did not compile
};

/// A running oracle (tests/conformance/cmd/oracle), asked through pipes.
class Reference {
 public:
  explicit Reference(const std::string& binary);
  ~Reference();
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  bool started() const { return child_ > 0; }
  /// With `plain`, OPA evaluates every rule: without its index and without early exit.
  Outcome ask(const Program& program, bool plain = false);

 private:
  pid_t child_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

Outcome ask_lictor(const Program& program);

}  // namespace lictor::differential
