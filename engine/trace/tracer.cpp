// Runs the walker on the caller's stack, or where that does not do, on a thread's whose is large.
#include "trace/tracer.hpp"

#include "base/stack.hpp"
#include "builtins/watch.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {
namespace {

constexpr std::size_t reserve = std::size_t{1} << 20;
constexpr std::size_t worth_a_try = 2 * reserve;

Error gave_up(ErrorCode code) {
  return {code, "the evaluation is too long to be traced", {}, 0, 0, {}, {}};
}

}  // namespace

Walker::Walker(const compile::Checked& checked, const Value& data)
    : checked_(checked), data_(data) {
  add_rules();
  for (const FlatClause* clause : checked.flat->order)
    compile::add_comprehension_keys(*clause->body, clause->args, checked, comprehension_keys_);
}

void Walker::begin(const Options& options, Arena& arena) {
  options_ = options;
  arena_ = &arena;
  stops_ = {};
  environment_ = options.environment ? *options.environment : builtins::Environment{};
  environment_.print = options.printed != nullptr;
  environment_.lines = options.printed;
  next_id_ = steps_ = 0;
  deadline_ = std::chrono::steady_clock::now() + options.time;
  stack_end_ = stack_position() - (stack_left() - reserve);
  needs_stack_ = false;
  cache_.assign(1, {});
  targets_.clear();
  mocks_.assign(1, {});
  builtin_errors_.clear();
}

Result<std::vector<Solution>> Walker::solutions(const compile::CheckedQuery& query,
                                                const Value& input) {
  compile::add_comprehension_keys(*query.traced.body, {}, checked_, comprehension_keys_);
  Bindings bindings;
  Query top;
  top.exprs = &query.traced.body->exprs;
  top.id = next_id_++;
  top.bindings = &bindings;
  top.input = input;
  std::vector<Solution> out;
  auto value_of = [&](const std::string& var) {
    const Item* bound = bindings.find(var);
    return bound ? plugged(*bound) : Value();
  };
  auto tell_body = [&](TraceEvent::Kind kind) { tell(kind, query.traced.body->exprs, top); };
  auto found = [&]() -> Outcome {
    tell_body(TraceEvent::Kind::exit);
    Solution& solution = out.emplace_back();
    for (const std::string& capture : query.traced.captures)
      solution.push_back(capture.empty() ? Value::boolean(true) : value_of(capture));
    for (const std::string& var : query.vars) solution.push_back(value_of(var));
    tell_body(TraceEvent::Kind::redo);
    return nullptr;
  };
  tell_body(TraceEvent::Kind::enter);
  Outcome stop = run(top, found);
  if (options_.strict_builtin_errors && !builtin_errors_.empty()) stop = builtin_errors_[0];
  if (stop == nullptr) return out;
  return stop->kind == Stop::Kind::error ? *stop->error : gave_up(ErrorCode::limit_instructions);
}

Tracer::Tracer(const compile::Checked& checked, const Value& data)
    : walker_(std::make_unique<Walker>(checked, data)) {}
Tracer::Tracer(Tracer&&) noexcept = default;
Tracer::~Tracer() = default;

Result<std::vector<Solution>> Tracer::run(const compile::CheckedQuery& query, const Value& input,
                                          const Options& options, Arena& arena) {
  Result<std::vector<Solution>> out = gave_up(ErrorCode::limit_memory);
  auto walk = [&] {
    try {
      walker_->begin(options, arena);
      out = walker_->solutions(query, input);
    } catch (const MemoryLimit&) {
    } catch (const builtins::Stopped&) {
    } catch (const std::bad_alloc&) {
    }
  };
  // Steps that someone listens to are taken once.
  bool here = !options.tracing.hear && stack_left() >= worth_a_try;
  if (here) walk();
  if (here && !walker_->needs_stack()) return out;
  out = gave_up(ErrorCode::limit_memory);
  if (options.printed) options.printed->clear();
  on_large_stack(walk);
  return out;
}

}  // namespace lictor::trace
