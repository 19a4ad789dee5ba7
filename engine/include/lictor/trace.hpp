// How an answer comes about: the steps of an evaluation, as OPA tells them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace lictor {

/// A part of a module's or a query's text.
struct TextRange {
  std::string file;       // empty in a query's own text
  std::uint32_t row = 0;  // 1-based; 0: nowhere
  std::uint32_t col = 0;  // 1-based, in characters
  std::uint32_t end_row = 0;
  std::uint32_t end_col = 0;  // of the character behind the end
};

/// One step.
struct TraceEvent {
  enum class Kind : std::uint8_t {
    enter,  // a query, a rule or a body is begun
    eval,   // an expression is tried
    fail,   // it has no (further) solution
    exit,   // a query, a rule or a body has a solution
    redo,   // another solution is sought
  };
  enum class Node : std::uint8_t { expr, rule, body };

  Kind kind;
  Node node;
  std::uint64_t query_id;
  std::uint64_t parent_id;
  TextRange range;  // of the node; of a rule: of its head
};

struct TraceOptions {
  bool index = true;       // leave out rules that OPA's index knows to fail
  bool early_exit = true;  // end with the first value where there can be no other
  std::function<void(const TraceEvent&)> hear = nullptr;  // is told each step; null: nobody is
};

}  // namespace lictor
