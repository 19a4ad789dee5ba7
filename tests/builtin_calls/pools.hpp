// Texts and numbers that builtins are likely to get wrong. In: the name of a pool. Out: its items.
// Numbers are JSON text. INVARIANT: no item makes a builtin do more than a few milliseconds of
// work.
#pragma once

#include <span>
#include <string_view>

namespace lictor::builtin_calls {

enum class Pool : unsigned char {
  words,
  numerals,
  patterns,
  replacements,
  globs,
  layouts,
  dates,
  zones,
  durations,
  networks,
  addresses,
  small_networks,
  uris,
  queries,
  units,
  versions,
  uuids,
  encoded,
  json_documents,
  yaml_documents,
  formats,
  templates,
  template_names,
  pointers,
  keys,
  operations,
  modules,
  globs_to_intersect,
  marks,
  numbers,
  instants,
  small_numbers,
  bases,
  range_digits,
  schema_names,
  schema_types,
  schema_formats,
  schema_patterns,
  schema_references,
  schema_texts,
  schema_counts,
  schema_numbers,
  tokens,
  token_headers,
  token_keys,
  signing_keys,
  certificates,
  certificate_requests,
  private_keys,
};

std::span<const std::string_view> items(Pool pool);

}  // namespace lictor::builtin_calls
