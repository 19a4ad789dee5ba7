// The types in a builtin's signature say what is made; a table says from which pools its texts and
// numbers come. Some texts are changed a little, and some values are made again, so that operands
// of one call have something in common.
#include "generate.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include "base/unicode.hpp"
#include "graphql.hpp"
#include "pools.hpp"

namespace lictor::builtin_calls {
namespace {

using differential::leaf;
using differential::list;
using differential::node;
using differential::Sort;

constexpr std::string_view set_head = "{\"$set\": [";
constexpr std::string_view object_head = "{\"$object\": [";
constexpr std::string_view hex_head = "{\"$hex\": \"";

/// How an operand is made where its type does not say enough.
enum class Form : unsigned char {
  typed,
  patches,
  graph,
  range,
  exact,
  nodes,
  schema,
  instance,
  graphql_query,
  graphql_schema,
  constraints,  // of tokens
  token_header,
  signing_key,
  chain_options,
  request,  // over HTTP
  aws_settings
};

/// Where the texts and numbers of an operand come from. In a tuple the second text is of the second
/// pool.
struct Flavor {
  std::array<Pool, 2> texts = {Pool::words, Pool::words};
  Pool numbers = Pool::numbers;
  Form form = Form::typed;
};

constexpr Flavor of(Pool texts) { return {{texts, texts}}; }
constexpr Flavor of(Pool texts, Pool others) { return {{texts, others}}; }
constexpr Flavor numbers(Pool pool) { return {{Pool::numerals, Pool::words}, pool}; }
constexpr Flavor form(Form how) { return {{Pool::words, Pool::words}, Pool::numbers, how}; }

constexpr Flavor instant = {{Pool::zones, Pool::layouts}, Pool::instants};
constexpr Flavor few_addresses = {
    {Pool::small_networks, Pool::small_networks}, Pool::numbers, Form::exact};
/// Other texts of modules are for the generators of programs.
constexpr Flavor whole_modules = {{Pool::modules, Pool::modules}, Pool::numbers, Form::exact};
constexpr Flavor paths = {{Pool::pointers, Pool::keys}, Pool::small_numbers};
constexpr Flavor document = {{Pool::keys, Pool::words}, Pool::small_numbers};
// The last of the types and two of the patterns are faults.
constexpr Flavor instances = {{Pool::schema_names, Pool::schema_texts}, Pool::schema_numbers};

/// A member of an object whose members are known, and the values that it may have, as JSON; without
/// any, a text of the pool.
struct Field {
  std::string_view name;
  std::array<std::string_view, 8> values = {};
  Pool texts = Pool::words;
};

constexpr Field token_constraints[] = {
    {"cert", {}, Pool::token_keys},
    {"secret", {"\"a secret that both sides know\"", "\"x\"", "\"\""}},
    {"alg", {"\"RS256\"", "\"HS256\"", "\"ES256\"", "\"EdDSA\"", "1"}},
    {"iss", {"\"joe\"", "\"joe\"", "\"x\"", "1"}},
    {"aud", {"\"app\"", "\"app\"", "\"app\"", "\"x\"", "\"\""}},
    {"time", {"1500000000000", "1000000000000", "0", "1000500000000", "-1", "\"x\"", "1e300"}},
    {"other", {"1"}}};
constexpr Field token_header[] = {
    {"alg", {"\"RS256\"", "\"HS256\"", "\"ES384\"", "\"EdDSA\"", "\"PS256\"", "\"none\"", "1"}},
    {"typ", {"\"JWT\"", "\"x\"", "null"}},
    {"kid", {"\"b\""}}};
constexpr Field chain_options[] = {
    {"DNSName",
     {"\"a.example.com\"", "\"b.example.com\"", "\"10.1.2.3\"", "\"[2001:db8::1]\"",
      "\"A.Example.COM.\"", "\"x\"", "\"\\\"a.example.com\\\"\"", "1"}},
    {"CurrentTime",
     {"1700000000000000000", "1700000000000000000", "1577880000000000000", "0", "1.0", "1.5",
      "9223372036854775807", "\"x\""}},
    {"KeyUsages",
     {"[\"KeyUsageAny\"]", "[\"KeyUsageAny\"]", "[\"KeyUsageServerAuth\"]",
      "[\"KeyUsageClientAuth\", \"KeyUsageCodeSigning\"]", "[\"x\", \"y\"]", "[1]", "[]", "1"}},
    {"MaxConstraintComparisons", {"1", "1.0", "\"x\""}},
    {"other", {"1"}}};
constexpr Field request_fields[] = {
    {"method", {"\"GET\"", "\"GET\"", "\"post\""}},
    {"url",
     {"\"https://example.com/a b?x=1\"", "\"http://h:80/a%2Fb/#f\"", "\"/x\"", "\"http://%zz\"",
      "\"*\"", "\"\""}},
    {"headers",
     {"{}", "{\"Host\": \"x\"}", "{\"X-a\": \"b\", \"User-Agent\": \"c\"}", "{\"É\": 1}", "[]"}},
    {"body", {"{\"a\": \"<&>\"}", "\"text\"", "null", "[1.50]"}},
    {"raw_body", {"\"raw\"", "1"}},
    {"timeout", {"1"}},
    {"other", {"1"}}};
constexpr Field aws_settings[] = {{"aws_service", {"\"ec2\"", "\"s3\"", "\"glacier\""}},
                                  {"aws_access_key", {"\"key\"", "\"\""}},
                                  {"aws_secret_access_key", {"\"secret\"", "\"é\""}},
                                  {"aws_region", {"\"eu-1\"", "\"\""}},
                                  {"aws_session_token", {"\"t\"", "\"\"", "1"}},
                                  {"disable_payload_signing", {"true", "false"}}};

/// What a keyword of JSON schemas has as its value.
enum class Content : unsigned char {
  schema,
  schemas,
  flag_or_schema,
  items,
  named,
  dependencies,
  type,
  flag,
  number,
  bound,
  count,
  pattern,
  format,
  names,
  value,
  values,
  text,
  id,
  draft,
  reference
};

struct Keyword {
  std::string_view name;
  Content content;
};

/// Those that occur more often are here twice.
constexpr Keyword keywords[] = {{"type", Content::type},
                                {"type", Content::type},
                                {"properties", Content::named},
                                {"properties", Content::named},
                                {"definitions", Content::named},
                                {"patternProperties", Content::named},
                                {"dependencies", Content::dependencies},
                                {"additionalProperties", Content::flag_or_schema},
                                {"additionalItems", Content::flag_or_schema},
                                {"propertyNames", Content::schema},
                                {"items", Content::items},
                                {"items", Content::items},
                                {"contains", Content::schema},
                                {"multipleOf", Content::number},
                                {"minimum", Content::number},
                                {"maximum", Content::number},
                                {"exclusiveMinimum", Content::bound},
                                {"exclusiveMaximum", Content::bound},
                                {"minLength", Content::count},
                                {"maxLength", Content::count},
                                {"minItems", Content::count},
                                {"maxItems", Content::count},
                                {"minProperties", Content::count},
                                {"maxProperties", Content::count},
                                {"pattern", Content::pattern},
                                {"format", Content::format},
                                {"format", Content::format},
                                {"required", Content::names},
                                {"uniqueItems", Content::flag},
                                {"const", Content::value},
                                {"enum", Content::values},
                                {"oneOf", Content::schemas},
                                {"anyOf", Content::schemas},
                                {"allOf", Content::schemas},
                                {"not", Content::schema},
                                {"if", Content::schema},
                                {"then", Content::schema},
                                {"else", Content::schema},
                                {"title", Content::text},
                                {"description", Content::text},
                                {"$id", Content::id},
                                {"id", Content::id},
                                {"$schema", Content::draft},
                                {"$ref", Content::reference}};

struct Row {
  std::string_view name;  // a builtin, or with a dot at its end, all whose names begin with it
  std::array<Flavor, 4> operands;
};

const Row rows[] = {
    {"to_number", {of(Pool::numerals)}},
    {"bits.lsh", {numbers(Pool::numbers), numbers(Pool::small_numbers)}},
    {"bits.rsh", {numbers(Pool::numbers), numbers(Pool::small_numbers)}},
    {"array.slice", {Flavor{}, numbers(Pool::small_numbers), numbers(Pool::small_numbers)}},
    {"numbers.range", {form(Form::range), form(Form::range)}},
    {"numbers.range_step", {form(Form::range), form(Form::range), numbers(Pool::small_numbers)}},
    {"format_int", {numbers(Pool::numbers), numbers(Pool::bases)}},
    {"substring", {Flavor{}, numbers(Pool::small_numbers), numbers(Pool::small_numbers)}},
    {"strings.split_n", {Flavor{}, of(Pool::marks), numbers(Pool::small_numbers)}},
    {"split", {Flavor{}, of(Pool::marks)}},
    {"sprintf", {of(Pool::formats)}},
    {"strings.render_template", {of(Pool::templates), of(Pool::template_names, Pool::words)}},
    {"regex.template_match", {of(Pool::patterns), Flavor{}, of(Pool::marks), of(Pool::marks)}},
    {"regex.replace", {Flavor{}, of(Pool::patterns), of(Pool::replacements)}},
    {"regex.find_n", {of(Pool::patterns), Flavor{}, numbers(Pool::small_numbers)}},
    {"regex.find_all_string_submatch_n",
     {of(Pool::patterns), Flavor{}, numbers(Pool::small_numbers)}},
    {"regex.globs_match", {of(Pool::globs_to_intersect), of(Pool::globs_to_intersect)}},
    {"regex.", {of(Pool::patterns)}},
    {"re_match", {of(Pool::patterns)}},
    {"glob.match", {of(Pool::globs), of(Pool::marks), of(Pool::words, Pool::globs)}},
    {"glob.", {of(Pool::globs)}},
    {"time.parse_ns", {of(Pool::layouts), of(Pool::dates)}},
    {"time.parse_rfc3339_ns", {of(Pool::dates)}},
    {"time.parse_duration_ns", {of(Pool::durations)}},
    {"time.add_date",
     {instant, numbers(Pool::small_numbers), numbers(Pool::small_numbers),
      numbers(Pool::small_numbers)}},
    {"time.", {instant, instant}},
    {"net.cidr_expand", {few_addresses}},
    {"net.cidr_is_valid", {of(Pool::networks, Pool::addresses)}},
    {"net.cidr_merge", {of(Pool::networks, Pool::addresses)}},
    {"net.cidr_intersects", {of(Pool::networks), of(Pool::networks)}},
    {"net.", {of(Pool::networks), of(Pool::networks, Pool::addresses)}},
    {"uri.", {of(Pool::uris)}},
    {"urlquery.decode", {of(Pool::queries, Pool::encoded)}},
    {"urlquery.decode_object", {of(Pool::queries)}},
    {"urlquery.", {of(Pool::words, Pool::queries)}},
    {"units.", {of(Pool::units)}},
    {"semver.", {of(Pool::versions), of(Pool::versions)}},
    {"uuid.", {of(Pool::uuids)}},
    {"base64.decode", {of(Pool::encoded)}},
    {"base64.is_valid", {of(Pool::encoded)}},
    {"base64url.decode", {of(Pool::encoded)}},
    {"hex.decode", {of(Pool::encoded)}},
    {"json.unmarshal", {of(Pool::json_documents)}},
    {"json.is_valid", {of(Pool::json_documents)}},
    {"json.filter", {document, paths}},
    {"json.remove", {document, paths}},
    {"json.patch", {document, form(Form::patches)}},
    {"json.match_schema", {form(Form::instance), form(Form::schema)}},
    {"json.verify_schema", {form(Form::schema)}},
    {"json.marshal_with_options", {Flavor{}, of(Pool::words, Pool::marks)}},
    {"yaml.unmarshal", {of(Pool::yaml_documents)}},
    {"yaml.is_valid", {of(Pool::yaml_documents)}},
    {"object.", {document, of(Pool::keys), document}},
    {"graphql.parse_schema", {form(Form::graphql_schema)}},
    {"graphql.schema_is_valid", {form(Form::graphql_schema)}},
    {"graphql.", {form(Form::graphql_query), form(Form::graphql_schema)}},
    {"graph.", {form(Form::graph), form(Form::nodes)}},
    {"rego.parse_module", {of(Pool::words), whole_modules}},
    {"io.jwt.decode_verify", {of(Pool::tokens), form(Form::constraints)}},
    {"io.jwt.encode_sign", {form(Form::token_header), Flavor{}, form(Form::signing_key)}},
    {"io.jwt.encode_sign_raw",
     {of(Pool::token_headers), of(Pool::json_documents), of(Pool::signing_keys)}},
    {"io.jwt.", {of(Pool::tokens), of(Pool::token_keys)}},
    {"crypto.parse_private_keys", {of(Pool::private_keys)}},
    {"crypto.x509.parse_rsa_private_key", {of(Pool::private_keys)}},
    {"crypto.x509.parse_certificate_request", {of(Pool::certificate_requests)}},
    {"crypto.x509.parse_keypair", {of(Pool::certificates), of(Pool::private_keys)}},
    {"crypto.x509.", {of(Pool::certificates), form(Form::chain_options)}},
    {"providers.aws.", {form(Form::request), form(Form::aws_settings), numbers(Pool::instants)}},
};

const Row* find_row(std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name || (row.name.ends_with('.') && name.starts_with(row.name))) return &row;
  }
  return nullptr;
}

/// The parts of `text` between separators that are outside of brackets.
std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    depth += (c == '<' || c == '[' || c == '(') - (c == '>' || c == ']' || c == ')');
    if (depth != 0 || !text.substr(i).starts_with(separator)) continue;
    out.push_back(text.substr(start, i - start));
    start = i + separator.size();
  }
  if (start < text.size()) out.push_back(text.substr(start));
  return out;
}

/// "name: type" → "type".
std::string_view without_name(std::string_view text) {
  std::vector<std::string_view> parts = split(text, ": ");
  return parts.size() == 2 ? parts[1] : text;
}

/// What is between the first bracket and the matching one.
std::string_view inside(std::string_view type) {
  std::size_t open = type.find_first_of("<[");
  int depth = 0;
  for (std::size_t i = open; i < type.size(); ++i) {
    depth += (type[i] == '<' || type[i] == '[') - (type[i] == '>' || type[i] == ']');
    if (depth == 0) return type.substr(open + 1, i - open - 1);
  }
  return {};
}

/// The types of the operands in "(x: number, y: string) => z: number".
std::vector<std::string_view> operand_types(std::string_view signature) {
  std::string_view given = split(signature, " => ")[0];
  std::vector<std::string_view> out = split(given.substr(1, given.size() - 2), ", ");
  for (std::string_view& type : out) type = without_name(type);
  return out;
}

std::string hex(unsigned char byte) {
  constexpr char digits[] = "0123456789abcdef";
  return {digits[byte >> 4], digits[byte & 15]};
}

/// A character of a JSON string.
std::string escaped(std::string_view character) {
  auto byte = static_cast<unsigned char>(character[0]);
  if (byte < 0x20) return "\\u00" + hex(byte);
  if (byte == '"' || byte == '\\') return "\\" + std::string(character);
  return std::string(character);
}

/// A text whose characters, or bytes, can go one by one.
Node text_node(std::string_view text) {
  std::vector<Node> children;
  if (!valid_utf8(text)) {
    for (char c : text) children.push_back(leaf(Sort::fixed, hex(static_cast<unsigned char>(c))));
    return list(Sort::json, 1, std::string(hex_head), "", "\"}", std::move(children));
  }
  for (std::size_t i = 0, next = 0; i < text.size(); i = next) {
    for (next = i + 1; next < text.size() && (text[next] & 0xC0) == 0x80;) ++next;
    children.push_back(leaf(Sort::fixed, escaped(text.substr(i, next - i))));
  }
  return list(Sort::json, 0, "\"", "", "\"", std::move(children));
}

bool is_plain_text(const Node& node) { return node.head == "\""; }

class Generator {
 public:
  Generator(std::uint64_t seed, const Row* row) : random_(seed), row_(row) {}

  Node operands(const std::vector<std::string_view>& types) {
    range_base_ = pick(range_bases);
    std::vector<Node> out;
    for (std::size_t i = 0; i < types.size(); ++i) {
      flavor_ = row_ && i < row_->operands.size() ? row_->operands[i] : Flavor{};
      tuple_index_ = 0;
      out.push_back(operand(types[i]));
    }
    return node(Sort::fixed, "[", ", ", "]", std::move(out));
  }

 private:
  static constexpr std::string_view range_bases[] = {
      "", "", "", "-", "922337203685477580", "-922337203685477580", "1000000000000000000000"};
  static constexpr std::string_view constants[] = {"true", "false", "null"};
  static constexpr std::string_view node_names[] = {"\"a\"", "\"b\"", "\"c\"", "\"d\"",
                                                    "1",     "null",  "[]"};

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  std::string_view pick(std::span<const std::string_view> choices) {
    return choices[below(choices.size())];
  }

  Node operand(std::string_view type) {
    if (flavor_.form != Form::exact && chance(3)) return value("any", 2);
    if (flavor_.form != Form::exact && chance(4)) flavor_ = foreign_flavor();
    if (flavor_.form == Form::typed && chance(2)) return large(type);
    switch (flavor_.form) {
      case Form::patches:
        return patches();
      case Form::graph:
        return graph();
      case Form::nodes:
        return nodes();
      case Form::range:
        return leaf(Sort::json, range_bound());
      case Form::exact:
        return text_node(pick(items(flavor_.texts[0])));
      case Form::schema:
        only_good_ = chance(70);
        return perhaps_text(schema(0));
      case Form::instance:
        flavor_ = instances;
        return perhaps_text(value(chance(5)    ? "any"
                                  : chance(50) ? "array[any]"
                                               : "object[string: any]",
                                  3));
      case Form::graphql_query:
        return graphql_query(random_, type != "string");
      case Form::graphql_schema:
        return graphql_schema(random_, type != "string");
      case Form::constraints:
        return fields(token_constraints, 2);
      case Form::token_header:
        return fields(token_header, 1);
      case Form::signing_key:
        return leaf(Sort::json, std::string(pick(items(Pool::signing_keys))));
      case Form::chain_options:
        return fields(chain_options, 0);
      case Form::request:
        return fields(request_fields, 2);
      case Form::aws_settings:
        return fields(aws_settings, 4);
      case Form::typed:
        break;
    }
    return value(type, 3);
  }

  /// An object of known members, most often with the first `required` of them.
  Node fields(std::span<const Field> all, std::size_t required) {
    std::vector<std::pair<Node, Node>> members;
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool is_required = i < required, is_odd = all[i].name == "other";
      if (!chance(is_required ? 93 : is_odd ? 3 : 45)) continue;
      members.emplace_back(text_node(all[i].name), field(all[i]));
    }
    return object_of(std::move(members));
  }

  Node field(const Field& from) {
    if (chance(2)) return value("any", 1);
    std::size_t count = 0;
    while (count < from.values.size() && !from.values[count].empty()) ++count;
    if (count == 0) return text_node(pick(items(from.texts)));
    return leaf(Sort::json, std::string(from.values[below(count)]));
  }

  /// What an operand of another builtin has. INVARIANT: no two large numbers meet in a range.
  Flavor foreign_flavor() {
    Flavor out = rows[below(std::size(rows))].operands[below(2)];
    return out.form == Form::typed && flavor_.numbers == Pool::numbers ? out : flavor_;
  }

  /// A long text, a collection of many members, or a deep one.
  Node large(std::string_view type) {
    if (type == "string") {
      std::string piece(pick(items(text_pool()))), out;
      for (std::size_t i = 10 + below(200); i > 0; --i) out += piece;
      return text_node(std::string_view(out).substr(0, 2000));
    }
    bool is_collection = type.starts_with("array[") || type.starts_with("set[");
    if (is_collection) {
      std::vector<Node> out;
      for (std::size_t i = 10 + below(200); i > 0; --i) out.push_back(new_value(inside(type), 1));
      bool set = type.starts_with("set[");
      return list(Sort::json, 0, std::string(set ? set_head : "["), ", ", set ? "]}" : "]",
                  std::move(out));
    }
    Node out = value(type, 2);
    if (type != "any") return out;
    for (std::size_t i = below(60); i > 0; --i)
      out = node(Sort::json, i % 3 == 0 ? "{\"a\": " : "[", ", ", i % 3 == 0 ? "}" : "]",
                 {std::move(out)});
    return out;
  }

  // --- by type

  Node value(std::string_view type, int depth) {
    if (!made_.empty() && chance(8) && depth < 3) return made_[below(made_.size())];
    Node out = new_value(type, depth);
    made_.push_back(out);
    return out;
  }

  Node new_value(std::string_view type, int depth) {
    if (type == "any") return any_value(depth);
    if (type == "string") return text();
    if (type == "number") return leaf(Sort::json, std::string(pick(items(flavor_.numbers))));
    if (type == "boolean") return leaf(Sort::json, chance(50) ? "true" : "false");
    if (type == "null") return leaf(Sort::json, "null");
    std::string_view contents = inside(type);
    if (type.starts_with("any<")) return value(one_of(split(contents, ", ")), depth);
    if (type.starts_with("array<")) return tuple(split(contents, ", "), depth);
    if (type.starts_with("array[")) return collection("[", "]", contents, depth);
    if (type.starts_with("set[")) return collection(set_head, "]}", contents, depth);
    if (type.starts_with("object<")) return record(type, depth);
    std::vector<std::string_view> member = split(contents, ": ");
    return object(member[0], member[1], depth);
  }

  std::string_view one_of(const std::vector<std::string_view>& types) {
    return types[below(types.size())];
  }

  Node any_value(int depth) {
    static constexpr std::string_view scalars[] = {"string", "string", "number", "number",
                                                   "constant"};
    static constexpr std::string_view collections[] = {
        "array[any]",          "array[any]",          "set[any]",
        "object[string: any]", "object[string: any]", "object[any: any]"};
    if (depth > 0 && chance(45)) return new_value(pick(collections), depth);
    std::string_view scalar = pick(scalars);
    return scalar == "constant" ? leaf(Sort::json, std::string(pick(constants)))
                                : new_value(scalar, 0);
  }

  Node tuple(const std::vector<std::string_view>& types, int depth) {
    std::vector<Node> out;
    tuple_index_ = 0;
    for (std::string_view type : types) {
      out.push_back(value(type, depth - 1));
      tuple_index_ += type == "string";
    }
    return list(Sort::json, 0, "[", ", ", "]", std::move(out));
  }

  Node collection(std::string_view head, std::string_view tail, std::string_view type, int depth) {
    std::vector<Node> out;
    for (std::size_t i = below(5); i > 0 && depth > 0; --i) out.push_back(value(type, depth - 1));
    return list(Sort::json, 0, std::string(head), ", ", std::string(tail), std::move(out));
  }

  Node object(std::string_view key, std::string_view type, int depth) {
    std::vector<std::pair<Node, Node>> members;
    for (std::size_t i = below(4); i > 0 && depth > 0; --i) {
      Node name = key == "string" || chance(70) ? key_text() : value(key, depth - 1);
      members.emplace_back(std::move(name), value(type, depth - 1));
    }
    return object_of(std::move(members));
  }

  Node object_of(std::vector<std::pair<Node, Node>> members) {
    bool plain = std::all_of(members.begin(), members.end(),
                             [](const auto& member) { return is_plain_text(member.first); });
    std::vector<Node> out;
    for (auto& [key, value] : members) {
      key.sort = plain ? Sort::fixed : key.sort;
      out.push_back(node(Sort::fixed, plain ? "" : "[", plain ? ": " : ", ", plain ? "" : "]",
                         {std::move(key), std::move(value)}));
    }
    return list(Sort::json, 0, plain ? "{" : std::string(object_head), ", ", plain ? "}" : "]}",
                std::move(out));
  }

  /// An object with some of the named members of its type.
  Node record(std::string_view type, int depth) {
    std::vector<std::pair<Node, Node>> members;
    for (std::string_view member : split(inside(type), ", ")) {
      std::vector<std::string_view> parts = split(member, ": ");
      if (chance(60))
        members.emplace_back(text_node(parts[0]),
                             chance(10) ? value("any", 1) : value(parts[1], depth - 1));
    }
    if (chance(10)) members.emplace_back(text(), value("any", 1));
    return object_of(std::move(members));
  }

  // --- texts

  Pool text_pool() {
    std::size_t index = tuple_index_ > 0 ? 1 : chance(70) ? 0 : 1;
    return chance(4) ? Pool::words : flavor_.texts[index];
  }

  Node text() {
    Pool pool = text_pool();
    std::string out(pick(items(pool)));
    if (chance(25)) out = changed(out, pool);
    return text_node(out);
  }

  Node key_text() {
    Node out = flavor_.texts[0] == Pool::words ? text_node(pick(items(Pool::keys))) : text();
    return is_plain_text(out) || chance(20) ? out : text_node("k");
  }

  std::string changed(std::string text, Pool pool) {
    std::string_view other = pick(items(pool));
    switch (below(6)) {
      case 0:
        return text + std::string(other);
      case 1:
        return text.substr(0, below(text.size() + 1)) +
               std::string(other.substr(below(other.size() + 1)));
      case 2:
        return text.erase(below(text.size() + 1), 1);
      case 3:
        return text.insert(below(text.size() + 1), pick(items(Pool::marks)));
      case 4:
        return last_text_.empty() ? text : last_text_;
      default:
        return last_text_ = text.insert(below(text.size() + 1), other.substr(0, below(3)));
    }
  }

  // --- by form

  std::string range_bound() {
    return std::string(range_base_) + std::string(pick(items(Pool::range_digits)));
  }

  Node path() {
    flavor_ = paths;
    if (chance(70)) return text();
    return collection("[", "]", chance(50) ? "string" : "any", 2);
  }

  Node patch() {
    std::vector<std::pair<Node, Node>> members;
    if (!chance(3))
      members.emplace_back(text_node("op"),
                           chance(3) ? value("any", 1) : text_node(pick(items(Pool::operations))));
    if (!chance(3)) members.emplace_back(text_node("path"), chance(3) ? value("any", 1) : path());
    if (chance(50)) members.emplace_back(text_node("from"), chance(3) ? value("any", 1) : path());
    if (chance(70)) members.emplace_back(text_node("value"), value("any", 2));
    return object_of(std::move(members));
  }

  Node patches() {
    std::vector<Node> out;
    for (std::size_t i = below(4); i > 0; --i) out.push_back(chance(2) ? value("any", 1) : patch());
    return list(Sort::json, 0, "[", ", ", "]", std::move(out));
  }

  Node nodes() {
    std::vector<Node> out;
    for (std::size_t i = below(4); i > 0; --i)
      out.push_back(leaf(Sort::json, std::string(pick(node_names))));
    bool set = chance(50);
    return list(Sort::json, 0, set ? std::string(set_head) : "[", ", ", set ? "]}" : "]",
                std::move(out));
  }

  Node graph() {
    std::vector<std::pair<Node, Node>> members;
    for (std::string_view name : node_names) {
      if (chance(50))
        members.emplace_back(name == "1" || name == "null" || name == "[]"
                                 ? leaf(Sort::json, std::string(name))
                                 : text_node(name.substr(1, 1)),
                             chance(5) ? value("any", 1) : nodes());
    }
    return object_of(std::move(members));
  }

  // --- JSON schemas

  Node text_of_pool(Pool pool) { return text_node(pick(items(pool))); }
  Node flag() { return leaf(Sort::json, chance(50) ? "true" : "false"); }
  Node number_of(Pool pool) { return leaf(Sort::json, std::string(pick(items(pool)))); }

  /// A document as it is, or as its JSON.
  Node perhaps_text(Node made) { return chance(25) ? text_node(text_of(made)) : made; }

  Node several(std::size_t most, auto make) {
    std::vector<Node> out;
    for (std::size_t i = below(most + 1); i > 0; --i) out.push_back(make());
    return list(Sort::json, 0, "[", ", ", "]", std::move(out));
  }

  Node schema(int depth) {
    if (chance(5)) return flag();
    if (!only_good_ && chance(1)) return value("any", 1);
    std::map<std::string_view, Node> made;
    for (std::size_t i = 1 + below(depth > 2 ? 2 : 4); i > 0; --i) {
      const Keyword& keyword = keywords[below(std::size(keywords))];
      bool is_rare = keyword.content >= Content::id && (only_good_ || chance(60));
      if (!is_rare) made.insert_or_assign(keyword.name, content(keyword, depth));
    }
    std::vector<std::pair<Node, Node>> members;
    for (auto& [name, node] : made) members.emplace_back(text_node(name), std::move(node));
    return object_of(std::move(members));
  }

  Node inner_schema(int depth) {
    if (depth < 3) return schema(depth + 1);
    return object_of({{text_node("type"), text_of_pool(Pool::schema_types)}});
  }

  Node named_schemas(std::string_view keyword, int depth) {
    Pool pool = keyword == "patternProperties" ? Pool::schema_patterns : Pool::schema_names;
    std::vector<std::pair<Node, Node>> members;
    for (std::size_t i = below(3); i > 0; --i) {
      bool names = keyword == "dependencies" && chance(50);
      bool is_pattern = pool == Pool::schema_patterns;
      members.emplace_back(is_pattern ? text_node(good_pattern()) : text_of_pool(pool),
                           names ? schema_names() : inner_schema(depth));
    }
    return object_of(std::move(members));
  }

  Node schema_names() {
    return several(2, [&] { return text_of_pool(Pool::schema_names); });
  }

  /// Such that no least count is above the greatest one.
  Node good_count(std::string_view keyword) {
    return leaf(Sort::json, std::to_string(below(2) + (keyword.starts_with("max") ? 1 : 0)));
  }
  Node good_type() {
    std::span<const std::string_view> types = items(Pool::schema_types);
    return text_node(pick(only_good_ ? types.first(types.size() - 1) : types));
  }
  std::string_view good_pattern() {
    std::span<const std::string_view> patterns = items(Pool::schema_patterns);
    return pick(only_good_ ? patterns.first(patterns.size() - 2) : patterns);
  }

  Node draft() {
    static constexpr std::string_view drafts[] = {
        "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema", "http://json-schema.org/schema#"};
    return text_node(pick(drafts));
  }

  Node content(const Keyword& keyword, int depth) {
    if (!only_good_ && chance(2)) return value("any", 1);
    flavor_ = instances;
    switch (keyword.content) {
      case Content::schema:
        return inner_schema(depth);
      case Content::schemas:
        return several(3, [&] { return inner_schema(depth); });
      case Content::flag_or_schema:
        return chance(50) ? flag() : inner_schema(depth);
      case Content::items:
        return chance(50) ? inner_schema(depth) : several(2, [&] { return inner_schema(depth); });
      case Content::named:
      case Content::dependencies:
        return named_schemas(keyword.name, depth);
      case Content::type:
        return only_good_ || chance(70)
                   ? good_type()
                   : several(3, [&] { return text_of_pool(Pool::schema_types); });
      case Content::flag:
        return flag();
      case Content::bound:
        if (!only_good_ && chance(40)) return flag();
        [[fallthrough]];
      case Content::number:
        return number_of(Pool::schema_numbers);
      case Content::count:
        return only_good_ ? good_count(keyword.name) : number_of(Pool::schema_counts);
      case Content::pattern:
        return text_node(good_pattern());
      case Content::format:
        return text_of_pool(Pool::schema_formats);
      case Content::names:
        return schema_names();
      case Content::values:
        return several(3, [&] { return value("any", 2); });
      case Content::value:
        return value("any", 2);
      case Content::text:
      case Content::id:
        return text_of_pool(keyword.content == Content::id ? Pool::schema_references
                                                           : Pool::schema_texts);
      case Content::draft:
        return draft();
      case Content::reference:
        return text_of_pool(Pool::schema_references);
    }
    return {};
  }

  bool only_good_ = false;  // no faults in the schema
  std::mt19937_64 random_;
  const Row* row_;
  Flavor flavor_;
  std::size_t tuple_index_ = 0;
  std::string_view range_base_;
  std::string last_text_;
  std::vector<Node> made_;
};

void unify_numbers(Node& node, std::map<double, std::string>& spellings) {
  bool number = node.sort == Sort::json && node.head.find_first_of("0123456789") <= 1 &&
                !node.head.starts_with('"');
  if (number)
    node.head = spellings.emplace(std::strtod(node.head.c_str(), nullptr), node.head).first->second;
  for (Node& child : node.children) unify_numbers(child, spellings);
}

std::string rego(const Node& from) {
  if (from.head == set_head && from.children.empty()) return "set()";
  if (from.head == hex_head) {
    std::string digits;
    for (const Node& child : from.children) digits += child.head;
    return "hex.decode(\"" + digits + "\")";
  }
  bool set = from.head == set_head, object = from.head == object_head;
  std::string out = set || object ? "{" : from.head;
  for (std::size_t i = 0; i < from.children.size(); ++i) {
    const Node& child = from.children[i];
    if (i > 0) out += from.separator;
    out += object ? rego(child.children[0]) + ": " + rego(child.children[1]) : rego(child);
  }
  return out + (set || object ? "}" : from.tail);
}

}  // namespace

Node make_operands(std::string_view name, std::string_view signature, std::uint64_t seed) {
  return Generator(seed, find_row(name)).operands(operand_types(signature));
}

bool is_encoded(const Node& operands) {
  return operands.head.starts_with("{\"$") ||
         std::any_of(operands.children.begin(), operands.children.end(), is_encoded);
}

std::string input_text(Node operands) {
  std::map<double, std::string> spellings;
  if (is_encoded(operands)) unify_numbers(operands, spellings);
  return text_of(operands);
}

std::string rego_call(std::string_view name, const Node& operands) {
  std::string out = rego(operands);
  return std::string(name) + "(" + out.substr(1, out.size() - 2) + ")";
}

}  // namespace lictor::builtin_calls
