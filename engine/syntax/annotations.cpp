#include "syntax/annotations.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/letters.hpp"
#include "base/unicode.hpp"
#include "base/uri.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "json/yaml_decode.hpp"
#include "json/yaml_parser.hpp"
#include "syntax/comments.hpp"
#include "syntax/parse.hpp"
#include "syntax/parse_error.hpp"
#include "syntax/schema_annotations.hpp"
#include "syntax/variables.hpp"
#include "syntax/visit.hpp"
#include "value/object.hpp"

namespace lictor::syntax {
namespace {

constexpr std::string_view marker = "METADATA";

/// What is wrong with a block.
struct Refused {
  std::string message;
  bool from_yaml = false;
};

/// The size of the blank at a place, by Unicode; 0 for what is none.
std::size_t blank_size(std::string_view text, std::size_t place) {
  Rune rune = decode_rune(text, place);
  return rune.valid && is_space(rune.code) ? rune.size : 0;
}

std::string_view trimmed(std::string_view text) {
  std::size_t first = 0, end = 0;
  for (std::size_t size; first < text.size() && (size = blank_size(text, first)) > 0;)
    first += size;
  for (std::size_t place = first; place < text.size();) {
    std::size_t blank = blank_size(text, place);
    place += blank > 0 ? blank : decode_rune(text, place).size;
    if (blank == 0) end = place;
  }
  return text.substr(first, end > first ? end - first : 0);
}

bool starts_block(const Comment& comment) {
  return comment.col == 1 && trimmed(comment.text()).starts_with(marker);
}

bool continues_block(const Comment& comment, const Comment& before) {
  return comment.col == 1 && comment.row == before.row + 1 && !starts_block(comment);
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_quoted(out, text, true);
  return out;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() == 1 ? "" : ",") + item;
  return out + "]";
}

/// {"a":…,"b":…}, without what is empty.
std::string object(const std::vector<std::pair<const char*, std::string>>& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    if (out.size() != 1) out += ',';
    out += quoted(name) + ":" + value;
  }
  return out + "}";
}

// ---- Refs in annotations ----

std::string term_json(const Term& item) {
  bool named = item.kind == TermKind::var || item.kind == TermKind::string;
  std::string value = named ? quoted(item.text) : to_text(item);
  return "{\"type\":" + quoted(kind_name(item.kind)) + ",\"value\":" + value + "}";
}

std::string terms_json(const Terms& ref) {
  std::vector<std::string> terms;
  for (const Term* item : ref) terms.push_back(term_json(*item));
  return joined(terms);
}

/// The array of a ref's keys, as rego.metadata.rule() has it.
std::string keys_json(const Terms& ref) {
  std::vector<std::string> keys;
  for (const Term* item : ref) {
    bool named = item->kind == TermKind::var || item->kind == TermKind::string;
    keys.push_back(quoted(named ? item->text : to_text(*item)));
  }
  return joined(keys);
}

/// What OPA says of a text that is no term: the errors with their source lines.
std::string not_a_term(const Errors& errors) {
  std::string out = "failed to parse term: " + std::to_string(errors.size()) +
                    (errors.size() == 1 ? " error occurred: " : " errors occurred:\n");
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const Error& error = errors[i];
    out += (i == 0 ? "" : "\n") + std::to_string(error.row) + ":" + std::to_string(error.col) +
           ": " + code_name(error.code) + ": " + error.message;
    out += "\n\t" + std::string(trimmed(error.line)) + "\n\t" +
           std::string(error.col > 0 ? error.col - 1 : 0, ' ') + "^";
  }
  return out;
}

std::string body_text(const std::vector<Expr*>& exprs) {
  std::string out;
  for (const Expr* expr : exprs) {
    if (!out.empty()) out += "; ";
    out += expr->term ? to_text(*expr->term) : std::string(expr->written());
  }
  return out;
}

struct TermText {
  Term* term = nullptr;
  std::string wrong;
};

/// Reads a query of one term, whose place becomes that of the block. As in OPA, it may be negated.
TermText read_term(const std::string& text, const Span& span, Ast& ast) {
  if (trimmed(text).empty()) return {nullptr, "expected exactly one term but got: "};
  Source source{"", text};
  Result<Body*> query = parse_query(source, {}, ast);
  if (!query) return {nullptr, not_a_term(query.errors())};
  const std::vector<Expr*>& exprs = (*query)->exprs;
  bool single = exprs.size() == 1 && exprs[0]->kind == ExprKind::term;
  if (!single) return {nullptr, "expected exactly one term but got: " + body_text(exprs)};
  Term* term = exprs[0]->term;
  visit_all(*term, [&](Term& part) { part.span = span; });
  return {term, {}};
}

/// The items of a ref; a name is a ref too where it is a root document.
Terms ref_items(Term& term) {
  if (term.kind == TermKind::ref) return term.items;
  Terms out;
  out.push_back(&term);
  return out;
}

// ---- The fields of a block ----

class BlockReader {
 public:
  BlockReader(const std::string& yaml, Annotations& out) : yaml_(yaml), out_(out) {}

  void read() {
    if (trimmed(yaml_).empty()) throw Refused{"expected METADATA block, found whitespace"};
    try {
      yaml::Parser parser(yaml_);
      if (const yaml::Node* root = parser.document()) decode(*root);
    } catch (const yaml::Refused& refused) {
      throw Refused{refused.message, true};
    }
    for (const Decoded& item : related_resources_) add_related_resource(item);
    compile_options();
    for (const Decoded& item : schemas_) add_schema(item);
    for (const Decoded& item : authors_) add_author(item);
    try {
      keep("custom", custom_);
      keep("labels", labels_);
    } catch (const yaml::Refused& refused) {
      throw Refused{refused.message};
    }
    set("related_resources", resource_fields_, resource_fields_);
    set("schemas", schema_fields_, schema_values_);
    set("authors", author_fields_, author_values_);
  }

 private:
  using Decoded = yaml::Decoded;
  using Items = std::vector<std::string>;

  void set(const char* name, const std::string& json) {
    out_.fields[name] = json;
    out_.values[name] = json;
  }

  void set(const char* name, const Items& fields, const Items& values) {
    if (fields.empty()) return;
    out_.fields[name] = joined(fields);
    out_.values[name] = joined(values);
  }

  // All of the block is decoded before any of it is checked.

  void decode(const yaml::Node& root) {
    yaml::Decoder decoder;
    decoder.structure(root, "ast.rawAnnotation",
                      [&](const std::string& name, const yaml::Node& node) {
                        decode_field(decoder, name, node);
                      });
    if (std::string errors = decoder.errors(); !errors.empty()) throw Refused{errors, true};
    set_text("title", title_);
    set_text("description", description_);
    if (out_.entrypoint) set("entrypoint", "true");
    set("organizations", organizations_, organizations_);
  }

  void decode_field(yaml::Decoder& decoder, const std::string& name, const yaml::Node& node) {
    if (name == "scope") decoder.text(node, out_.scope);
    if (name == "title") decoder.text(node, title_);
    if (name == "description") decoder.text(node, description_);
    if (name == "entrypoint") decoder.boolean(node, out_.entrypoint);
    if (name == "compile") has_compile_ = decoder.map(node, compile_);
    if (name == "custom") decoder.map(node, custom_);
    if (name == "labels") decoder.map(node, labels_);
    auto list = [&](const char* type, auto add) { decoder.list(node, type, add); };
    auto keep_any = [&](std::vector<Decoded>& items) {
      list("[]interface {}", [&](const yaml::Node& item) {
        Decoded value;
        if (decoder.any(item, value)) items.push_back(std::move(value));
      });
    };
    if (name == "related_resources") keep_any(related_resources_);
    if (name == "authors") keep_any(authors_);
    if (name == "organizations") {
      list("[]string", [&](const yaml::Node& item) {
        std::string text;
        if (decoder.text(item, text)) organizations_.push_back(quoted(text));
      });
    }
    if (name == "schemas") {
      list("[]map[string]interface {}", [&](const yaml::Node& item) {
        Decoded value;
        decoder.map(item, value);
        schemas_.push_back(std::move(value));
      });
    }
  }

  void set_text(const char* name, const std::string& text) {
    if (!text.empty()) set(name, quoted(text));
  }

  /// Refuses keys that are not texts, as far as OPA looks for them: not below a map of texts.
  static void check_keys(const Decoded& value, const std::string& path) {
    auto below = [&](const std::string& part) { return path.empty() ? part : path + "/" + part; };
    for (std::size_t i = 0; i < value.items.size(); ++i)
      check_keys(value.items[i], below(std::to_string(i)));
    if (value.kind != Decoded::Kind::general_map) return;
    for (const auto& [key, member] : value.members) {
      if (!key.is_text()) throw Refused{"invalid map key type(s): " + path};
      check_keys(member, below(key.scalar.text));
    }
  }

  /// The text of a member, without blanks around it; empty if it is none.
  static std::string_view text_at(const Decoded& map, std::string_view key) {
    const Decoded* value = map.find(key);
    return value && value->is_text() ? trimmed(value->scalar.text) : std::string_view();
  }

  /// Does what may be refused, and says then what was invalid.
  template <typename Check>
  static void checked(const char* what, const Decoded& item, Check check) {
    try {
      check_keys(item, "");
      if (!item.is_map() && !item.is_text())
        throw Refused{"invalid value type, must be string or map"};
      check();
    } catch (const Refused& refused) {
      throw Refused{"invalid " + std::string(what) + " definition " + go_text(item) + ": " +
                    refused.message};
    }
  }

  void add_related_resource(const Decoded& item) {
    checked("related-resource", item, [&] {
      std::string_view ref = item.is_map() ? text_at(item, "ref") : item.scalar.text;
      if (ref.empty())
        throw Refused{item.is_map() ? "'ref' value required in object"
                                    : "ref URL may not be empty string"};
      std::string_view about = text_at(item, "description");
      resource_fields_.push_back(object(
          {{"ref", quoted(normal_uri(ref))}, {"description", about.empty() ? "" : quoted(about)}}));
    });
  }

  static std::string normal_uri(std::string_view text) {
    try {
      return to_text(parse_uri(text));
    } catch (const UriError& error) {
      throw Refused{error.text};
    }
  }

  void add_author(const Decoded& item) {
    std::string name, email;
    checked("author", item, [&] {
      if (!item.is_map()) return read_author(item.scalar.text, name, email);
      name = text_at(item, "name");
      email = text_at(item, "email");
      if (name.empty() && email.empty())
        throw Refused{"'name' and/or 'email' values required in object"};
    });
    std::string mail = email.empty() ? "" : quoted(email);
    author_fields_.push_back(object({{"name", quoted(name)}, {"email", mail}}));
    author_values_.push_back(object({{"name", name.empty() ? "" : quoted(name)}, {"email", mail}}));
  }

  /// Words, of which the last may be an address in angle brackets.
  static void read_author(std::string_view text, std::string& name, std::string& email) {
    std::vector<std::string_view> words;
    for (text = trimmed(text); !text.empty();) {
      std::size_t end = 0;
      while (end < text.size() && blank_size(text, end) == 0) ++end;
      words.push_back(text.substr(0, end));
      text = trimmed(text.substr(end));
    }
    if (words.empty()) throw Refused{"author is an empty string"};
    std::string_view last = words.back();
    if (last.size() >= 2 && last.front() == '<' && last.back() == '>') {
      email = last.substr(1, last.size() - 2);
      words.pop_back();
    }
    for (std::string_view word : words) name += (name.empty() ? "" : " ") + std::string(word);
  }

  Terms unknown(const std::string& text) {
    auto refuse = [&](const std::string& why) {
      std::string shown;
      append_go_quoted(shown, text);
      throw Refused{"invalid unknowns element " + shown + ": " + why};
    };
    auto [term, wrong] = read_term(text, out_.span, ast_);
    if (!term) refuse("failed to parse ref: " + wrong);
    if (term->kind == TermKind::call)
      refuse("failed to parse ref: expected term but got " + call_text(*term));
    if (term->kind != TermKind::ref && !is_root(*term))
      refuse("expected ref but got " + to_text(*term));
    return ref_items(*term);
  }

  static std::string call_text(const Term& call) {
    std::string out = "[";
    for (const Term* item : call.items) out += (out.size() == 1 ? "" : " ") + to_text(*item);
    return out + "]";
  }

  Terms mask_rule(const std::string& text) {
    std::string shown;
    append_go_quoted(shown, text);
    auto [term, wrong] = read_term(text, out_.span, ast_);
    if (!term) throw Refused{"invalid mask_rule annotation " + shown + ": " + wrong};
    if (term->kind == TermKind::call)
      throw Refused{"invalid mask_rule annotation " + shown + ": expected term but got " +
                    call_text(*term)};
    bool fits = term->kind == TermKind::ref || term->kind == TermKind::var ||
                term->kind == TermKind::string;
    if (!fits) throw Refused{"invalid mask_rule annotation type " + shown + ": string"};
    return ref_items(*term);
  }

  void compile_options() {
    if (!has_compile_) return;
    Items unknowns;
    const Decoded* list = compile_.find("unknowns");
    for (std::size_t i = 0; list && i < list->items.size(); ++i) {
      const Decoded& item = list->items[i];
      unknowns.push_back(item.is_text() ? terms_json(unknown(item.scalar.text)) : "null");
    }
    const Decoded* rule = compile_.find("mask_rule");
    std::string mask = rule && rule->is_text() ? terms_json(mask_rule(rule->scalar.text)) : "";
    out_.fields["compile"] =
        object({{"unknowns", unknowns.empty() ? "" : joined(unknowns)}, {"mask_rule", mask}});
  }

  void add_schema(const Decoded& pair) {
    std::string key = pair.members.empty() ? "" : pair.members[0].first.scalar.text;
    Term* path = read_term(key, out_.span, ast_).term;
    if (!path || (path->kind != TermKind::ref && !is_root(*path)))
      throw Refused{"invalid document reference"};
    SchemaAnnotation schema{ref_items(*path), {}, {}};
    const Decoded& declared = pair.members[0].second;
    if (declared.is_text()) {
      schema.schema = schema_ref(declared.scalar.text);
    } else if (declared.kind == Decoded::Kind::map) {
      schema.definition = yaml::decoded_json(declared);
    } else {
      std::string shown;
      append_go_quoted(shown, key);
      throw Refused{"invalid schema declaration for path " + shown};
    }
    bool named = !schema.schema.empty();
    schema_fields_.push_back(object({{"path", terms_json(schema.path)},
                                     {"schema", named ? terms_json(schema.schema) : ""},
                                     {"definition", schema.definition}}));
    schema_values_.push_back(object({{"path", keys_json(schema.path)},
                                     {"schema", named ? keys_json(schema.schema) : ""},
                                     {"definition", schema.definition}}));
  }

  Terms schema_ref(const std::string& text) {
    Term* term = read_term(text, out_.span, ast_).term;
    bool fits = term && (term->kind == TermKind::ref || term->kind == TermKind::var) &&
                ref_items(*term)[0]->text == "schema";
    if (!fits) throw Refused{"invalid schema reference"};
    return ref_items(*term);
  }

  void keep(const char* name, const Decoded& map) {
    for (const auto& [key, member] : map.members) check_keys(member, "");
    if (!map.members.empty()) set(name, yaml::decoded_json(map));
  }

  const std::string& yaml_;
  Ast ast_;
  Annotations& out_;
  std::string title_, description_;
  bool has_compile_ = false;
  Decoded compile_, custom_, labels_;
  std::vector<Decoded> related_resources_, authors_, schemas_;
  Items organizations_, resource_fields_, author_fields_, author_values_, schema_fields_,
      schema_values_;
};

// ---- Statements ----

/// What follows the colons of a comment and looks like a blank, but is none.
std::string colon_symbols(std::string_view text) {
  std::string out;
  for (std::size_t colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
    if (colon + 1 == text.size() || text[colon + 1] == ' ' || text[colon + 1] == '\t') break;
    // Between two colons there is nothing, which OPA shows as a broken character.
    std::string symbol;
    append_rune(symbol,
                text[colon + 1] == ':' ? replacement_rune : decode_rune(text, colon + 1).code);
    out += out.empty() ? "" : " ";
    append_go_quoted(out, symbol, '\'', true);
  }
  return out;
}

std::string hints_of(const std::vector<const Comment*>& block) {
  std::string out;
  for (const Comment* comment : block) {
    std::string symbols = colon_symbols(comment->text());
    if (symbols.empty()) continue;
    out += "\n  Hint: on line " + std::to_string(comment->row) + ", symbol(s) [" + symbols +
           "] immediately following a key/value separator ':' is not a legal yaml space character";
  }
  return out;
}

/// The comment at an error of YAML: OPA counts the lines of YAML from 1, and its comments from 0.
const Comment& comment_at(const std::string& message, const std::vector<const Comment*>& lines) {
  std::string_view text = message;
  for (std::string_view start : {"yaml:", " unmarshal errors:\n "}) {
    if (text.starts_with(start)) text.remove_prefix(start.size());
  }
  constexpr std::string_view line = " line ";
  std::size_t number =
      text.starts_with(line) ? std::strtoul(text.data() + line.size(), nullptr, 10) : 0;
  return *lines[std::min(number, lines.size() - 1)];
}

/// Rows of many places of one text.
class Rows {
 public:
  explicit Rows(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
      breaks_.push_back(at);
  }

  std::uint32_t of(const Span& span) const {
    auto behind = std::lower_bound(breaks_.begin(), breaks_.end(), span.first);
    return static_cast<std::uint32_t>(behind - breaks_.begin()) + 1;
  }

 private:
  std::vector<std::size_t> breaks_;
};

struct Statement {
  std::uint32_t row;
  Annotations::Target target;
  const Rule* rule;
};

std::vector<Statement> statements(const Module& module) {
  Rows rows(module.source->text);
  std::vector<Statement> out{{rows.of(module.package_span), Annotations::Target::package, nullptr}};
  for (const Import& import : module.imports)
    out.push_back({rows.of(import.span), Annotations::Target::import, nullptr});
  for (const Rule* rule : module.rules)
    out.push_back({rows.of(rule->span), Annotations::Target::rule, rule});
  std::stable_sort(out.begin(), out.end(),
                   [](const Statement& a, const Statement& b) { return a.row < b.row; });
  return out;
}

void attach(Annotations& block, const std::vector<Statement>& all) {
  auto below = std::upper_bound(
      all.begin(), all.end(), block.row,
      [](std::uint32_t row, const Statement& statement) { return row < statement.row; });
  if (below != all.end()) {
    block.target = below->target;
    block.rule = below->rule;
  }
  if (!block.scope.empty()) return;
  if (block.target == Annotations::Target::rule)
    block.scope = block.entrypoint ? "document" : "rule";
  if (block.target == Annotations::Target::package) block.scope = "package";
  if (block.target == Annotations::Target::import) block.scope = "import";
}

std::string fault_of(const Annotations& block) {
  constexpr const char* have[] = {"", " (have package)", " (have import)", " (have rule)"};
  auto must_be = [&](const char* wanted, Annotations::Target target) {
    if (block.target == target) return std::string();
    return "annotation scope '" + block.scope + "' must be applied to " + wanted +
           have[static_cast<int>(block.target)];
  };
  if (block.scope == "rule" || block.scope == "document")
    return must_be("rule", Annotations::Target::rule);
  if (block.scope == "package" || block.scope == "subpackages")
    return must_be("package", Annotations::Target::package);
  return "invalid annotation scope '" + block.scope +
         "'. Use one of 'rule', 'document', 'package', or 'subpackages'";
}

std::size_t constant_items(const Rule& rule) {
  std::size_t count = 1;
  while (count < rule.ref->items.size() && !has_variable(*rule.ref->items[count])) ++count;
  return count;
}

std::vector<std::string> path_items(const Module& module) {
  std::vector<std::string> out;
  for (const Term* part : module.package) out.push_back(quoted(part->text));
  return out;
}

std::string fields_json(const Annotations& annotations, std::map<std::string, std::string> fields) {
  fields["scope"] = quoted(annotations.scope);
  std::string out;
  for (const auto& [name, value] : fields)
    out += (out.empty() ? "{" : ",") + quoted(name) + ":" + value;
  return out + "}";
}

}  // namespace

Errors read_blocks(const std::vector<Comment>& all, std::vector<Annotations>& out) {
  Errors errors;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!starts_block(all[i])) continue;
    Annotations block;
    block.span = all[i].span;
    block.row = all[i].row;
    block.col = all[i].col;
    const Comment& first = all[i];
    std::string yaml;
    std::vector<const Comment*> lines;
    for (; i + 1 < all.size() && continues_block(all[i + 1], all[i]); ++i) {
      std::string_view text = all[i + 1].text();
      yaml += std::string(text.substr(text.starts_with(' ') ? 1 : 0)) + "\n";
      lines.push_back(&all[i + 1]);
    }
    try {
      BlockReader(yaml, block).read();
      out.push_back(std::move(block));
    } catch (const Refused& refused) {
      const Comment& place = refused.from_yaml ? comment_at(refused.message, lines) : first;
      errors.push_back(
          parse_error_at(place.span, refused.message + (refused.from_yaml ? hints_of(lines) : "")));
    }
  }
  return errors;
}

Errors read_annotations(Module& module) {
  if (module.source->text.find(marker) == std::string::npos) return {};
  Errors errors = read_blocks(comments(*module.source), module.annotations);
  if (!errors.empty()) return errors;
  std::vector<Statement> below = statements(module);
  for (Annotations& block : module.annotations) {
    attach(block, below);
    if (std::string fault = fault_of(block); !fault.empty())
      errors.push_back(error_at(ErrorCode::parse, block.span, fault));
    if (block.entrypoint && block.scope != "document" && block.scope != "package") {
      errors.push_back(error_at(
          ErrorCode::parse, block.span,
          "annotation entrypoint applied to non-document or package scope '" + block.scope + "'"));
    }
  }
  return errors;
}

std::string annotations_json(const Annotations& annotations) {
  std::map<std::string, std::string> fields = annotations.fields;
  fields["scope"] = quoted(annotations.scope);
  std::string out;
  for (const char* name : {"description", "entrypoint", "organizations", "related_resources",
                           "authors", "schemas", "compile", "custom", "labels", "scope", "title"}) {
    auto field = fields.find(name);
    if (field == fields.end()) continue;
    out += (out.empty() ? "{" : ",") + quoted(name) + ":" + field->second;
  }
  return out + "}";
}

std::string annotations_value_json(const Annotations& annotations) {
  return fields_json(annotations, annotations.values);
}

std::map<const Rule*, std::vector<const Annotations*>> annotations_by_rule(const Module& module) {
  std::map<const Rule*, std::vector<const Annotations*>> out;
  std::map<std::string, std::vector<const Annotations*>> by_path;
  for (const Annotations& block : module.annotations) {
    if (block.rule) by_path[path_json(module, *block.rule)].push_back(&block);
  }
  if (by_path.empty()) return out;
  Rows rows(module.source->text);
  for (const Rule* rule : module.rules) {
    auto known = by_path.find(path_json(module, *rule));
    if (known == by_path.end()) continue;
    std::uint32_t row = rows.of(rule->span);
    std::vector<const Annotations*>& blocks = known->second;
    auto taken = blocks.end();
    for (auto block = blocks.begin(); block != blocks.end(); ++block) {
      bool above = (*block)->scope == "rule" && (*block)->row < row;
      if (above) taken = block;
      if (above || (*block)->scope == "document") out[rule].push_back(*block);
    }
    if (taken != blocks.end()) blocks.erase(taken);
  }
  return out;
}

std::vector<SchemaAnnotation> schemas_of(const Annotations& block, Ast& ast) {
  std::vector<SchemaAnnotation> out;
  auto field = block.fields.find("schemas");
  if (field == block.fields.end()) return out;
  Arena arena;
  Result<Value> list = json::read_owned(field->second, arena);
  auto ref_of = [&](const Value& parts) {
    Terms ref;
    for (std::uint32_t i = 0; !parts.is_undefined() && i < parts.size(); ++i) {
      Value value = lookup(parts.items()[i], std::string_view("value"));
      bool is_var = lookup(parts.items()[i], std::string_view("type")).as_string() == "var";
      ref.push_back(is_var ? ast.var(std::string(value.as_string()), block.span)
                           : read_term(json::to_json(value), block.span, ast).term);
    }
    return ref;
  };
  for (std::uint32_t i = 0; list && i < list->size(); ++i) {
    const Value& item = list->items()[i];
    Value definition = lookup(item, std::string_view("definition"));
    out.push_back({ref_of(lookup(item, std::string_view("path"))),
                   ref_of(lookup(item, std::string_view("schema"))),
                   definition.is_undefined() ? "" : json::to_json(definition)});
  }
  return out;
}

std::string path_json(const Module& module) { return joined(path_items(module)); }

std::string path_json(const Module& module, std::size_t count) {
  std::vector<std::string> items = path_items(module);
  items.resize(count);
  return joined(items);
}

std::string path_json(const Module& module, const Rule& rule) {
  std::vector<std::string> items = path_items(module);
  for (std::size_t i = 0; i < constant_items(rule); ++i) {
    const Term& item = *rule.ref->items[i];
    bool named = item.kind == TermKind::string || item.kind == TermKind::var;
    items.push_back(quoted(named ? item.text : to_text(item)));
  }
  return joined(items);
}

}  // namespace lictor::syntax
