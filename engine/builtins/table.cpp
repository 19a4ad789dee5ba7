#include "builtins/table.hpp"

#include "builtins/families.hpp"
#include "builtins/host.hpp"

namespace lictor::builtins {
namespace {

Trait trait_of(Volatility volatility) {
  switch (volatility) {
    case Volatility::stable:
      return Trait::nondeterministic;
    case Volatility::changing:
      return Trait::changing;
    default:
      return Trait::none;
  }
}

Value unsupported(Call& call) {
  return call.halt(ErrorCode::eval_internal,
                   "unsupported built-in: " + std::string(call.builtin.name));
}

/// What the compiler itself gives a meaning to.
bool is_reserved(std::string_view name) {
  return name == "eq" || name == "assign" || name == "print" || name.starts_with("internal.");
}

/// Identifiers with dots between them.
bool is_function_name(std::string_view name) {
  bool starts = true;
  for (char c : name) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    bool inner = (c >= '0' && c <= '9') || c == '.';
    if (!letter && (starts || !inner)) return false;
    starts = c == '.';
  }
  return !starts;
}

}  // namespace

const std::shared_ptr<const Table>& Table::standard() {
  static const std::shared_ptr<const Table> instance(new Table(Own{}));
  return instance;
}

Table::Table(Own) {
  numbers_.reserve(256);
  for (std::span<const Builtin> family : families()) {
    for (const Builtin& builtin : family) push(builtin);
  }
}

Table::Table() : builtins_(standard()->builtins_), numbers_(standard()->numbers_) {}

void Table::push(Builtin builtin) {
  numbers_[builtin.name] = static_cast<std::uint32_t>(builtins_.size());
  builtins_.push_back(builtin);
}

std::optional<std::string> Table::add(const HostFunction& function) {
  if (!is_function_name(function.name)) return "the name is not one of a function, as acme.f";
  if (is_reserved(function.name)) return "the name is reserved for the compiler";
  if (!function.call) return "it has nothing to call";
  const Builtin* known = get(function.name);
  if (known && known->function) return "there is such a builtin already";
  const HostFunction& kept = host_functions_.emplace_back(function);
  push({kept.name.c_str(), kept.signature.c_str(), call_host, trait_of(kept.volatility), &kept});
  return std::nullopt;
}

Table::Table(std::shared_ptr<const Table> all)
    : builtins_(all->builtins_), all_(std::move(all)), has_equality_(false) {}

std::shared_ptr<const Table> Table::restricted(std::shared_ptr<const Table> all,
                                               const std::vector<DeclaredBuiltin>& declared) {
  std::shared_ptr<Table> out(new Table(std::move(all)));
  for (const DeclaredBuiltin& one : declared) out->declare(one);
  return out;
}

void Table::declare(const DeclaredBuiltin& declared) {
  if (declared.deprecated && declared.name != "assign") deprecated_.insert(declared.name);
  has_equality_ = has_equality_ || declared.name == "eq";
  bool is_languages =
      declared.name == "eq" || declared.name == "assign" || declared.name == "print";
  if (is_languages || declared.signature.empty()) return;
  const Builtin* known = all_->get(declared.name);
  Builtin builtin = known ? *known : Builtin{nullptr, nullptr, unsupported, Trait::changing};
  builtin.name = texts_.emplace_back(declared.name).c_str();
  builtin.signature = texts_.emplace_back(declared.signature).c_str();
  push(builtin);
}

const Builtin* Table::get(std::string_view name) const {
  auto found = numbers_.find(name);
  return found == numbers_.end() ? nullptr : &builtins_[found->second];
}

int Table::find(std::string_view name) const {
  auto found = numbers_.find(name);
  return found == numbers_.end() ? -1 : static_cast<int>(found->second);
}

int Table::arity(std::string_view name) const {
  const Builtin* builtin = get(name);
  return builtin ? builtin->arity() : -1;
}

bool Table::is_deprecated(std::string_view name) const {
  if (all_) return deprecated_.contains(name);
  const Builtin* builtin = get(name);
  return builtin && builtin->trait == Trait::deprecated;
}

std::uint32_t own_number(std::string_view name) {
  return static_cast<std::uint32_t>(Table::standard()->find(name));
}

}  // namespace lictor::builtins
