// YAML tokens → documents as trees of nodes. In: a text. Out: nodes, whose tags are resolved, or a
// thrown Refused with go-yaml's words. Entry point: Parser::document().
// INVARIANT: no recursion, so that nesting costs no stack; aliases point to nodes of the same
// parser, and may form cycles. Source: go-yaml v3.0.6, parserc.go and decode.go (the parser).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/yaml_scanner.hpp"

namespace lictor::yaml {

/// An error, in go-yaml's words.
struct Refused {
  std::string message;
  int line = 0;  // as the message names it; 0 if it names none
};

struct Node {
  enum class Kind { sequence, mapping, scalar, alias };

  Kind kind = Kind::scalar;
  bool quoted = false;  // or a block scalar
  bool tagged = false;  // has a tag of its own
  int line = 0;         // 1-based
  std::string tag;      // "!!int"; empty for an alias
  std::string value;    // of a scalar; the name of an alias
  Node* target = nullptr;
  std::vector<Node*> content;  // of a mapping: keys and values in turn
};

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text) {}

  /// The next document, or null at the end of the text.
  Node* document();

 private:
  using Kind = Token::Kind;

  struct Event {
    enum class Kind { stream_end, document, document_end, alias, scalar, sequence, mapping, end };
    Kind kind;
    int line = 0;
    std::string anchor = {}, tag = {}, value = {};
    bool quoted = false;
  };

  enum class State {
    implicit_document,
    document,
    document_content,
    document_end,
    block_node,
    flow_node,
    block_sequence_first,
    block_sequence,
    indentless_sequence,
    block_mapping_first,
    block_mapping_key,
    block_mapping_value,
    flow_sequence_first,
    flow_sequence,
    flow_pair_key,
    flow_pair_value,
    flow_pair_end,
    flow_mapping_first,
    flow_mapping_key,
    flow_mapping_value,
    flow_mapping_empty_value
  };

  struct Directive {
    std::string handle, prefix;
  };

  const Token& peek() { return scanner_.peek(); }
  bool at(std::initializer_list<Kind> kinds);
  Token take();
  [[noreturn]] void fail(std::string text, const Mark& at) const;
  [[noreturn]] void fail(std::string text, const Mark& context, const Mark& at) const;
  [[noreturn]] void fail_in_collection(std::string text);

  Event next();
  Event step();
  Event document_start(bool implicit);
  Event document_content();
  Event document_end();
  Event node(bool block, bool indentless);
  Event node_content(Event event, const Mark& start, bool block, bool indentless, bool has_tag);
  std::string resolve_tag(const Token& tag, const Mark& start) const;
  Event empty(const Mark& mark) const;
  Event empty_then(State state, const Mark& mark);
  Event node_then(State state, bool block, bool indentless);
  Event end_of_collection(bool skip_token = true);
  Event block_sequence();
  Event indentless_sequence();
  Event block_mapping_key();
  Event block_mapping_value();
  Event flow_sequence(bool first);
  Event flow_mapping_key(bool first);
  Event flow_value(Kind end, State after);
  void enter_collection();
  void process_directives();
  void add_directive(Directive directive, bool may_repeat, const Mark& mark);

  void pop_state();
  Node* make(Event event);

  Scanner scanner_;
  State state_ = State::implicit_document;
  std::vector<State> states_;
  std::vector<Mark> marks_;  // where the open collections begin
  std::vector<Directive> directives_;
  std::deque<Node> nodes_;
  std::unordered_map<std::string, Node*> anchors_;
};

}  // namespace lictor::yaml
