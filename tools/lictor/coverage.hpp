// Which parts of policies evaluations came to, as OPA reports it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"

namespace lictor::cli {

/// Gathers what traced queries cover. What they leave out is told apart by two more runs: without
/// OPA's rule index, and without early exits.
class Coverage {
 public:
  /// How parts that are not covered name their files: OPA's eval has its loader's keys, paths
  /// without slashes at their ends.
  enum class Names : std::uint8_t { paths, keys };

  /// `kinds` are those of "index_excluded" and "early_exit" to look for.
  explicit Coverage(std::set<std::string> kinds, Names names = Names::paths)
      : kinds_(std::move(kinds)), names_(names) {}

  void run(Engine& engine, const std::string& query, const QueryOptions& options,
           const std::string_view* input);

  struct Report {
    std::string json;     // indented, without a newline behind it
    double covered = 0;   // per cent of all lines
    std::string missing;  // lines that are not covered, a range a line behind a tab
  };
  Report report(const Engine& engine) const;

 private:
  using Ranges = std::set<std::vector<std::uint32_t>>;  // row, col, end row, end col
  using Files = std::map<std::string, Ranges>;

  static void trace(Engine& engine, const std::string& query, const QueryOptions& options,
                    const std::string_view* input, bool index, bool early_exit, Files& covered);

  std::set<std::string> kinds_;
  Names names_;
  Files covered_;
  std::map<std::string, Files> covered_by_;  // by kind
};

/// What is wrong with the values of --coverage-runs, or nothing.
std::string wrong_runs(const std::vector<std::string>& kinds);

}  // namespace lictor::cli
