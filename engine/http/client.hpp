// http.send without an evaluation. In: the operand. Out: the answer, or a Failure. Safe for many
// threads. Source: OPA v1/topdown/http.go.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "answer.hpp"
#include "cache.hpp"
#include "exchange.hpp"
#include "failure.hpp"
#include "lictor/builder.hpp"
#include "lictor/http.hpp"
#include "lictor/value.hpp"

namespace lictor::http {

using Outcome = std::variant<Value, Failure>;

/// What came of the requests of one evaluation, by their keys. Belongs to one thread.
using Recent = std::unordered_map<std::string, Outcome>;

/// What a request needs of the evaluation that makes it. What `make` makes lives as long as
/// `recent`.
struct Evaluation {
  Builder& make;
  std::int64_t now_ns = 0;
  std::function<bool()> is_stopped;
  Recent& recent;
};

class Client {
 public:
  explicit Client(Options options)
      : options_(std::move(options)), cache_(options_.max_cache_bytes) {}

  Outcome send(const Value& request, const Evaluation& evaluation);
  const Cache& cache() const { return cache_; }

 private:
  friend class Sending;
  const Options options_;
  Connections connections_;
  Cache cache_;
};

/// Whether failures are to be values; nothing for what is no boolean.
std::optional<bool> raises_error(const Value& request);

}  // namespace lictor::http
