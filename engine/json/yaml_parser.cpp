#include "json/yaml_parser.hpp"

#include <algorithm>

#include "json/yaml_scalar.hpp"

namespace lictor::yaml {
namespace {

/// The message with its line, which go-yaml counts from 0 in the parser and from 1 in the scanner.
Refused refused(const Problem& problem) {
  int line = problem.context.line != 0 ? problem.context.line : problem.at.line;
  if (line != 0 && problem.stage == Problem::Stage::scanner) ++line;
  std::string where = line == 0 ? "" : "line " + std::to_string(line) + ": ";
  return {"yaml: " + where + problem.text, line};
}

}  // namespace

// ---- Nodes ----

Node* Parser::document() try {
  if (next().kind == Event::Kind::stream_end) return nullptr;
  Node* root = nullptr;
  std::vector<Node*> open;
  do {
    Event event = next();
    if (event.kind == Event::Kind::end) {
      open.pop_back();
      continue;
    }
    Node* node = make(std::move(event));
    if (open.empty())
      root = node;
    else
      open.back()->content.push_back(node);
    bool collection = node->kind == Node::Kind::sequence || node->kind == Node::Kind::mapping;
    if (collection) open.push_back(node);
  } while (!open.empty());
  next();
  return root;
} catch (const Problem& problem) {
  throw refused(problem);
}

Node* Parser::make(Event event) {
  Node& node = nodes_.emplace_back();
  node.line = event.line;
  node.value = std::move(event.value);
  node.quoted = event.quoted;
  if (event.kind == Event::Kind::alias) {
    node.kind = Node::Kind::alias;
    node.value = event.anchor;
    auto known = anchors_.find(event.anchor);
    if (known == anchors_.end())
      throw Refused{"yaml: unknown anchor '" + event.anchor + "' referenced"};
    node.target = known->second;
    return &node;
  }
  node.kind = event.kind == Event::Kind::sequence  ? Node::Kind::sequence
              : event.kind == Event::Kind::mapping ? Node::Kind::mapping
                                                   : Node::Kind::scalar;
  node.tagged = !event.tag.empty() && event.tag != "!";
  if (node.tagged)
    node.tag = short_tag(event.tag);
  else if (node.kind != Node::Kind::scalar)
    node.tag = node.kind == Node::Kind::sequence ? "!!seq" : "!!map";
  else if (node.quoted)
    node.tag = "!!str";
  else
    node.tag = node.value == "<<" ? "!!merge" : implicit_tag(node.value);
  if (!event.anchor.empty()) anchors_[event.anchor] = &node;
  return &node;
}

// ---- Events ----

bool Parser::at(std::initializer_list<Kind> kinds) {
  return std::find(kinds.begin(), kinds.end(), peek().kind) != kinds.end();
}

Token Parser::take() {
  Token token = peek();
  scanner_.skip();
  return token;
}

void Parser::fail(std::string text, const Mark& at) const { fail(std::move(text), {}, at); }

void Parser::fail(std::string text, const Mark& context, const Mark& at) const {
  throw Problem{Problem::Stage::parser, std::move(text), context, at};
}

void Parser::fail_in_collection(std::string text) {
  fail(std::move(text), marks_.back(), peek().start);
}

void Parser::pop_state() {
  state_ = states_.back();
  states_.pop_back();
}

Parser::Event Parser::next() {
  Event event = step();
  scanner_.report_pending();
  return event;
}

Parser::Event Parser::step() {
  switch (state_) {
    case State::implicit_document:
      return document_start(true);
    case State::document:
      return document_start(false);
    case State::document_content:
      return document_content();
    case State::document_end:
      return document_end();
    case State::block_node:
      return node(true, false);
    case State::flow_node:
      return node(false, false);
    case State::block_sequence_first:
      enter_collection();
      return block_sequence();
    case State::block_sequence:
      return block_sequence();
    case State::indentless_sequence:
      return indentless_sequence();
    case State::block_mapping_first:
      enter_collection();
      return block_mapping_key();
    case State::block_mapping_key:
      return block_mapping_key();
    case State::block_mapping_value:
      return block_mapping_value();
    case State::flow_sequence_first:
      enter_collection();
      return flow_sequence(true);
    case State::flow_sequence:
      return flow_sequence(false);
    case State::flow_pair_key:
      if (at({Kind::value, Kind::flow_entry, Kind::flow_sequence_end}))
        return empty_then(State::flow_pair_value, take().end);
      return node_then(State::flow_pair_value, false, false);
    case State::flow_pair_value:
      return flow_value(Kind::flow_sequence_end, State::flow_pair_end);
    case State::flow_pair_end:
      state_ = State::flow_sequence;
      return {.kind = Event::Kind::end};
    case State::flow_mapping_first:
      enter_collection();
      return flow_mapping_key(true);
    case State::flow_mapping_key:
      return flow_mapping_key(false);
    case State::flow_mapping_value:
      return flow_value(Kind::flow_mapping_end, State::flow_mapping_key);
    case State::flow_mapping_empty_value:
      return empty_then(State::flow_mapping_key, peek().start);
  }
  return {.kind = Event::Kind::stream_end};
}

void Parser::enter_collection() { marks_.push_back(take().start); }

Parser::Event Parser::empty(const Mark& mark) const {
  return {.kind = Event::Kind::scalar, .line = mark.line + 1};
}

Parser::Event Parser::empty_then(State state, const Mark& mark) {
  state_ = state;
  return empty(mark);
}

Parser::Event Parser::node_then(State state, bool block, bool indentless) {
  states_.push_back(state);
  return node(block, indentless);
}

Parser::Event Parser::end_of_collection(bool skip_token) {
  pop_state();
  if (skip_token) {
    marks_.pop_back();
    scanner_.skip();
  }
  return {.kind = Event::Kind::end};
}

// ---- Documents ----

Parser::Event Parser::document_start(bool implicit) {
  while (!implicit && at({Kind::document_end})) scanner_.skip();
  if (at({Kind::stream_end})) return {.kind = Event::Kind::stream_end};
  bool marked = at({Kind::version_directive, Kind::tag_directive, Kind::document_start});
  process_directives();
  states_.push_back(State::document_end);
  if (implicit && !marked) {
    state_ = State::block_node;
    return {.kind = Event::Kind::document};
  }
  if (!at({Kind::document_start})) fail("did not find expected <document start>", peek().start);
  state_ = State::document_content;
  scanner_.skip();
  return {.kind = Event::Kind::document};
}

Parser::Event Parser::document_content() {
  bool none = at({Kind::version_directive, Kind::tag_directive, Kind::document_start,
                  Kind::document_end, Kind::stream_end});
  if (!none) return node(true, false);
  pop_state();
  return empty(peek().start);
}

Parser::Event Parser::document_end() {
  if (at({Kind::document_end})) scanner_.skip();
  directives_.clear();
  state_ = State::document;
  return {.kind = Event::Kind::document_end};
}

void Parser::process_directives() {
  bool versioned = false;
  while (at({Kind::version_directive, Kind::tag_directive})) {
    const Token& token = peek();
    if (token.kind == Kind::tag_directive) {
      add_directive({token.text, token.suffix}, false, token.start);
    } else {
      if (versioned) fail("found duplicate %YAML directive", token.start);
      if (token.major != 1 || token.minor != 1)
        fail("found incompatible YAML document", token.start);
      versioned = true;
    }
    scanner_.skip();
  }
  add_directive({"!", "!"}, true, peek().start);
  add_directive({"!!", std::string(long_tag_prefix)}, true, peek().start);
}

void Parser::add_directive(Directive directive, bool may_repeat, const Mark& mark) {
  for (const Directive& known : directives_) {
    if (known.handle != directive.handle) continue;
    if (may_repeat) return;
    fail("found duplicate %TAG directive", mark);
  }
  directives_.push_back(std::move(directive));
}

// ---- Nodes with their properties ----

std::string Parser::resolve_tag(const Token& tag, const Mark& start) const {
  if (tag.text.empty()) return tag.suffix;
  for (const Directive& directive : directives_) {
    if (directive.handle == tag.text) return directive.prefix + tag.suffix;
  }
  fail("found undefined tag handle", start, tag.start);
}

Parser::Event Parser::node(bool block, bool indentless) {
  Event event{.kind = Event::Kind::scalar};
  Mark start = peek().start;
  event.line = start.line + 1;
  if (at({Kind::alias})) {
    pop_state();
    event.kind = Event::Kind::alias;
    event.anchor = take().text;
    return event;
  }
  Token tag;
  bool has_tag = false;
  auto take_tag = [&] {
    if (!at({Kind::tag})) return;
    tag = take();
    has_tag = true;
  };
  take_tag();
  if (at({Kind::anchor})) {
    event.anchor = take().text;
    if (!has_tag) take_tag();
  }
  peek();
  if (has_tag) event.tag = resolve_tag(tag, start);
  return node_content(std::move(event), start, block, indentless, has_tag);
}

Parser::Event Parser::node_content(Event event, const Mark& start, bool block, bool indentless,
                                   bool has_tag) {
  auto collection = [&](Event::Kind kind, State state) {
    event.kind = kind;
    state_ = state;
    return event;
  };
  Kind kind = peek().kind;
  if (indentless && kind == Kind::block_entry)
    return collection(Event::Kind::sequence, State::indentless_sequence);
  if (kind == Kind::scalar) {
    pop_state();
    Token token = take();
    event.value = std::move(token.text);
    event.quoted = token.style != Token::Style::plain;
    return event;
  }
  if (kind == Kind::flow_sequence_start)
    return collection(Event::Kind::sequence, State::flow_sequence_first);
  if (kind == Kind::flow_mapping_start)
    return collection(Event::Kind::mapping, State::flow_mapping_first);
  if (block && kind == Kind::block_sequence_start)
    return collection(Event::Kind::sequence, State::block_sequence_first);
  if (block && kind == Kind::block_mapping_start)
    return collection(Event::Kind::mapping, State::block_mapping_first);
  if (event.anchor.empty() && !has_tag)
    fail("did not find expected node content", start, peek().start);
  pop_state();
  return event;
}

// ---- Collections ----

Parser::Event Parser::block_sequence() {
  if (at({Kind::block_end})) return end_of_collection();
  if (!at({Kind::block_entry})) fail_in_collection("did not find expected '-' indicator");
  Mark end = take().end;
  if (at({Kind::block_entry, Kind::block_end})) return empty_then(State::block_sequence, end);
  return node_then(State::block_sequence, true, false);
}

Parser::Event Parser::indentless_sequence() {
  if (!at({Kind::block_entry})) return end_of_collection(false);
  Mark end = take().end;
  if (at({Kind::block_entry, Kind::key, Kind::value, Kind::block_end}))
    return empty_then(State::indentless_sequence, end);
  return node_then(State::indentless_sequence, true, false);
}

Parser::Event Parser::block_mapping_key() {
  if (at({Kind::block_end})) return end_of_collection();
  if (!at({Kind::key})) fail_in_collection("did not find expected key");
  Mark end = take().end;
  if (at({Kind::key, Kind::value, Kind::block_end}))
    return empty_then(State::block_mapping_value, end);
  return node_then(State::block_mapping_value, true, true);
}

Parser::Event Parser::block_mapping_value() {
  if (!at({Kind::value})) return empty_then(State::block_mapping_key, peek().start);
  Mark end = take().end;
  if (at({Kind::key, Kind::value, Kind::block_end}))
    return empty_then(State::block_mapping_key, end);
  return node_then(State::block_mapping_key, true, true);
}

Parser::Event Parser::flow_sequence(bool first) {
  if (at({Kind::flow_sequence_end})) return end_of_collection();
  if (!first) {
    if (!at({Kind::flow_entry})) fail_in_collection("did not find expected ',' or ']'");
    scanner_.skip();
    if (at({Kind::flow_sequence_end})) return end_of_collection();
  }
  if (!at({Kind::key})) return node_then(State::flow_sequence, false, false);
  state_ = State::flow_pair_key;
  return {.kind = Event::Kind::mapping, .line = take().start.line + 1};
}

Parser::Event Parser::flow_mapping_key(bool first) {
  if (at({Kind::flow_mapping_end})) return end_of_collection();
  if (!first) {
    if (!at({Kind::flow_entry})) fail_in_collection("did not find expected ',' or '}'");
    scanner_.skip();
    if (at({Kind::flow_mapping_end})) return end_of_collection();
  }
  if (!at({Kind::key})) return node_then(State::flow_mapping_empty_value, false, false);
  scanner_.skip();
  if (at({Kind::value, Kind::flow_entry, Kind::flow_mapping_end}))
    return empty_then(State::flow_mapping_value, peek().start);
  return node_then(State::flow_mapping_value, false, false);
}

Parser::Event Parser::flow_value(Kind end, State after) {
  if (at({Kind::value})) {
    scanner_.skip();
    if (!at({Kind::flow_entry, end})) return node_then(after, false, false);
  }
  return empty_then(after, peek().start);
}

}  // namespace lictor::yaml
