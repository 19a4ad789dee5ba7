// Modules for tests of the parser: those of OPA's published cases and of its formatter's tests, and
// generated ones; then the same with a few tokens changed.
// In: files of cases, a source of random numbers. Out: texts. The same seed gives the same texts.
#pragma once

#include <random>
#include <set>
#include <string>
#include <vector>

namespace lictor::tests {

using Random = std::mt19937_64;

struct ModuleText {
  std::string text;
  bool v0 = false;

  auto operator<=>(const ModuleText&) const = default;
};

/// Adds the modules of a file of cases.
void read_modules(const char* path, std::set<ModuleText>& out);
/// A module of every form that the language has, with blanks, line breaks and comments anywhere.
ModuleText generated_module(Random& random);
/// A query of one to three expressions, with or without separators.
std::string generated_query(Random& random);
/// The text cut into words, numbers, strings, symbols and blanks.
std::vector<std::string> tokens(const std::string& text);
std::string joined(const std::vector<std::string>& tokens);
/// Takes away, adds, moves, doubles or exchanges one to three tokens.
std::string mutated(const std::string& text, Random& random);

}  // namespace lictor::tests
