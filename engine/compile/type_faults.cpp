#include "compile/type_faults.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "compile/type_text.hpp"
#include "syntax/module_json.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

using syntax::Term;
using Lines = std::vector<std::string>;

template <typename Items, typename Text>
std::string joined(const Items& items, const char* separator, Text&& text) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : separator) + text(items[i]);
  return out;
}

bool is_too_wide(const std::string& line) {
  constexpr std::size_t widest = 80;
  return to_runes(line).size() > widest;
}

// ---- Arguments ----

/// A parameter, or the result that is wanted behind them.
struct Wanted {
  TypeRef type;
  std::string name;

  std::string label() const { return name.empty() ? "" : name + ": "; }
};

std::vector<Wanted> wanted(const WrongArguments& fault) {
  const Type& function = *fault.function;
  std::vector<Wanted> out;
  for (std::size_t i = 0; i < function.items.size() - (function.variadic ? 1 : 0); ++i)
    out.push_back({function.items[i], function.names[i]});
  if (!fault.bare && function.value != nullptr)
    out.push_back({function.value, function.names.back()});
  return out;
}

Lines lines(const WrongArguments& fault) {
  std::vector<Wanted> want = wanted(fault);
  const Type& function = *fault.function;
  auto both = [&](const Lines& have_texts, Lines want_texts) -> Lines {
    if (function.variadic) want_texts.push_back(elided_text(function.items.back()) + "...");
    auto same = [](const std::string& text) { return text; };
    return {"have: (" + joined(have_texts, ", ", same) + ")",
            "want: (" + joined(want_texts, ", ", same) + ")"};
  };
  Lines have_texts, want_texts;
  for (TypeRef type : fault.have) have_texts.push_back(to_text(type));
  for (const Wanted& one : want) want_texts.push_back(one.label() + to_text(one.type));
  Lines out = both(have_texts, want_texts);
  if (!is_too_wide(out[0]) && !is_too_wide(out[1])) return out;
  for (std::size_t i = 0; i < fault.have.size(); ++i) have_texts[i] = elided_text(fault.have[i]);
  for (std::size_t i = 0; i < want.size(); ++i)
    want_texts[i] = elided_text(want[i].type, want[i].label());
  for (std::size_t i = 0; i < std::min(fault.have.size(), want.size()); ++i) {
    if (unifies(fault.have[i], want[i].type)) continue;
    auto [have_text, want_text] = differing_texts(fault.have[i], want[i].type);
    have_texts[i] = have_text;
    want_texts[i] = want[i].label() + want_text;
  }
  return both(have_texts, want_texts);
}

std::string json(const WrongArguments& fault) {
  std::vector<Wanted> want = wanted(fault);
  std::string have = joined(fault.have, ",", [](TypeRef type) { return to_json(type); });
  bool is_null = fault.of_function && fault.have.empty();
  std::string out = "{\"have\":" + (is_null ? "null" : "[" + have + "]") + ",\"want\":{";
  if (!want.empty()) {
    auto text = [](const Wanted& one) { return to_json(one.type, one.name); };
    out += "\"args\":[" + joined(want, ",", text) + "]";
  }
  if (fault.function->variadic) {
    out += want.empty() ? "" : ",";
    out += "\"variadic\":" + to_json(fault.function->items.back());
  }
  return out + "}}";
}

// ---- Equality ----

const char* shared_kind(const Mismatch& fault) {
  bool alike =
      fault.left != nullptr && fault.right != nullptr && fault.left->kind == fault.right->kind;
  if (!alike) return nullptr;
  switch (fault.left->kind) {
    case TypeKind::object:
      return "objects";
    case TypeKind::array:
      return "arrays";
    case TypeKind::set:
      return "sets";
    default:
      return nullptr;
  }
}

Lines lines(const Mismatch& fault) {
  auto both = [](const std::string& left, const std::string& right) -> Lines {
    return {"left  : " + left, "right : " + right};
  };
  Lines out = both(to_text(fault.left), to_text(fault.right));
  if (is_too_wide(out[0]) || is_too_wide(out[1])) {
    auto [left, right] = differing_texts(fault.left, fault.right);
    out = both(left, right);
  }
  if (const char* kind = shared_kind(fault)) {
    out.push_back(std::string("hint  : both sides are ") + kind +
                  " but their types differ, so they can never be equal (see "
                  "https://www.openpolicyagent.org/docs/errors/rego-type-error/match-error)");
  }
  return out;
}

std::string json(const Mismatch& fault) {
  return "{\"a\":" + to_json(fault.left) + ",\"b\":" + to_json(fault.right) + "}";
}

// ---- Refs ----

Lines lines(const NoParts& fault) {
  return {fault.ref.text, std::string(fault.ref.through.size(), '^'),
          "have: " + to_text(fault.have)};
}

std::string ref_json(const SplitRef& ref) {
  return "{\"ref\":" + ref.json + ",\"pos\":" + std::to_string(ref.at);
}

std::string json(const NoParts& fault) {
  return ref_json(fault.ref) + ",\"have\":" + to_json(fault.have) + "}";
}

Lines lines(const WrongOperand& fault) {
  std::string indent(fault.ref.before.size() + 1, ' ');
  bool listed = fault.one_of && !fault.one_of->empty();
  std::string keys;
  if (listed) {
    auto text = [](const Term* key) { return syntax::to_text(*key); };
    keys = joined(*fault.one_of, " ", text);
  }
  return {
      fault.ref.text, indent + "^",
      indent + (fault.have ? "have (type): " + to_text(fault.have) : "have: " + fault.ref.operand),
      indent + (listed || fault.want == nullptr ? "want (one of): [" + keys + "]"
                                                : "want (type): " + to_text(fault.want))};
}

std::string json(const WrongOperand& fault) {
  std::string out = ref_json(fault.ref);
  if (fault.have) out += ",\"have\":" + to_json(fault.have);
  out += ",\"want\":" + to_json(fault.want) + ",\"oneOf\":";
  if (!fault.one_of) return out + "null}";
  auto text = [](const Term* key) { return syntax::value_json(*key); };
  return out + "[" + joined(*fault.one_of, ",", text) + "]}";
}

void add_constant_keys(TypeRef type, std::vector<const Term*>& out) {
  if (is(type, TypeKind::object)) {
    for (const Property& property : type->properties) out.push_back(property.key);
  } else if (is(type, TypeKind::any)) {
    for (TypeRef member : type->items) add_constant_keys(member, out);
  }
}

std::string prefix_text(Term ref, std::size_t length) {
  if (length == 0) return {};
  ref.items.resize(length);
  return syntax::to_text(ref);
}

}  // namespace

SplitRef::SplitRef(const Term& ref, std::size_t at)
    : text(syntax::to_text(ref)),
      json(syntax::value_json(ref)),
      before(prefix_text(ref, at)),
      through(prefix_text(ref, at + 1)),
      operand(syntax::to_text(*ref.items[at])),
      at(at) {}

bool is_of_unknown(const TypeFault& fault) {
  if (auto* arguments = std::get_if<WrongArguments>(&fault))
    return std::any_of(arguments->have.begin(), arguments->have.end(), is_unknown);
  if (auto* mismatch = std::get_if<Mismatch>(&fault))
    return is_unknown(mismatch->left) || is_unknown(mismatch->right);
  return false;
}

void explain(const TypeFault& fault, Error& error) {
  std::visit(
      [&]<typename Fault>(const Fault& one) {
        if constexpr (!std::is_same_v<Fault, std::monostate>) {
          error.details = lines(one);
          error.details_json = json(one);
        }
      },
      fault);
}

std::vector<const Term*> constant_keys(TypeRef type) {
  std::vector<const Term*> out;
  add_constant_keys(type, out);
  std::stable_sort(out.begin(), out.end(),
                   [](const Term* a, const Term* b) { return syntax::compare(*a, *b) < 0; });
  auto same = [](const Term* a, const Term* b) { return syntax::compare(*a, *b) == 0; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace lictor::compile
