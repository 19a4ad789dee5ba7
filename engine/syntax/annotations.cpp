#include "syntax/annotations.hpp"

#include <algorithm>
#include <deque>
#include <sstream>

#include "json/read.hpp"
#include "json/write.hpp"
#include "lictor/yaml.hpp"
#include "syntax/comments.hpp"
#include "syntax/parse.hpp"
#include "syntax/parse_error.hpp"
#include "syntax/variables.hpp"

namespace lictor::syntax {
namespace {

constexpr std::string_view marker = "METADATA";

/// What is wrong with a block, and where: 0 is its first comment.
struct Refused {
  std::string message;
  std::size_t line = 0;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
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

std::string_view string_at(const Value& map, std::string_view key) {
  Value value = lookup(map, key);
  return value.is(Kind::string) ? trimmed(value.as_string()) : std::string_view();
}

// ---- Refs in annotations ----

/// A ref that is written in an annotation, in both its JSON forms.
struct RefText {
  std::string terms;  // [{"type":"var","value":"input"}, …]
  std::string keys;   // ["input", …]
  std::string head;
};

/// Reads a ref, or with `or_name` a name too; nothing for anything else.
std::optional<RefText> read_ref(std::string_view text, bool or_name) {
  Source source{"", std::string(text)};
  Ast ast;
  Result<Term*> term = parse_term(source, {}, ast);
  if (!term) return std::nullopt;
  std::vector<const Term*> items;
  if ((*term)->kind == TermKind::ref)
    items.assign((*term)->items.begin(), (*term)->items.end());
  else if ((*term)->kind == TermKind::var || (or_name && (*term)->kind == TermKind::string))
    items.push_back(*term);
  else
    return std::nullopt;
  RefText out;
  std::vector<std::string> terms, keys;
  for (const Term* item : items) {
    bool named = item->kind == TermKind::var || item->kind == TermKind::string;
    std::string value = named ? quoted(item->text) : to_text(*item);
    terms.push_back("{\"type\":" + quoted(kind_name(item->kind)) + ",\"value\":" + value + "}");
    keys.push_back(named ? value : quoted(value));
  }
  out.terms = joined(terms);
  out.keys = joined(keys);
  out.head = items[0]->text;
  return out;
}

// ---- The fields of a block ----

class BlockReader {
 public:
  BlockReader(const std::string& yaml, Annotations& out) : yaml_(yaml), out_(out) {}

  void read() {
    if (trimmed(yaml_).empty()) throw Refused{"expected METADATA block, found whitespace"};
    Result<std::string> text = yaml_to_json(yaml_);
    if (!text) throw refused(text.error());
    Result<Value> root = json::read_owned(*text, arena_);
    if (!root) throw Refused{root.error().message};
    root_ = *root;
    if (root_.is(Kind::null_value)) root_ = Value();
    if (!root_.is_undefined() && !root_.is(Kind::object)) mismatch(root_, 1, "ast.rawAnnotation");
    scalars();
    organizations();
    Value related = list("related_resources", "[]interface {}");
    Value schemas = list("schemas", "[]map[string]interface {}");
    Value authors = list("authors", "[]interface {}");
    Value compile = map("compile"), custom = map("custom"), labels = map("labels");
    if (!mismatches_.empty()) throw mismatched();
    related_resources(related);
    compile_options(compile);
    this->schemas(schemas);
    this->authors(authors);
    keep("custom", custom);
    keep("labels", labels);
  }

 private:
  static Refused refused(const Error& error) { return {error.message, error.row}; }

  void set(const char* name, const std::string& json) {
    out_.fields[name] = json;
    out_.values[name] = json;
  }

  // Fields of the wrong kind are told all at once, with their lines.

  std::size_t line_of(std::string_view key) const {
    std::istringstream lines(yaml_);
    std::size_t number = 1;
    for (std::string line; std::getline(lines, line); ++number) {
      if (!std::string_view(line).starts_with(std::string(key) + ":")) continue;
      bool below = trimmed(std::string_view(line).substr(key.size() + 1)).empty();
      return number + (below ? 1 : 0);
    }
    return 1;
  }

  void mismatch(const Value& value, std::size_t line, const char* wanted) {
    std::string text = "line " + std::to_string(line) + ": cannot unmarshal ";
    if (value.is(Kind::object)) {
      text += "!!map";
    } else if (value.is(Kind::array)) {
      text += "!!seq";
    } else {
      std::string spelled =
          value.is(Kind::string) ? std::string(value.as_string()) : json::to_json(value);
      if (spelled.size() > 10) spelled = spelled.substr(0, 7) + "...";
      const char* tag = value.is(Kind::string)    ? "!!str"
                        : value.is(Kind::boolean) ? "!!bool"
                        : value.is_integer()      ? "!!int"
                                                  : "!!float";
      text += std::string(tag) + " `" + spelled + "`";
    }
    mismatches_.push_back({text + " into " + wanted, line});
  }

  Refused mismatched() {
    std::stable_sort(mismatches_.begin(), mismatches_.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    std::string text = "yaml: unmarshal errors:";
    for (const Refused& one : mismatches_) text += "\n  " + one.message;
    return {text, mismatches_.front().line};
  }

  Value field(const char* name) const {
    Value value = lookup(root_, std::string_view(name));
    return value.is(Kind::null_value) ? Value() : value;
  }

  std::string scalar_text(const Value& value, const char* name) {
    if (value.is_undefined()) return {};
    if (value.is(Kind::string)) return std::string(value.as_string());
    if (!value.is_collection()) return json::to_json(value);
    mismatch(value, line_of(name), "string");
    return {};
  }

  void scalars() {
    out_.scope = scalar_text(field("scope"), "scope");
    for (const char* name : {"title", "description"}) {
      std::string text = scalar_text(field(name), name);
      if (!text.empty()) set(name, quoted(text));
    }
    Value entrypoint = field("entrypoint");
    if (entrypoint.is(Kind::boolean))
      out_.entrypoint = entrypoint.as_boolean();
    else if (!entrypoint.is_undefined())
      mismatch(entrypoint, line_of("entrypoint"), "bool");
    if (out_.entrypoint) set("entrypoint", "true");
  }

  Value list(const char* name, const char* wanted) {
    Value value = field(name);
    if (value.is_undefined() || value.is(Kind::array)) return value;
    mismatch(value, line_of(name), wanted);
    return Value();
  }

  Value map(const char* name) {
    Value value = field(name);
    if (value.is_undefined() || value.is(Kind::object)) return value;
    mismatch(value, line_of(name), "map[string]interface {}");
    return Value();
  }

  void organizations() {
    Value value = list("organizations", "[]string");
    std::vector<std::string> items;
    for (std::uint32_t i = 0; i < value.size(); ++i)
      items.push_back(quoted(scalar_text(value.items()[i], "organizations")));
    if (!items.empty()) set("organizations", joined(items));
  }

  void related_resources(const Value& value) {
    std::vector<std::string> items;
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Value& item = value.items()[i];
      bool map = item.is(Kind::object);
      auto fail = [&](const std::string& why) {
        throw Refused{"invalid related-resource definition " + printed(item) + ": " + why};
      };
      if (!map && !item.is(Kind::string)) fail("invalid value type, must be string or map");
      std::string_view ref = map ? string_at(item, "ref") : item.as_string();
      if (ref.empty())
        fail(map ? "'ref' value required in object" : "ref URL may not be empty string");
      std::string_view about = map ? string_at(item, "description") : std::string_view();
      items.push_back(
          object({{"ref", quoted(ref)}, {"description", about.empty() ? "" : quoted(about)}}));
    }
    if (!items.empty()) set("related_resources", joined(items));
  }

  /// A value as Go prints it with %s.
  static std::string printed(const Value& value) {
    if (value.is(Kind::string)) return std::string(value.as_string());
    if (value.is(Kind::object)) {
      std::string out = "map[";
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        Member member = object_member(value, i);
        out +=
            (i == 0 ? "" : " ") + std::string(member.key.as_text()) + ":" + printed(member.value);
      }
      return out + "]";
    }
    if (value.is_integer()) return "%!s(int=" + json::to_json(value) + ")";
    if (value.is(Kind::boolean)) return "%!s(bool=" + json::to_json(value) + ")";
    return json::to_json(value);
  }

  void authors(const Value& value) {
    std::vector<std::string> fields, values;
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      std::string name, email;
      author(value.items()[i], name, email);
      std::string mail = email.empty() ? "" : quoted(email);
      fields.push_back(object({{"name", quoted(name)}, {"email", mail}}));
      values.push_back(object({{"name", name.empty() ? "" : quoted(name)}, {"email", mail}}));
    }
    if (fields.empty()) return;
    out_.fields["authors"] = joined(fields);
    out_.values["authors"] = joined(values);
  }

  static void author(const Value& item, std::string& name, std::string& email) {
    auto fail = [&](const char* why) {
      throw Refused{"invalid author definition " + printed(item) + ": " + why};
    };
    if (item.is(Kind::object)) {
      name = string_at(item, "name");
      email = string_at(item, "email");
      if (name.empty() && email.empty()) fail("'name' and/or 'email' values required in object");
      return;
    }
    if (!item.is(Kind::string)) fail("invalid value type, must be string or map");
    std::istringstream words{std::string(item.as_string())};
    std::vector<std::string> parts;
    for (std::string word; words >> word;) parts.push_back(word);
    if (parts.empty()) fail("author is an empty string");
    const std::string& last = parts.back();
    if (last.size() >= 2 && last.front() == '<' && last.back() == '>') {
      email = last.substr(1, last.size() - 2);
      parts.pop_back();
    }
    for (const std::string& part : parts) name += (name.empty() ? "" : " ") + part;
  }

  void compile_options(const Value& value) {
    if (value.is_undefined()) return;
    std::vector<std::string> unknowns;
    Value list = lookup(value, std::string_view("unknowns"));
    for (std::uint32_t i = 0; list.is(Kind::array) && i < list.size(); ++i) {
      if (!list.items()[i].is(Kind::string)) {
        unknowns.push_back("null");
        continue;
      }
      std::string text(list.items()[i].as_string());
      std::optional<RefText> ref = read_ref(text, false);
      if (!ref) throw Refused{"invalid unknowns element " + quoted(text) + ": expected ref"};
      unknowns.push_back(ref->terms);
    }
    std::string mask;
    Value rule = lookup(value, std::string_view("mask_rule"));
    if (rule.is(Kind::string)) {
      std::optional<RefText> ref = read_ref(rule.as_string(), true);
      if (!ref) throw Refused{"invalid mask_rule annotation " + quoted(rule.as_string())};
      mask = ref->terms;
    }
    out_.fields["compile"] =
        object({{"unknowns", unknowns.empty() ? "" : joined(unknowns)}, {"mask_rule", mask}});
  }

  void schemas(const Value& value) {
    std::vector<std::string> fields, values;
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Value& item = value.items()[i];
      bool pair = item.is(Kind::object) && item.size() != 0;
      std::string key = pair ? std::string(object_member(item, 0).key.as_text()) : "";
      std::optional<RefText> path = read_ref(key, false);
      if (!path) throw Refused{"invalid document reference"};
      Value declared = object_member(item, 0).value;
      std::string schema, schema_keys, definition;
      if (declared.is(Kind::string)) {
        std::optional<RefText> ref = read_ref(declared.as_string(), false);
        if (!ref || ref->head != "schema") throw Refused{"invalid schema reference"};
        schema = ref->terms;
        schema_keys = ref->keys;
      } else if (declared.is(Kind::object)) {
        definition = json::to_json(declared);
      } else {
        throw Refused{"invalid schema declaration for path " + quoted(key)};
      }
      fields.push_back(
          object({{"path", path->terms}, {"schema", schema}, {"definition", definition}}));
      values.push_back(
          object({{"path", path->keys}, {"schema", schema_keys}, {"definition", definition}}));
    }
    if (fields.empty()) return;
    out_.fields["schemas"] = joined(fields);
    out_.values["schemas"] = joined(values);
  }

  void keep(const char* name, const Value& value) {
    if (value.size() != 0) set(name, json::to_json(value));
  }

  const std::string& yaml_;
  Annotations& out_;
  Arena arena_;
  Value root_;
  std::vector<Refused> mismatches_;
};

// ---- Statements ----

/// A hint where something stands right behind a colon that looks like a blank and is none.
std::string hint_of(const std::vector<const Comment*>& block) {
  std::string out;
  for (const Comment* comment : block) {
    std::string_view text = comment->text();
    std::string symbols;
    for (std::size_t at = text.find(':'); at != std::string_view::npos;
         at = text.find(':', at + 1)) {
      if (at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\t') break;
      unsigned char c = static_cast<unsigned char>(text[at + 1]);
      if (c >= 0x80) return out;  // spelled out by Go's quoting rules, which are not followed here
      symbols += (symbols.empty() ? "" : " ") + std::string("'") + static_cast<char>(c) + "'";
    }
    if (symbols.empty()) continue;
    out += "\n  Hint: on line " + std::to_string(comment->row) + ", symbol(s) [" + symbols +
           "] immediately following a key/value separator ':' is not a legal yaml space character";
  }
  return out;
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
  auto below = std::find_if(all.begin(), all.end(),
                            [&](const Statement& one) { return one.row > block.row; });
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
    std::string yaml;
    std::vector<const Comment*> lines{&all[i]};
    for (; i + 1 < all.size() && continues_block(all[i + 1], all[i]); ++i) {
      std::string_view text = all[i + 1].text();
      yaml += std::string(text.substr(text.starts_with(' ') ? 1 : 0)) + "\n";
      lines.push_back(&all[i + 1]);
    }
    try {
      BlockReader(yaml, block).read();
      out.push_back(std::move(block));
    } catch (const Refused& refused) {
      // OPA counts the lines of the YAML from 1 and its comments from 0.
      std::size_t at = refused.line == 0 ? 0 : std::min(refused.line + 1, lines.size() - 1);
      bool from_yaml = refused.message.starts_with("yaml:");
      errors.push_back(
          parse_error_at(lines[at]->span, refused.message + (from_yaml ? hint_of(lines) : "")));
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
