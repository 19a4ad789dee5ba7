// Joins the stages: parse, check, plan, and a snapshot of data for eval.
#include "lictor/engine.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>

#include "api/policy_impl.hpp"
#include "base/stack.hpp"
#include "builtins/table.hpp"
#include "capabilities/language.hpp"
#include "compile/check.hpp"
#include "compile/schema.hpp"
#include "compile/types.hpp"
#include "format/format.hpp"
#include "json/go_decoder.hpp"
#include "plan/plan.hpp"
#include "syntax/module_json.hpp"
#include "syntax/parse.hpp"
#include "trace/coverable.hpp"
#include "trace/tracer.hpp"
#include "value/object.hpp"

namespace lictor {
namespace {

struct Document {
  std::vector<std::string> path;
  std::string json;
  std::string name;
};

/// A document that has been merged into the root of data.
struct Merged {
  std::string name;
  Value value;  // at its path
};

/// Merges two objects. Undefined where both have a value and one of the two is no object; the keys
/// of the first such value are then in `conflict`, the innermost one first.
Value merge(Arena& arena, const Value& a, const Value& b, std::vector<std::string>& conflict) {
  if (!a.is(Kind::object) || !b.is(Kind::object)) return Value();
  if (a.size() == 0) return b;
  auto* members = arena.allocate<Member>(std::size_t{a.size()} + b.size());
  std::size_t size = 0;
  const Member *left = sorted_members(a), *left_end = left + a.size();
  const Member *right = sorted_members(b), *right_end = right + b.size();
  while (left != left_end && right != right_end) {
    int order = compare(left->key, right->key);
    if (order != 0) {
      members[size++] = order < 0 ? *left++ : *right++;
      continue;
    }
    Value both = merge(arena, left->value, right->value, conflict);
    if (both.is_undefined()) {
      conflict.emplace_back(left->key.as_text());
      return both;
    }
    members[size++] = {left->key, both};
    ++left, ++right;
  }
  size = static_cast<std::size_t>(std::copy(left, left_end, members + size) - members);
  size = static_cast<std::size_t>(std::copy(right, right_end, members + size) - members);
  return make_object(arena, members, size, true);
}

std::vector<std::string> split_entrypoint(std::string_view text) {
  std::vector<std::string> out;
  char separator = text.find('/') != std::string_view::npos ? '/' : '.';
  std::string part;
  for (char c : text) {
    if (c != separator) {
      part += c;
    } else if (!part.empty()) {
      out.push_back(std::exchange(part, {}));
    }
  }
  if (!part.empty()) out.push_back(part);
  if (!out.empty() && out.front() == "data") out.erase(out.begin());
  return out;
}

/// True if a document has a value at `keys`.
bool has_path(Value document, const std::vector<std::string>& keys) {
  return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
    if (!document.is(Kind::object)) return false;
    document = lookup(document, Value::string(key));
    return !document.is_undefined();
  });
}

Error load_error(const std::string& name, const std::string& message) {
  return Error{ErrorCode::load, name + ": " + message, {}, 0, 0, {}, {}};
}

/// The query for the document at a path.
std::string query_for(const std::vector<std::string>& path) {
  syntax::Ast ast;
  syntax::Term* ref = ast.term(syntax::TermKind::ref, {});
  ref->items.push_back(ast.var("data", {}));
  for (const std::string& part : path) ref->items.push_back(ast.string(part, {}));
  return syntax::to_text(*ref);
}

syntax::ParseOptions parse_options(
    bool v0, std::shared_ptr<const builtins::Table> builtins = builtins::Table::standard()) {
  auto is_builtin = [builtins = std::move(builtins)](std::string_view name) {
    return name == "print" || builtins->find(name) >= 0;
  };
  return {v0 ? syntax::Dialect::v0 : syntax::Dialect::v1, 0, std::move(is_builtin)};
}

void require_sound(const ir::Program& program) {
  std::string fault = ir::verify(program, program.builtins->size());
  if (fault.empty()) return;
  std::fprintf(stderr, "lictor: the planner made an unsound program: %s\n%s", fault.c_str(),
               dump(program).c_str());
  std::abort();
}

}  // namespace

struct Engine::Impl {
  EngineOptions options;
  std::shared_ptr<Modules> read = std::make_shared<Modules>();
  std::vector<Document> documents;  // that were not read yet
  std::vector<Merged> merged;
  std::shared_ptr<Arena> data_arena = std::make_shared<Arena>();
  Value data_root = make_object(*data_arena, nullptr, 0, true);
  bool is_frozen = true;  // data_root is
  Errors errors;
  compile::Schemas schemas;
  std::shared_ptr<const builtins::Table> builtins = builtins::Table::standard();
  std::shared_ptr<builtins::Table> own_builtins;  // the same, once there is a host function
  std::size_t parsed = 0;
  bool is_checked = false;
  bool has_flat_forms = false;
  std::shared_ptr<trace::Tracer> tracer;  // of the data as it was when something was last traced

  syntax::ParseOptions how_to_parse() const {
    syntax::ParseOptions out = parse_options(options.v0_compatible, builtins);
    out.restricted = read->language ? &*read->language : nullptr;
    return out;
  }

  builtins::Table& changeable_builtins() {
    if (!own_builtins) builtins = own_builtins = std::make_shared<builtins::Table>();
    return *own_builtins;
  }

  std::shared_ptr<const builtins::Table> allowed_builtins() const {
    if (!options.capabilities) return builtins;
    return builtins::Table::restricted(builtins, options.capabilities->builtins);
  }

  void parse() {
    for (; parsed < read->sources.size(); ++parsed) {
      Result<syntax::Module*> module =
          syntax::parse_module(read->sources[parsed], how_to_parse(), read->ast, read->modules);
      if (!module) errors.insert(errors.end(), module.errors().begin(), module.errors().end());
    }
  }

  /// Parses and checks once; later calls give the same errors, or those of data that came since.
  const Errors& check() {
    if (is_checked) return errors.empty() ? check_new_data() : errors;
    parse();
    is_checked = true;
    if (!errors.empty()) return errors;
    std::ignore = load_data();  // data that cannot be read is reported once it is needed
    compile::HasData has_data;
    if (options.path_conflicts) has_data = [this](const auto& path) { return has_data_at(path); };
    Result<compile::Checked> result =
        compile::check(module_pointers(),
                       {options.strict, options.listener.test_case != nullptr, options.test_values,
                        allowed_builtins(), read->language ? &*read->language : nullptr},
                       schemas.empty() ? nullptr : &schemas, read->ast, has_data);
    if (result)
      read->checked = std::move(*result);
    else
      errors = result.errors();
    return errors;
  }

  const Errors& check_new_data() {
    if (documents.empty() || !options.path_conflicts || !load_data()) return errors;
    errors = compile::data_conflicts(module_pointers(), read->checked,
                                     [this](const auto& path) { return has_data_at(path); });
    return errors;
  }

  std::vector<syntax::Module*> module_pointers() {
    std::vector<syntax::Module*> out;
    for (syntax::Module& module : read->modules) out.push_back(&module);
    return out;
  }

  bool has_data_at(const std::vector<std::string>& path) const {
    Value node = data_root;
    for (const std::string& part : path) {
      if (!node.is(Kind::object)) return true;
      node = lookup(node, Value::string(part));
      if (node.is_undefined()) return false;
    }
    return true;
  }

  /// Merges a document into the snapshot of data. What is in it already stays as it is: programs
  /// that were compiled before may be reading it.
  std::optional<Error> merge_document(const Document& document) {
    Arena& arena = *data_arena;
    Result<Value> value = json::read_owned(document.json, arena, document.name);
    if (!value) return value.error();
    Value at_path = *value;
    for (auto part = document.path.rbegin(); part != document.path.rend(); ++part) {
      Member* member = arena.allocate<Member>(1);
      *member = {Value::string(arena.copy(*part)), at_path};
      at_path = make_object(arena, member, 1, true);
    }
    if (!at_path.is(Kind::object))
      return load_error(document.name, "document must be of type object");
    std::vector<std::string> conflict;
    Value root = merge(arena, data_root, at_path, conflict);
    if (root.is_undefined()) return merge_error(document.name, std::move(conflict));
    merged.push_back({document.name, at_path});
    data_root = root;
    is_frozen = false;
    tracer = nullptr;
    return std::nullopt;
  }

  Error merge_error(const std::string& name, std::vector<std::string> keys) const {
    std::reverse(keys.begin(), keys.end());
    auto other = std::find_if(merged.begin(), merged.end(), [&](const Merged& document) {
      return has_path(document.value, keys);
    });
    return load_error(name,
                      "merge error: conflicting values at " + query_for(keys) +
                          (other == merged.end() ? ", data from multiple files must not overlap"
                                                 : ", also defined in " + other->name));
  }

  /// Reads the documents that came since the last call.
  std::optional<Error> merge_documents() {
    for (const Document& document : documents) {
      if (std::optional<Error> failed = merge_document(document)) return failed;
    }
    documents.clear();
    return std::nullopt;
  }

  Result<Value> load_data() {
    if (std::optional<Error> failed = merge_documents()) return *failed;
    if (!is_frozen) freeze(*data_arena, data_root);
    is_frozen = true;
    return data_root;
  }

  /// Plans, once more with flat clauses if the order of operands stands in the way, and once more
  /// if some variable has no value, which OPA notices only where it comes to that.
  template <typename Plan>
  Result<ir::Program> plan_in_some_form(Plan&& plan, ReadQuery* query = nullptr) {
    plan::Options how{options.optimize, options.index, options.strict_builtin_errors};
    Result<ir::Program> out = plan(how);
    auto is_unbound = [&] { return !out && out.error().code == ErrorCode::unsafe_var; };
    if (is_unbound()) {
      if (!has_flat_forms) compile::take_flat_forms(read->checked, read->ast);
      has_flat_forms = true;
      if (query) query->body->exprs = query->checked.flat->exprs;
      out = plan(how);
    }
    how.unbound = true;
    return is_unbound() ? plan(how) : std::move(out);
  }

  /// Joins a program with its snapshot of data.
  template <typename Compiled>
  Result<std::shared_ptr<Compiled>> finish(Result<ir::Program> program, Asked asked) {
    if (!program) return program.errors();
    require_sound(*program);
    Result<Value> root = load_data();
    if (!root) return root.errors();
    return std::make_shared<Compiled>(std::move(*program), data_arena, *root, eval_options(),
                                      std::move(asked));
  }

  Asked asked(std::string query, QueryOptions scope) const {
    Asked out{read, std::move(query), std::move(scope), {}};
    out.how.strict_builtin_errors = options.strict_builtin_errors;
    out.how.tracing.index = options.index;
    out.how.time = options.limits.time;
    out.how.steps = 1'000'000;
    return out;
  }

  eval::Options eval_options() const {
    eval::Options out;
    out.strict_builtin_errors = options.strict_builtin_errors;
    out.print = options.print;
    out.listener = options.listener;
    out.runtime = options.runtime;
    out.capabilities = options.capabilities;
    out.limits.instructions = options.limits.instructions;
    out.limits.memory_bytes = options.limits.memory_bytes;
    out.limits.time = options.limits.time;
    return out;
  }
};

namespace {

/// Policies are read, checked and planned by recursion; with the limits of the parser, this much
/// stack is enough.
constexpr std::size_t stack_for_policies = std::size_t{7} << 20;

/// Calls `work`, on a stack of its own where the caller's is small.
template <typename Work>
auto with_enough_stack(Work&& work) -> decltype(work()) {
  std::optional<decltype(work())> out;
  try {
    if (with_stack(stack_for_policies, [&] { out.emplace(work()); })) return std::move(*out);
  } catch (const std::bad_alloc&) {
    return Errors{{ErrorCode::limit_memory, "out of memory", {}, 0, 0, {}, {}}};
  }
  return Errors{
      {ErrorCode::limit_depth, "there is no stack to read policies on", {}, 0, 0, {}, {}}};
}

}  // namespace

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  if (options.v0_compatible) impl_->read->query_dialect = syntax::Dialect::v0;
  if (options.capabilities) {
    impl_->read->language =
        capabilities::language_of(*options.capabilities, impl_->read->query_dialect);
  }
}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

void Engine::add_module(std::string name, std::string source) {
  impl_->read->sources.push_back({std::move(name), std::move(source)});
}

void Engine::add_data(std::string json, std::string name) {
  add_data_at({}, std::move(json), std::move(name));
}

void Engine::add_data_at(std::vector<std::string> path, std::string json, std::string name) {
  impl_->documents.push_back({std::move(path), std::move(json), std::move(name)});
}

std::optional<Error> Engine::add_function(const HostFunction& function) {
  std::optional<std::string> fault;
  if (impl_->is_checked) fault = "functions are added before modules are checked";
  if (!fault) fault = compile::signature_fault(function.signature);
  if (!fault) fault = impl_->changeable_builtins().add(function);
  if (!fault) return std::nullopt;
  return Error{ErrorCode::type, "host function " + function.name + ": " + *fault, {}, 0, 0, {}, {}};
}

void Engine::add_schema(std::vector<std::string> path, std::string json) {
  impl_->schemas[std::move(path)] = std::move(json);
}

Errors Engine::load_module(std::string name, std::string source) {
  return with_enough_stack([&]() -> Errors {
    impl_->parse();
    Modules& read = *impl_->read;
    std::size_t before = read.modules.size();
    read.sources.push_back({std::move(name), std::move(source)});
    ++impl_->parsed;
    Result<syntax::Module*> module =
        syntax::parse_module(read.sources.back(), impl_->how_to_parse(), read.ast, read.modules);
    if (module) return {};
    while (read.modules.size() > before) read.modules.pop_back();
    read.sources.pop_back();
    --impl_->parsed;
    return module.errors();
  });
}

std::optional<Error> Engine::load_data_at(std::vector<std::string> path, std::string json,
                                          std::string name) {
  if (std::optional<Error> failed = impl_->merge_documents()) return failed;
  Document document{std::move(path), std::move(json), std::move(name)};
  std::optional<Error> failed = impl_->merge_document(document);
  if (!failed || failed->code == ErrorCode::load) return failed;
  json::GoDecoding go = json::go_decoding(document.json);
  if (!go.error.empty()) return load_error(document.name, go.error);
  document.json = std::string(go.first);
  failed = impl_->merge_document(document);
  if (!failed || failed->code == ErrorCode::load) return failed;
  return load_error(document.name, failed->message);
}

Result<Policy> Engine::compile(std::string_view entrypoint) {
  return with_enough_stack([&]() -> Result<Policy> {
    std::unique_lock lock(impl_->read->mutex);
    if (!impl_->check().empty()) return impl_->errors;
    std::vector<std::string> path = split_entrypoint(entrypoint);
    Result<ir::Program> planned = impl_->plan_in_some_form([&](const plan::Options& how) {
      return plan::plan_document(impl_->read->checked, path, how);
    });
    Result<std::shared_ptr<Policy::Impl>> out =
        impl_->finish<Policy::Impl>(std::move(planned), impl_->asked(query_for(path), {}));
    if (!out) return out.errors();
    return Policy(*out);
  });
}

Result<Query> Engine::prepare(std::string_view text, const QueryOptions& options) {
  return with_enough_stack([&]() -> Result<Query> {
    std::unique_lock lock(impl_->read->mutex);
    if (!impl_->check().empty()) return impl_->errors;
    Result<ReadQuery> query = read_query(*impl_->read, text, options, false);
    if (!query) return query.errors();
    Result<ir::Program> planned = impl_->plan_in_some_form(
        [&](const plan::Options& how) {
          return plan::plan_query(impl_->read->checked, query->checked, how);
        },
        &*query);
    Result<std::shared_ptr<Query::Impl>> out =
        impl_->finish<Query::Impl>(std::move(planned), impl_->asked(std::string(text), options));
    if (!out) return out.errors();
    (*out)->expressions = std::move(query->expressions);
    return Query(*out);
  });
}

Result<QueryResult> Engine::trace(std::string_view text, const QueryOptions& options,
                                  const std::string_view* input, const TraceOptions& tracing) {
  return with_enough_stack([&]() -> Result<QueryResult> {
    std::unique_lock lock(impl_->read->mutex);
    if (!impl_->check().empty()) return impl_->errors;
    Result<ReadQuery> query = read_query(*impl_->read, text, options, true);
    if (!query) return query.errors();
    Result<Value> data = impl_->load_data();
    if (!data) return data.errors();
    QueryResult out(std::make_unique<QueryResult::Memory>());
    out.memory_->data = impl_->data_arena;
    Arena& arena = out.memory_->input;
    Value read;
    if (input) {
      Result<Value> value = json::read_owned(*input, arena);
      if (!value) return value.errors();
      read = *value;
    }
    trace::Options how;
    how.strict_builtin_errors = impl_->options.strict_builtin_errors;
    how.tracing = tracing;
    builtins::Environment environment;
    environment.runtime = impl_->options.runtime;
    if (impl_->options.capabilities)
      environment.allowed_hosts = impl_->options.capabilities->hosts();
    how.environment = &environment;
    if (!impl_->tracer)
      impl_->tracer = std::make_shared<trace::Tracer>(impl_->read->checked, *data);
    out.memory_->tracer = impl_->tracer;
    Result<std::vector<std::vector<Value>>> rows =
        impl_->tracer->run(query->checked, read, how, arena);
    if (!rows) return rows.errors();
    for (const std::vector<Value>& row : *rows)
      out.rows_.push_back(make_row(row.data(), query->expressions, query->checked.vars));
    return out;
  });
}

bool Engine::defines(std::string_view entrypoint) {
  if (!check().empty()) return false;
  const compile::RuleNode* node = &impl_->read->checked.root;
  for (const std::string& part : split_entrypoint(entrypoint)) {
    if (node->group) break;
    node = node->child(part);
    if (node == nullptr) return false;
  }
  return node->group != nullptr && node->group->kind != compile::GroupKind::function;
}

Errors Engine::check() {
  return with_enough_stack([&]() -> Errors { return impl_->check(); });
}

namespace {

RuleInfo rule_info(const compile::CheckedRule& checked) {
  const syntax::Rule& rule = *checked.rule;
  RuleInfo out;
  for (const syntax::Term* part : checked.module->package) out.package.push_back(part->text);
  const auto& head = rule.ref->items;
  std::size_t ground = 0;
  while (ground < head.size() && (ground == 0 || head[ground]->kind == syntax::TermKind::string))
    out.path.push_back(head[ground++]->text);
  out.has_keys = ground < head.size();
  out.is_set = rule.multi_value;
  Place place = locate(rule.span.source->text, rule.span.first);
  out.file = rule.span.source->name;
  out.row = place.row;
  out.col = place.col;
  return out;
}

}  // namespace

std::vector<RuleInfo> Engine::rules() {
  std::vector<RuleInfo> out;
  if (!check().empty()) return out;
  for (const compile::RuleGroup& group : impl_->read->checked.groups) {
    for (const compile::CheckedRule& rule : group.defaults) out.push_back(rule_info(rule));
    for (const compile::CheckedRule& rule : group.rules) out.push_back(rule_info(rule));
  }
  return out;
}

std::vector<BuiltinInfo> Engine::builtins() const {
  std::vector<BuiltinInfo> out;
  for (const builtins::Builtin& builtin : impl_->builtins->all()) {
    bool is_replaced = impl_->builtins->get(builtin.name) != &builtin;
    if (!is_replaced) out.push_back({builtin.name, builtin.arity(), builtin.function != nullptr});
  }
  std::sort(out.begin(), out.end(),
            [](const BuiltinInfo& a, const BuiltinInfo& b) { return a.name < b.name; });
  return out;
}

Errors Engine::missing_builtins() {
  Errors out;
  if (check().empty()) compile::missing_builtins(impl_->read->checked, out);
  return out;
}

std::vector<TextRange> Engine::coverable() const {
  std::vector<TextRange> out;
  for (const Source& source : impl_->read->sources) {
    syntax::Ast ast;
    std::deque<syntax::Module> modules;
    if (syntax::parse_module(source, impl_->how_to_parse(), ast, modules))
      trace::add_coverable(modules.front(), out);
  }
  return out;
}

Result<std::string> Engine::dump(std::string_view stage) {
  return with_enough_stack([&]() -> Result<std::string> {
    std::string out;
    if (stage == "ast") {
      impl_->parse();
      if (!impl_->errors.empty()) return impl_->errors;
      for (const syntax::Module& module : impl_->read->modules) out += syntax::dump(module);
      return out;
    }
    if (!impl_->check().empty()) return impl_->errors;
    return compile::dump(impl_->read->checked);
  });
}

Result<std::string> syntax_tree(std::string name, std::string source, bool v0_compatible,
                                bool annotations) {
  return with_enough_stack([&]() -> Result<std::string> {
    Source text{std::move(name), std::move(source)};
    syntax::Ast ast;
    std::deque<syntax::Module> modules;
    syntax::ParseOptions how = parse_options(v0_compatible);
    how.annotations = annotations;
    Result<syntax::Module*> module = syntax::parse_module(text, how, ast, modules);
    if (!module) return module.errors();
    return syntax::module_json(**module, parse_options(v0_compatible).dialect);
  });
}

Result<std::string> formatted(std::string name, std::string source, const FormatOptions& options) {
  return with_enough_stack([&]() -> Result<std::string> {
    Source text{std::move(name), std::move(source)};
    syntax::Ast ast;
    std::deque<syntax::Module> modules;
    syntax::ParseOptions how = parse_options(options.v0_compatible);
    how.annotations = false;
    Result<syntax::Module*> module = syntax::parse_module(text, how, ast, modules);
    if (!module) return module.errors();
    bool v0 = options.v0_compatible && !options.for_both;
    if (!v0) {
      if (Errors faults = compile::faults_as_v1(**module); !faults.empty()) return faults;
    }
    format::name_shared_wildcards(**module, how.dialect);
    return format::format_module(**module, {v0, options.for_both, options.drop_imports});
  });
}

const char* version() noexcept { return "0.1.0"; }

const char* opa_version() noexcept { return LICTOR_OPA_VERSION; }

}  // namespace lictor
