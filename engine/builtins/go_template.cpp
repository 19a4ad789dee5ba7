#include "builtins/go_template.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/unicode.hpp"
#include "json/escape.hpp"

namespace lictor::builtins::go_template {
namespace {

constexpr std::array functions{"and",     "break", "call",    "continue", "eq",    "ge",
                               "gt",      "html",  "index",   "js",       "le",    "len",
                               "lt",      "ne",    "not",     "or",       "print", "printf",
                               "println", "slice", "urlquery"};

struct Failure {
  std::string message;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_name_part(char c) {
  return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
}

struct Token {
  enum class Kind : std::uint8_t {
    end,
    name,
    field,     // text: without its dot
    variable,  // text: with its dollar sign
    dot,
    integer,
    real,
    string,
    open,
    close,
    pipe,
    comma,
    assign,  // =
    declare  // :=
  };
  Kind kind = Kind::end;
  std::string text;
  std::int64_t number = 0;
  bool follows_space = false;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Templates run() {
    std::vector<Node> nodes;
    std::string ended = list(nodes);
    if (!ended.empty()) fail("unexpected {{" + ended + "}}");
    templates_[main_template] = std::move(nodes);
    return std::move(templates_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Failure{"template: template:" + std::to_string(line_) + ": " + why};
  }

  // ---- Text and the edges of actions ----

  void skip(std::size_t count) {
    line_ += static_cast<std::uint32_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                   text_.begin() + static_cast<std::ptrdiff_t>(at_ + count), '\n'));
    at_ += count;
  }

  /// Takes the text up to the next action, which is entered; false at the end.
  bool text_before_action(std::string& out) {
    std::size_t open = text_.find("{{", at_);
    std::string_view text = text_.substr(at_, open == text_.npos ? text_.npos : open - at_);
    std::size_t size = text.size();
    if (trims_) {
      while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
      trims_ = false;
    }
    if (open != text_.npos && open + 3 < text_.size() && text_[open + 2] == '-' &&
        is_space(text_[open + 3])) {
      while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    }
    out = std::string(text);
    skip(size);
    if (open == text_.npos) return false;
    skip(2);
    if (at_ + 1 < text_.size() && text_[at_] == '-' && is_space(text_[at_ + 1])) skip(2);
    return true;
  }

  bool skip_comment() {
    if (text_.substr(at_, 2) != "/*") return false;
    std::size_t end = text_.find("*/", at_);
    if (end == text_.npos) fail("unclosed comment");
    skip(end + 2 - at_);
    if (!at_end_of_action()) fail("comment ends before closing delimiter");
    leave_action();
    return true;
  }

  bool at_end_of_action() const {
    std::string_view rest = text_.substr(at_);
    bool trimmed = rest.size() >= 4 && is_space(rest[0]) && rest.substr(1, 3) == "-}}";
    return rest.starts_with("}}") || trimmed;
  }

  void leave_action() {
    trims_ = text_[at_] != '}';
    skip(trims_ ? 4 : 2);
  }

  // ---- Tokens within an action ----

  Token scan() {
    Token out;
    std::size_t before = at_;
    while (at_ < text_.size() && is_space(text_[at_]) && !at_end_of_action()) skip(1);
    out.follows_space = at_ != before;
    if (at_ >= text_.size()) fail("unclosed action");
    if (at_end_of_action()) return out;
    char c = text_[at_];
    if (c == '"' || c == '`' || c == '\'') return quoted(c, out);
    if (c == '$') return named(Token::Kind::variable, 1, out);
    bool digit_next =
        at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1]));
    if (std::isdigit(static_cast<unsigned char>(c)) || ((c == '-' || c == '+') && digit_next) ||
        (c == '.' && digit_next))
      return number(out);
    if (c == '.') {
      bool field = at_ + 1 < text_.size() && is_name_part(text_[at_ + 1]);
      if (field) {
        skip(1);
        return named(Token::Kind::field, 0, out);
      }
      return symbol(Token::Kind::dot, 1, out);
    }
    if (is_name_part(c)) return named(Token::Kind::name, 0, out);
    if (text_.substr(at_, 2) == ":=") return symbol(Token::Kind::declare, 2, out);
    switch (c) {
      case '(':
        return symbol(Token::Kind::open, 1, out);
      case ')':
        return symbol(Token::Kind::close, 1, out);
      case '|':
        return symbol(Token::Kind::pipe, 1, out);
      case ',':
        return symbol(Token::Kind::comma, 1, out);
      case '=':
        return symbol(Token::Kind::assign, 1, out);
      default:
        fail("unexpected " + quoted_text(decode_at()) + " in command");
    }
  }

  std::string decode_at() const {
    return std::string(text_.substr(at_, decode_rune(text_, at_).size));
  }
  static std::string quoted_text(const std::string& text) { return "\"" + text + "\""; }

  Token symbol(Token::Kind kind, std::size_t size, Token out) {
    out.kind = kind;
    out.text = std::string(text_.substr(at_, size));
    skip(size);
    return out;
  }

  Token named(Token::Kind kind, std::size_t prefix, Token out) {
    std::size_t end = at_ + prefix;
    while (end < text_.size() && is_name_part(text_[end])) ++end;
    return symbol(kind, end - at_, out);
  }

  Token number(Token out) {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (is_name_part(text_[end]) || text_[end] == '.' ||
            ((text_[end] == '+' || text_[end] == '-') && (text_[end - 1] | 0x20) == 'e')))
      ++end;
    out = symbol(Token::Kind::integer, end - at_, out);
    std::string plain = out.text;
    std::erase(plain, '_');
    bool negative = plain[0] == '-';
    if (negative || plain[0] == '+') plain.erase(0, 1);
    int base = plain.starts_with("0x") || plain.starts_with("0X")   ? 16
               : plain.starts_with("0b") || plain.starts_with("0B") ? 2
               : plain.starts_with("0o") || plain.starts_with("0O") ? 8
                                                                    : 10;
    std::size_t first = base == 10 ? 0 : 2;
    if (base == 10 && plain.size() > 1 && plain[0] == '0' &&
        plain.find_first_of(".eE") == plain.npos)
      base = 8;
    const char* last = plain.data() + plain.size();
    auto [end_of, fault] = std::from_chars(plain.data() + first, last, out.number, base);
    if (negative) out.number = -out.number;
    if (fault == std::errc() && end_of == last) return out;
    double real = 0;
    auto [real_end, real_fault] = std::from_chars(plain.data(), last, real);
    if (base != 10 || real_fault != std::errc() || real_end != last)
      fail("bad number syntax: " + quoted_text(out.text));
    out.kind = Token::Kind::real;
    return out;
  }

  Token quoted(char quote, Token out) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && (quote == '`' || text_[end] != '\n'))
      end += text_[end] == '\\' && quote != '`' ? 2 : 1;
    if (end >= text_.size() || text_[end] != quote) {
      fail(quote == '`'    ? "unterminated raw quoted string"
           : quote == '\'' ? "unterminated character constant"
                           : "unterminated quoted string");
    }
    std::string raw(text_.substr(at_ + 1, end - at_ - 1));
    out = symbol(Token::Kind::string, end + 1 - at_, out);
    out.text = quote == '`' ? raw : unquoted(raw);
    if (quote != '\'') return out;
    out.kind = Token::Kind::integer;
    out.number = out.text.empty() ? 0 : static_cast<std::int64_t>(decode_rune(out.text, 0).code);
    return out;
  }

  /// Go's escapes are JSON's and a few more.
  std::string unquoted(const std::string& raw) const {
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '\\' || i + 1 == raw.size()) {
        out += raw[i];
        continue;
      }
      char c = raw[++i];
      constexpr std::string_view letters = "abfnrtv\\'\"", values = "\a\b\f\n\r\t\v\\'\"";
      std::size_t known = letters.find(c);
      std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
      unsigned code = 0;
      const char* first = raw.data() + i + 1;
      if (known != letters.npos) {
        out += values[known];
      } else if (digits != 0 && i + digits < raw.size() &&
                 std::from_chars(first, first + digits, code, 16).ptr == first + digits) {
        c == 'x' ? out += static_cast<char>(code) : (append_rune(out, code), out);
        i += digits;
      } else {
        fail("invalid syntax");
      }
    }
    return out;
  }

  Token next() {
    if (peeked_) return *std::exchange(peeked_, std::nullopt);
    return scan();
  }
  const Token& peek() {
    if (!peeked_) peeked_ = scan();
    return *peeked_;
  }

  /// The end of an action must follow.
  void close(const char* where) {
    if (next().kind != Token::Kind::end) fail(std::string("unexpected operand in ") + where);
    leave_action();
  }

  // ---- Nodes ----

  /// Nodes up to {{end}}, {{else}} or the end of the text: returns which, with `else` as it stands.
  std::string list(std::vector<Node>& out) {
    while (true) {
      Node text;
      text.line = line_;
      bool action = text_before_action(text.text);
      if (!text.text.empty()) out.push_back(std::move(text));
      if (!action) return {};
      if (skip_comment()) continue;
      const Token& first = peek();
      std::string word = first.kind == Token::Kind::name ? first.text : "";
      if (word == "end" || word == "else") {
        next();
        if (word == "end") close("end");
        return word;
      }
      this->action(word, out);
    }
  }

  void action(const std::string& word, std::vector<Node>& out) {
    Node node;
    node.line = line_;
    if (word == "if" || word == "range" || word == "with") {
      next();
      control(word, node);
    } else if (word == "define" || word == "block") {
      next();
      if (!define(word, node)) return;
    } else if (word == "template") {
      next();
      node.kind = Node::Kind::call;
      node.text = template_name("template clause");
      if (peek().kind != Token::Kind::end) node.pipe = pipe("template clause", Token::Kind::end);
      close("template clause");
    } else if (word == "break" || word == "continue") {
      next();
      node.kind = word == "break" ? Node::Kind::break_ : Node::Kind::continue_;
      if (loops_ == 0) fail("{{" + word + "}} outside {{range}}");
      close(word.c_str());
    } else {
      node.kind = Node::Kind::action;
      node.pipe = pipe("command", Token::Kind::end);
      close("command");
    }
    out.push_back(std::move(node));
  }

  void control(const std::string& word, Node& node) {
    node.kind = word == "if"      ? Node::Kind::if_
                : word == "range" ? Node::Kind::range
                                  : Node::Kind::with;
    std::size_t known = variables_.size();
    node.pipe = pipe(word.c_str(), Token::Kind::end);
    close(word.c_str());
    Nested nested(*this);
    if (word == "range") ++loops_;
    std::string ended = list(node.body);
    if (word == "range") --loops_;
    if (ended == "else") {
      const Token& more = peek();
      bool chained = more.kind == Token::Kind::name && more.text == word && word != "range";
      if (chained) {
        // {{else if}} is an {{if}} in the {{else}} that shares its {{end}}.
        next();
        Node inner;
        inner.line = line_;
        control(word, inner);
        node.otherwise.push_back(std::move(inner));
        variables_.resize(known);
        return;
      }
      close("else");
      ended = list(node.otherwise);
      if (ended == "else") fail("expected end; found {{else}}");
    }
    if (ended.empty()) fail("unexpected EOF");
    variables_.resize(known);
  }

  std::string template_name(const char* where) {
    Token name = next();
    if (name.kind != Token::Kind::string) fail(std::string("unexpected operand in ") + where);
    return name.text;
  }

  /// True if the definition is also a call, as a block is.
  bool define(const std::string& word, Node& node) {
    node.kind = Node::Kind::call;
    node.text = template_name((word + " clause").c_str());
    if (word == "block") node.pipe = pipe("block clause", Token::Kind::end);
    close((word + " clause").c_str());
    std::vector<std::string> outside = std::exchange(variables_, {"$"});
    int loops = std::exchange(loops_, 0);
    Nested nested(*this);
    std::vector<Node> body;
    if (list(body) != "end") fail("unexpected {{else}} in " + word + " clause");
    templates_[node.text] = std::move(body);
    variables_ = std::move(outside);
    loops_ = loops;
    return word == "block";
  }

  // ---- Pipelines ----

  Pipe pipe(const char* where, Token::Kind end) {
    Nested nested(*this);
    Pipe out;
    declarations(out, where);
    while (true) {
      Command command;
      while (peek().kind != Token::Kind::pipe && peek().kind != end) {
        if (!command.operands.empty() && !peek().follows_space)
          fail("unexpected " + quoted_text(peek().text) + " in operand");
        command.operands.push_back(operand(where));
      }
      if (command.operands.empty())
        fail(out.commands.empty() ? std::string("missing value for ") + where : "empty command");
      bool callable = command.operands[0].kind == Operand::Kind::function ||
                      !command.operands[0].fields.empty();
      if (!out.commands.empty() && !callable)
        fail("non executable command in pipeline stage " + std::to_string(out.commands.size() + 1));
      out.commands.push_back(std::move(command));
      if (peek().kind != end) next();  // a bar, behind which nothing need stand
      if (peek().kind == end) return out;
    }
  }

  /// [ $x [ , $y ] ( := | = ) ]
  void declarations(Pipe& out, const char* where) {
    while (peek().kind == Token::Kind::variable) {
      auto mark = std::make_tuple(at_, line_, peeked_);
      Token variable = next();
      Token::Kind behind = peek().kind;
      bool two = behind == Token::Kind::comma && std::string_view(where) == "range";
      if (behind != Token::Kind::declare && behind != Token::Kind::assign && !two) {
        std::tie(at_, line_, peeked_) = mark;
        return;
      }
      next();
      out.variables.push_back(variable.text);
      if (two) continue;
      out.assigns = behind == Token::Kind::assign;
      if (!out.assigns)
        variables_.insert(variables_.end(), out.variables.begin(), out.variables.end());
      return;
    }
    if (!out.variables.empty()) fail("range can only initialize variables");
  }

  Operand operand(const char* where) {
    Token token = next();
    Operand out;
    out.text = token.text;
    switch (token.kind) {
      case Token::Kind::name:
        word(token.text, out);
        break;
      case Token::Kind::field:
        out.fields.push_back(token.text);
        break;
      case Token::Kind::dot:
        break;
      case Token::Kind::variable:
        if (std::find(variables_.begin(), variables_.end(), token.text) == variables_.end())
          fail("undefined variable " + quoted_text(token.text));
        out.kind = Operand::Kind::variable;
        break;
      case Token::Kind::integer:
        out.kind = Operand::Kind::integer;
        out.number = token.number;
        break;
      case Token::Kind::real:
        out.kind = Operand::Kind::real;
        break;
      case Token::Kind::string:
        out.kind = Operand::Kind::string;
        break;
      case Token::Kind::open:
        out.kind = Operand::Kind::pipe;
        out.pipe = std::make_shared<Pipe>(pipe("parenthesized pipeline", Token::Kind::close));
        next();
        break;
      default:
        fail("unexpected " + quoted_text(token.text) + " in " + where);
    }
    while (peek().kind == Token::Kind::field && !peek().follows_space) {
      bool literal = out.kind != Operand::Kind::dot && out.kind != Operand::Kind::variable &&
                     out.kind != Operand::Kind::pipe;
      if (literal) fail("unexpected . after term " + quoted_text(token.text));
      out.fields.push_back(next().text);
    }
    return out;
  }

  void word(const std::string& name, Operand& out) {
    if (name == "true" || name == "false") {
      out.kind = Operand::Kind::boolean;
      out.number = name == "true";
    } else if (name == "nil") {
      out.kind = Operand::Kind::nil;
    } else {
      bool known = std::find(functions.begin(), functions.end(), name) != functions.end();
      if (!known) fail("function " + quoted_text(name) + " not defined");
      out.kind = Operand::Kind::function;
    }
  }

  /// Counts how deep actions stand in each other.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) {
      constexpr int most = 500;
      if (++parser.depth_ > most) parser.fail("max expression depth exceeded");
    }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
  };

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  bool trims_ = false;  // blanks at the start of the next text
  int depth_ = 0;
  int loops_ = 0;
  std::optional<Token> peeked_;
  std::vector<std::string> variables_{"$"};
  Templates templates_;
};

}  // namespace

std::optional<Templates> parse(std::string_view text, std::string& error) {
  try {
    return Parser(text).run();
  } catch (const Failure& failure) {
    error = failure.message;
    return std::nullopt;
  }
}

}  // namespace lictor::builtins::go_template
