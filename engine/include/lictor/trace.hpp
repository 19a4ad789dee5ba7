// How an answer comes about: the steps of an evaluation, as OPA tells them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lictor {

/// A part of a module's or a query's text.
struct TextRange {
  std::string file;       // empty in a query's own text
  std::uint32_t row = 0;  // 1-based; 0: nowhere
  std::uint32_t col = 0;  // 1-based, in characters
  std::uint32_t end_row = 0;
  std::uint32_t end_col = 0;  // of the character behind the end
};

/// A variable of a step's node, or a document that it reads, and its value in Rego's notation.
struct TraceVariable {
  std::string name;
  std::string value;
};

/// What stands at a place in the text of an expression, and its value; "undefined" if it has none.
struct TraceValue {
  std::string text;
  std::string value;
  std::uint32_t row = 0;            // 1-based
  std::uint32_t col = 0;            // 1-based, in characters
  std::vector<std::uint32_t> tabs;  // the columns in front of it that are tabs
};

/// One step.
struct TraceEvent {
  enum class Kind : std::uint8_t {
    enter,      // a query, a rule or a body is begun
    eval,       // an expression is tried
    fail,       // it has no (further) solution
    exit,       // a query, a rule or a body has a solution
    redo,       // another solution is sought
    duplicate,  // a rule's value was there already
    note,       // a call of trace()
    index,      // rules are looked up
    unify,      // two terms are made equal
    test_case,  // a case of a test is begun
  };
  enum class Node : std::uint8_t { expr, rule, body, every };

  Kind kind = Kind::enter;
  Node node = Node::expr;
  std::uint64_t query_id = 0;
  std::uint64_t parent_id = 0;
  TextRange range;  // of the node; of a rule: of its head

  // With TraceOptions::texts:
  std::string text;  // the node in Rego's notation; of a rule its ref; of an index what is sought
  std::string message;                   // "early"; what the index found; a note
  std::string keys;                      // of the case of a test, as a JSON array
  std::vector<TraceVariable> variables;  // by name

  // With TraceOptions::values, where an expression fails:
  std::string source;  // what was written, with its indentation
  std::vector<TraceValue> values;
};

struct TraceOptions {
  bool index = true;          // leave out rules that OPA's index knows to fail
  bool early_exit = true;     // end with the first value where there can be no other
  bool texts = false;         // say what each step is about
  bool values = false;        // say which values an expression fails with
  bool unifications = false;  // also tell each unification
  std::function<void(const TraceEvent&)> hear = nullptr;  // is told each step; null: nobody is
};

}  // namespace lictor
