// Evaluation behind the public handles.
#include "lictor/policy.hpp"

#include <algorithm>

#include "api/policy_impl.hpp"
#include "builtins/table.hpp"
#include "compile/check.hpp"
#include "json/write.hpp"
#include "plan/constant.hpp"
#include "syntax/parse.hpp"

namespace lictor {

// ---- Decision ----

struct Decision::Memory {
  std::shared_ptr<const Policy::Impl> policy;
  eval::Context context;
  std::optional<Arena> told;  // what the tracer has made
};

Decision::Decision(std::unique_ptr<Memory> memory, Value value)
    : memory_(std::move(memory)), value_(value) {}
Decision::Decision(Decision&&) noexcept = default;
Decision& Decision::operator=(Decision&&) noexcept = default;
Decision::~Decision() {
  if (memory_) memory_->policy->pool.give(std::move(memory_->context));
}

std::string Decision::to_json() const {
  return is_undefined() ? std::string() : json::to_json(value_);
}

// ---- Policy ----

std::string dump(const ir::Program& program) {
  return ir::dump(program, [&](std::uint32_t number) { return (*program.builtins)[number].name; });
}

namespace {

void add_paths(const json::Shape& shape, std::uint32_t at, std::vector<std::string>& path,
               std::vector<std::vector<std::string>>& out) {
  const json::Shape::Node& node = shape.nodes[at];
  if (node.whole) {
    out.push_back(path);
    return;
  }
  for (const json::Shape::Child& child : node.children) {
    path.push_back(child.key);
    add_paths(shape, child.node, path, out);
    path.pop_back();
  }
}

/// The value of a document, of which the machine's own result is not the last word.
template <typename Input>
Result<Value> value_told(const Compiled& policy, Result<Value> own, const Input& input,
                         const eval::Context& context, Arena& arena) {
  Compiled::Told told = policy.told(own ? nullptr : &own.error(), input, context, arena);
  if (!told) return own;
  if (!*told) return told->errors();
  return (*told)->empty() ? Value() : (*told)->front().front();
}

}  // namespace

Compiled::Told Compiled::told(const Error* error, const std::string_view* input,
                              const eval::Context& context, Arena& arena) const {
  Value value;
  if (input == nullptr) return told(error, value, context, arena);
  try {
    Result<Value> read = json::read_owned(*input, arena);
    if (read) return told(error, *read, context, arena);
  } catch (const MemoryLimit&) {
  }
  return std::nullopt;
}

Arena& Compiled::told_arena(std::optional<Arena>& told) const {
  told.emplace().set_limit(options.limits.memory_bytes);
  return *told;
}

Compiled::Told Compiled::told(const Error* error, const Value& input, const eval::Context& context,
                              Arena& arena) const {
  std::vector<std::string> printed;
  Told out = ask_tracer(error, input, context, printed, arena);
  if (prints) {
    for (const std::string& line : out ? printed : context.printed())
      builtins::write_printed(&options.listener, line);
  }
  return out;
}

Compiled::Told Compiled::ask_tracer(const Error* error, const Value& input,
                                    const eval::Context& context, std::vector<std::string>& printed,
                                    Arena& arena) const {
  if (error && !depends_on_order(error->code)) return std::nullopt;
  std::lock_guard lock(telling);
  return asked.told(data.root, input, context.environment(), prints ? &printed : nullptr, arena);
}

Result<Decision> Policy::run(const std::string_view* input) const {
  auto memory = std::make_unique<Decision::Memory>();
  memory->policy = impl_;
  memory->context = impl_->pool.take();
  Result<Value> value =
      eval::eval_text(impl_->program, impl_->data, input, impl_->options, memory->context);
  if (value && !impl_->prints) return Decision(std::move(memory), *value);
  Arena& arena = impl_->told_arena(memory->told);
  Result<Value> told = value_told(*impl_, std::move(value), input, memory->context, arena);
  if (!told) return told.errors();
  return Decision(std::move(memory), *told);
}

Result<Decision> Policy::eval(std::string_view input) const { return run(&input); }
Result<Decision> Policy::eval() const { return run(nullptr); }

std::vector<std::vector<std::string>> Policy::input_paths() const {
  std::vector<std::vector<std::string>> out;
  std::vector<std::string> path;
  add_paths(impl_->program.input, 0, path, out);
  return out;
}

std::vector<Value> Policy::constants() const { return impl_->program.constants; }

std::string Policy::dump_ir() const { return dump(impl_->program); }

// ---- Input ----

struct Input::Memory {
  std::shared_ptr<const Policy::Impl> policy;
  std::string text;
  Arena arena;  // holds the slots, and behind them what is in them: few lines of a cache
  Value* slots = nullptr;
};

std::string_view Input::text() const noexcept { return memory_->text; }

Result<Input> Policy::read(std::string_view input) const {
  auto memory = std::make_shared<Input::Memory>();
  memory->policy = impl_;
  memory->text = input;
  const json::Shape& shape = impl_->program.input;
  json::Reader reader;
  Arena scratch(impl_->options.limits.memory_bytes);
  std::vector<Value> slots(shape.slot_count);
  try {
    if (const Error* bad = reader.read_slots(input, shape, scratch, slots.data())) return *bad;
    memory->arena.set_limit(impl_->options.limits.memory_bytes);
    memory->slots = memory->arena.allocate<Value>(slots.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
      memory->slots[i] = deep_copy(memory->arena, slots[i]);
      freeze(memory->arena, memory->slots[i]);
    }
  } catch (const MemoryLimit&) {
    return Error{ErrorCode::limit_memory, "the input needs too much memory", {}, 0, 0, {}, {}};
  }
  return Input(std::move(memory));
}

// ---- Evaluator ----

struct Evaluator::Impl {
  explicit Impl(std::shared_ptr<const Policy::Impl> given)
      : policy(std::move(given)), options(policy->options) {}

  std::shared_ptr<const Policy::Impl> policy;
  eval::Options options;
  eval::Context context;
  std::optional<Arena> told;  // what the tracer has made
  Error error;                // that it told

  /// Decides an input that eval_into() takes; `source` is it as the tracer takes it.
  template <typename Given, typename Source>
  const Error* decide(const Given& input, const Source& source, Value& out) {
    const Error* found =
        eval::eval_into(policy->program, policy->data, input, options, context, out);
    if (found == nullptr && !policy->prints) return nullptr;
    Result<Value> own = found ? Result<Value>(*found) : Result<Value>(out);
    Result<Value> last_word =
        value_told(*policy, std::move(own), source, context, policy->told_arena(told));
    if (last_word) {
      out = *last_word;
      return nullptr;
    }
    error = last_word.error();
    return &error;
  }
};

Evaluator::Evaluator(Policy policy) : impl_(std::make_unique<Impl>(std::move(policy.impl_))) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

const Error* Evaluator::decide(std::string_view input, Value& out) {
  return impl_->decide(input, &input, out);
}

const Error* Evaluator::decide(const Value& input, Value& out) {
  return impl_->decide(input, input, out);
}

const Error* Evaluator::decide(const Input& input, Value& out) {
  const Input::Memory& read = *input.memory_;
  if (read.policy != impl_->policy) return decide(input.text(), out);
  std::string_view text = input.text();
  return impl_->decide<const Value*>(read.slots, &text, out);
}

namespace {

/// The same as JSON text.
template <typename Given>
const Error* decide_text(Evaluator& evaluator, const Given& input, std::string& out) {
  out.clear();
  Value value;
  if (const Error* error = evaluator.decide(input, value)) return error;
  if (!value.is_undefined()) json::append_json(out, value);
  return nullptr;
}

}  // namespace

const Error* Evaluator::decide(std::string_view input, std::string& out) {
  return decide_text(*this, input, out);
}

const Error* Evaluator::decide(const Input& input, std::string& out) {
  return decide_text(*this, input, out);
}

const Error* Evaluator::decide(const Value& input, std::string& out) {
  return decide_text(*this, input, out);
}

void Evaluator::set_limits(const Limits& limits) {
  impl_->options.limits.instructions = limits.instructions;
  impl_->options.limits.memory_bytes = limits.memory_bytes;
  impl_->options.limits.time = limits.time;
}

void Evaluator::set_time(std::int64_t now_ns) { impl_->context.set_time(now_ns); }
void Evaluator::set_cancel(const std::function<bool()>* is_cancelled) {
  impl_->context.set_cancel(is_cancelled);
}

// ---- Query ----

QueryResult::QueryResult(std::unique_ptr<Memory> memory) : memory_(std::move(memory)) {}
QueryResult::QueryResult(QueryResult&&) noexcept = default;
QueryResult& QueryResult::operator=(QueryResult&&) noexcept = default;
QueryResult::~QueryResult() = default;

Row make_row(const Value* values, const std::vector<QueryExpression>& expressions,
             const std::vector<std::string>& columns) {
  Row out;
  for (const QueryExpression& from : expressions)
    out.expressions.push_back({*values++, from.text, from.row, from.col});
  for (const std::string& column : columns) {
    const Value& value = *values++;
    if (!compile::is_left_out_of_rows(column))
      out.bindings.emplace_back(compile::display_name(column), value);
  }
  std::sort(out.bindings.begin(), out.bindings.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

Result<QueryResult> Query::run(const std::string_view* json, const Value* input) const {
  QueryResult out(std::make_unique<QueryResult::Memory>());
  out.memory_->query = impl_;
  eval::Context& context = out.memory_->context;
  auto add_row = [&](const Value* values) {
    out.rows_.push_back(make_row(values, impl_->expressions, impl_->program.columns));
  };
  Result<Value> rows =
      input ? eval::eval_value(impl_->program, impl_->data, *input, impl_->options, context)
            : eval::eval_text(impl_->program, impl_->data, json, impl_->options, context);
  Compiled::Told told;
  if (!rows || impl_->prints) {
    const Error* error = rows ? nullptr : &rows.error();
    Arena& arena = impl_->told_arena(out.memory_->told);
    told = input ? impl_->told(error, *input, context, arena)
                 : impl_->told(error, json, context, arena);
  }
  if (told && !*told) return told->errors();
  if (!told && !rows) return rows.errors();
  if (told) {
    for (const trace::Solution& solution : **told) add_row(solution.data());
  } else {
    for (std::uint32_t i = 0; i < rows->size(); ++i) add_row(rows->items()[i].items());
  }
  return out;
}

Result<QueryResult> Query::eval(const std::string_view* input) const { return run(input, nullptr); }

Result<QueryResult> Query::eval_term(std::string_view term) const {
  Source source{"input", std::string(term)};
  syntax::Ast ast;
  Result<syntax::Term*> parsed = syntax::parse_term(source, {}, ast);
  if (!parsed) return parsed.errors();
  auto arena = std::make_shared<Arena>();
  Value value = plan::constant_value(**parsed, *arena);
  Result<QueryResult> out = run(nullptr, &value);
  if (out) out->memory_->input = std::move(*arena);
  return out;
}

std::string Query::dump_ir() const { return dump(impl_->program); }

std::string Query::explain_index() const { return ir::explain_index(impl_->program); }

}  // namespace lictor
