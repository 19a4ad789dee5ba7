// What the public handles hold; private to api/.
#pragma once

#include <mutex>

#include "api/modules.hpp"
#include "eval/machine.hpp"
#include "ir/program.hpp"
#include "lictor/policy.hpp"

namespace lictor {

/// Contexts that are not in use, so that evaluations by many threads reuse memory.
class ContextPool {
 public:
  eval::Context take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) return {};
    eval::Context out = std::move(free_.back());
    free_.pop_back();
    return out;
  }
  void give(eval::Context context) {
    std::lock_guard lock(mutex_);
    if (free_.size() < 64) free_.push_back(std::move(context));
  }

 private:
  std::mutex mutex_;
  std::vector<eval::Context> free_;
};

/// A program with its snapshot of data.
struct Compiled {
  Compiled(ir::Program given, std::shared_ptr<const Arena> arena, Value root,
           eval::Options given_options, Asked given_asked)
      : program(std::move(given)),
        data_arena(std::move(arena)),
        data(program, root),
        options(given_options),
        prints(options.print && program.prints),
        asked(std::move(given_asked)) {}

  ir::Program program;
  std::shared_ptr<const Arena> data_arena;
  eval::Data data;
  eval::Options options;
  bool prints;  // the tracer has the last word: OPA's users see the order of what is printed
  mutable std::mutex telling;
  mutable Asked asked;  // under that mutex
  mutable ContextPool pool;

  using Told = std::optional<Result<std::vector<trace::Solution>>>;

  /// As Asked::told(), for an evaluation that `context` was used for and that ended with `error`,
  /// if that is not null; writes what was printed. Of an input as text, which is null where there
  /// is none.
  Told told(const Error* error, const std::string_view* input, const eval::Context& context,
            Arena& arena) const;
  Told told(const Error* error, const Value& input, const eval::Context& context,
            Arena& arena) const;
  /// A new arena for the above, with the limit of an evaluation.
  Arena& told_arena(std::optional<Arena>& told) const;

 private:
  Told ask_tracer(const Error* error, const Value& input, const eval::Context& context,
                  std::vector<std::string>& printed, Arena& arena) const;
};

struct Policy::Impl : Compiled {
  using Compiled::Compiled;
};

struct Query::Impl : Compiled {
  using Compiled::Compiled;
  std::vector<QueryExpression> expressions;  // those of a row, in order
};

struct QueryResult::Memory {
  std::shared_ptr<const Compiled> query;
  eval::Context context;
  Arena input;
  std::optional<Arena> told;  // what the tracer has made
  // Where there is no query:
  std::shared_ptr<const Arena> data;
  std::shared_ptr<trace::Tracer> tracer;
};

/// A program as text.
std::string dump(const ir::Program& program);

/// A row of the values of expressions, then those of variables, each in order.
Row make_row(const Value* values, const std::vector<QueryExpression>& expressions,
             const std::vector<std::string>& columns);

}  // namespace lictor
