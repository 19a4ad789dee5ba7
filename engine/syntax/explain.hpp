// Text → the errors that OPA's parser reports for it; none if it takes the text. The grammar says
// only where it stopped, and takes some texts that OPA refuses; what OPA says depends on what its
// parser, which descends by hand, was about to read. This reads text as that parser does, and makes
// nothing but errors. It runs only on text that the grammar refuses or doubts, so that its speed
// does not matter.
#pragma once

#include <map>
#include <optional>

#include "syntax/parse.hpp"

namespace lictor::syntax {

/// Nothing: the text is nested too deeply to be explained.
std::optional<Errors> explain_module(const Source& source, const ParseOptions& options);
std::optional<Errors> explain_query(const Source& source, const ParseOptions& options);
/// Of a text that must be a package clause alone, or imports alone.
std::optional<Errors> explain_package(const Source& source, const ParseOptions& options);
std::optional<Errors> explain_imports(const Source& source, const ParseOptions& options);

/// The numbers that OPA gives to the wildcards of a text that it takes: by their offsets, and for
/// the arguments that further clauses of a rule share with its head, by the clause's offset and the
/// argument's index.
struct WildcardNumbers {
  std::map<std::uint32_t, int> written;
  std::map<std::pair<std::uint32_t, std::size_t>, int> copied;
};
WildcardNumbers wildcard_numbers(const Source& source, const ParseOptions& options);

}  // namespace lictor::syntax
