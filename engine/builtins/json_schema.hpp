// JSON schemas of drafts 4, 6 and 7. In: a schema's text. Out: its compiled form, or a thrown
// SchemaError; and for a document what in it does not match, in order. Entry: compile_schema(),
// match_schema(). INVARIANT: a compiled schema never changes, and many threads may share it.
// References lead into the schema itself and to the drafts' own schemas, never to the network or to
// a file. Source: OPA internal/gojsonschema, whose texts and whose order these are.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "lictor/value.hpp"

namespace lictor::builtins {

/// Why a text is no schema, or why a document cannot be held against one.
struct SchemaError {
  std::string text;
};

/// The rules by which a schema is read; one that names none is read by those of all drafts.
enum class Draft : std::uint8_t { draft4, draft6, draft7, all };

struct Subschema;

/// What holds for members or items that no other keyword describes: nothing, a yes or no, or a
/// schema.
struct Remainder {
  std::optional<bool> allowed;
  const Subschema* schema = nullptr;
};

/// What a member asks for if it is there.
struct Dependency {
  std::vector<std::string_view> members;
  const Subschema* schema = nullptr;
};

/// A schema inside a schema. Null and nothing: the keyword is absent.
struct Subschema {
  using Named = std::pair<std::string_view, const Subschema*>;

  Draft draft = Draft::all;
  std::optional<bool> verdict;            // of the schemas `true` and `false`
  std::string ref;                        // the address that its $ref leads to
  const Subschema* referenced = nullptr;  // what is there; with it nothing else counts
  std::vector<std::string_view> types;

  std::optional<Value> multiple_of, minimum, exclusive_minimum, maximum, exclusive_maximum;
  std::optional<std::int64_t> min_length, max_length, min_properties, max_properties, min_items,
      max_items;
  std::optional<std::string_view> pattern;
  std::string_view format;

  std::vector<Named> properties, patterns;  // by name, in order
  std::vector<std::string_view> required;
  std::map<std::string_view, Dependency> dependencies;
  Remainder other_properties, other_items;
  const Subschema* property_names = nullptr;

  std::vector<const Subschema*> items;
  bool one_item_schema = false;  // the first of `items` describes all items
  bool unique_items = false;
  const Subschema* contains = nullptr;

  std::optional<std::string> constant;              // as plain JSON, see plain_json()
  std::optional<std::vector<std::string>> choices;  // likewise
  std::vector<std::string_view> sorted_choices;
  std::vector<const Subschema*> one_of, any_of, all_of;
  const Subschema* negated = nullptr;
  const Subschema *condition = nullptr, *consequent = nullptr, *alternative = nullptr;

  bool has_type(std::string_view type) const;
};

/// The types of a schema in an error: "integer", or "[integer,null]".
std::string types_text(const std::vector<std::string_view>& types);

struct JsonSchema {
  Arena arena;  // of the schema's texts
  std::deque<Subschema> subschemas;
  const Subschema* root = nullptr;
};

/// Whether a `pattern` that Go's regular expressions cannot read is an error, or counts for
/// nothing.
enum class Patterns : bool { ignored, compiled };

std::shared_ptr<const JsonSchema> compile_schema(std::string_view json, Patterns patterns);

/// A place in a document that does not match, in the words of OPA.
struct Mismatch {
  std::string field;  // "a.0.b"; "(Root)" for the document
  std::string_view type;
  std::string description;
};

/// `document` has only what JSON has: keys are texts, and there are no sets.
std::vector<Mismatch> match_schema(const JsonSchema& schema, const Value& document);

/// Compact JSON in which numbers are those that a double holds, so that equal documents have equal
/// texts.
std::string plain_json(const Value& value);

}  // namespace lictor::builtins
