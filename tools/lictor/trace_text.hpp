// The steps of an evaluation as people read them, as OPA shows them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"

namespace lictor::cli {

/// Which steps are kept; those that are picked come with the queries that they are within.
enum class Explain : std::uint8_t { off, notes, fails, fails_and_notes, full, debug };

/// "notes", "fails", "full" or "debug"; off for anything else.
Explain explain_named(const std::string& name);

/// Hears the steps of one evaluation and keeps those that are asked for.
class TraceLog {
 public:
  explicit TraceLog(Explain kept) : kept_(kept) {}

  void hear(const TraceEvent& event);
  const std::vector<TraceEvent>& events() const { return events_; }

 private:
  bool picks(const TraceEvent& event) const;
  void keep_with_queries(const TraceEvent& event);

  Explain kept_;
  std::vector<TraceEvent> events_;
  std::map<std::uint64_t, TraceEvent> begun_;  // queries, by number
};

/// True for the failure of an expression of a policy, which says why something does not hold.
bool is_failing_line(const TraceEvent& event);

/// A table: the place, the step, and with `variables` what it knows. `indent` stands before each
/// cell.
std::string trace_table(const std::vector<TraceEvent>& events, bool variables,
                        const std::string& indent = "");

/// An expression that failed, with arrows from its parts to their values.
std::string values_below(const TraceEvent& failure);

}  // namespace lictor::cli
