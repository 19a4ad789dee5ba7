#include "builtins/go_template.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/digits.hpp"
#include "base/hex.hpp"
#include "base/letters.hpp"
#include "base/rune_set.hpp"
#include "base/unicode.hpp"
#include "value/number.hpp"

namespace lictor::builtins::go_template {
namespace {

constexpr std::array<std::string_view, 19> functions{
    "and", "call", "eq",  "ge", "gt",    "html",   "index",   "js",    "le",      "len",
    "lt",  "ne",   "not", "or", "print", "printf", "println", "slice", "urlquery"};
constexpr std::array<std::string_view, 11> keywords{"block", "break",    "continue", "define",
                                                    "else",  "end",      "if",       "nil",
                                                    "range", "template", "with"};

template <typename Names>
bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct Failure {
  std::string message;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// True for letters and decimal digits beyond ASCII.
bool is_letter_or_digit(char32_t code) {
  static const RuneSet letters = *unicode_class("L"), digits = *unicode_class("Nd");
  return letters.contains(code) || digits.contains(code);
}

/// How many bytes the part of a name at an index has; 0 if there is none.
std::size_t name_part(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  auto c = static_cast<unsigned char>(text[at]);
  if (c < 0x80) return c == '_' || std::isalnum(c) != 0;
  Rune rune = decode_rune(text, at);
  return is_letter_or_digit(rune.code) ? rune.size : 0;
}

struct Token {
  enum class Kind : std::uint8_t {
    end,
    name,
    keyword,
    field,     // name: without its dot
    variable,  // name: with its dollar sign
    dot,
    integer,
    real,
    string,  // name: what the quotes mean
    open,
    close,
    pipe,
    assign,     // =
    declare,    // :=
    character,  // any other
    error       // text: what is wrong
  };
  Kind kind = Kind::end;
  std::uint32_t position = 0;
  std::string text;  // as written
  std::string name;
  std::int64_t number = 0;
  bool follows_space = false;

  bool is(std::string_view word) const { return kind == Kind::keyword && text == word; }
  bool begins_operand() const {
    bool nil = is("nil");
    return nil || (kind != Kind::end && kind != Kind::keyword && kind != Kind::close &&
                   kind != Kind::pipe && kind != Kind::assign && kind != Kind::declare &&
                   kind != Kind::character && kind != Kind::error);
  }
};

std::string quoted_text(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// A token as Go's errors show it: keywords and the dot between angle brackets, others quoted, and
/// long ones cut off.
std::string shown(const Token& token) {
  constexpr std::size_t longest = 10;
  if (token.kind == Token::Kind::keyword || token.kind == Token::Kind::dot)
    return "<" + token.text + ">";
  if (token.text.size() <= longest) return quoted_text(token.text);
  std::size_t size = 0;
  for (std::size_t runes = 0; runes < longest && size < token.text.size(); ++runes)
    size += decode_rune(token.text, size).size;
  return quoted_text(std::string_view(token.text).substr(0, size)) + "...";
}

/// A character as Go's %#U shows it.
std::string shown_rune(char32_t code) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char32_t rest = code; out.size() < 4 || rest != 0; rest >>= 4)
    out.insert(out.begin(), digits[rest & 15]);
  out.insert(0, "U+");
  if (!is_printable(code)) return out;
  out += " '";
  append_rune(out, code);
  return out + "'";
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Templates run() {
    std::vector<Node> nodes;
    std::string ended = list(nodes, true);
    if (!ended.empty()) fail("unexpected {{" + ended + "}}");
    add(main_template, std::move(nodes));
    return std::move(templates_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Failure{"template: template:" + std::to_string(line_) + ": " + why};
  }

  /// As above, for what is no token; names the action that it is in, if that began on another line.
  [[noreturn]] void fail_lexing(std::string why) const {
    if (action_line_ != 0 && action_line_ != line_) {
      why += why.ends_with(" action") ? "" : " in action";
      why += " started at template:" + std::to_string(action_line_);
    }
    fail(why);
  }

  [[noreturn]] void unexpected(const Token& token, std::string_view where) const {
    if (token.kind == Token::Kind::error) throw Failure{token.text};
    std::string text = token.kind == Token::Kind::end ? quoted_text("}}") : shown(token);
    fail("unexpected " + text + " in " + std::string(where));
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
    parentheses_ = 0;
    return true;
  }

  bool skip_comment() {
    if (text_.substr(at_, 2) != "/*") return false;
    std::size_t end = text_.find("*/", at_ + 2);
    if (end == text_.npos) fail_lexing("unclosed comment");
    skip(end + 2 - at_);
    if (!at_end_of_action()) fail_lexing("comment ends before closing delimiter");
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

  bool ends() const { return at_ >= text_.size(); }
  char peek_char(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  /// What is no token fails only where it is needed.
  Token scan() {
    try {
      return scan_token();
    } catch (const Failure& failure) {
      Token out;
      out.kind = Token::Kind::error;
      out.text = failure.message;
      return out;
    }
  }

  Token scan_token() {
    Token out;
    std::size_t before = at_;
    while (!ends() && is_space(text_[at_]) && !at_end_of_action()) skip(1);
    out.follows_space = at_ != before;
    out.position = static_cast<std::uint32_t>(at_);
    if (ends()) fail_lexing("unclosed action");
    if (at_end_of_action()) {
      out.follows_space = out.follows_space || text_[at_] != '}';
      if (parentheses_ > 0) fail_lexing("unclosed left paren");
      return out;
    }
    char c = text_[at_];
    bool digit_next = is_digit(peek_char(1));
    if (c == '"' || c == '`' || c == '\'') return quoted(c, out);
    if (c == '$') return named(Token::Kind::variable, out);
    bool last = at_ + 1 == text_.size();  // then a point is taken for a number
    if (c == '.' && !digit_next && !last) return named(Token::Kind::field, out);
    if (is_digit(c) || c == '-' || c == '+' || c == '.') return number(out);
    if (name_part(text_, at_) > 0) return named(Token::Kind::name, out);
    return mark(c, out);
  }

  Token mark(char c, Token out) {
    switch (c) {
      case ':':
        if (peek_char(1) != '=') fail_lexing("expected :=");
        return symbol(Token::Kind::declare, 2, out);
      case '(':
        ++parentheses_;
        return symbol(Token::Kind::open, 1, out);
      case ')':
        if (--parentheses_ < 0) fail_lexing("unexpected right paren");
        return symbol(Token::Kind::close, 1, out);
      case '|':
        return symbol(Token::Kind::pipe, 1, out);
      case '=':
        return symbol(Token::Kind::assign, 1, out);
      default:
        if (c > ' ' && c < 0x7F) return symbol(Token::Kind::character, 1, out);
        fail_lexing("unrecognized character in action: " +
                    shown_rune(decode_rune(text_, at_).code));
    }
  }

  Token symbol(Token::Kind kind, std::size_t size, Token out) {
    out.kind = kind;
    out.text = std::string(text_.substr(at_, size));
    skip(size);
    return out;
  }

  /// True where a name may end.
  bool at_terminator() const {
    return ends() || is_space(text_[at_]) ||
           std::string_view(".,|:)(").find(text_[at_]) != std::string_view::npos ||
           text_.substr(at_).starts_with("}}");
  }

  Token named(Token::Kind kind, Token out) {
    std::size_t prefix = kind == Token::Kind::name ? 0 : 1, end = at_ + prefix;
    while (std::size_t size = name_part(text_, end)) end += size;
    out = symbol(kind, end - at_, out);
    if (!at_terminator()) fail_lexing("bad character " + shown_rune(decode_rune(text_, at_).code));
    out.name = out.text.substr(kind == Token::Kind::field ? 1 : 0);
    if (kind == Token::Kind::field && out.name.empty()) out.kind = Token::Kind::dot;
    if (kind == Token::Kind::name && is_among(keywords, out.text)) out.kind = Token::Kind::keyword;
    return out;
  }

  bool accept(std::string_view characters) {
    if (ends() || characters.find(text_[at_]) == characters.npos) return false;
    ++at_;
    return true;
  }

  /// What may be a number; whether it is one, its reader knows.
  bool scan_number() {
    constexpr std::string_view decimal = "0123456789_", hexadecimal = "0123456789abcdefABCDEF_";
    std::string_view digits = decimal;
    accept("+-");
    if (accept("0"))
      digits = accept("xX")   ? hexadecimal
               : accept("oO") ? "01234567_"
               : accept("bB") ? "01_"
                              : digits;
    while (accept(digits)) continue;
    if (accept(".")) {
      while (accept(digits)) continue;
    }
    bool exponent = (digits == decimal && accept("eE")) || (digits == hexadecimal && accept("pP"));
    if (exponent) {
      accept("+-");
      while (accept(decimal)) continue;
    }
    accept("i");
    std::size_t more = name_part(text_, at_);
    at_ += more;
    return more == 0;
  }

  Token number(Token out) {
    std::size_t start = at_;
    bool good = scan_number();
    if (good && !ends() && (text_[at_] == '+' || text_[at_] == '-'))
      good = scan_number() && text_[at_ - 1] == 'i';
    out.text = std::string(text_.substr(start, at_ - start));
    if (!good) fail_lexing("bad number syntax: " + quoted_text(out.text));
    out.kind = Token::Kind::integer;
    return out;
  }

  /// Reads the number of a token, which becomes an integer, a real number, or a text: that is all
  /// that there is of complex numbers, which no function takes.
  void read_number(Token& token) const {
    std::string plain = token.text;
    if (!separates_digits(plain)) fail("illegal number syntax: " + quoted_text(token.text));
    std::erase(plain, '_');
    if (plain.ends_with('i') && base_of(plain) == 10) return read_complex(plain, token);
    bool negative = plain[0] == '-';
    if (negative || plain[0] == '+') plain.erase(0, 1);
    int base = base_of(plain);
    std::size_t first = base == 10 ? 0 : 2;
    bool is_real = base != 16 && plain.find_first_of(".eE") != plain.npos;
    if (base == 10 && plain.size() > 1 && plain[0] == '0' && !is_real) base = 8;
    const char* last = plain.data() + plain.size();
    auto [end, fault] = std::from_chars(plain.data() + first, last, token.number, base);
    if (negative) token.number = -token.number;
    if (fault == std::errc() && end == last) return;
    if (fault == std::errc::result_out_of_range && end == last)
      fail("integer overflow: " + quoted_text(token.text));
    double real = 0;
    auto [real_end, real_fault] = std::from_chars(plain.data(), last, real);
    if (!is_real || real_fault != std::errc() || real_end != last)
      fail("illegal number syntax: " + quoted_text(token.text));
    token.kind = Token::Kind::real;
  }

  /// The base that a number without a sign begins with.
  static int base_of(std::string_view number) {
    if (number.size() < 2 || number[0] != '0') return 10;
    char letter = static_cast<char>(number[1] | 0x20);
    return letter == 'x' ? 16 : letter == 'b' ? 2 : letter == 'o' ? 8 : 10;
  }

  /// "1+2i" or "2i"; written as Go prints it.
  void read_complex(const std::string& plain, Token& token) const {
    double real = 0, imaginary = 0;
    const char* end = plain.data() + plain.size() - 1;
    auto skip_plus = [](const char* at) { return at + (*at == '+'); };
    auto [middle, error] = std::from_chars(skip_plus(plain.data()), end, real);
    const char* last = middle;
    if (middle == end)
      std::swap(real, imaginary);
    else
      last = std::from_chars(skip_plus(middle), end, imaginary).ptr;
    if (error != std::errc() || last != end)
      fail("illegal number syntax: " + quoted_text(token.text));
    auto shown = [](double value) {
      return format_decimal(lictor::shortest_decimal(value), 'g', -1, true);
    };
    token.kind = Token::Kind::string;
    token.text =
        "`(" + shown(real) + (std::signbit(imaginary) ? "" : "+") + shown(imaginary) + "i)`";
  }

  Token quoted(char quote, Token out) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && (quote == '`' || text_[end] != '\n')) {
      bool escape = text_[end] == '\\' && quote != '`';
      end += escape && text_.substr(end + 1, 1) != "\n" ? 2 : 1;
    }
    if (end >= text_.size() || text_[end] != quote) {
      fail_lexing(quote == '`'    ? "unterminated raw quoted string"
                  : quote == '\'' ? "unterminated character constant"
                                  : "unterminated quoted string");
    }
    return symbol(quote == '\'' ? Token::Kind::integer : Token::Kind::string, end + 1 - at_, out);
  }

  /// What a token between quotes means.
  std::string unquoted_token(const Token& token) const {
    std::string raw = token.text.substr(1, token.text.size() - 2);
    return token.text[0] == '`' ? raw : unquoted(raw);
  }

  void read_character(Token& token) const {
    token.name = unquoted_token(token);
    if (token.name.empty()) fail("invalid syntax");
    Rune rune = decode_rune(token.name, 0);
    if (rune.size != token.name.size()) fail("malformed character constant: " + token.text);
    token.number = static_cast<std::int64_t>(rune.code);
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
  void close(std::string_view where) {
    Token token = next();
    if (token.kind != Token::Kind::end) unexpected(token, where);
    leave_action();
  }

  // ---- Nodes ----

  /// Nodes up to {{end}}, {{else}} or the end of the text: returns which, with `else` as it stands.
  std::string list(std::vector<Node>& out, bool is_top = false) {
    while (true) {
      if (peeked_) unexpected(*peeked_, "input");  // {{else if}} of a range
      Node text;
      text.line = line_;
      bool action = text_before_action(text.text);
      if (!text.text.empty()) out.push_back(std::move(text));
      if (!action) return {};
      std::uint32_t outer_line = std::exchange(action_line_, line_);
      if (!skip_comment()) {
        const Token& first = peek();
        std::string word = first.kind == Token::Kind::keyword ? first.text : "";
        if (word == "end" || word == "else") {
          next();
          bool chained = word == "else" && (peek().is("if") || peek().is("with"));
          if (!chained) close(word);
          return word;
        }
        this->action(word, out, is_top);
      }
      action_line_ = outer_line;
    }
  }

  void action(const std::string& word, std::vector<Node>& out, bool is_top) {
    Node node;
    node.line = line_;
    if (word == "if" || word == "range" || word == "with") {
      next();
      control(word, node);
    } else if (word == "block" || (word == "define" && is_top)) {
      next();
      if (!define(word, node)) return;
    } else if (word == "template") {
      next();
      node.kind = Node::Kind::call;
      node.place.position = peek().position;
      node.text = template_name("template clause");
      if (peek().kind != Token::Kind::end) node.pipe = pipe("template clause", Token::Kind::end);
      close("template clause");
      node.place.source = "{{template " + quoted_text(node.text) +
                          (node.pipe.commands.empty() ? "" : " " + node.pipe.place.source) + "}}";
    } else if (word == "break" || word == "continue") {
      next();
      node.kind = word == "break" ? Node::Kind::break_ : Node::Kind::continue_;
      if (peek().kind != Token::Kind::end) unexpected(peek(), "{{" + word + "}}");
      if (loops_ == 0) fail("{{" + word + "}} outside {{range}}");
      close(word);
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
      bool chained = peeked_ && peeked_->is(word) && word != "range";
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
      ended = list(node.otherwise);
      if (ended == "else") fail("expected end; found {{else}}");
    }
    if (ended.empty()) fail("unexpected EOF");
    variables_.resize(known);
  }

  std::string template_name(std::string_view where) {
    Token name = next();
    if (name.kind != Token::Kind::string) unexpected(name, where);
    return unquoted_token(name);
  }

  /// True if the definition is also a call, as a block is.
  bool define(const std::string& word, Node& node) {
    node.kind = Node::Kind::call;
    node.place.position = peek().position;
    node.text = template_name(word + " clause");
    if (word == "block") node.pipe = pipe("block clause", Token::Kind::end);
    close(word + " clause");
    std::vector<std::string> outside = std::exchange(variables_, {"$"});
    int loops = std::exchange(loops_, 0);
    Nested nested(*this);
    std::vector<Node> body;
    std::string ended = list(body);
    if (ended.empty()) fail("unexpected EOF");
    if (ended == "else") fail("unexpected {{else}} in " + word + " clause");
    add(node.text, std::move(body));
    variables_ = std::move(outside);
    loops_ = loops;
    return word == "block";
  }

  static bool is_blank(const std::vector<Node>& nodes) {
    return std::all_of(nodes.begin(), nodes.end(), [](const Node& node) {
      std::u32string runes = node.kind == Node::Kind::text ? to_runes(node.text) : U"x";
      return std::all_of(runes.begin(), runes.end(),
                         [](char32_t rune) { return lictor::is_space(rune); });
    });
  }

  /// Of templates of one name, the one that is not blank counts.
  void add(const std::string& name, std::vector<Node> body) {
    std::vector<Node>& known = templates_[name];
    if (is_blank(known))
      known = std::move(body);
    else if (!is_blank(body))
      fail("template: multiple definition of template " + quoted_text(name));
  }

  // ---- Pipelines ----

  /// Commands up to `end`, which is not taken.
  Pipe pipe(const char* where, Token::Kind end) {
    Nested nested(*this);
    Pipe out;
    out.place.position = peek().position;
    declarations(out, where);
    while (peek().kind != end) {
      if (!peek().begins_operand()) unexpected(peek(), where);
      out.commands.push_back(command());
    }
    if (out.commands.empty()) fail("missing value for " + std::string(where));
    for (std::size_t i = 1; i < out.commands.size(); ++i) {
      if (!is_executable(out.commands[i].operands[0]))
        fail("non executable command in pipeline stage " + std::to_string(i + 1));
    }
    out.place.source = source_of(out);
    return out;
  }

  static std::string source_of(const Pipe& pipe) {
    std::string out;
    for (const std::string& name : pipe.variables) out += (out.empty() ? "" : ", ") + name;
    if (!out.empty()) out += pipe.assigns ? " = " : " := ";
    for (std::size_t i = 0; i < pipe.commands.size(); ++i)
      out += (i == 0 ? "" : " | ") + pipe.commands[i].place.source;
    return out;
  }

  static std::string source_of(const Command& command) {
    std::string out;
    for (const Operand& operand : command.operands) {
      bool nested = operand.kind == Operand::Kind::pipe && operand.fields.empty();
      out += out.empty() ? "" : " ";
      out += nested ? "(" + operand.place.source + ")" : operand.place.source;
    }
    return out;
  }

  static bool is_executable(const Operand& operand) {
    return operand.kind == Operand::Kind::function || operand.kind == Operand::Kind::variable ||
           operand.kind == Operand::Kind::pipe || !operand.fields.empty();
  }

  /// Operands up to a bar, which is taken, or to what ends the pipeline.
  Command command() {
    Command out;
    out.place.position = peek().position;
    do {
      out.operands.push_back(operand());
    } while (peek().follows_space && peek().begins_operand());
    if (peek().kind == Token::Kind::pipe)
      next();
    else if (peek().kind != Token::Kind::end && peek().kind != Token::Kind::close)
      unexpected(peek(), "operand");
    out.place.source = source_of(out);
    return out;
  }

  void declare(Pipe& out, const Token& variable) {
    out.variables.push_back(variable.text);
    variables_.push_back(variable.text);
  }

  /// [ $x [ , $y ] ( := | = ) ]
  void declarations(Pipe& out, std::string_view where) {
    while (peek().kind == Token::Kind::variable) {
      auto before = std::make_tuple(at_, line_, parentheses_, peeked_);
      Token variable = next();
      const Token& following = peek();
      if (following.kind == Token::Kind::assign || following.kind == Token::Kind::declare) {
        out.assigns = following.kind == Token::Kind::assign;
        next();
        return declare(out, variable);
      }
      if (following.kind != Token::Kind::character || following.text != ",") {
        std::tie(at_, line_, parentheses_, peeked_) = before;
        return;
      }
      next();
      declare(out, variable);
      if (where != "range" || out.variables.size() > 1)
        fail("too many declarations in " + std::string(where));
      bool may_follow = peek().kind == Token::Kind::variable || peek().kind == Token::Kind::end ||
                        peek().kind == Token::Kind::close;
      if (!may_follow) fail("range can only initialize variables");
    }
  }

  Operand operand() {
    Token token = next();
    Operand out = term(token);
    bool may_have_fields = out.kind == Operand::Kind::variable ||
                           out.kind == Operand::Kind::function || out.kind == Operand::Kind::pipe ||
                           !out.fields.empty();
    out.place = {token.position, out.pipe ? out.pipe->place.source : token.text};
    out.term = out.place;
    bool is_chain = peek().kind == Token::Kind::field && !peek().follows_space;
    if (!is_chain) return out;
    out.place.position = peek().position;
    if (out.pipe) out.place.source = "(" + out.place.source + ")";
    while (peek().kind == Token::Kind::field && !peek().follows_space) {
      if (!may_have_fields) fail("unexpected . after term " + quoted_text(token.text));
      out.fields.push_back(next().name);
      out.place.source += "." + out.fields.back();
    }
    return out;
  }

  Operand term(Token& token) {
    Operand out;
    out.text = token.text;
    switch (token.kind) {
      case Token::Kind::name:
      case Token::Kind::keyword:
        word(token.text, out);
        break;
      case Token::Kind::field:
        out.fields.push_back(token.name);
        break;
      case Token::Kind::variable:
        if (!is_among(variables_, token.text))
          fail("undefined variable " + quoted_text(token.text));
        out.kind = Operand::Kind::variable;
        break;
      case Token::Kind::integer:
        token.text[0] == '\'' ? read_character(token) : read_number(token);
        out.kind = token.kind == Token::Kind::real     ? Operand::Kind::real
                   : token.kind == Token::Kind::string ? Operand::Kind::string
                                                       : Operand::Kind::integer;
        out.number = token.number;
        if (out.kind == Operand::Kind::string) out.text = unquoted_token(token);
        break;
      case Token::Kind::string:
        out.kind = Operand::Kind::string;
        out.text = unquoted_token(token);
        break;
      case Token::Kind::open:
        out.kind = Operand::Kind::pipe;
        out.pipe = std::make_shared<Pipe>(pipe("parenthesized pipeline", Token::Kind::close));
        next();
        break;
      default:
        break;
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
      if (!is_among(functions, name)) fail("function " + quoted_text(name) + " not defined");
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
  std::uint32_t action_line_ = 0;
  int parentheses_ = 0;  // that are open in this action
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
