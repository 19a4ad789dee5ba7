// Source of the rules: OPA v1/ast/parser.go and v1/ast/parser_ext.go (1.22.2).
#include "syntax/explain.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "syntax/explain_scanner.hpp"
#include "syntax/parse_error.hpp"
#include "syntax/parse_state.hpp"

namespace lictor::syntax {
namespace {

/// What a term came to, as far as messages ask.
struct Part {
  TermKind kind = TermKind::null_value;
  std::string text;  // of a var or a string
  std::string name;  // of a call's operator; of a ref, its text
  std::uint32_t first = 0;
  std::vector<Part> items;  // a ref's; a call's operator and arguments
  bool ground = true;
};

using MaybePart = std::optional<Part>;

/// Thrown when the text is nested more deeply, or tried more often, than is worth an explanation.
struct GaveUp {};

struct Expression {
  enum class Form { term, equality, assignment, call, some, every, not_body } form = Form::term;
  bool negated = false;
  bool with = false;
  std::uint32_t first = 0;
  std::vector<Part> operands;
};

class Explainer {
 public:
  Explainer(const Source& source, const ParseOptions& options)
      : source_(source),
        options_(options),
        dialect_(options.dialect),
        scanner_(source,
                 options.extra_keywords | (options.dialect == Dialect::v1 ? v1_keywords : 0U)) {}

  Errors module() {
    scan();
    std::size_t statements = 0;
    while (token_.kind != Tok::eof) {
      if (keyword_rule_name(false)) break;
      std::uint32_t begin = token_.first;
      if (!statement()) {
        if (errors_.empty()) fail(token_, "unexpected statement");
        break;
      }
      if (statements++ == 0 && !seen_package_) expect_package(begin);
    }
    if (!errors_.empty()) return std::move(errors_);
    add_head_hints();
    Errors out = std::move(rule_errors_);
    out.insert(out.end(), v1_errors_.begin(), v1_errors_.end());
    return out;
  }

  Errors query() {
    scan();
    while (!is(Tok::eof) && errors_.empty()) {
      if (!literal()) break;
      if (is(Tok::semicolon)) scan();
    }
    return std::move(errors_);
  }

 private:
  static constexpr std::size_t nothing = std::size_t(-1);

  struct Statement {
    std::uint32_t first;
    std::string name;   // of a rule, or the variable that is all of it
    std::size_t error;  // in rule_errors_, or nothing
  };

  // --- places

  struct Place {
    Scanner scanner;
    Scanner::Token token;
    bool skipped_newline;
    std::uint32_t last_end;
    std::size_t errors;
  };

  Place save() const { return {scanner_, token_, skipped_newline_, last_end_, errors_.size()}; }

  void restore(const Place& place) {
    scanner_ = place.scanner;
    token_ = place.token;
    skipped_newline_ = place.skipped_newline;
    last_end_ = place.last_end;
    errors_.resize(std::min(errors_.size(), place.errors));
  }

  void scan(bool skip_blanks = true) {
    if (token_.kind != Tok::whitespace) {
      last_end_ = token_.last;
      skipped_newline_ = false;
    }
    do {
      take(scanner_.next());
      if (token_.kind == Tok::whitespace && token_.lit == "\n") skipped_newline_ = true;
    } while ((token_.kind == Tok::whitespace && skip_blanks) || token_.kind == Tok::comment);
  }

  void take(Scanner::Token token) {
    if (++steps_ > most_steps) throw GaveUp{};
    token_ = std::move(token);
    for (const std::string& fault : token_.faults) fail(token_, fault);
    if (!token_.faults.empty()) token_.kind = Tok::illegal;
  }

  bool is(Tok kind) const { return token_.kind == kind; }

  // --- errors

  void fail_at(std::uint32_t first, std::string message) {
    const std::string& text = source_.text;
    bool behind_text = first >= text.size() && !text.empty() && text.back() != '\n';
    if (behind_text) first = static_cast<std::uint32_t>(text.size()) - 1;
    errors_.push_back(parse_error_at({&source_, first, first}, std::move(message)));
    bool at_end = first >= text.size() && !text.empty() && text.back() == '\n';
    bool at_newline = first < text.size() && text[first] == '\n';
    if (!at_end && !at_newline) return;
    // OPA's scanner counts a newline, and the end behind one, to the next line.
    auto end =
        text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(first + 1, text.size()));
    errors_.back().row = static_cast<std::uint32_t>(std::count(text.begin(), end, '\n')) + 1;
    errors_.back().col = 0;
    std::size_t shown = text.find_last_not_of(" \t\r\n", first);
    errors_.back().line = shown == std::string::npos ? "" : locate(text, shown).line;
  }

  void fail(const Scanner::Token& at, std::string message) {
    if (!hint_.empty()) message += " (hint: " + std::exchange(hint_, {}) + ")";
    fail_at(at.first, std::move(message));
  }

  void illegal(const std::string& note = {}) {
    if (is(Tok::illegal)) return fail(token_, "illegal token");
    std::string text = std::string("unexpected ") + token_name(token_.kind) +
                       (is_keyword_token(token_.kind) ? " keyword" : " token");
    fail(token_, note.empty() ? text : text + ": " + note);
  }

  struct Depth {
    explicit Depth(Explainer& owner) : depth(owner.depth_) {
      if (++depth > max_nesting) throw GaveUp{};
    }
    ~Depth() { --depth; }
    int& depth;
  };

  // --- statements

  bool statement() {
    if (is(Tok::package) || is(Tok::import)) {
      Place place = save();
      bool package = is(Tok::package);
      if (package ? this->package() : import()) return true;
      if (!errors_.empty()) return false;
      restore(place);
    }
    Place place = save();
    if (rules()) return true;
    if (!errors_.empty()) return false;
    restore(place);
    return query_as_rule();
  }

  bool path_follows() {
    scan(false);
    if (is(Tok::dot) || is(Tok::left_bracket)) return false;  // a ref that begins with the keyword
    if (is(Tok::whitespace)) scan();
    if (is(Tok::ident) || is_keyword_token(token_.kind)) {
      token_.kind = Tok::ident;
      return true;
    }
    illegal();
    return false;
  }

  /// The first statement is taken for the package, so that nothing else is said of it.
  void expect_package(std::uint32_t first) {
    statements_.clear();
    rule_errors_.clear();
    v1_errors_.clear();
    note_rule_error(first, "package expected");
    seen_package_ = true;
  }

  bool has_string_path(const std::vector<Part>& items) {
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (items[i].kind == TermKind::string) continue;
      fail_at(items[i].first,
              std::string("unexpected ") + kind_name(items[i].kind) + " token: expecting string");
      return false;
    }
    return true;
  }

  bool package() {
    std::uint32_t first = token_.first;
    if (!path_follows()) return false;
    if (is_keyword_token(token_.kind)) token_.kind = Tok::ident;  // any keyword may be its name
    MaybePart path = term();
    if (!path) return false;
    if (path->kind != TermKind::ref && path->kind != TermKind::var) {
      illegal();
      return false;
    }
    if (!has_string_path(path->items)) return false;
    if (seen_package_) note_rule_error(first, "unexpected package");
    seen_package_ = true;
    return true;
  }

  bool import() {
    if (!path_follows()) return false;
    unsigned keywords = scanner_.keywords();
    MaybePart path = term();
    if (!path || (path->kind != TermKind::ref && path->kind != TermKind::var)) {
      fail(token_, "expected path");
      return false;
    }
    scanner_.set_keywords(keywords);
    std::vector<Part> items = path->items.empty() ? std::vector<Part>{*path} : path->items;
    if (!has_string_path(items)) return false;
    const std::string& root = items[0].text;
    if (root != "input" && root != "data" && root != "future" && root != "rego") {
      fail_at(path->first,
              "unexpected import path, must begin with one of: {data, future, input, rego}, got: " +
                  root + " (hint: if this is unexpected, try updating OPA)");
      return false;
    }
    std::uint32_t alias_first = 0;
    if (is(Tok::as)) {
      scan();
      if (!is(Tok::ident)) {
        illegal("expected var");
        return false;
      }
      alias_first = token_.first;
      MaybePart alias = term();
      bool reserved = alias && alias->kind == TermKind::ref && alias->items.size() == 1;
      if (reserved) {
        fail_at(alias->first, "unexpected import alias, must not be a reserved name, got: " +
                                  alias->items[0].text);
        return false;
      }
      if (!alias || alias->kind != TermKind::var) {
        illegal("expected var");
        return false;
      }
    } else if (root != "future") {
      const std::string& last = items.back().text;
      if (is_name_of_keyword(last)) {
        fail_at(items.back().first, "unexpected import path, must not end with a keyword, got: " +
                                        last + " (hint: import a different path or use an alias)");
      }
    }
    switch_on(items, path->first, alias_first);
    return true;
  }

  bool is_name_of_keyword(const std::string& name) const {
    return is_keyword(name, dialect_ == Dialect::v1 ? v1_keywords : 0U);
  }

  /// What imports of `future` and `rego` switch on.
  void switch_on(const std::vector<Part>& items, std::uint32_t place, std::uint32_t alias) {
    const std::string& root = items[0].text;
    if (root != "future" && root != "rego") return;
    if (root == "rego") {
      std::string path = "rego";
      for (std::size_t i = 1; i < items.size(); ++i) path += "." + items[i].text;
      if (path != "rego.v1" && path != "rego.v2")
        return fail_at(place,
                       "invalid import `" + path + "`, must be one of: `rego.v1`, `rego.v2`");
      if (alias != 0) return fail_at(alias, "`rego` imports cannot be aliased");
      scanner_.set_keywords(scanner_.keywords() | v1_keywords |
                            (path == "rego.v2" ? keyword_and | keyword_or | keyword_not : 0U));
      dialect_ = Dialect::v1;
      return reclassify();
    }
    if (items.size() == 1 || items[1].text != "keywords")
      return fail_at(place, "invalid import, must be `future.keywords`");
    if (alias != 0) return fail_at(alias, "`future` imports cannot be aliased");
    unsigned all = v1_keywords | keyword_and | keyword_or | keyword_not;
    if (items.size() == 2) {
      scanner_.set_keywords(scanner_.keywords() | all);
      return reclassify();
    }
    static const std::pair<const char*, unsigned> names[] = {{"and", keyword_and},
                                                             {"contains", keyword_contains},
                                                             {"every", keyword_every | keyword_in},
                                                             {"if", keyword_if},
                                                             {"in", keyword_in},
                                                             {"not", keyword_not},
                                                             {"or", keyword_or}};
    if (items.size() > 3)
      return fail_at(
          place, "invalid import, must be `future.keywords.x`, e.g. `import future.keywords.in`");
    for (const auto& [name, bit] : names) {
      if (items[2].text != name) continue;
      scanner_.set_keywords(scanner_.keywords() | bit);
      return reclassify();
    }
    fail_at(place, "unexpected keyword, must be one of [and contains every if in not or]");
  }

  /// The token ahead was read before the import was understood.
  void reclassify() {
    if (!is(Tok::ident)) return;
    Source word{"", token_.lit};
    Scanner again(word, scanner_.keywords());
    token_.kind = again.next().kind;
  }

  bool keyword_rule_name(bool is_default) {
    static const std::vector<Tok> rule = {Tok::assign, Tok::unify, Tok::if_, Tok::contains,
                                          Tok::left_paren};
    static const std::vector<Tok> op = {Tok::assign, Tok::unify, Tok::if_, Tok::contains};
    static const std::vector<Tok> path = {Tok::assign, Tok::unify, Tok::left_paren};
    static const std::vector<Tok> contains = {Tok::if_, Tok::contains};
    const std::vector<Tok>* followers = nullptr;
    switch (token_.kind) {
      case Tok::every:
      case Tok::if_:
      case Tok::in:
      case Tok::some:
      case Tok::as:
        followers = &rule;
        break;
      case Tok::package:
      case Tok::import:
        followers = &path;
        break;
      case Tok::not_:
      case Tok::logical_and:
      case Tok::logical_or:
        followers = &op;
        break;
      case Tok::contains:
        followers = &contains;
        break;
      default:
        return false;
    }
    Scanner::Token keyword = token_;
    if (!is_default) {
      Place place = save();
      scan();
      Tok next = token_.kind;
      restore(place);
      if (std::find(followers->begin(), followers->end(), next) == followers->end()) return false;
    }
    fail(keyword, std::string(token_name(keyword.kind)) + " keyword cannot be used for rule name");
    return true;
  }

  // --- rules

  /// A keyword before a dot or a bracket begins a ref.
  bool keyword_begins_ref() {
    if (!is_keyword_token(token_.kind)) return false;
    Place place = save();
    scan(false);
    bool ref = is(Tok::dot) || is(Tok::left_bracket);
    restore(place);
    if (ref) token_.kind = Tok::ident;
    return ref;
  }

  struct Head {
    Part ref;
    bool has_args = false;
    std::vector<Part> args;
    bool contains = false;
    bool has_value = false;
    Part value;
    std::uint32_t first = 0;
  };

  bool rules() {
    std::uint32_t first = token_.first;
    keyword_begins_ref();
    bool is_default = is(Tok::default_);
    if (is_default) {
      scan();
      keyword_begins_ref();
    }
    if (!is(Tok::ident)) {
      if (is_default) keyword_rule_name(true);
      return false;
    }
    std::optional<Head> head = this->head(is_default);
    if (!head) return false;
    if (is_default) return default_rule(*head, first);
    bool has_if = is(Tok::if_), braces = is(Tok::left_brace);
    if (has_if) {
      if (!if_body()) return false;
    } else if (braces) {
      scan();
      if (!body(Tok::right_brace)) return false;
      scan();
    } else {
      if (head->contains) return errors_.empty();
      return false;
    }
    if (is(Tok::else_) && !keyword_begins_ref()) {
      bool dynamic = !head->ref.ground;
      if (head->ref.items.size() > 1 && dynamic) {
        fail(token_, "else keyword cannot be used on rules with variables in head");
        return false;
      }
      if (head->contains || (!has_if && !head->has_args && head->ref.items.size() == 2)) {
        fail(token_, "else keyword cannot be used on multi-value rules");
        return false;
      }
      if (!else_clause()) return false;
      if (is(Tok::left_brace)) {
        fail(token_, "expected else keyword");
        return false;
      }
    }
    statements_.push_back({first, head->ref.items[0].text, nothing});
    note_v1(*head, first, has_if);
    while (is(Tok::left_brace)) {
      std::uint32_t next = token_.first;
      scan();
      if (!body(Tok::right_brace)) return false;
      scan();
      note_v1(*head, next, has_if);
    }
    return errors_.empty();
  }

  bool if_body() {
    scan();
    Place place = save();
    bool brace = is(Tok::left_brace);
    std::optional<Expression> expr = literal();
    if (expr) {
      bool set =
          brace && expr->form == Expression::Form::term && expr->operands[0].kind == TermKind::set;
      if (!set) return true;
    }
    if (!brace) return false;
    restore(place);
    scan();
    if (!body(Tok::right_brace)) return false;
    scan();
    return true;
  }

  bool default_rule(const Head& head, std::uint32_t first) {
    std::size_t before = errors_.size();
    bool no_value =
        !head.has_value && (head.contains || (head.ref.items.size() == 2 && !head.has_args));
    if (no_value) {
      fail_at(first, "illegal default rule (must have a value)");
      return false;
    }
    if (head.has_value) default_value(head.value, first);
    std::set<std::string> vars;
    for (const Part& arg : head.args) {
      if (arg.kind != TermKind::var)
        fail_at(first, std::string("illegal default rule (arguments cannot contain ") +
                           kind_name(arg.kind) + ")");
      else if (arg.text != "_" && !vars.insert(arg.text).second)
        fail_at(first, "illegal default rule (arguments cannot be repeated " + arg.text + ")");
    }
    return errors_.size() == before;
  }

  void default_value(const Part& value, std::uint32_t first) {
    switch (value.kind) {
      case TermKind::ref:
      case TermKind::var:
      case TermKind::call:
        return fail_at(first, std::string("illegal default rule (value cannot contain ") +
                                  kind_name(value.kind) + ")");
      case TermKind::array_comprehension:
      case TermKind::set_comprehension:
      case TermKind::object_comprehension:
        return;
      default:
        for (const Part& item : value.items) default_value(item, first);
    }
  }

  bool else_clause() {
    scan();
    if (is(Tok::assign) || is(Tok::unify)) {
      scan();
      if (!infix()) return false;
    } else if (!is(Tok::left_brace) && !is(Tok::if_)) {
      illegal("expected else value term or rule body");
      return false;
    }
    bool has_if = is(Tok::if_);
    if (!has_if && !is(Tok::left_brace)) return true;
    if (has_if) scan();
    if (is(Tok::left_brace)) {
      scan();
      if (!body(Tok::right_brace)) return false;
      scan();
    } else if (!is(Tok::eof)) {
      if (!literal()) return false;
    } else {
      illegal("rule body expected");
      return false;
    }
    return !is(Tok::else_) || else_clause();
  }

  std::optional<Head> head(bool is_default) {
    Head out;
    out.first = token_.first;
    MaybePart name = head_finish(var());
    if (!name) {
      illegal("expected rule head name");
      return std::nullopt;
    }
    out.ref = *name;
    if (name->kind == TermKind::call) {
      out.ref = name->items[0];
      out.args.assign(name->items.begin() + 1, name->items.end());
      out.has_args = true;
    }
    if (out.ref.kind == TermKind::var) out.ref = as_ref(out.ref);
    if (out.ref.kind != TermKind::ref || out.ref.items[0].kind != TermKind::var)
      return std::nullopt;
    const std::string text = out.ref.name;
    switch (token_.kind) {
      case Tok::contains:
        if (out.has_args) {
          illegal(
              "the contains keyword can only be used with multi-value rule definitions (e.g., " +
              text + " contains <VALUE> { ... })");
        }
        scan();
        out.contains = true;
        if (!infix())
          illegal("expected rule key term (e.g., " + text + " contains <VALUE> { ... })");
        return out;
      case Tok::unify:
        scan();
        if (MaybePart value = infix())
          set_value(out, *value);
        else
          illegal("expected rule value term (e.g., " + text + "[<nil>] = <VALUE> { ... })");
        return out;
      case Tok::assign:
        scan();
        if (MaybePart value = infix()) {
          set_value(out, *value);
        } else if (!out.args.empty()) {
          illegal("expected function value term (e.g., " + text + "(...) := <VALUE> { ... })");
        } else if (is_default) {
          illegal("expected default rule value term (e.g., default " + text + " := <VALUE>)");
        } else {
          illegal("expected rule value term (e.g., " + text + " := <VALUE> { ... })");
        }
        return out;
      default:
        return out;
    }
  }

  static void set_value(Head& head, const Part& value) {
    head.value = value;
    head.has_value = true;
  }

  static Part as_ref(const Part& var) {
    Part out;
    out.kind = TermKind::ref;
    out.first = var.first;
    out.name = var.text;
    out.items = {var};
    return out;
  }

  /// What Rego v1 asks of a rule with a body.
  void note_v1(const Head& head, std::uint32_t first, bool has_if) {
    if (dialect_ != Dialect::v1 || has_if) return;
    note_v1_error(first, std::string("`if` keyword is required before ") +
                             (head.args.empty() ? "rule" : "function") + " body");
    bool multi = !head.contains && !head.has_args && !head.has_value && head.ref.items.size() == 2;
    if (multi) note_v1_error(first, "`contains` keyword is required for partial set rules");
  }

  Error error_of(std::uint32_t first, std::string message) const {
    return error_at(ErrorCode::parse, {&source_, first, first}, std::move(message));
  }

  void note_rule_error(std::uint32_t first, std::string message) {
    rule_errors_.push_back(error_of(first, std::move(message)));
  }

  void note_v1_error(std::uint32_t first, std::string message) {
    if (dialect_ == Dialect::v1) v1_errors_.push_back(error_of(first, std::move(message)));
  }

  /// A statement that is no rule with a body: an expression that has to be a head.
  bool query_as_rule() {
    std::vector<Expression> exprs;
    while (true) {
      std::optional<Expression> expr = literal();
      if (!expr) return false;
      exprs.push_back(std::move(*expr));
      if (!is(Tok::semicolon)) break;
      scan();
    }
    const Expression& expr = exprs[0];
    std::string fault = head_fault(exprs);
    bool var = expr.form == Expression::Form::term && expr.operands[0].kind == TermKind::var;
    statements_.push_back({expr.first, var ? expr.operands[0].text : "",
                           fault.empty() ? nothing : rule_errors_.size()});
    if (!fault.empty())
      note_rule_error(expr.first, fault);
    else
      note_v1_head(expr);
    return true;
  }

  /// Why an expression is no head of a rule; "" if it is one.
  std::string head_fault(const std::vector<Expression>& exprs) const {
    const Expression& expr = exprs[0];
    if (exprs.size() != 1) return "multiple expressions cannot be used for rule head";
    if (expr.with) return "expressions using with keyword cannot be used for rule head";
    if (expr.negated) return "negated expressions cannot be used for rule head";
    if (expr.form == Expression::Form::some)
      return "'some' declarations cannot be used for rule head";
    if (expr.form == Expression::Form::every) return "expression cannot be used for rule head";
    const Part& left = expr.operands[0];
    if (expr.form == Expression::Form::call) {
      if (options_.is_builtin && options_.is_builtin(left.name))
        return "rule name conflicts with built-in function";
      return left.items.size() <= 1 ? "rule argument list must take at least one argument" : "";
    }
    bool named =
        left.kind == TermKind::var || left.kind == TermKind::ref || left.kind == TermKind::call;
    if (expr.form != Expression::Form::term)
      return named ? "" : std::string(kind_name(left.kind)) + " cannot be used for rule name";
    if (left.kind != TermKind::ref)
      return std::string(kind_name(left.kind)) + " cannot be used for rule name";
    return left.items.size() == 1 ? "refs cannot be used for rule head" : "";
  }

  /// What Rego v1 asks of a rule without a body.
  void note_v1_head(const Expression& expr) {
    const Part& left = expr.operands[0];
    if (expr.form == Expression::Form::term) {
      note_v1_error(expr.first, left.items.size() > 2
                                    ? "rule must have value assignment and/or body declaration"
                                    : "`contains` keyword is required for partial set rules");
    } else if (left.kind == TermKind::var && is_name_of_keyword(left.text)) {
      note_v1_error(expr.first, left.text + " keyword cannot be used for rule name");
    }
  }

  /// In v0, a name `if` or `contains` that stands alone, or behind a head, was meant as a keyword.
  void add_head_hints() {
    if (dialect_ == Dialect::v1) return;
    auto example = [](const std::string& name) {
      return name == "if" ? "p if { ... }" : name == "contains" ? "p contains x" : "";
    };
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      if (statements_[i].error == nothing) continue;
      std::string name = statements_[i].name;
      bool next = i + 1 < statements_.size() &&
                  row_of(statements_[i + 1].first) == row_of(statements_[i].first);
      if (*example(name) == 0) name = next ? statements_[i + 1].name : "";
      if (*example(name) == 0) continue;
      rule_errors_[statements_[i].error].message +=
          " (hint: `import future.keywords." + name + "` for `" + example(name) + "` rules)";
    }
  }

  std::uint32_t row_of(std::uint32_t first) const { return locate(source_.text, first).row; }

  // --- bodies

  bool body(Tok end) {
    Depth depth(*this);
    if (is(end)) {
      fail(token_, "found empty body");
      return false;
    }
    while (true) {
      if (!literal()) return false;
      if (is(Tok::semicolon)) {
        scan();
        continue;
      }
      if (is(end)) return true;
      if (skipped_newline_) continue;
      if (errors_.empty()) {
        hint_infix_keyword();
        illegal(std::string("expected \\n or ; or ") + token_name(end));
      }
      return false;
    }
  }

  std::optional<Expression> literal() {
    Depth depth(*this);
    std::uint32_t first = token_.first;
    std::optional<Expression> out = literal_from();
    if (out) out->first = first;
    return out;
  }

  bool logical() const { return (scanner_.keywords() & (keyword_and | keyword_or)) != 0; }

  std::optional<Expression> literal_from() {
    if (logical() && (is(Tok::left_brace) || is(Tok::left_paren))) throw GaveUp{};
    if (keyword_begins_ref()) return literal_expr(false);
    bool negated = is(Tok::not_);
    if (negated) scan();
    if (negated && (scanner_.keywords() & keyword_not) && is(Tok::left_brace)) throw GaveUp{};
    if (is(Tok::some)) {
      if (!negated) return some();
      illegal("illegal negation of 'some'");
      return std::nullopt;
    }
    if (is(Tok::every)) {
      if (!negated) return every();
      illegal("illegal negation of 'every'");
      return std::nullopt;
    }
    return literal_expr(negated);
  }

  /// Tries to read something with all keywords on; nothing but the answer stays.
  template <typename Read>
  bool reads_with_keywords(const Place& from, Read&& read) {
    Place here = save();
    restore(from);
    scanner_.set_keywords(v1_keywords | keyword_and | keyword_or | keyword_not);
    reclassify();
    bool out = read();
    restore(here);
    return out;
  }

  void hint_infix_keyword() {
    if (!hint_.empty()) return;
    std::string keyword = "in";
    if (is(Tok::ident)) {
      keyword = token_.lit;
      if (keyword != "in" && keyword != "and" && keyword != "or") return;
    } else if (is(Tok::comma)) {
      bool member = reads_with_keywords(save(), [this] {
        scan();
        MaybePart term = infix();
        return term && term->kind == TermKind::call && term->name.starts_with("internal.member");
      });
      if (!member) return;
    } else {
      return;
    }
    std::string example = keyword == "in" ? "x in xs" : "x " + keyword + " y";
    hint_ = "`import future.keywords." + keyword + "` for `" + example + "` expressions";
  }

  std::optional<Expression> literal_expr(bool negated) {
    Place start = save();
    std::optional<Expression> out = expr();
    if (!out) return out;
    bool every_name = out->form == Expression::Form::term &&
                      out->operands[0].kind == TermKind::var && out->operands[0].text == "every" &&
                      !(scanner_.keywords() & keyword_every);
    if (every_name && reads_with_keywords(start, [this] { return every().has_value(); }))
      hint_ = "`import future.keywords.every` for `every x in xs { ... }` expressions";
    out->negated = negated;
    if (is(Tok::with)) {
      out->with = true;
      if (!withs()) return std::nullopt;
    }
    if (is(Tok::logical_and) || is(Tok::logical_or)) throw GaveUp{};
    return out;
  }

  bool withs() {
    while (true) {
      scan();
      if (!is(Tok::ident)) {
        illegal("expected ident");
        return false;
      }
      MaybePart target = term();
      if (!target) return false;
      if (target->kind != TermKind::ref && target->kind != TermKind::var)
        illegal("expected with target path");
      if (!is(Tok::as)) {
        illegal("expected as keyword");
        return false;
      }
      scan();
      if (!infix()) return false;
      if (!is(Tok::with)) return true;
    }
  }

  std::optional<Expression> some() {
    Expression out;
    out.form = Expression::Form::some;
    Place place = save();
    scan();
    if (MaybePart domain = infix(); domain && domain->kind == TermKind::call) {
      bool two = domain->name == "internal.member_2", three = domain->name == "internal.member_3";
      if (!two && !three) {
        illegal("expected `x in xs` or `x, y in xs` expression");
        return std::nullopt;
      }
      if (domain->items.size() != (two ? 3U : 4U)) {
        illegal("illegal domain");
        return std::nullopt;
      }
      if (is(Tok::with) && !withs()) return std::nullopt;
      return out;
    }
    restore(place);
    bool member = !(scanner_.keywords() & keyword_in) && reads_with_keywords(place, [this] {
      scan();
      MaybePart term = infix();
      return term && term->kind == TermKind::call && term->name.starts_with("internal.member");
    });
    if (member) hint_ = "`import future.keywords.in` for `some x in xs` expressions";
    do {
      scan();
      if (!is(Tok::ident)) {
        illegal("expected var");
        return std::nullopt;
      }
      scan();
    } while (is(Tok::comma));
    return out;
  }

  std::optional<Expression> every() {
    Expression out;
    out.form = Expression::Form::every;
    scan();
    MaybePart domain = infix();
    if (!domain) return std::nullopt;
    auto refuse = [&](const char* note) {
      illegal(note);
      return std::nullopt;
    };
    bool two = domain->kind == TermKind::call && domain->name == "internal.member_2";
    bool three = domain->kind == TermKind::call && domain->name == "internal.member_3";
    if (!two && !three) return refuse("expected `x[, y] in xs { ... }` expression");
    if (domain->items.size() != (two ? 3U : 4U)) return refuse("illegal domain");
    if (three && domain->items[1].kind != TermKind::var)
      return refuse("expected key to be a variable");
    if (domain->items[two ? 1 : 2].kind != TermKind::var)
      return refuse("expected value to be a variable");
    if (!is(Tok::left_brace)) return refuse("missing body");
    scan();
    if (!body(Tok::right_brace)) return std::nullopt;
    scan();
    if (is(Tok::with) && !withs()) return std::nullopt;
    return out;
  }

  std::optional<Expression> expr() {
    MaybePart left = infix();
    if (!left) return std::nullopt;
    Expression out;
    out.operands.push_back(*left);
    if (is(Tok::assign) || is(Tok::unify)) {
      out.form = is(Tok::assign) ? Expression::Form::assignment : Expression::Form::equality;
      scan();
      MaybePart right = infix();
      if (!right) return std::nullopt;
      out.operands.push_back(*right);
      return out;
    }
    if (left->kind == TermKind::call) out.form = Expression::Form::call;
    return out;
  }

  // --- terms

  MaybePart infix() {
    Depth depth(*this);
    return membership(true);
  }

  MaybePart infix_in_list() {
    Depth depth(*this);
    return membership(false);
  }

  static MaybePart call_of(const char* name, std::vector<Part> operands) {
    Part out;
    out.kind = TermKind::call;
    out.name = name;
    out.first = operands[0].first;
    Part op;
    op.kind = TermKind::var;
    op.text = name;
    out.items.push_back(op);
    for (Part& operand : operands) {
      out.ground = out.ground && operand.ground;
      out.items.push_back(std::move(operand));
    }
    return out;
  }

  MaybePart membership(bool key_value) {
    MaybePart left = relation();
    while (left) {
      if (key_value && is(Tok::comma)) {
        Place place = save();
        scan();
        MaybePart middle = relation();
        if (middle && is(Tok::in)) {
          scan();
          if (MaybePart right = relation()) {
            left = call_of("internal.member_3", {*left, *middle, *right});
            if (is(Tok::in)) continue;
            return left;
          }
        }
        restore(place);
      }
      keyword_begins_ref();
      if (!is(Tok::in)) return left;
      scan();
      MaybePart right = relation();
      if (!right) return left;
      left = call_of("internal.member_2", {*left, *right});
      if (!is(Tok::in)) return left;
    }
    return left;
  }

  using Level = MaybePart (Explainer::*)();

  static const char* operator_name(Tok token) {
    switch (token) {
      case Tok::equal:
      case Tok::neq:
      case Tok::lt:
      case Tok::gt:
      case Tok::lte:
      case Tok::gte:
      case Tok::or_:
      case Tok::and_:
      case Tok::plus:
      case Tok::minus:
      case Tok::mul:
      case Tok::div:
      case Tok::rem:
        return token_name(token);
      default:
        return "";
    }
  }

  /// A chain of operators of one level; what follows an operator without an operand is left.
  MaybePart chain(Level next, std::initializer_list<Tok> operators) {
    MaybePart left = (this->*next)();
    while (left && std::find(operators.begin(), operators.end(), token_.kind) != operators.end()) {
      const char* name = operator_name(token_.kind);
      scan();
      MaybePart right = (this->*next)();
      if (!right) return left;
      left = call_of(name, {*left, *right});
    }
    return left;
  }

  MaybePart relation() {
    return chain(&Explainer::union_, {Tok::equal, Tok::neq, Tok::lt, Tok::gt, Tok::lte, Tok::gte});
  }
  MaybePart union_() { return chain(&Explainer::intersection, {Tok::or_}); }
  MaybePart intersection() { return chain(&Explainer::sum, {Tok::and_}); }
  MaybePart sum() { return chain(&Explainer::product, {Tok::plus, Tok::minus}); }
  MaybePart product() { return chain(&Explainer::term, {Tok::mul, Tok::div, Tok::rem}); }

  Part make(TermKind kind) const {
    Part out;
    out.kind = kind;
    out.first = token_.first;
    return out;
  }

  MaybePart var() {
    Part out = make(TermKind::var);
    out.text = token_.lit;
    out.ground = false;
    return out;
  }

  MaybePart term() {
    Depth depth(*this);
    std::uint32_t first = token_.first;
    MaybePart out;
    if (is(Tok::logical_and) || is(Tok::logical_or)) throw GaveUp{};
    switch (token_.kind) {
      case Tok::null:
        out = make(TermKind::null_value);
        break;
      case Tok::true_:
      case Tok::false_:
        out = make(TermKind::boolean);
        break;
      case Tok::minus: {
        Place place = save();
        scan();
        if (is(Tok::ident) || is(Tok::contains)) {
          out = finish(var(), false);
          if (out) out->first = first;
          return out;
        }
        restore(place);
        out = number();
        break;
      }
      case Tok::dot:
      case Tok::number:
        out = number();
        break;
      case Tok::string: {
        out = make(TermKind::string);
        out->text = token_.lit.size() >= 2 ? token_.lit.substr(1, token_.lit.size() - 2) : "";
        break;
      }
      case Tok::template_part:
      case Tok::template_end:
        out = template_string(false);
        break;
      case Tok::raw_template_part:
      case Tok::raw_template_end:
        out = template_string(true);
        break;
      case Tok::ident:
      case Tok::contains:
        out = var();
        break;
      case Tok::left_bracket:
        out = array();
        break;
      case Tok::left_brace:
        out = set_or_object();
        break;
      case Tok::left_paren:
        scan();
        if (MaybePart inner = infix()) {
          if (is(Tok::right_paren))
            out = inner;
          else
            fail(token_, "non-terminated expression");
        }
        break;
      default:
        illegal();
    }
    return finish(std::move(out), false);
  }

  MaybePart finish(MaybePart head, bool skip_blanks) {
    if (!head) return head;
    scan(skip_blanks);
    if (is(Tok::left_paren) || is(Tok::dot) || is(Tok::left_bracket)) return ref(std::move(*head));
    if (is(Tok::whitespace)) scan();
    bool root = head->kind == TermKind::var && (head->text == "input" || head->text == "data");
    return root ? MaybePart(as_ref(*head)) : head;
  }

  MaybePart head_finish(MaybePart head) {
    scan(false);
    if (*operator_name(token_.kind) != 0) illegal();
    if (is(Tok::whitespace)) scan();
    if (is(Tok::left_paren) || is(Tok::dot) || is(Tok::left_bracket)) return ref(std::move(*head));
    return head;
  }

  MaybePart number() {
    Part out = make(TermKind::number);
    bool decimal = false;
    if (is(Tok::minus)) {
      scan();
      if (!is(Tok::number) && !is(Tok::dot)) {
        illegal("expected number");
        return std::nullopt;
      }
    }
    if (is(Tok::dot)) {
      decimal = true;
      scan();
      if (!is(Tok::number)) {
        illegal("expected number");
        return std::nullopt;
      }
    }
    const std::string& lit = token_.lit;
    bool zero = !decimal && lit.size() > 1 && lit[0] == '0' && lit[1] != '.' &&
                !(lit.size() > 2 && (lit[1] == 'e' || lit[1] == 'E'));
    if (zero) {
      illegal("expected number without leading zero");
      return std::nullopt;
    }
    std::size_t exponent = lit.find_first_of("eE");
    bool big =
        exponent != std::string::npos && std::abs(std::atol(lit.c_str() + exponent + 1)) > 100000;
    if (big) {
      fail(token_, "number too big");
      return std::nullopt;
    }
    return out;
  }

  MaybePart template_string(bool raw) {
    if (options_.dialect == Dialect::v0) {
      fail(token_, "template strings are not supported by current capabilities");
      return std::nullopt;
    }
    Part out = make(TermKind::template_string);
    while (!is(Tok::template_end) && !is(Tok::raw_template_end)) {
      scan();
      std::optional<Expression> part = literal();
      if (!part) {
        fail(token_, "invalid template-string expression");
        return std::nullopt;
      }
      const char* fault =
          part->negated                                ? "unexpected negation ('not')"
          : part->form == Expression::Form::equality   ? "unexpected unification ('=')"
          : part->form == Expression::Form::assignment ? "unexpected assignment (':=')"
          : part->form == Expression::Form::every      ? "unexpected 'every'"
          : part->form == Expression::Form::some       ? "unexpected 'some'"
                                                       : nullptr;
      if (fault) {
        fail_at(part->first, std::string(fault) + " in template-string expression");
        return std::nullopt;
      }
      if (!is(Tok::right_brace)) {
        fail(token_, "expected } to end template string expression");
        return std::nullopt;
      }
      last_end_ = token_.last;
      take(scanner_.next_template_part(raw));
    }
    return out;
  }

  MaybePart ref(Part head) {
    Depth depth(*this);
    bool refused = head.kind == TermKind::null_value || head.kind == TermKind::boolean ||
                   head.kind == TermKind::number || head.kind == TermKind::string ||
                   head.kind == TermKind::template_string || head.kind == TermKind::ref;
    if (refused)
      fail_at(head.first, std::string("illegal ref (head cannot be ") + kind_name(head.kind) + ")");
    Part out;
    out.kind = TermKind::ref;
    out.first = head.first;
    out.name = head.kind == TermKind::var ? head.text : head.name;
    out.items.push_back(std::move(head));
    while (true) {
      switch (token_.kind) {
        case Tok::dot: {
          scan(false);
          if (!is(Tok::ident) && !is_keyword_token(token_.kind)) {
            illegal("expected identifier");
            return std::nullopt;
          }
          Part field = make(TermKind::string);
          field.text = token_.lit;
          out.name += "." + token_.lit;
          out.items.push_back(field);
          scan(false);
          break;
        }
        case Tok::left_paren:
          return call(std::move(out));
        case Tok::left_bracket: {
          scan();
          MaybePart index = infix();
          if (!index) return std::nullopt;
          if (!is(Tok::right_bracket)) {
            illegal("expected [");
            return std::nullopt;
          }
          out.ground = out.ground && index->ground;
          out.name += "[" + std::string(scanner_.text(index->first, token_.first)) + "]";
          out.items.push_back(std::move(*index));
          scan(false);
          break;
        }
        case Tok::whitespace:
          scan();
          return out;
        default:
          return out;
      }
    }
  }

  MaybePart call(Part op) {
    Depth depth(*this);
    Part out;
    out.kind = TermKind::call;
    out.first = op.first;
    out.name = op.name;
    out.ground = false;
    bool bare = op.items.size() == 1;
    out.items.push_back(bare ? op.items[0] : op);
    scan();
    if (!is(Tok::right_paren) && !list(Tok::right_paren, &out.items)) return std::nullopt;
    scan(false);
    if (out.name == "set" && out.items.size() == 1) {
      out.kind = TermKind::set;
      out.items.clear();
    }
    if (is(Tok::whitespace)) {
      scan();
      return out;
    }
    if (is(Tok::dot) || is(Tok::left_bracket)) return ref(std::move(out));
    return out;
  }

  bool list(Tok end, std::vector<Part>* items = nullptr) {
    if (is(end)) return true;
    while (true) {
      MaybePart item = infix_in_list();
      if (!item) return false;
      if (items) items->push_back(std::move(*item));
      if (is(end)) return true;
      if (!is(Tok::comma)) {
        illegal(std::string("expected \",\" or \"") + token_name(end) + "\"");
        return false;
      }
      scan();
      if (is(end)) return true;
    }
  }

  bool skip_comma() {
    if (!is(Tok::comma)) return false;
    scan();
    return true;
  }

  MaybePart array() {
    Depth depth(*this);
    Part out = make(TermKind::array);
    scan();
    if (is(Tok::right_bracket)) return out;
    bool comprehension = !skip_comma();
    Place place = save();
    MaybePart head = term();
    if (!head) return std::nullopt;
    return behind_first(place, *head, Tok::right_bracket,
                        comprehension ? TermKind::array_comprehension : TermKind::array, out);
  }

  /// The rest of an array or a set behind its first item. `or_comprehension` is the kind of the
  /// comprehension that it may be instead, or its own kind where it may not.
  MaybePart behind_first(const Place& start, const Part& first, Tok end, TermKind or_comprehension,
                         Part out) {
    if (is(end)) {
      out.items.push_back(first);
      return out;
    }
    if (is(Tok::comma)) {
      out.items.push_back(first);
      scan();
      return list(end, &out.items) ? MaybePart(out) : std::nullopt;
    }
    if (is(Tok::or_) && or_comprehension != out.kind) {
      scan();
      if (body(end)) {
        out.kind = or_comprehension;
        return out;
      }
      if (!is(Tok::comma)) return std::nullopt;
    }
    restore(start);
    return list(end, &out.items) ? MaybePart(out) : std::nullopt;
  }

  MaybePart set_or_object() {
    Depth depth(*this);
    Part out = make(TermKind::object);
    scan();
    if (is(Tok::right_brace)) return out;
    bool comprehension = !skip_comma();
    Place place = save();
    MaybePart head = term();
    if (!head) return std::nullopt;
    if ((is(Tok::or_) && comprehension) || is(Tok::right_brace) || is(Tok::comma))
      return set(place, *head, comprehension, out);
    if (is(Tok::colon)) return object(*head, comprehension, out);
    restore(place);
    head = infix_in_list();
    if (!head) return std::nullopt;
    if (is(Tok::right_brace) || is(Tok::comma)) return set(place, *head, false, out);
    if (is(Tok::colon)) return object(*head, comprehension, out);
    illegal("non-terminated set");
    return std::nullopt;
  }

  MaybePart set(const Place& start, const Part& first, bool comprehension, Part out) {
    out.kind = TermKind::set;
    return behind_first(start, first, Tok::right_brace,
                        comprehension ? TermKind::set_comprehension : TermKind::set, out);
  }

  MaybePart object(const Part& key, bool comprehension, Part out) {
    scan();
    Place place = save();
    MaybePart value = term();
    if (!value) return std::nullopt;
    if (comprehension) {
      if (is(Tok::right_brace) || is(Tok::comma)) return object_finish(key, *value, true, out);
      if (is(Tok::or_)) {
        if (MaybePart done = object_finish(key, *value, true, out)) return done;
      }
    }
    restore(place);
    value = infix_in_list();
    if (!value) return std::nullopt;
    if (is(Tok::right_brace) || is(Tok::comma)) return object_finish(key, *value, false, out);
    illegal("non-terminated object");
    return std::nullopt;
  }

  MaybePart object_finish(const Part& key, const Part& value, bool comprehension, Part out) {
    if (is(Tok::right_brace)) {
      out.items = {key, value};
      return out;
    }
    if (is(Tok::or_)) {
      if (!comprehension) {
        illegal("non-terminated object");
        return std::nullopt;
      }
      scan();
      if (!body(Tok::right_brace)) return std::nullopt;
      out.kind = TermKind::object_comprehension;
      return out;
    }
    out.items = {key, value};
    scan();
    return pairs(out) ? MaybePart(out) : std::nullopt;
  }

  bool pairs(Part& out) {
    if (is(Tok::right_brace)) return true;
    while (true) {
      MaybePart key = infix_in_list();
      if (!key) return false;
      if (!is(Tok::colon)) {
        illegal("expected \":\"");
        return false;
      }
      scan();
      MaybePart value = infix_in_list();
      if (!value) return false;
      out.items.push_back(std::move(*key));
      out.items.push_back(std::move(*value));
      if (is(Tok::right_brace)) return true;
      if (!is(Tok::comma)) {
        illegal("expected \",\" or \"}\"");
        return false;
      }
      scan();
      if (is(Tok::right_brace)) return true;
    }
  }

  static constexpr std::size_t most_steps = 200'000;

  const Source& source_;
  const ParseOptions& options_;
  Dialect dialect_;
  Scanner scanner_;
  Scanner::Token token_;
  bool skipped_newline_ = false;
  std::uint32_t last_end_ = 0;
  Errors errors_;
  Errors rule_errors_;  // of statements that are read well, but are no rules
  Errors v1_errors_;    // of rules that only Rego v0 takes
  std::vector<Statement> statements_;
  std::string hint_;
  bool seen_package_ = false;
  int depth_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace

Errors explain_module(const Source& source, const ParseOptions& options) {
  try {
    return Explainer(source, options).module();
  } catch (const GaveUp&) {
    return {};
  }
}

Errors explain_query(const Source& source, const ParseOptions& options) {
  try {
    return Explainer(source, options).query();
  } catch (const GaveUp&) {
    return {};
  }
}

}  // namespace lictor::syntax
