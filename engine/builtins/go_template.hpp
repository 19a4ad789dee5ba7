// The language of Go's text/template, which strings.render_template takes: text → nodes.
// In: a template's text. Out: its nodes by the name of their template, or an error with its line.
// Source: the documentation of Go's text/template.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lictor::builtins::go_template {

struct Pipe;

/// Where a part of a template is, and its text as Go's errors show it.
struct Place {
  std::uint32_t position = 0;  // in bytes
  std::string source;
};

/// A part of a command; `.a.b`, `$x.a` and `(…).a` have fields.
struct Operand {
  enum class Kind : std::uint8_t {
    dot,
    nil,
    boolean,   // number: 0 or 1
    integer,   // number
    real,      // text: as written
    string,    // text
    variable,  // text: with its dollar sign
    function,  // text: its name
    pipe
  };
  Kind kind = Kind::dot;
  std::string text;
  std::int64_t number = 0;
  std::vector<std::string> fields;
  std::shared_ptr<Pipe> pipe;
  Place place;
  Place term;  // without fields
};

struct Command {
  std::vector<Operand> operands;
  Place place;
};

struct Pipe {
  std::vector<std::string> variables;  // what it declares, or sets
  bool assigns = false;                // sets variables that are there already
  std::vector<Command> commands;
  Place place;
};

struct Node {
  enum class Kind : std::uint8_t { text, action, if_, range, with, call, break_, continue_ };
  Kind kind = Kind::text;
  std::string text;  // text; call: the name of the template
  std::uint32_t line = 1;
  Place place;  // of a call
  Pipe pipe;
  std::vector<Node> body;
  std::vector<Node> otherwise;
};

/// Nodes by template; the text itself is the template "template".
using Templates = std::map<std::string, std::vector<Node>>;

constexpr const char* main_template = "template";

/// Parses; on failure returns nothing, and `error` says why.
std::optional<Templates> parse(std::string_view text, std::string& error);

}  // namespace lictor::builtins::go_template
