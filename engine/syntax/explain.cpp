// Source of the rules: OPA v1/ast/parser_ext.go and v1/ast/rego_v1.go.
#include "syntax/explain.hpp"

#include "syntax/annotations.hpp"
#include "syntax/explain_parser.hpp"
#include "syntax/parse_state.hpp"

namespace lictor::syntax {
namespace {

using namespace explain;

/// Checks what was read as a whole module.
class ModuleCheck {
 public:
  ModuleCheck(const Source& source, const ParseOptions& options,
              const std::vector<Statement>& statements, const std::vector<Annotations>& blocks)
      : source_(source),
        options_(options),
        statements_(statements),
        blocks_(blocks),
        version_(options.dialect == Dialect::v1 ? 1 : 0) {}

  Errors run() {
    if (statements_.empty() && blocks_.empty()) error({}, "empty module");
    if (statements_.empty()) {
      if (!blocks_.empty()) error(first_block(), "package expected");
      return std::move(errors_);
    }
    if (statements_[0].form != Statement::Form::package)
      error(statements_[0].place, "package expected");
    for (std::size_t i = 1; i < statements_.size(); ++i) add(i);
    if (version_ == 0) return std::move(errors_);
    for (const RuleNote& rule : rules_) check(rule);
    return std::move(errors_);
  }

 private:
  void error(const Location& place, std::string message) {
    Error out =
        error_at(ErrorCode::parse, {&source_, place.offset, place.offset}, std::move(message));
    out.row = place.row;
    out.col = place.col;
    if (place.row == 0) out.line.clear();
    errors_.push_back(std::move(out));
  }

  /// METADATA blocks are statements, too.
  Location first_block() const {
    return {blocks_[0].span.first, blocks_[0].row, blocks_[0].col, 0, 0};
  }

  std::string text_of(const Node& node) const { return to_text(node, source_.text); }

  void add(std::size_t index) {
    const Statement& statement = statements_[index];
    switch (statement.form) {
      case Statement::Form::package:
        return error(statement.place, "unexpected package");
      case Statement::Form::import:
        version_ = std::max(version_, statement.version);
        return;
      case Statement::Form::rule:
        rules_.insert(rules_.end(), statement.rules.begin(), statement.rules.end());
        return;
      case Statement::Form::body: {
        RuleNote rule;
        std::string fault = rule_of(statement.body, rule);
        rule.generated_body = true;
        if (fault.empty())
          rules_.push_back(std::move(rule));
        else
          error(statement.place, fault + hint_for(index));
        return;
      }
    }
  }

  // ---- Expressions as rules ----

  /// Makes a rule of an expression; what is wrong if it cannot be one, or "".
  std::string rule_of(const Expressions& body, RuleNote& rule) const {
    const Expression& expr = *body[0];
    rule.place = *expr.place;
    if (body.size() != 1) return "multiple expressions cannot be used for rule head";
    if (expr.with) return "expressions using with keyword cannot be used for rule head";
    if (expr.negated) return "negated expressions cannot be used for rule head";
    switch (expr.form) {
      case Expression::Form::some:
        return "'some' declarations cannot be used for rule head";
      case Expression::Form::term:
        return rule_of_term(*expr.term, rule);
      case Expression::Form::call: {
        std::string name = global_operator(expr);
        if (name == "eq" || name == "assign") return rule_of_equality(expr, rule);
        return rule_of_call(expr, rule);
      }
      default:
        return "expression cannot be used for rule head";
    }
  }

  std::string rule_of_term(const Node& term, RuleNote& rule) const {
    if (term.kind != TermKind::ref)
      return std::string(kind_name(term.kind)) + " cannot be used for rule name";
    std::size_t size = term.items.size();
    if (size == 1) return "refs cannot be used for rule head";
    const Node& first = *term.items[0];
    if (first.kind != TermKind::var) return "invalid rule head: " + text_of(term);
    rule.head.ref = std::make_shared<Node>(term);
    rule.place = term.place;
    if (size > 2) {
      rule.head.value = std::make_shared<Node>();
      rule.head.generated_value = true;
      return "";
    }
    rule.head.ref->items.pop_back();
    rule.head.name = first.text;
    rule.head.key = term.items[1];
    return "";
  }

  std::string rule_of_call(const Expression& expr, RuleNote& rule) const {
    const Node& op = *expr.terms[0];
    if (options_.is_builtin && options_.is_builtin(text_of(op)))
      return "rule name conflicts with built-in function";
    if (expr.terms.size() <= 1) return "rule argument list must take at least one argument";
    if (op.items[0]->kind != TermKind::var) return "invalid rule head: " + text_of(op);
    rule.place = op.place;
    set_function(expr.terms, rule);
    rule.head.value = std::make_shared<Node>();
    return "";
  }

  static void set_function(const std::vector<NodePtr>& call, RuleNote& rule) {
    rule.head.ref = call[0];
    if (call[0]->items.size() == 1) rule.head.name = call[0]->items[0]->text;
    rule.head.args.assign(call.begin() + 1, call.end());
  }

  std::string rule_of_equality(const Expression& expr, RuleNote& rule) const {
    if (expr.terms.size() < 3) return "assignment requires two operands";
    const NodePtr& left = expr.terms[1];
    rule.head.value = expr.terms[2];
    if (left->kind == TermKind::call && left->items[0]->items[0]->kind == TermKind::var) {
      set_function(left->items, rule);
      return "";
    }
    if (left->kind == TermKind::var) {
      rule.head.name = left->text;
      rule.head.ref = left;
      return "";
    }
    if (left->kind != TermKind::ref)
      return std::string(kind_name(left->kind)) + " cannot be used for rule name";
    if (left->items[0]->kind != TermKind::var) return "invalid rule head: " + text_of(*left);
    rule.head.ref = left;
    if (left->items.size() <= 2) rule.head.name = left->items[0]->text;
    return "";
  }

  // ---- Keywords that v0 does not have ----

  static const char* example(const std::string& name) {
    return name == "if" ? "p if { ... }" : name == "contains" ? "p contains x" : nullptr;
  }

  static std::string name_of(const Statement& statement) {
    if (statement.form == Statement::Form::rule) return statement.rules[0].head.name;
    bool one = statement.form == Statement::Form::body && statement.body.size() == 1;
    if (!one || statement.body[0]->form != Expression::Form::term) return "";
    const Node& term = *statement.body[0]->term;
    return term.kind == TermKind::var ? term.text : "";
  }

  /// A name `if` or `contains` by itself, or after what is no rule, was meant as a keyword.
  std::string hint_for(std::size_t index) const {
    if (version_ != 0) return "";
    const Statement& statement = statements_[index];
    std::string name = name_of(statement);
    bool next =
        index + 1 < statements_.size() && statements_[index + 1].place.row == statement.place.row;
    if (!example(name)) name = next ? name_of(statements_[index + 1]) : "";
    if (!example(name)) return "";
    return " (hint: `import future.keywords." + name + "` for `" + example(name) + "` rules)";
  }

  // ---- What v1 requires ----

  void check(const RuleNote& rule) {
    const Head& head = rule.head;
    bool is_keyword_name = (head.ref->kind != TermKind::ref || head.ref->items.size() < 2) &&
                           is_keyword(head.name, v1_keywords);
    std::string what = head.args.empty() ? "rule" : "function";
    if (is_keyword_name) error(rule.place, head.name + " keyword cannot be used for rule name");
    if (rule.generated_body && head.generated_value)
      error(rule.place, what + " must have value assignment and/or body declaration");
    if (!rule.generated_body && !head.has_if && !rule.is_default)
      error(rule.place, "`if` keyword is required before " + what + " body");
    if (!head.value && !head.has_contains)
      error(rule.place, "`contains` keyword is required for partial set rules");
  }

  const Source& source_;
  const ParseOptions& options_;
  const std::vector<Statement>& statements_;
  const std::vector<Annotations>& blocks_;
  int version_;
  std::vector<RuleNote> rules_;
  Errors errors_;
};

/// Why no text can be read.
Errors refusals(const ParseOptions& options) {
  const std::string& refusal = options.language().refusal;
  return refusal.empty() ? Errors{} : Errors{{ErrorCode::parse, refusal, {}, 0, 0, {}, {}}};
}

}  // namespace

std::optional<Errors> explain_module(const Source& source, const ParseOptions& options) {
  if (Errors errors = refusals(options); !errors.empty()) return errors;
  try {
    Parser parser(source, options, false);
    std::vector<Statement> statements = parser.statements();
    Errors errors = parser.errors();
    std::vector<Annotations> blocks;
    if (options.annotations) {
      Errors faults = read_blocks(parser.comments(), blocks);
      errors.insert(errors.end(), faults.begin(), faults.end());
    }
    return errors.empty() ? ModuleCheck(source, options, statements, blocks).run() : errors;
  } catch (const GaveUp&) {
    return std::nullopt;
  }
}

WildcardNumbers wildcard_numbers(const Source& source, const ParseOptions& options) {
  try {
    Parser parser(source, options, false);
    std::vector<Statement> statements = parser.statements();
    return parser.wildcards();
  } catch (const GaveUp&) {
    return {};
  }
}

namespace {

/// An error without a name: a text is good but for the kinds of its statements.
Errors wrong_statements(std::string message) {
  Error error;
  error.code = ErrorCode::load;
  error.message = std::move(message);
  return {error};
}

const char* kind_name(Statement::Form form) {
  switch (form) {
    case Statement::Form::package:
      return "*ast.Package";
    case Statement::Form::import:
      return "*ast.Import";
    case Statement::Form::rule:
      return "*ast.Rule";
    case Statement::Form::body:
      return "ast.Body";
  }
  return "";
}

/// Errors of the text, or else what `check` says of its statements.
template <typename Check>
std::optional<Errors> explain_statements(const Source& source, const ParseOptions& options,
                                         bool skip_rules, Check check) {
  if (Errors errors = refusals(options); !errors.empty()) return errors;
  try {
    Parser parser(source, options, skip_rules);
    std::vector<Statement> statements = parser.statements();
    if (Errors errors = parser.errors(); !errors.empty()) return errors;
    return check(statements);
  } catch (const GaveUp&) {
    return std::nullopt;
  }
}

/// All statements must be of a form, which the error calls by `name`.
Errors all_of_form(const std::vector<Statement>& statements, Statement::Form form,
                   const std::string& name) {
  for (const Statement& statement : statements) {
    if (statement.form != form)
      return wrong_statements("expected " + name + " but got " + kind_name(statement.form));
  }
  return {};
}

}  // namespace

std::optional<Errors> explain_query(const Source& source, const ParseOptions& options) {
  return explain_statements(source, options, true, [](const std::vector<Statement>& statements) {
    return all_of_form(statements, Statement::Form::body, "body");
  });
}

std::optional<Errors> explain_package(const Source& source, const ParseOptions& options) {
  return explain_statements(source, options, false, [](const std::vector<Statement>& statements) {
    return statements.size() == 1 ? Errors{} : wrong_statements("expected exactly one statement");
  });
}

std::optional<Errors> explain_imports(const Source& source, const ParseOptions& options) {
  return explain_statements(source, options, false, [](const std::vector<Statement>& statements) {
    return all_of_form(statements, Statement::Form::import, "import");
  });
}

}  // namespace lictor::syntax
