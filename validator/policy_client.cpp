// The order of evaluation: in-process, cache, circuit breaker, server.
#include "lictor/validator/policy_client.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <lictor/lictor.hpp>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "call_gate.hpp"
#include "client_parts.hpp"
#include "decision_cache.hpp"
#include "document_bounds.hpp"
#include "local_policies.hpp"
#include "logs.hpp"
#include "messages.hpp"
#include "remote_opa.hpp"
#include "verdict.hpp"
#include "workers.hpp"

namespace lictor::validator {
namespace {

using Clock = std::chrono::steady_clock;

Evaluation failed(PolicyErrorKind kind, std::string message, Source source = Source::none) {
  Evaluation out;
  out.source = source;
  out.error = PolicyError{kind, std::move(message)};
  return out;
}

Evaluation refused() {
  Evaluation out = failed(PolicyErrorKind::connection, breaker_open_message);
  out.error->breaker_open = true;
  return out;
}

/// Why a subject is not even read, or nothing.
void check_bounds(std::string_view text, const Configuration& configuration,
                  PolicyClient::Answers& out) {
  auto limit = [](std::size_t most, const char* variable) {
    return std::to_string(most) + " (" + variable + ")";
  };
  if (text.size() > configuration.document_bytes) {
    out.rule = "document_too_large";
    out.reason = text_of(configuration.language, Message::too_large,
                         {std::to_string(text.size()),
                          limit(configuration.document_bytes, "LICTOR_MAX_DOCUMENT_BYTES")});
  } else if (is_deeper(text, configuration.document_depth)) {
    out.rule = "document_too_deep";
    out.reason = text_of(configuration.language, Message::too_deep,
                         {limit(configuration.document_depth, "LICTOR_MAX_DEPTH")});
  }
}

bool is_limit(ErrorCode code) {
  return code == ErrorCode::limit_depth || code == ErrorCode::limit_instructions ||
         code == ErrorCode::limit_memory;
}

std::string_view short_name(std::string_view package) {
  return package.substr(package.rfind('/') + 1);
}

CircuitBreaker::Ended ended(const Evaluation& evaluation) {
  if (evaluation.ok() || evaluation.error->is_answer) return CircuitBreaker::Ended::success;
  const PolicyError& error = *evaluation.error;
  bool neutral = error.kind == PolicyErrorKind::policy_not_found ||
                 error.kind == PolicyErrorKind::cancelled || error.is_callers;
  return neutral ? CircuitBreaker::Ended::neutral : CircuitBreaker::Ended::failure;
}

/// False for what can be no JSON object; the engine reads the rest.
bool may_be_object(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

/// The same time in the engine's unit, or the nearest that it can hold (the years 1677 to 2262).
std::int64_t nanoseconds_of(std::int64_t milliseconds) {
  constexpr std::int64_t scale = 1000000;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / scale;
  return std::clamp(milliseconds, -most, most) * scale;
}

BySubject<std::vector<ConfiguredPolicy>> by_subject(const Configuration& configuration) {
  BySubject<std::vector<ConfiguredPolicy>> out;
  for (const ConfiguredPolicy& policy : configured_policies(configuration)) {
    out[index_of(Subject::ticket)].push_back(policy);
    if (policy.checks_plans) out[index_of(Subject::plan)].push_back(policy);
  }
  return out;
}

Configuration checked(Configuration configuration) {
  auto errors = check_configuration(configuration);
  if (!errors) return configuration;
  std::string all;
  for (const std::string& message : errors->messages) all += (all.empty() ? "" : "; ") + message;
  throw std::invalid_argument(all);
}

std::shared_ptr<const ClientParts> make_parts(Configuration given, Observers observers) {
  Configuration configuration = checked(std::move(given));
  auto policies = by_subject(configuration);
  auto metrics = observers.metrics ? observers.metrics : std::make_shared<Metrics>();
  Logs logs(observers.logger ? observers.logger : make_logger(configuration.log_level));
  return std::make_shared<const ClientParts>(
      ClientParts{std::move(configuration), std::move(policies), metrics, logs, {}});
}

/// As many threads as there are processors, or as connections if they mostly wait for a server.
std::size_t thread_count(const Configuration& configuration) {
  if (configuration.threads > 0) return static_cast<std::size_t>(configuration.threads);
  std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  if (configuration.mode == Mode::local) return processors;
  long connections = std::min(configuration.connections, configuration.connections_per_host);
  return std::max(processors, static_cast<std::size_t>(std::min(connections, 32L)));
}

/// Reads any JSON document and writes it in canonical form.
Evaluator make_reader() {
  Engine engine;
  engine.add_module("reader.rego", "package lictor.reader\n\ndocument := input\n");
  return Evaluator(*engine.compile("lictor/reader/document"));
}

/// A JSON object in canonical form, or nothing. Only text that was parsed and rewritten may be
/// embedded in another text.
std::optional<std::string> object_text(std::string_view text) {
  thread_local Evaluator reader = make_reader();
  std::string out;
  if (reader.decide(text, out) || !out.starts_with('{')) return std::nullopt;
  return out;
}

bool is_empty(const HostContext& host) {
  return host.context.empty() && host.parameters.empty() && host.flags.empty();
}

/// {"context", "parameters", "flags"} of what the host gives; nothing if that is no JSON object.
std::optional<std::string> host_text(const HostContext& host) {
  std::string out;
  for (const auto& [name, text] :
       {std::pair<const char*, const std::string&>("context", host.context),
        {"parameters", host.parameters},
        {"flags", host.flags}}) {
    if (text.empty()) continue;
    std::optional<std::string> object = object_text(text);
    if (!object) return std::nullopt;
    out += (out.empty() ? "\"" : ",\"") + std::string(name) + "\":" + *object;
  }
  return "{" + out + "}";
}

}  // namespace

nlohmann::json to_json(const CircuitBreakerStatus& status) {
  nlohmann::json out{{"enabled", status.enabled},
                     {"state", state_name(status.state)},
                     {"failure_count", status.failure_count},
                     {"last_failure_time", nullptr}};
  if (status.last_failure_time) out["last_failure_time"] = timestamp(*status.last_failure_time);
  return out;
}

Document::Document(const nlohmann::json& json)
    // Writing takes a stack frame a level; a document that deep is refused anyway.
    : written_(is_deeper(json, most_depth)
                   ? std::string(most_depth + 1, '[')
                   : json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {}

/// What ends a call before the configured deadline does: the caller's own deadline or stop.
class CallEnd {
 public:
  explicit CallEnd(const CallOptions& options) : stop_(options.stop) {
    if (!options.deadline && !stop_.stop_possible()) return;
    if (options.deadline) deadline_ = Clock::now() + *options.deadline;
    is_over_ = [this] { return stop_.stop_requested() || Clock::now() >= deadline_; };
  }
  CallEnd(const CallEnd&) = delete;

  bool is_over() const { return is_over_ && is_over_(); }
  /// For Evaluator::set_cancel().
  const std::function<bool()>* test() const { return is_over_ ? &is_over_ : nullptr; }
  Evaluation evaluation() const {
    Evaluation out = RemoteOpa::ended_by({deadline_, stop_, {}, true});
    out.source = Source::local;
    return out;
  }

 private:
  std::stop_token stop_;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::function<bool()> is_over_;  // null if the caller ends nothing
};

struct PolicyClient::Impl {
  Impl(Configuration given, Observers observers)
      : parts(make_parts(std::move(given), std::move(observers))),
        packages(packages_of(policies[index_of(Subject::ticket)])),
        local(configuration),
        requests{make_request_pool(configuration, {Subject::ticket, false}),
                 make_request_pool(configuration, {Subject::plan, false}),
                 make_request_pool(configuration, {Subject::ticket, true}),
                 make_request_pool(configuration, {Subject::plan, true})},
        bands(make_band_pool(configuration)),
        cache(configuration.cache_ttl, configuration.cache_size),
        breaker(configuration.breaker_threshold, configuration.breaker_reset) {
    for (std::size_t subject = 0; subject < policies.size(); ++subject) {
      for (const ConfiguredPolicy& policy : policies[subject])
        in_process[subject].push_back(&metrics->series(policy.name, Source::local));
    }
    if (configuration.metrics_port != 0)
      metrics->serve(configuration.metrics_port, configuration.metrics_host);
  }

  bool is_local() const { return configuration.mode != Mode::remote; }
  bool falls_back() const { return configuration.mode == Mode::fallback; }

  /// Null for a package that no variable configures.
  const ConfiguredPolicy* configured(const std::string& package) const {
    for (const ConfiguredPolicy& policy : policies[index_of(Subject::ticket)]) {
      if (policy.package == package) return &policy;
    }
    return nullptr;
  }

  /// Turns an answer that does not fit the role of its policy into an error.
  void check_role(const std::string& package, Evaluation& evaluation) const {
    const ConfiguredPolicy* policy = configured(package);
    if (policy && evaluation.ok())
      evaluation.error = check_answer(configuration.language, policy->role, evaluation.decision);
  }

  void record(const std::string& package, const Evaluation& evaluation, const DocumentIds& ids) {
    const ConfiguredPolicy* policy = configured(package);
    metrics->evaluated(policy ? policy->name : short_name(package), evaluation);
    logs.evaluated(package, evaluation, ids);
  }

  // ---- In-process ----

  /// Nothing if the server must decide instead.
  std::optional<Evaluation> decide(PolicySet& set, const std::string& package,
                                   std::string_view input, const CallEnd& end) {
    if (end.is_over()) return end.evaluation();
    Clock::time_point start = Clock::now();
    std::string reason;
    EvaluatorPool* policy = set.find(package, reason);
    if (policy == nullptr) {
      if (falls_back()) return std::nullopt;
      return failed(PolicyErrorKind::policy_not_found, reason, Source::local);
    }
    auto evaluator = policy->lease();
    Evaluation out;
    out.source = Source::local;
    evaluator->set_cancel(end.test());
    const Error* error = evaluator->decide(input, out.decision);
    evaluator->set_cancel(nullptr);
    if (error && error->code == ErrorCode::eval_cancel && end.is_over()) return end.evaluation();
    if (error && is_limit(error->code) && falls_back()) return std::nullopt;
    if (error) {
      bool is_late = error->code == ErrorCode::eval_cancel;
      out = failed(is_late ? PolicyErrorKind::timeout : PolicyErrorKind::evaluation,
                   error->summary(), Source::local);
      out.error->is_answer = !is_limit(error->code) && !is_late;
    } else if (out.decision.empty()) {
      out = failed(PolicyErrorKind::policy_not_found, "data." + package + ".result is undefined",
                   Source::local);
    }
    check_role(package, out);
    out.duration = Clock::now() - start;
    return out;
  }

  // ---- Remote ----

  /// The policy and the whole input: what the server's policy reads is not known here. False if the
  /// input is not JSON.
  static bool key_of(const std::string& package, const std::string& input, std::string& out) {
    thread_local Evaluator reader = make_reader();
    std::string read;
    const Error* error = reader.decide(input, read);
    out = package + "\n" + read;
    return error == nullptr;
  }

  /// Makes the input of a request when it is to be sent.
  using InputOf = std::function<std::string(std::size_t index)>;

  struct Call {
    std::size_t index;
    std::string key;
    Clock::time_point start;
    std::shared_ptr<DecisionCache::Flight> flight = {};
    std::optional<CircuitBreaker::Admission> admission = {};
  };

  /// Called under the breaker's lock, so that the metric changes in order.
  void publish(const std::optional<CircuitBreaker::Change>& change) {
    if (change) metrics->breaker_entered(change->to);
  }

  void log(const std::optional<CircuitBreaker::Change>& change, int failures) {
    if (change) logs.breaker_changed(*change, failures);
  }

  bool admit(Call& call) {
    if (!configuration.breaker_enabled) return true;
    std::optional<CircuitBreaker::Change> change;
    int failures = 0;
    {
      std::lock_guard lock(breaker_mutex);
      call.admission = breaker.admit(Clock::now(), change);
      failures = breaker.failures();
      publish(change);
    }
    log(change, failures);
    return call.admission.has_value();
  }

  void report(const Call& call, const Evaluation& evaluation) {
    if (!call.admission) return;
    std::optional<CircuitBreaker::Change> change;
    int failures = 0;
    {
      std::lock_guard lock(breaker_mutex);
      if (ended(evaluation) == CircuitBreaker::Ended::failure)
        last_failure = std::chrono::system_clock::now();
      change = breaker.report(*call.admission, ended(evaluation), Clock::now());
      failures = breaker.failures();
      publish(change);
    }
    log(change, failures);
  }

  /// Takes the calls that may be made now from the front of `waiting`: all that the breaker admits,
  /// but nothing after a probe until the probe has ended.
  std::vector<Call> next_round(std::vector<Call>& waiting, std::vector<Evaluation>& out) {
    std::vector<Call> round;
    std::size_t taken = 0;
    while (taken < waiting.size()) {
      Call& call = waiting[taken++];
      if (!admit(call)) {
        out[call.index] = refused();
        cache.land(call.key, call.flight, out[call.index], Clock::now());
        continue;
      }
      round.push_back(std::move(call));
      if (round.back().admission && round.back().admission->probe) break;
    }
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken));
    return round;
  }

  void make(std::vector<Call> waiting, const Packages& packages, const InputOf& input,
            const RemoteOpa::Limits& limits, std::vector<Evaluation>& out) {
    while (!waiting.empty()) {
      std::vector<Call> round = next_round(waiting, out);
      if (round.empty()) continue;
      std::vector<RemoteOpa::Request> sent;
      for (const Call& call : round) sent.push_back({packages[call.index], input(call.index)});
      std::vector<Evaluation> answers = remote->evaluate(sent, limits);
      for (std::size_t i = 0; i < round.size(); ++i) {
        bool was_read = answers[i].ok();
        check_role(packages[round[i].index], answers[i]);
        if (was_read && !answers[i].ok()) answers[i].error->message += remote->where();
        report(round[i], answers[i]);
        cache.land(round[i].key, round[i].flight, answers[i], Clock::now());
        out[round[i].index] = std::move(answers[i]);
      }
    }
  }

  /// Waits for identical calls of other threads. Returns those to repeat, because the other call
  /// was ended by its own caller.
  std::vector<Call> follow(std::vector<Call> following, const RemoteOpa::Limits& limits,
                           std::vector<Evaluation>& out) {
    std::vector<Call> again;
    for (Call& call : following) {
      Evaluation& answer = out[call.index];
      if (!DecisionCache::wait(*call.flight, limits.deadline, limits.stop, answer))
        answer = RemoteOpa::ended_by(limits);
      answer.duration = Clock::now() - call.start;
      if (answer.error && answer.error->is_callers && !limits.is_over())
        again.push_back(std::move(call));
    }
    return again;
  }

  /// Looks in the cache, then calls the server, or waits for an identical call in flight.
  std::vector<Call> find_or_request(std::vector<Call> waiting, const Packages& packages,
                                    const InputOf& input, const RemoteOpa::Limits& limits,
                                    std::vector<Evaluation>& out) {
    std::vector<Call> leading, following;
    for (Call& call : waiting) {
      DecisionCache::Found found = cache.find(call.key, Clock::now());
      metrics->cache_queried(found.decision != nullptr);
      call.flight = found.flight;
      if (found.decision) {
        out[call.index].decision = *found.decision;
        out[call.index].source = Source::cache;
        out[call.index].duration = Clock::now() - call.start;
      } else {
        (found.leads ? leading : following).push_back(std::move(call));
      }
    }
    make(std::move(leading), packages, input, limits, out);
    return follow(std::move(following), limits, out);
  }

  /// Keys are for the cache; an empty one is of an input that is not JSON.
  std::vector<Evaluation> evaluate_remotely(const Packages& packages, std::vector<std::string> keys,
                                            const InputOf& input, const RemoteOpa::Limits& limits) {
    Clock::time_point start = Clock::now();
    std::vector<Evaluation> out(packages.size());
    std::vector<Call> waiting;
    for (std::size_t i = 0; i < packages.size(); ++i) {
      if (keys[i].empty())
        out[i] = failed(PolicyErrorKind::evaluation, "the input is not JSON");
      else
        waiting.push_back({i, std::move(keys[i]), start});
    }
    while (!waiting.empty())
      waiting = find_or_request(std::move(waiting), packages, input, limits, out);
    return out;
  }

  // ---- Both ----

  std::vector<Evaluation> evaluate(const std::vector<RemoteOpa::Request>& requests,
                                   const CallOptions& options, const CallEnd& end) {
    std::shared_ptr<PolicySet> set = local.current();
    std::vector<Evaluation> out(requests.size());
    std::vector<RemoteOpa::Request> left;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      std::optional<Evaluation> made;
      if (is_local()) made = decide(*set, requests[i].package, requests[i].input, end);
      if (made) {
        out[i] = *std::move(made);
      } else {
        left.push_back(requests[i]);
        places.push_back(i);
      }
    }
    if (!left.empty()) {
      Packages packages;
      std::vector<std::string> keys(left.size());
      for (std::size_t i = 0; i < left.size(); ++i) {
        packages.push_back(left[i].package);
        if (!key_of(left[i].package, left[i].input, keys[i])) keys[i].clear();
      }
      auto input = [&](std::size_t i) { return left[i].input; };
      std::vector<Evaluation> answers =
          evaluate_remotely(packages, std::move(keys), input, limits_of(options));
      for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(answers[i]);
    }
    for (std::size_t i = 0; i < requests.size(); ++i)
      record(requests[i].package, out[i], DocumentIds(requests[i].input, DocumentIds::Kind::input));
    return out;
  }

  RemoteOpa::Limits limits_of(const CallOptions& options) {
    RemoteOpa::Limits out{Clock::now() + configuration.deadline, options.stop, {}, false};
    if (options.deadline && *options.deadline < configuration.deadline) {
      out.deadline = Clock::now() + *options.deadline;
      out.is_callers = true;
    }
    std::lock_guard lock(closing_mutex);
    out.closed = closing.get_token();
    return out;
  }

  /// A subject and the packages that decide about it.
  struct Check {
    Form form;
    const Packages& packages;
    std::string_view subject;   // the text of the ticket or plan
    std::string_view document;  // what the form reads
    std::int64_t now_ns;
    const CallOptions& options;
    const CallEnd& end;
  };

  /// Null, or why there is no answer.
  static const Error* decide(EvaluatorPool::Lease& evaluator, const Check& check, Value& answer) {
    evaluator->set_time(check.now_ns);
    evaluator->set_cancel(check.end.test());
    const Error* out = evaluator->decide(check.document, answer);
    evaluator->set_cancel(nullptr);
    return out;
  }

  /// The call's time is over: no policy is evaluated again. The subject itself is still checked.
  bool expire(const Check& check, const Error& error, Answers& out) {
    auto evaluator = bands->lease();
    Value band;
    out.is_json = evaluator->decide(check.subject, band) == nullptr;
    if (!out.is_json) return true;
    out.known_band = band.is_true();
    Evaluation late = check.end.is_over()
                          ? check.end.evaluation()
                          : failed(PolicyErrorKind::timeout,
                                   error.summary() + " (OPA_DEADLINE_SECONDS)", Source::local);
    for (const ConfiguredPolicy& policy : policies[index_of(check.form.subject)]) {
      out.evaluations.push_back(late);
      record(policy.package, out.evaluations.back(),
             DocumentIds(check.subject, DocumentIds::Kind::subject));
    }
    return true;
  }

  /// All policies in one evaluation, or none if the call's time is over; false unless each has a
  /// decision.
  bool evaluate_together(PolicySet& set, const Check& check, const OnDecision& on_decision,
                         Answers& out) {
    const std::vector<ConfiguredPolicy>& checked = policies[index_of(check.form.subject)];
    if (check.end.is_over()) return expire(check, {}, out);
    EvaluatorPool* pool = set.joint(check.form);
    if (pool == nullptr) return false;
    auto evaluator = pool->lease();
    Value answer;
    const Error* error = decide(evaluator, check, answer);
    if (error && error->code == ErrorCode::eval_cancel) return expire(check, *error, out);
    if (error || answer.is_undefined()) return false;
    const Value* parts = answer.items();
    out.known_band = parts[0].is_true();
    const Value* decisions = parts[1].items();
    std::vector<Evaluation>& evaluations = out.evaluations;
    evaluations.reserve(checked.size());
    for (std::size_t i = 0; i < checked.size(); ++i) {
      Evaluation& made =
          evaluations.emplace_back(to_json(decisions[i]), std::nullopt, Source::local);
      if (checked[i].role != Role::verdict || !is_plain_verdict(made.decision))
        made.error = check_answer(configuration.language, checked[i].role, decisions[i]);
    }
    out.end = Clock::now();
    DocumentIds ids(check.subject, DocumentIds::Kind::subject);
    auto share = (out.end - out.start) / static_cast<std::int64_t>(checked.size());
    for (std::size_t i = 0; i < checked.size(); ++i) {
      evaluations[i].duration = share;
      metrics->evaluated(*in_process[index_of(check.form.subject)][i], evaluations[i]);
      logs.evaluated(checked[i].package, evaluations[i], ids);
      if (evaluations[i].ok()) on_decision(i, decisions[i]);
    }
    out.delivered = true;
    return true;
  }

  bool is_refusing() {
    std::lock_guard lock(breaker_mutex);
    return configuration.breaker_enabled && breaker.is_refusing(Clock::now());
  }

  /// The cache is empty and the breaker refuses: no request needs to be made.
  bool refuse_all(const Check& check, Answers& out) {
    const Packages& packages = check.packages;
    auto evaluator = bands->lease();
    Value band;
    if (evaluator->decide(check.subject, band)) return false;
    out.known_band = band.is_true();
    out.evaluations.assign(packages.size(), refused());
    DocumentIds ids(check.subject, DocumentIds::Kind::subject);
    for (std::size_t i = 0; i < packages.size(); ++i) {
      metrics->cache_queried(false);
      record(packages[i], out.evaluations[i], ids);
    }
    return true;
  }

  /// The subject and the host's context in one document; "" if either is not a JSON object.
  std::string wrap(std::string_view subject, const HostContext& host, Answers& out) {
    std::optional<std::string> context = host_text(host), object = object_text(subject);
    if (!context) {
      out.rule = "host_context_malformed";
      out.reason = text_of(configuration.language, Message::host_malformed);
    }
    out.is_json = object.has_value();
    if (!context || !object) return "";
    return "{\"subject\":" + *object + ",\"host\":" + *context + "}";
  }

  void answer(const Check& check, const OnDecision& on_decision, Answers& out) {
    std::shared_ptr<PolicySet> set = local.current();
    if (is_local() && evaluate_together(*set, check, on_decision, out)) return;
    bool is_known = !is_local() && cache.size() == 0 && is_refusing();
    if (!is_known || !refuse_all(check, out)) evaluate_each(check, out);
  }

  /// Reports unusable files and policies to operators, and once when there are none any more.
  void publish_stale(const std::vector<PolicyProblem>& problems) {
    std::vector<StalePolicy> stale;
    for (const PolicyProblem& problem : problems)
      stale.push_back({problem.policy, problem.reason, problem.since});
    metrics->policies_stale(stale);
    if (has_stale.exchange(!stale.empty()) || !stale.empty()) logs.policies_stale(stale);
  }

  // ---- Life cycle ----

  bool is_in_child() const { return parts->process.is_in_child(); }

  /// Why calls are refused. In a forked process nothing here can be locked, as a thread of the
  /// other process may have held the lock.
  Evaluation refusal() {
    if (is_in_child())
      return failed(
          PolicyErrorKind::connection,
          "the process was forked after the client was made, and needs a client of its own");
    std::lock_guard lock(closing_mutex);
    return failed(PolicyErrorKind::connection,
                  was_initialized ? "the client is closed" : "the client is not initialized");
  }

  /// The subject itself is still checked.
  void refuse(const Check& check, Answers& out) {
    Pool fresh = is_in_child() ? make_band_pool(configuration) : nullptr;
    auto evaluator = (fresh ? fresh : bands)->lease();
    Value band;
    out.is_json = evaluator->decide(check.subject, band) == nullptr;
    if (!out.is_json) return;
    out.known_band = band.is_true();
    out.evaluations.assign(check.packages.size(), refusal());
    if (is_in_child()) return;
    DocumentIds ids(check.subject, DocumentIds::Kind::subject);
    for (std::size_t i = 0; i < check.packages.size(); ++i)
      record(check.packages[i], out.evaluations[i], ids);
  }

  /// Lets no more calls in and cancels those that run.
  void stop_calls() {
    gate.shut();
    std::stop_source source;
    {
      std::lock_guard lock(closing_mutex);
      source = closing;
    }
    source.request_stop();
  }

  /// Under the lifecycle's lock, with the gate shut.
  void finish_closing() {
    gate.drain();
    workers.stop();
    local.stop();
    remote = nullptr;
  }

  void start_calls() {
    {
      std::lock_guard lock(closing_mutex);
      closing = {};
      was_initialized = true;
    }
    workers.start();
    gate.open();
  }

  void evaluate_each(const Check& check, Answers& out) {
    auto evaluator = requests[index_of(check.form)]->lease();
    Value answer;
    const Error* error = decide(evaluator, check, answer);
    if (error && error->code == ErrorCode::eval_cancel) {
      expire(check, *error, out);
      return;
    }
    out.is_json = error == nullptr;
    // No request can be made about what is no object.
    if (!out.is_json || answer.is_undefined()) return;
    out.known_band = answer.items()[0].is_true();
    std::string request = to_json(answer.items()[1]);
    std::vector<RemoteOpa::Request> requests;
    for (const std::string& package : check.packages) requests.push_back({package, request});
    out.evaluations = evaluate(requests, check.options, check.end);
  }

  const std::shared_ptr<const ClientParts> parts;
  const Configuration& configuration = parts->configuration;
  const std::shared_ptr<Metrics>& metrics = parts->metrics;
  const Logs& logs = parts->logs;
  const BySubject<std::vector<ConfiguredPolicy>>& policies = parts->policies;
  const BySubject<Packages> packages;
  LocalPolicies local;
  std::atomic<bool> has_stale{false};  // at the last look at the files
  BySubject<std::vector<Metrics::Series*>> in_process;
  ByForm<Pool> requests;
  Pool bands;
  DecisionCache cache;
  mutable std::mutex breaker_mutex;
  CircuitBreaker breaker;
  std::optional<std::chrono::system_clock::time_point> last_failure;

  CallGate gate;  // open between initialize() and close()
  Workers workers{thread_count(configuration)};
  std::mutex lifecycle;               // one initialize() or close() at a time
  std::unique_ptr<RemoteOpa> remote;  // while the gate is open, but in mode local
  std::mutex closing_mutex;
  std::stop_source closing;      // guarded by closing_mutex; a new one with each initialize()
  bool was_initialized = false;  // guarded by closing_mutex
};

PolicyClient::PolicyClient(Configuration configuration, Observers observers)
    : impl_(std::make_unique<Impl>(std::move(configuration), std::move(observers))) {}
PolicyClient::~PolicyClient() {
  // The threads of a client are not in a forked process, so that nothing of it can be ended there.
  if (impl_->is_in_child())
    static_cast<void>(impl_.release());
  else
    close();
}

std::vector<PolicyProblem> PolicyClient::initialize() {
  if (impl_->is_in_child()) return {{"initialize", impl_->refusal().error->message}};
  if (impl_->gate.is_inside()) return {{"initialize", "a call of the client cannot initialize it"}};
  std::lock_guard lock(impl_->lifecycle);
  if (impl_->gate.is_open()) {
    if (!impl_->is_local()) return {};
    impl_->local.reload();
    return impl_->local.problems();
  }
  impl_->finish_closing();
  if (impl_->configuration.mode != Mode::local)
    impl_->remote = std::make_unique<RemoteOpa>(impl_->configuration);
  std::vector<PolicyProblem> problems;
  if (impl_->is_local()) {
    problems = impl_->local.start([this](bool accepted, const std::vector<PolicyProblem>& found) {
      CallGate::Pass pass(impl_->gate);  // a logger that calls close() is within a call
      impl_->logs.policies_loaded(accepted, found);
      impl_->publish_stale(found);
    });
    impl_->publish_stale(problems);
  }
  impl_->start_calls();
  impl_->logs.policies_loaded(true, problems);
  return problems;
}

void PolicyClient::close() {
  if (impl_->is_in_child()) return;
  impl_->stop_calls();
  if (impl_->gate.is_inside()) return;
  std::lock_guard lock(impl_->lifecycle);
  impl_->stop_calls();  // an initialize() may have come in between
  impl_->finish_closing();
}

Evaluation PolicyClient::evaluate_policy(std::string_view policy, const Document& input,
                                         const CallOptions& options) {
  return evaluate_batch({{std::string(policy), std::string(input.text())}}, options)[0];
}

std::vector<Evaluation> PolicyClient::evaluate_batch(const std::vector<Question>& questions,
                                                     const CallOptions& options) {
  if (impl_->is_in_child()) return {questions.size(), impl_->refusal()};
  CallGate::Pass pass(impl_->gate);
  std::vector<RemoteOpa::Request> requests;
  for (const Question& question : questions)
    requests.push_back({package_of(question.policy), question.input});
  if (!pass.is_open()) {
    Evaluation refusal = impl_->refusal();
    for (const RemoteOpa::Request& request : requests)
      impl_->record(request.package, refusal, DocumentIds(request.input, DocumentIds::Kind::input));
    return {questions.size(), refusal};
  }
  std::vector<Evaluation> out = impl_->evaluate(requests, options, CallEnd(options));
  for (std::size_t i = 0; i < out.size(); ++i) {
    bool unknown = out[i].error && out[i].error->kind == PolicyErrorKind::policy_not_found;
    if (unknown && questions[i].policy.starts_with('/'))
      out[i].error->message += " (a policy's path has no leading slash; it was left out)";
  }
  return out;
}

const std::vector<ConfiguredPolicy>& PolicyClient::policies_of(Subject subject) const noexcept {
  return impl_->policies[index_of(subject)];
}

PolicyClient::Answers PolicyClient::evaluate_subject(Subject subject, const Document& given,
                                                     std::int64_t now_ms,
                                                     const OnDecision& on_decision,
                                                     const CallOptions& options) {
  Answers out;
  out.start = out.end = Clock::now();
  std::string_view text = given.text();
  check_bounds(text, impl_->configuration, out);
  if (!out.rule.empty()) return out;
  out.is_json = may_be_object(text);
  if (!out.is_json) return out;
  CallEnd end(options);
  Impl::Check check{{subject, !is_empty(options.host)},
                    impl_->packages[index_of(subject)],
                    text,
                    text,
                    nanoseconds_of(now_ms),
                    options,
                    end};
  std::string hosted;
  if (check.form.hosted) {
    hosted = impl_->wrap(text, options.host, out);
    if (hosted.empty()) return out;
    check.document = hosted;
  }
  if (impl_->is_in_child()) {
    impl_->refuse(check, out);
    return out;
  }
  CallGate::Pass pass(impl_->gate);
  if (!pass.is_open()) {
    impl_->refuse(check, out);
    return out;
  }
  impl_->answer(check, on_decision, out);
  if (!out.delivered)
    out.end = Clock::now();  // otherwise it is set already, and reading the clock is slow
  return out;
}

CircuitBreakerStatus PolicyClient::get_circuit_breaker_state() const {
  CircuitBreakerStatus out;
  out.enabled = impl_->configuration.breaker_enabled;
  if (impl_->is_in_child()) return out;
  std::lock_guard lock(impl_->breaker_mutex);
  out.state = impl_->breaker.state();
  out.failure_count = impl_->breaker.failures();
  out.last_failure_time = impl_->last_failure;
  return out;
}

bool PolicyClient::health() {
  if (impl_->is_in_child()) return false;
  CallGate::Pass pass(impl_->gate);
  if (!pass.is_open()) return false;
  if (!impl_->is_local()) return impl_->remote->health(impl_->limits_of({}));
  return impl_->local.problems().empty();
}

std::vector<PolicyProblem> PolicyClient::problems() const {
  if (impl_->is_in_child() || !impl_->is_local()) return {};
  return impl_->local.problems();
}

bool PolicyClient::reload() {
  if (impl_->is_in_child()) return false;
  CallGate::Pass pass(impl_->gate);
  return pass.is_open() && impl_->is_local() && impl_->local.reload();
}

void PolicyClient::run(std::function<void()> task) {
  if (impl_->is_in_child()) return task();
  CallGate::Pass posting(impl_->gate);
  impl_->workers.run([impl = impl_.get(), task = std::move(task)] {
    CallGate::Pass pass(impl->gate);
    task();
  });
}

void PolicyClient::run_all(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (impl_->is_in_child()) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  CallGate::Pass pass(impl_->gate);
  impl_->workers.run_all(count, work);
}

std::shared_ptr<const ClientParts> PolicyClient::parts() const noexcept { return impl_->parts; }
const Configuration& PolicyClient::configuration() const noexcept { return impl_->configuration; }
Metrics& PolicyClient::metrics() noexcept { return *impl_->metrics; }

}  // namespace lictor::validator
