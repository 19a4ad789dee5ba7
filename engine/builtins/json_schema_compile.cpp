// Schema text → compiled schema: first all addresses inside it are resolved, then its keywords are
// read in a fixed order, of which the first fault is the error.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/stack.hpp"
#include "base/uri.hpp"
#include "builtins/json_metaschemas.hpp"
#include "builtins/json_schema.hpp"
#include "builtins/regex_match.hpp"
#include "json/read.hpp"
#include "value/compare.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::builtins {
namespace {

constexpr int most_depth = 1000;
constexpr std::size_t bytes_of_stack = std::size_t{5} << 20;

constexpr std::string_view known_types[] = {"array", "boolean", "integer", "number",
                                            "null",  "object",  "string"};

[[noreturn]] void refuse(std::string text) { throw SchemaError{std::move(text)}; }

[[noreturn]] void wrong_type(std::string_view expected, std::string_view keyword) {
  refuse("Invalid type. Expected: " + std::string(expected) + ", given: " + std::string(keyword));
}

[[noreturn]] void must_be(std::string_view keyword, std::string_view what) {
  refuse(std::string(keyword) + " must be " + std::string(what));
}

bool is_schema(const Value& value) { return value.is(Kind::object) || value.is(Kind::boolean); }

std::optional<std::string_view> text_at(const Value& schema, std::string_view keyword) {
  Value value = lookup(schema, keyword);
  if (value.is_undefined()) return std::nullopt;
  if (!value.is(Kind::string)) wrong_type("string", keyword);
  return value.as_string();
}

/// Undefined if the keyword is absent.
Value list_at(const Value& schema, std::string_view keyword) {
  Value value = lookup(schema, keyword);
  if (!value.is_undefined() && !value.is(Kind::array)) must_be(keyword, "of an array");
  return value;
}

/// An address, or the error of one that cannot be read.
Uri address_of(std::string_view text) {
  try {
    return parse_uri(text);
  } catch (const UriError& wrong) {
    refuse(wrong.text);
  }
}

/// Where `text` leads from `base`; nothing if it cannot be read.
std::optional<Uri> followed(const Uri& base, std::string_view text) {
  try {
    Uri from = base;
    from.fragment.clear();
    return parse_uri(to_text(resolve_reference(from, parse_uri(text))));
  } catch (const UriError&) {
    return std::nullopt;
  }
}

/// The draft that a document names by its address; nothing if it names none that is known.
std::optional<Draft> draft_of(const Value& document) {
  if (document.is(Kind::boolean)) return std::nullopt;
  if (!document.is(Kind::object)) refuse("schema is invalid");
  Value name = lookup(document, "$schema");
  if (name.is_undefined()) return std::nullopt;
  if (!name.is(Kind::string)) must_be("$schema", "of type string");
  std::string address = to_text(address_of(name.as_string()));
  if (address == "http://json-schema.org/draft-04/schema") return Draft::draft4;
  if (address == "http://json-schema.org/draft-06/schema") return Draft::draft6;
  if (address == "http://json-schema.org/draft-07/schema") return Draft::draft7;
  return std::nullopt;
}

/// A step of a JSON pointer into a document.
Value step_into(const Value& value, std::string_view token) {
  std::string text(token);
  if (value.is(Kind::object)) {
    std::string key;
    for (std::size_t i = 0; i < text.size(); ++i) {
      bool escape =
          text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1');
      if (escape) ++i;
      key += !escape ? text[i] : text[i] == '0' ? '~' : '/';
    }
    Value member = lookup(value, key);
    if (member.is_undefined()) refuse("Object has no key '" + key + "'");
    return member;
  }
  if (!value.is(Kind::array)) refuse("Invalid token reference '" + text + "'");
  std::string_view digits = token.substr(token.starts_with('-') || token.starts_with('+'));
  bool is_number = !digits.empty() && digits.size() < 19 &&
                   digits.find_first_not_of("0123456789") == digits.npos;
  if (!is_number) refuse("Invalid array index '" + text + "'");
  std::int64_t index = std::stoll(std::string(digits)) * (token.starts_with('-') ? -1 : 1);
  if (index < 0 || index >= value.size())
    refuse("Out of bound array[0," + std::to_string(value.size()) + "] index '" +
           std::to_string(index) + "'");
  return value.items()[index];
}

/// What a fragment names; the whole document if it is no JSON pointer.
Value pointed_at(Value document, std::string_view fragment) {
  if (!fragment.starts_with('/')) return document;
  while (!fragment.empty()) {
    fragment.remove_prefix(1);
    std::size_t end = std::min(fragment.find('/'), fragment.size());
    document = step_into(document, fragment.substr(0, end));
    fragment.remove_prefix(end);
  }
  return document;
}

struct Document {
  Value value;
  std::optional<Draft> draft;
};

/// The documents that addresses name, and the addresses that the references in them lead to.
class Addresses {
 public:
  explicit Addresses(Arena& arena) : arena_(arena) {}

  /// Adds a whole document.
  void add(const Value& document, const Uri& address) {
    std::string name = to_text(address);
    if (documents_.contains(name)) taken(name);
    std::optional<Draft> draft = draft_of(document);
    enter(document, address, draft, 0);
    documents_[name] = {document, draft};
  }

  /// The address that a $ref leads to, as far as it can be read.
  std::string target(const Value& schema, std::string_view ref) const {
    auto found = targets_.find(schema.as_object());
    return found == targets_.end() ? std::string(ref) : found->second;
  }

  Document at(const Uri& address) {
    std::string name = to_text(address);
    if (auto found = documents_.find(name); found != documents_.end()) return found->second;
    Uri whole = address;
    whole.fragment.clear();
    auto found = documents_.find(to_text(whole));
    if (found == documents_.end()) {
      load(address, whole);
      found = documents_.find(to_text(whole));
      return {pointed_at(found->second.value, address.fragment), found->second.draft};
    }
    Document out = {pointed_at(found->second.value, address.fragment), found->second.draft};
    return documents_[name] = out;
  }

 private:
  [[noreturn]] static void taken(const std::string& name) {
    refuse("Reference already exists: \"" + name + "\"");
  }

  void load(const Uri& address, const Uri& whole) {
    bool is_file = address.scheme == "file";
    bool is_absolute =
        is_file ? address.path.starts_with('/') : !address.scheme.empty() && !address.host.empty();
    if (!is_absolute) refuse("Reference " + to_text(address) + " must be canonical");
    std::string_view text = metaschema(to_text(whole));
    if (text.empty()) refuse("remote reference loading disabled: " + to_text(address));
    add(*json::read_owned(text, arena_), whole);
  }

  void enter(const Value& value, const Uri& base, std::optional<Draft> draft, int depth) {
    if (depth > most_depth) refuse("the schema is nested too deeply");
    if (value.is(Kind::array)) {
      for (std::uint32_t i = 0; i < value.size(); ++i)
        enter(value.items()[i], base, draft, depth + 1);
    }
    if (!value.is(Kind::object)) return;
    Uri here = enter_id(value, base, draft);
    Value ref = lookup(value, "$ref");
    if (ref.is(Kind::string)) {
      if (std::optional<Uri> target = followed(here, ref.as_string()))
        targets_[value.as_object()] = to_text(*target);
    }
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      Member member = object_member(value, i);
      enter_member(member.key.as_string(), member.value, here, draft, depth);
    }
  }

  /// The members of some keywords are names, so that a "$ref" there is none.
  void enter_member(std::string_view keyword, const Value& value, const Uri& here,
                    std::optional<Draft> draft, int depth) {
    if (keyword == "const" || keyword == "enum") return;
    bool has_names =
        keyword == "properties" || keyword == "dependencies" || keyword == "patternProperties";
    if (!has_names) return enter(value, here, draft, depth + 1);
    for (std::uint32_t i = 0; value.is(Kind::object) && i < value.size(); ++i)
      enter(object_member(value, i).value, here, draft, depth + 1);
  }

  Uri enter_id(const Value& schema, const Uri& base, std::optional<Draft> draft) {
    Value id = lookup(schema, "id");
    if (id.is_undefined()) id = lookup(schema, "$id");
    if (!id.is(Kind::string)) return base;
    std::optional<Uri> here = followed(base, id.as_string());
    if (!here) return base;
    auto [place, added] = documents_.try_emplace(to_text(*here), Document{schema, draft});
    if (!added) taken(place->first);
    return *here;
  }

  Arena& arena_;
  std::unordered_map<std::string, Document> documents_;
  std::unordered_map<const Object*, std::string> targets_;
};

class Compiler {
 public:
  Compiler(JsonSchema& out, Patterns patterns)
      : out_(out), addresses_(out.arena), patterns_(patterns) {}

  void run(const Value& document) {
    addresses_.add(document, Uri());
    Subschema& root = out_.subschemas.emplace_back();
    root.draft = draft_of(document).value_or(Draft::all);
    out_.root = &root;
    fill(root, document);
  }

 private:
  using Step = void (Compiler::*)(Subschema&, const Value&);

  Subschema& inner(const Subschema& outer, const Value& schema) {
    Subschema& out = out_.subschemas.emplace_back();
    out.draft = outer.draft;
    fill(out, schema);
    return out;
  }

  void fill(Subschema& out, const Value& schema) {
    if (depth_ > most_depth) refuse("the schema is nested too deeply");
    ++depth_;
    fill_here(out, schema);
    --depth_;
  }

  void fill_here(Subschema& out, const Value& schema) {
    if (out.draft >= Draft::draft6 && schema.is(Kind::boolean)) {
      out.verdict = schema.as_boolean();
      return;
    }
    if (!schema.is(Kind::object)) refuse("Expected: Valid Schema, given: Invalid JSON");
    read_names(out, schema);
    if (read_ref(out, schema)) return;
    static constexpr std::array<Step, 10> steps = {
        &Compiler::read_types,   &Compiler::read_properties, &Compiler::read_patterns,
        &Compiler::read_rest,    &Compiler::read_items,      &Compiler::read_bounds,
        &Compiler::read_strings, &Compiler::read_counts,     &Compiler::read_values,
        &Compiler::read_choices};
    for (Step step : steps) (this->*step)(out, schema);
  }

  /// The keywords that name the schema or parts of it.
  void read_names(Subschema& out, const Value& schema) {
    bool is_old = out.draft == Draft::draft4 ||
                  (out.draft == Draft::all && !lookup(schema, "id").is_undefined());
    if (auto id = text_at(schema, is_old ? "id" : "$id")) address_of(*id);
    Value definitions = lookup(schema, "definitions");
    if (!definitions.is_undefined() && !definitions.is(Kind::object))
      wrong_type("Array Of Schemas", "definitions");
    for (std::uint32_t i = 0; !definitions.is_undefined() && i < definitions.size(); ++i) {
      Value definition = object_member(definitions, i).value;
      if (!is_schema(definition)) wrong_type("Array Of Schemas", "definitions");
      inner(out, definition);
    }
    text_at(schema, "title");
    text_at(schema, "description");
  }

  /// True if nothing beside the reference is read: where it leads to is not known yet.
  bool read_ref(Subschema& out, const Value& schema) {
    auto ref = text_at(schema, "$ref");
    if (!ref) return false;
    Uri target = address_of(addresses_.target(schema, *ref));
    out.ref = to_text(target);
    auto known = referenced_.find(out.ref);
    if (known != referenced_.end()) {
      out.referenced = known->second;
      return false;
    }
    Subschema& there = out_.subschemas.emplace_back();
    referenced_[out.ref] = &there;
    Document document = addresses_.at(target);
    there.draft = document.draft.value_or(out.draft);
    if (!is_schema(document.value)) must_be("Valid Schema", "of type object");
    fill(there, document.value);
    out.referenced = &there;
    return true;
  }

  static void add_type(Subschema& out, std::string_view type) {
    if (std::find(std::begin(known_types), std::end(known_types), type) == std::end(known_types)) {
      std::string known;
      for (std::string_view one : known_types) known.append(known.empty() ? "" : " ").append(one);
      refuse("has a primitive type that is NOT VALID -- given: /" + std::string(type) +
             "/ Expected valid values are:[" + known + "]");
    }
    if (out.has_type(type)) refuse(std::string(type) + " type is duplicated");
    out.types.push_back(type);
  }

  void read_types(Subschema& out, const Value& schema) {
    Value type = lookup(schema, "type");
    if (type.is_undefined()) return;
    if (type.is(Kind::string)) return add_type(out, type.as_string());
    if (!type.is(Kind::array)) wrong_type("type", "string/Array Of Strings");
    for (std::uint32_t i = 0; i < type.size(); ++i) {
      if (!type.items()[i].is(Kind::string)) wrong_type("type", "string/Array Of Strings");
      add_type(out, type.items()[i].as_string());
    }
  }

  void read_properties(Subschema& out, const Value& schema) {
    Value properties = lookup(schema, "properties");
    if (!properties.is_undefined()) {
      if (!properties.is(Kind::object)) must_be("Properties", "of type object");
      for (std::uint32_t i = 0; i < properties.size(); ++i) {
        Member property = object_member(properties, i);
        out.properties.emplace_back(property.key.as_string(), &inner(out, property.value));
      }
    }
    out.other_properties = read_remainder(out, schema, "additionalProperties");
  }

  Remainder read_remainder(const Subschema& outer, const Value& schema, std::string_view keyword) {
    Value value = lookup(schema, keyword);
    if (value.is_undefined()) return {};
    if (value.is(Kind::boolean)) return {value.as_boolean(), nullptr};
    if (!value.is(Kind::object)) wrong_type("boolean/Valid Schema", keyword);
    return {std::nullopt, &inner(outer, value)};
  }

  void read_patterns(Subschema& out, const Value& schema) {
    Value patterns = lookup(schema, "patternProperties");
    if (patterns.is_undefined()) return;
    if (!patterns.is(Kind::object)) wrong_type("Valid Schema", "patternProperties");
    for (std::uint32_t i = 0; i < patterns.size(); ++i) {
      Member pattern = object_member(patterns, i);
      std::string_view text = pattern.key.as_string();
      if (!is_regex(text)) refuse("Invalid regex pattern '" + std::string(text) + "'");
      out.patterns.emplace_back(text, &inner(out, pattern.value));
    }
  }

  void read_rest(Subschema& out, const Value& schema) {
    Value names = lookup(schema, "propertyNames");
    if (!names.is_undefined() && out.draft >= Draft::draft6) {
      if (!is_schema(names)) wrong_type("Valid Schema", "patternProperties");
      out.property_names = &inner(out, names);
    }
    Value dependencies = lookup(schema, "dependencies");
    if (dependencies.is_undefined()) return;
    if (!dependencies.is(Kind::object)) must_be("dependencies", "of type object");
    for (std::uint32_t i = 0; i < dependencies.size(); ++i)
      read_dependency(out, object_member(dependencies, i));
  }

  void read_dependency(Subschema& out, const Member& dependency) {
    auto wrong = [] { must_be("Dependency", "of type Schema Or Array Of Strings"); };
    const Value& value = dependency.value;
    Dependency read;
    if (is_schema(value)) {
      read.schema = &inner(out, value);
    } else {
      if (!value.is(Kind::array)) wrong();
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        if (!value.items()[i].is(Kind::string)) wrong();
        read.members.push_back(value.items()[i].as_string());
      }
    }
    out.dependencies[dependency.key.as_string()] = std::move(read);
  }

  void read_items(Subschema& out, const Value& schema) {
    constexpr std::string_view expected = "Valid Schema/Array Of Schemas";
    Value items = lookup(schema, "items");
    if (is_schema(items)) {
      out.items.push_back(&inner(out, items));
      out.one_item_schema = true;
    } else if (!items.is_undefined()) {
      if (!items.is(Kind::array)) wrong_type(expected, "items");
      for (std::uint32_t i = 0; i < items.size(); ++i) {
        if (!is_schema(items.items()[i])) wrong_type(expected, "items");
        out.items.push_back(&inner(out, items.items()[i]));
      }
    }
    out.other_items = read_remainder(out, schema, "additionalItems");
  }

  void read_bounds(Subschema& out, const Value& schema) {
    Value step = lookup(schema, "multipleOf");
    if (!step.is_undefined()) {
      if (!step.is(Kind::number)) wrong_type("Number", "multipleOf");
      if (compare_numbers(step, Value::integer(0)) <= 0)
        refuse("multipleOf must be strictly greater than 0");
      out.multiple_of = step;
    }
    read_bound(out, schema, "minimum", out.minimum, "exclusiveMinimum", out.exclusive_minimum);
    read_bound(out, schema, "maximum", out.maximum, "exclusiveMaximum", out.exclusive_maximum);
  }

  /// In draft 4 the keyword of the exclusive bound says whether the other one is exclusive.
  static void read_bound(const Subschema& out, const Value& schema, std::string_view keyword,
                         std::optional<Value>& bound, std::string_view exclusive_keyword,
                         std::optional<Value>& exclusive_bound) {
    Value value = lookup(schema, keyword);
    if (!value.is_undefined()) {
      if (!value.is(Kind::number)) must_be(keyword, "of a Number");
      bound = value;
    }
    Value exclusive = lookup(schema, exclusive_keyword);
    if (exclusive.is_undefined()) return;
    bool may_be_flag = out.draft == Draft::draft4 || out.draft == Draft::all;
    if (exclusive.is(Kind::number) && out.draft != Draft::draft4) {
      exclusive_bound = exclusive;
      return;
    }
    if (!exclusive.is(Kind::boolean) || !may_be_flag)
      wrong_type(out.draft == Draft::draft4 ? "boolean"
                 : may_be_flag              ? "boolean/number"
                                            : "number",
                 exclusive_keyword);
    if (!bound)
      refuse(std::string(exclusive_keyword) + " cannot be used without " + std::string(keyword));
    if (exclusive.as_boolean()) exclusive_bound.swap(bound);
  }

  static std::optional<std::int64_t> read_count(const Value& schema, std::string_view keyword) {
    Value value = lookup(schema, keyword);
    if (value.is_undefined()) return std::nullopt;
    auto count = value.is(Kind::number) ? to_plain_int64(value) : std::nullopt;
    if (!count) must_be(keyword, "of an integer");
    if (*count < 0) must_be(keyword, "greater than or equal to 0");
    return count;
  }

  static void read_range(const Value& schema, std::string_view least_keyword,
                         std::optional<std::int64_t>& least, std::string_view most_keyword,
                         std::optional<std::int64_t>& most) {
    least = read_count(schema, least_keyword);
    most = read_count(schema, most_keyword);
  }

  static void check_range(std::string_view least_keyword, std::optional<std::int64_t> least,
                          std::string_view most_keyword, std::optional<std::int64_t> most) {
    if (least && most && *least > *most)
      refuse(std::string(least_keyword) + " cannot be greater than " + std::string(most_keyword));
  }

  void read_strings(Subschema& out, const Value& schema) {
    read_range(schema, "minLength", out.min_length, "maxLength", out.max_length);
    check_range("minLength", out.min_length, "maxLength", out.max_length);
    auto pattern = text_at(schema, "pattern");
    if (pattern && patterns_ == Patterns::compiled) {
      if (!is_regex(*pattern)) must_be("pattern", "a valid regex");
      out.pattern = pattern;
    }
    out.format = text_at(schema, "format").value_or("");
  }

  void read_counts(Subschema& out, const Value& schema) {
    read_range(schema, "minProperties", out.min_properties, "maxProperties", out.max_properties);
    check_range("minProperties", out.min_properties, "maxProperties", out.max_properties);
    Value required = list_at(schema, "required");
    for (std::uint32_t i = 0; !required.is_undefined() && i < required.size(); ++i) {
      if (!required.items()[i].is(Kind::string)) wrong_type("string", "required");
      out.required.push_back(required.items()[i].as_string());
    }
    sorted(out.required, "required");
    read_range(schema, "minItems", out.min_items, "maxItems", out.max_items);
    Value unique = lookup(schema, "uniqueItems");
    if (unique.is_undefined()) return;
    if (!unique.is(Kind::boolean)) must_be("uniqueItems", "of a boolean");
    out.unique_items = unique.as_boolean();
  }

  void read_values(Subschema& out, const Value& schema) {
    bool is_new = out.draft >= Draft::draft6;
    Value contains = lookup(schema, "contains");
    if (is_new && !contains.is_undefined()) out.contains = &inner(out, contains);
    Value constant = lookup(schema, "const");
    if (is_new && !constant.is_undefined()) out.constant = plain_json(constant);
    Value choices = list_at(schema, "enum");
    if (choices.is_undefined()) return;
    out.choices.emplace();
    for (std::uint32_t i = 0; i < choices.size(); ++i)
      out.choices->push_back(plain_json(choices.items()[i]));
    out.sorted_choices = sorted({out.choices->begin(), out.choices->end()}, "enum");
  }

  static std::vector<std::string_view> sorted(std::vector<std::string_view> texts,
                                              std::string_view keyword) {
    std::sort(texts.begin(), texts.end());
    if (std::adjacent_find(texts.begin(), texts.end()) != texts.end())
      must_be(std::string(keyword) + " items", "unique");
    return texts;
  }

  void read_choices(Subschema& out, const Value& schema) {
    read_schemas(out, schema, "oneOf", out.one_of);
    read_schemas(out, schema, "anyOf", out.any_of);
    read_schemas(out, schema, "allOf", out.all_of);
    out.negated = read_one(out, schema, "not");
    if (out.draft < Draft::draft7) return;
    out.condition = read_one(out, schema, "if");
    out.consequent = read_one(out, schema, "then");
    out.alternative = read_one(out, schema, "else");
  }

  void read_schemas(const Subschema& outer, const Value& schema, std::string_view keyword,
                    std::vector<const Subschema*>& out) {
    Value list = list_at(schema, keyword);
    for (std::uint32_t i = 0; !list.is_undefined() && i < list.size(); ++i)
      out.push_back(&inner(outer, list.items()[i]));
  }

  const Subschema* read_one(const Subschema& outer, const Value& schema, std::string_view keyword) {
    Value value = lookup(schema, keyword);
    if (value.is_undefined()) return nullptr;
    if (!is_schema(value)) must_be(keyword, "of an object");
    return &inner(outer, value);
  }

  JsonSchema& out_;
  Addresses addresses_;
  Patterns patterns_;
  int depth_ = 0;
  std::unordered_map<std::string, const Subschema*> referenced_;
};

}  // namespace

bool Subschema::has_type(std::string_view type) const {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::string types_text(const std::vector<std::string_view>& types) {
  if (types.empty()) return "Undefined";
  if (types.size() == 1) return std::string(types[0]);
  std::string out;
  for (std::string_view type : types) out.append(out.empty() ? "[" : ",").append(type);
  return out + "]";
}

std::shared_ptr<const JsonSchema> compile_schema(std::string_view json, Patterns patterns) {
  auto out = std::make_shared<JsonSchema>();
  std::optional<SchemaError> error;
  auto compile = [&] {
    try {
      Result<Value> document = json::read_owned(json, out->arena);
      if (!document) refuse("invalid JSON string");
      Compiler(*out, patterns).run(*document);
    } catch (SchemaError& thrown) {
      error = std::move(thrown);
    }
  };
  if (!with_stack(bytes_of_stack, compile)) refuse("no stack for the schema");
  if (error) throw *error;
  return out;
}

}  // namespace lictor::builtins
