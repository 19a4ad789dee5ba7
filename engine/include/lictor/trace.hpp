// How an answer comes about: the steps of an evaluation, as OPA tells them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lictor/value.hpp"

namespace lictor {

/// One step. Its texts and values live until the listener returns.
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
  std::string_view file;
  std::uint32_t row;                                   // 1-based; 0: nowhere
  std::uint32_t col;                                   // 1-based, in characters
  std::vector<std::pair<std::string, Value>>* locals;  // by the author's names; may be null
};

}  // namespace lictor
