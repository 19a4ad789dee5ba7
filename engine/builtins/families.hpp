// The tables of builtins, one a family; a new family is one line here and one in families().
#pragma once

#include <array>
#include <span>

#include "builtins/builtin.hpp"

namespace lictor::builtins {

std::span<const Builtin> comparison_builtins();
std::span<const Builtin> arithmetic_builtins();
std::span<const Builtin> aggregate_builtins();
std::span<const Builtin> array_builtins();
std::span<const Builtin> set_builtins();
std::span<const Builtin> object_builtins();
std::span<const Builtin> json_builtins();
std::span<const Builtin> json_path_builtins();
std::span<const Builtin> json_schema_builtins();
std::span<const Builtin> string_builtins();
std::span<const Builtin> format_builtins();
std::span<const Builtin> type_builtins();
std::span<const Builtin> bit_builtins();
std::span<const Builtin> encoding_builtins();
std::span<const Builtin> regex_builtins();
std::span<const Builtin> graph_builtins();
std::span<const Builtin> time_builtins();
std::span<const Builtin> unit_builtins();
std::span<const Builtin> identifier_builtins();
std::span<const Builtin> net_builtins();
std::span<const Builtin> uri_builtins();
std::span<const Builtin> glob_builtins();
std::span<const Builtin> digest_builtins();
std::span<const Builtin> graphql_builtins();
std::span<const Builtin> token_builtins();
std::span<const Builtin> certificate_builtins();
std::span<const Builtin> provider_builtins();
std::span<const Builtin> template_builtins();
std::span<const Builtin> rego_builtins();
std::span<const Builtin> misc_builtins();
std::span<const Builtin> printing_builtins();
std::span<const Builtin> declared_builtins();

inline auto families() {
  return std::array{
      comparison_builtins(),  arithmetic_builtins(),  aggregate_builtins(), array_builtins(),
      set_builtins(),         object_builtins(),      json_builtins(),      json_path_builtins(),
      string_builtins(),      format_builtins(),      type_builtins(),      bit_builtins(),
      encoding_builtins(),    regex_builtins(),       graph_builtins(),     time_builtins(),
      unit_builtins(),        identifier_builtins(),  net_builtins(),       uri_builtins(),
      glob_builtins(),        digest_builtins(),      template_builtins(),  rego_builtins(),
      misc_builtins(),        printing_builtins(),    graphql_builtins(),   token_builtins(),
      json_schema_builtins(), certificate_builtins(), provider_builtins(),  declared_builtins()};
}

}  // namespace lictor::builtins
