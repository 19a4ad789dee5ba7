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

void Table::declare(std::string name, std::string signature) {
  const char* kept = texts_.emplace_back(std::move(name)).c_str();
  push({kept, texts_.emplace_back(std::move(signature)).c_str(), nullptr});
}

void Table::hide(std::string_view name) { numbers_.erase(name); }

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
  const Builtin* builtin = get(name);
  return builtin && builtin->trait == Trait::deprecated;
}

std::uint32_t own_number(std::string_view name) {
  return static_cast<std::uint32_t>(Table::standard()->find(name));
}

}  // namespace lictor::builtins
