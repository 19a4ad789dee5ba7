// YAML nodes → values, as Go would have them: with Go's types, merges and limits. In: nodes of a
// Parser. Out: Decoded values; a thrown Refused for what ends the decoding, and a list of errors
// for what does not. Entry point: Decoder. Source: go-yaml v3.0.6, decode.go (the decoder).
// INVARIANT: aliases cannot multiply the work: see Decoder::count().
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/function_ref.hpp"
#include "json/yaml_parser.hpp"
#include "json/yaml_scalar.hpp"

namespace lictor::yaml {

struct Decoded {
  // Go's map[string]any is a `map`; its map[any]any, where a key is not a text, a `general_map`.
  enum class Kind { scalar, list, map, general_map };

  Kind kind = Kind::scalar;
  Scalar scalar;
  std::vector<Decoded> items;
  std::vector<std::pair<Decoded, Decoded>> members;

  bool is_null() const { return kind == Kind::scalar && scalar.kind == Scalar::Kind::null; }
  bool is_text() const { return kind == Kind::scalar && scalar.kind == Scalar::Kind::text; }
  bool is_map() const { return kind == Kind::map || kind == Kind::general_map; }
  const Decoded* find(std::string_view key) const;
};

Decoded decoded_text(std::string text);
/// As Go prints it with %#v.
std::string go_syntax(const Decoded& value);
/// As Go prints it with %s.
std::string go_text(const Decoded& value);

class Decoder {
 public:
  /// Each returns false where nothing was decoded: for null where no null fits, and for errors,
  /// which name the Go type that was wanted.
  bool any(const Node& node, Decoded& out);
  bool text(const Node& node, std::string& out);
  bool boolean(const Node& node, bool& out);
  bool map(const Node& node, Decoded& out);
  bool list(const Node& node, const char* type, FunctionRef<void(const Node&)> item);
  /// A Go struct, field by field.
  bool structure(const Node& node, const char* type,
                 FunctionRef<void(const std::string&, const Node&)> field);

  /// What was wrong, in one message; empty if nothing was.
  std::string errors() const;

 private:
  using Keys = std::unordered_set<std::string>;

  /// A map in the making, with the places of its keys.
  struct MapBuilder {
    Decoded* map;
    std::unordered_map<std::string, std::size_t> places;
    void set(Decoded key, Decoded value);
  };

  using Visit = FunctionRef<bool(const Node&)>;

  void count();
  bool visit(const Node& node, Visit value);
  bool is_repetitive(const Node& node);
  void mismatch(const Node& node, const char* tag, const std::string& type);
  bool scalar_mismatch(const Node& node, const Scalar& value, const std::string& type);
  bool list_of_any(const Node& node, Decoded& out);
  bool map_of_any(const Node& node, Decoded& out);
  bool members(const Node& node, MapBuilder& out);
  bool member_key(const Node& node, bool general, Decoded& out);
  bool fields(const Node& node, FunctionRef<void(const std::string&, const Node&)> field);
  void merge(const Node& parent, const Node& merged, Visit into);
  void add_key(Keys& keys, const Decoded& key);

  std::vector<std::string> errors_;
  std::unordered_set<const Node*> open_aliases_;
  Keys* merged_ = nullptr;  // keys that a merge may not set again
  std::size_t count_ = 0, alias_count_ = 0;
  int depth_ = 0;
};

/// A value as JSON, or a thrown Refused for keys and numbers that JSON does not have.
std::string decoded_json(Decoded value);
/// The value of a scalar node.
Scalar scalar_value(const Node& node);
bool is_merge_key(const Node& node);

}  // namespace lictor::yaml
