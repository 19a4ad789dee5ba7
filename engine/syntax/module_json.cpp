#include "syntax/module_json.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/base64.hpp"
#include "json/write.hpp"
#include "syntax/annotations.hpp"
#include "syntax/comments.hpp"
#include "syntax/explain.hpp"
#include "syntax/term_order.hpp"

namespace lictor::syntax {
namespace {

bool is_wildcard(const Term& term) {
  return term.kind == TermKind::var && term.text.starts_with('$');
}

/// The names of wildcards, as OPA numbers them.
class Wildcards {
 public:
  Wildcards(const Module& module, Dialect parsed_as) {
    if (module.source->text.find('_') == std::string::npos) return;
    ParseOptions options;
    options.dialect = parsed_as;
    numbers_ = wildcard_numbers(*module.source, options);
    for (const Rule* rule : module.rules) arguments(*rule);
  }

  std::string name(const Term& var) const {
    if (auto own = own_.find(&var); own != own_.end()) return "$" + std::to_string(own->second);
    auto known = numbers_.written.find(var.span.first);
    return known == numbers_.written.end() ? var.text : "$" + std::to_string(known->second);
  }

 private:
  void arguments(const Rule& rule) {
    for (std::size_t i = 0; i < rule.args.size(); ++i) {
      auto copied = numbers_.copied.find({rule.span.first, i});
      if (copied != numbers_.copied.end()) own_[rule.args[i]] = copied->second;
    }
    if (rule.else_rule) arguments(*rule.else_rule);
  }

  WildcardNumbers numbers_;
  std::map<const Term*, int> own_;
};

/// Terms, and the bodies in them.
class TermWriter {
 public:
  using Name = std::function<std::string(const Term& wildcard)>;

  explicit TermWriter(Name wildcard_name) : wildcard_name_(std::move(wildcard_name)) {}

  std::string value_text(const Term& term) {
    value(term);
    return std::move(out_);
  }

 protected:
  /// An array of what `items` holds, if that is anything.
  template <typename Items, typename Item>
  void list(const char* name, const Items& items, Item&& item) {
    if (items.empty()) return;
    out_ += name;
    array(items, item);
  }

  template <typename Items, typename Item>
  void array(const Items& items, Item&& item) {
    char before = '[';
    for (const auto& one : items) {
      out_ += before;
      item(one);
      before = ',';
    }
    if (before == '[') out_ += '[';
    out_ += ']';
  }

  void text(std::string_view value) { json::append_quoted(out_, value, true); }
  void flag(const char* name, bool value) {
    if (value) out_ += std::string(",\"") + name + "\":true";
  }

  // ---- Bodies ----

  void body(const Body& body, bool generated = false) {
    std::size_t index = 0;
    array(body.exprs, [&](const Expr* item) { expr(*item, index++, generated); });
  }

  void expr(const Expr& expr, std::size_t index, bool generated = false) {
    out_ += "{\"index\":" + std::to_string(index);
    flag("negated", expr.negated);
    flag("generated", generated);
    out_ += ",\"terms\":";
    terms(expr);
    list(",\"with\":", expr.with, [&](const With& item) {
      out_ += "{\"target\":";
      if (item.target->kind == TermKind::var && item.target->flag)
        builtin(item.target->text);
      else
        term(*item.target);
      out_ += ",\"value\":";
      if (item.value)
        term(*item.value);
      else
        builtin(item.builtin);
      out_ += '}';
    });
    out_ += '}';
  }

  void terms(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::term:
        if (expr.term->kind == TermKind::call) return call(*expr.term);
        return term(*expr.term);
      case ExprKind::some_decl:
        out_ += "{\"symbols\":";
        array(expr.vars, [&](const Term* item) { bare_var(*item); });
        out_ += '}';
        return;
      case ExprKind::some_in:
        return some_in(expr);
      case ExprKind::every:
        return every(expr);
      case ExprKind::not_body:
        out_ += "{\"type\":\"not\",\"body\":";
        body(*expr.bodies[0]);
        out_ += ",\"explicit_body\":";
        out_ += expr.bodies[0]->implicit ? "false}" : "true}";
        return;
      case ExprKind::logical_and:
      case ExprKind::logical_or:
        return chain(expr, expr.bodies.size());
    }
  }

  void some_in(const Expr& expr) {
    out_ += "{\"symbols\":[{\"type\":\"call\",\"value\":[";
    operator_ref(expr.key ? "internal.member_3" : "internal.member_2");
    for (const Term* item : {expr.key, expr.value, expr.domain}) {
      if (item == nullptr) continue;
      out_ += ',';
      term(*item);
    }
    out_ += "]}]}";
  }

  void every(const Expr& expr) {
    out_ += "{\"key\":";
    if (expr.key)
      term(*expr.key);
    else
      out_ += "null";
    out_ += ",\"value\":";
    term(*expr.value);
    out_ += ",\"domain\":";
    term(*expr.domain);
    out_ += ",\"body\":";
    body(*expr.bodies[0]);
    out_ += '}';
  }

  /// The first `count` operands of a chain; the last of them is to the right of all others.
  void chain(const Expr& expr, std::size_t count) {
    const Body& right = *expr.bodies[count - 1];
    bool nested = count > 2;
    out_ += expr.kind == ExprKind::logical_and ? "{\"type\":\"and\",\"lhs\":"
                                               : "{\"type\":\"or\",\"lhs\":";
    if (nested) {
      out_ += "[{\"index\":0,\"terms\":";
      chain(expr, count - 1);
      out_ += "}]";
    } else {
      body(*expr.bodies[0]);
    }
    out_ += ",\"rhs\":";
    body(right);
    flag("explicit_lhs", !nested && !expr.bodies[0]->implicit);
    flag("explicit_rhs", !right.implicit);
    out_ += '}';
  }

  // ---- Terms ----

  void var(std::string_view name) {
    out_ += "{\"type\":\"var\",\"value\":";
    text(name);
    out_ += '}';
  }

  void bare_var(const Term& term) { var(is_wildcard(term) ? wildcard_name_(term) : term.text); }

  /// A builtin as a term: a ref if its name has dots.
  void builtin(std::string_view name) {
    name.find('.') == std::string_view::npos ? var(name) : operator_ref(name);
  }

  /// The ref that a dotted name is.
  void operator_ref(std::string_view name) {
    out_ += "{\"type\":\"ref\",\"value\":[";
    std::size_t dot = std::min(name.find('.'), name.size());
    var(name.substr(0, dot));
    while (dot < name.size()) {
      std::size_t end = std::min(name.find('.', dot + 1), name.size());
      out_ += ",{\"type\":\"string\",\"value\":";
      text(name.substr(dot + 1, end - dot - 1));
      out_ += '}';
      dot = end;
    }
    out_ += "]}";
  }

  void ref(const Term& ref) {
    array(ref.items, [&](const Term* item) {
      bool head = item == ref.items[0] && item->kind == TermKind::var;
      head ? bare_var(*item) : term(*item);
    });
  }

  void call(const Term& call) {
    out_ += '[';
    const Term& op = *call.items[0];
    if (op.kind == TermKind::var)
      operator_ref(is_wildcard(op) ? wildcard_name_(op) : op.text);
    else
      term(*call.items[0]);
    for (std::size_t i = 1; i < call.items.size(); ++i) {
      out_ += ',';
      term(*call.items[i]);
    }
    out_ += ']';
  }

  void term(const Term& term) {
    if (term.kind == TermKind::var) {
      bool root = term.text == "input" || term.text == "data";
      if (root) return operator_ref(term.text);
      return bare_var(term);
    }
    out_ += std::string("{\"type\":\"") + kind_name(term.kind) + "\",\"value\":";
    value(term);
    out_ += '}';
  }

  void value(const Term& term) {
    auto each = [&](const Term* item) { this->term(*item); };
    switch (term.kind) {
      case TermKind::null_value:
        out_ += "{}";
        return;
      case TermKind::boolean:
        out_ += term.flag ? "true" : "false";
        return;
      case TermKind::number:
        out_ += term.text;
        return;
      case TermKind::string:
      case TermKind::var:
        return text(term.text);
      case TermKind::ref:
        return ref(term);
      case TermKind::array:
        return array(term.items, each);
      case TermKind::set:
        return array(sorted_members(term), each);
      case TermKind::object:
        return array(sorted_members_of_object(term), [&](const auto& member) {
          out_ += '[';
          each(member.first);
          out_ += ',';
          each(member.second);
          out_ += ']';
        });
      case TermKind::array_comprehension:
      case TermKind::set_comprehension:
      case TermKind::object_comprehension:
        return comprehension(term);
      case TermKind::call:
        return call(term);
      case TermKind::template_string:
        return template_string(term);
    }
  }

  void comprehension(const Term& term) {
    bool object = term.kind == TermKind::object_comprehension;
    out_ += object ? "{\"key\":" : "{\"term\":";
    this->term(*term.items[0]);
    if (object) {
      out_ += ",\"value\":";
      this->term(*term.items[1]);
    }
    out_ += ",\"body\":";
    body(*term.body);
    out_ += '}';
  }

  void template_string(const Term& term) {
    out_ += "{\"parts\":";
    if (term.items.empty()) out_ += "null";
    list("", term.items, [&](const Term* part) {
      if (part->kind != TermKind::set_comprehension) return this->term(*part);
      // The grammar makes the set of an expression's values of it: {x | x = expression}.
      Expr written = *part->body->exprs[0];
      written.term = written.term->items[2];
      expr(written, 0);
    });
    out_ += std::string(",\"multi_line\":") +
            (term.span.text().starts_with("$`") ? "true" : "false") + "}";
  }

  std::string out_;

 private:
  Name wildcard_name_;
};

class ModuleWriter : TermWriter {
 public:
  ModuleWriter(const Module& module, Dialect parsed_as)
      : TermWriter([this](const Term& var) { return wildcards_.name(var); }),
        module_(module),
        comments_(comments(*module.source)),
        wildcards_(module, parsed_as),
        annotations_(annotations_by_rule(module)) {}

  std::string write() {
    out_ = "{\"package\":{\"path\":[";
    var("data");
    for (const Term* part : module_.package) {
      out_ += ',';
      term(*part);
    }
    out_ += "]}";
    list(",\"imports\":", module_.imports, [&](const Import& item) { import(item); });
    list(",\"annotations\":", module_.annotations,
         [&](const Annotations& item) { out_ += annotations_json(item); });
    list(",\"rules\":", module_.rules, [&](const Rule* item) { rule(*item, *item); });
    list(",\"comments\":", comments_, [&](const Comment& item) { comment(item); });
    return std::move(out_) + "}";
  }

 private:
  void import(const Import& import) {
    out_ += "{\"path\":";
    term(*import.path);
    if (!import.alias.empty()) {
      out_ += ",\"alias\":";
      text(import.alias);
    }
    out_ += '}';
  }

  void comment(const Comment& comment) {
    out_ += "{\"Text\":";
    text(encode_base64(comment.text(), base64_standard, true));
    out_ += ",\"Location\":{\"file\":";
    text(module_.source->name);
    out_ += ",\"row\":" + std::to_string(comment.row) + ",\"col\":" + std::to_string(comment.col) +
            "}}";
  }

  // ---- Rules ----

  /// `first` is the clause whose head an else-clause shares.
  void rule(const Rule& rule, const Rule& first) {
    out_ += rule.is_default ? "{\"default\":true," : "{";
    if (rule.else_rule) {
      out_ += "\"else\":";
      this->rule(*rule.else_rule, first);
      out_ += ',';
    }
    out_ += "\"head\":";
    head(rule, first);
    out_ += ",\"body\":";
    body(*rule.body, rule.is_default || rule.generated_body);
    auto own = annotations_.find(&rule);
    if (own != annotations_.end())
      list(",\"annotations\":", own->second,
           [&](const Annotations* item) { out_ += annotations_json(*item); });
    out_ += '}';
  }

  void head(const Rule& rule, const Rule& first) {
    std::size_t start = out_.size();
    auto field = [&](const char* name) { out_ += std::string(",\"") + name + "\":"; };
    const Term* key = head_key(first);
    if (has_name(first)) {
      field("name");
      text(rule.ref->items[0]->text);
    }
    field("ref");
    ref(*rule.ref);
    list(",\"args\":", rule.args, [&](const Term* arg) { term(*arg); });
    if (key) {
      field("key");
      term(*key);
    }
    if (rule.value) {
      field("value");
      term(*rule.value);
    }
    flag("assign", (rule.generated_value ? first : rule).assigned);
    out_[start] = '{';
    out_ += '}';
  }

  /// Heads of two names have one where OPA's parser kept what older versions of Rego had.
  const Module& module_;
  std::vector<Comment> comments_;
  Wildcards wildcards_;
  std::map<const Rule*, std::vector<const Annotations*>> annotations_;
};

}  // namespace

std::string module_json(const Module& module, Dialect parsed_as) {
  return ModuleWriter(module, parsed_as).write();
}

std::string value_json(const Term& term) {
  return TermWriter([](const Term& var) { return var.text; }).value_text(term);
}

}  // namespace lictor::syntax
