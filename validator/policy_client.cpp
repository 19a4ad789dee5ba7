// The order of asking: in-process, cache, circuit breaker, server.
#include "lictor/validator/policy_client.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <lictor/lictor.hpp>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "configuration_checks.hpp"
#include "decision_cache.hpp"
#include "local_policies.hpp"
#include "logs.hpp"
#include "remote_opa.hpp"
#include "verdict.hpp"

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

bool is_limit(ErrorCode code) {
  return code == ErrorCode::limit_depth || code == ErrorCode::limit_instructions ||
         code == ErrorCode::limit_memory;
}

std::string_view short_name(std::string_view package) {
  return package.substr(package.rfind('/') + 1);
}

CircuitBreaker::Ended ended(const Evaluation& evaluation) {
  if (evaluation.ok() || evaluation.error->is_answer) return CircuitBreaker::Ended::success;
  bool neutral = evaluation.error->kind == PolicyErrorKind::policy_not_found;
  return neutral ? CircuitBreaker::Ended::neutral : CircuitBreaker::Ended::failure;
}

/// False for what can be no JSON object; the engine reads the rest.
bool may_be_object(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

/// The same time in the engine's unit, or the nearest that it can tell (the years 1677 to 2262).
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

/// Reads any JSON document and writes it in one spelling.
Evaluator make_reader() {
  Engine engine;
  engine.add_module("reader.rego", "package lictor.reader\n\ndocument := input\n");
  return Evaluator(*engine.compile("lictor/reader/document"));
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
    : written_(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {}

struct PolicyClient::Impl {
  Impl(Configuration given, Observers observers)
      : configuration(checked(std::move(given))),
        metrics(observers.metrics ? observers.metrics : std::make_shared<Metrics>()),
        logs(observers.logger ? observers.logger : make_logger(configuration.log_level)),
        policies(by_subject(configuration)),
        packages(packages_of(policies[index_of(Subject::ticket)])),
        local(configuration),
        tickets(make_request_pool(configuration, Subject::ticket)),
        plans(make_request_pool(configuration, Subject::plan)),
        bands(make_band_pool(configuration)),
        cache(configuration.cache_ttl, configuration.cache_size),
        breaker(configuration.breaker_threshold, configuration.breaker_reset) {
    for (std::size_t subject = 0; subject < policies.size(); ++subject) {
      for (const ConfiguredPolicy& policy : policies[subject])
        in_process[subject].push_back(&metrics->series(policy.name, Source::local));
    }
    if (configuration.mode != Mode::local) remote = std::make_unique<RemoteOpa>(configuration);
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
  void judge(const std::string& package, Evaluation& evaluation) const {
    const ConfiguredPolicy* policy = configured(package);
    if (policy && evaluation.ok())
      evaluation.error = check_answer(policy->role, evaluation.decision);
  }

  void tell(const std::string& package, const Evaluation& evaluation) {
    const ConfiguredPolicy* policy = configured(package);
    metrics->evaluated(policy ? policy->name : short_name(package), evaluation);
    logs.evaluated(package, evaluation);
  }

  // ---- In-process ----

  /// Nothing if the server is to be asked instead.
  std::optional<Evaluation> decide(PolicySet& set, const std::string& package,
                                   std::string_view input) {
    Clock::time_point start = Clock::now();
    std::string reason;
    LocalPolicy* policy = set.find(package, reason);
    if (policy == nullptr) {
      if (falls_back()) return std::nullopt;
      return failed(PolicyErrorKind::policy_not_found, reason, Source::local);
    }
    auto evaluator = policy->decide->lease();
    Evaluation out;
    out.source = Source::local;
    const Error* error = evaluator->decide(input, out.decision);
    if (error && is_limit(error->code) && falls_back()) return std::nullopt;
    if (error) {
      out = failed(PolicyErrorKind::evaluation, error->summary(), Source::local);
      out.error->is_answer = !is_limit(error->code);
    } else if (out.decision.empty()) {
      out = failed(PolicyErrorKind::policy_not_found, "data." + package + ".result is undefined",
                   Source::local);
    }
    judge(package, out);
    out.duration = Clock::now() - start;
    return out;
  }

  // ---- Remote ----

  /// The policy and what it reads of the input; false if the input is not JSON.
  bool key_of(PolicySet& set, const std::string& package, const std::string& input,
              std::string& out) {
    thread_local Evaluator reader = make_reader();
    std::string reason, read;
    LocalPolicy* policy = set.find(package, reason);
    const Error* error = nullptr;
    if (policy && policy->key) {
      auto evaluator = policy->key->lease();
      error = evaluator->decide(input, read);
    } else {
      error = reader.decide(input, read);
    }
    out = package + "\n" + read;
    return error == nullptr;
  }

  /// Makes the input of a request when it is to be sent.
  using InputOf = std::function<std::string(std::size_t index)>;

  struct Call {
    std::size_t index;
    std::string key;
    std::shared_ptr<DecisionCache::Flight> flight;
    std::optional<CircuitBreaker::Admission> admission = {};
  };

  void note(const std::optional<CircuitBreaker::Change>& change, int failures) {
    if (!change) return;
    metrics->breaker_entered(change->to);
    logs.breaker_changed(*change, failures);
  }

  bool admit(Call& call) {
    if (!configuration.breaker_enabled) return true;
    std::optional<CircuitBreaker::Change> change;
    int failures = 0;
    {
      std::lock_guard lock(breaker_mutex);
      call.admission = breaker.admit(Clock::now(), change);
      failures = breaker.failures();
    }
    note(change, failures);
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
    }
    note(change, failures);
  }

  /// Takes the calls that may be made now from the front of those that wait: all that the breaker
  /// lets through, but nothing behind a probe until it is known how that ends.
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
            Clock::time_point deadline, std::vector<Evaluation>& out) {
    while (!waiting.empty()) {
      std::vector<Call> round = next_round(waiting, out);
      if (round.empty()) continue;
      std::vector<RemoteOpa::Request> sent;
      for (const Call& call : round) sent.push_back({packages[call.index], input(call.index)});
      std::vector<Evaluation> answers = remote->evaluate(sent, deadline);
      for (std::size_t i = 0; i < round.size(); ++i) {
        judge(packages[round[i].index], answers[i]);
        report(round[i], answers[i]);
        cache.land(round[i].key, round[i].flight, answers[i], Clock::now());
        out[round[i].index] = std::move(answers[i]);
      }
    }
  }

  /// Asks the cache by keys, then the server; an empty key stands for an input that is not JSON.
  std::vector<Evaluation> ask_remote(const Packages& packages, std::vector<std::string> keys,
                                     const InputOf& input, Clock::time_point deadline) {
    Clock::time_point start = Clock::now();
    std::vector<Evaluation> out(packages.size());
    std::vector<Call> leading, following;
    for (std::size_t i = 0; i < packages.size(); ++i) {
      if (keys[i].empty()) {
        out[i] = failed(PolicyErrorKind::evaluation, "the input is not JSON");
        continue;
      }
      DecisionCache::Found found = cache.find(keys[i], start);
      metrics->cache_asked(found.decision != nullptr);
      if (found.decision) {
        out[i].decision = *found.decision;
        out[i].source = Source::cache;
        out[i].duration = Clock::now() - start;
      } else {
        (found.leads ? leading : following).push_back({i, std::move(keys[i]), found.flight});
      }
    }
    make(std::move(leading), packages, input, deadline, out);
    for (const Call& call : following) {
      if (!DecisionCache::wait(*call.flight, deadline, out[call.index]))
        out[call.index] = failed(PolicyErrorKind::timeout, "the deadline of the call is over");
      out[call.index].duration = Clock::now() - start;
    }
    return out;
  }

  // ---- Both ----

  std::vector<Evaluation> ask(const std::vector<RemoteOpa::Request>& requests,
                              Clock::time_point deadline) {
    std::shared_ptr<PolicySet> set = local.current();
    std::vector<Evaluation> out(requests.size());
    std::vector<RemoteOpa::Request> left;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      std::optional<Evaluation> made;
      if (closed)
        made = failed(PolicyErrorKind::connection, "the client is closed");
      else if (is_local())
        made = decide(*set, requests[i].package, requests[i].input);
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
        if (!key_of(*set, left[i].package, left[i].input, keys[i])) keys[i].clear();
      }
      auto input = [&](std::size_t i) { return left[i].input; };
      std::vector<Evaluation> answers = ask_remote(packages, std::move(keys), input, deadline);
      for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(answers[i]);
    }
    for (std::size_t i = 0; i < requests.size(); ++i) tell(requests[i].package, out[i]);
    return out;
  }

  Clock::time_point deadline() const { return Clock::now() + configuration.deadline; }

  /// A subject and the packages that are asked about it.
  struct Check {
    Subject subject;
    const Packages& packages;
    std::string_view document;
    std::int64_t now_ns;
  };

  /// Null, or why there is no answer.
  static const Error* decide(EvaluatorPool::Lease& evaluator, const Check& check, Value& answer) {
    evaluator->set_time(check.now_ns);
    return evaluator->decide(check.document, answer);
  }

  /// All policies in one evaluation; false unless each has a decision.
  bool ask_together(PolicySet& set, const Check& check, const OnDecision& on_decision,
                    Answers& out) {
    const std::vector<ConfiguredPolicy>& asked = policies[index_of(check.subject)];
    EvaluatorPool* pool = set.joint(check.subject);
    if (pool == nullptr) return false;
    auto evaluator = pool->lease();
    Value answer;
    if (decide(evaluator, check, answer) || answer.is_undefined()) return false;
    const Value* parts = answer.items();
    out.known_band = parts[0].is_true();
    out.evaluations.resize(asked.size());
    std::vector<Evaluation>& evaluations = out.evaluations;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      evaluations[i].decision = to_json(parts[1].items()[i]);
      evaluations[i].source = Source::local;
      evaluations[i].error = check_answer(asked[i].role, parts[1].items()[i]);
    }
    out.end = Clock::now();
    auto share = (out.end - out.start) / static_cast<std::int64_t>(asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      evaluations[i].duration = share;
      metrics->evaluated(*in_process[index_of(check.subject)][i], evaluations[i]);
      logs.evaluated(asked[i].package, evaluations[i]);
      if (evaluations[i].ok()) on_decision(i, parts[1].items()[i]);
    }
    out.shown = true;
    return true;
  }

  EvaluatorPool& requests_of(Subject subject) {
    return subject == Subject::ticket ? *tickets : *plans;
  }

  bool is_refusing() {
    std::lock_guard lock(breaker_mutex);
    return configuration.breaker_enabled && breaker.is_refusing(Clock::now());
  }

  /// Nothing is known and nothing may be asked: what the policies read does not matter.
  bool refuse_all(const Check& check, Answers& out) {
    const Packages& packages = check.packages;
    auto evaluator = bands->lease();
    Value band;
    if (evaluator->decide(check.document, band)) return false;
    out.known_band = band.is_true();
    out.evaluations.assign(packages.size(), refused());
    for (std::size_t i = 0; i < packages.size(); ++i) {
      metrics->cache_asked(false);
      tell(packages[i], out.evaluations[i]);
    }
    return true;
  }

  /// The server alone: the request is made only if it is sent. False if the packages are unknown
  /// here, so that no one can say what they read.
  bool ask_server(PolicySet& set, const Check& check, Answers& out) {
    if (cache.size() == 0 && is_refusing()) return refuse_all(check, out);
    const Packages& packages = check.packages;
    EvaluatorPool* pool = set.joint_keys(check.subject);
    if (pool == nullptr) return false;
    std::vector<std::string> keys;
    {
      auto evaluator = pool->lease();
      Value answer;
      if (decide(evaluator, check, answer) || answer.is_undefined()) return false;
      out.known_band = answer.items()[0].is_true();
      const Value* parts = answer.items()[1].items();
      for (std::size_t i = 0; i < packages.size(); ++i)
        keys.push_back(packages[i] + "\n" + to_json(parts[i]));
    }
    std::string request;
    auto input = [&](std::size_t) {
      if (!request.empty()) return request;
      auto evaluator = requests_of(check.subject).lease();
      Value answer;
      bool made = !decide(evaluator, check, answer) && !answer.is_undefined();
      if (made) request = to_json(answer.items()[1]);
      return request;
    };
    out.evaluations = ask_remote(packages, std::move(keys), input, deadline());
    for (std::size_t i = 0; i < packages.size(); ++i) tell(packages[i], out.evaluations[i]);
    return true;
  }

  void ask_each(const Check& check, Answers& out) {
    auto evaluator = requests_of(check.subject).lease();
    Value answer;
    out.is_json = decide(evaluator, check, answer) == nullptr;
    // No request can be made about what is no object.
    if (!out.is_json || answer.is_undefined()) return;
    out.known_band = answer.items()[0].is_true();
    std::string request = to_json(answer.items()[1]);
    std::vector<RemoteOpa::Request> requests;
    for (const std::string& package : check.packages) requests.push_back({package, request});
    out.evaluations = ask(requests, deadline());
  }

  const Configuration configuration;
  std::shared_ptr<Metrics> metrics;
  Logs logs;
  const BySubject<std::vector<ConfiguredPolicy>> policies;
  const BySubject<Packages> packages;
  LocalPolicies local;
  BySubject<std::vector<Metrics::Series*>> in_process;
  Pool tickets;
  Pool plans;
  Pool bands;
  DecisionCache cache;
  mutable std::mutex breaker_mutex;
  CircuitBreaker breaker;
  std::optional<std::chrono::system_clock::time_point> last_failure;
  std::unique_ptr<RemoteOpa> remote;
  std::atomic<bool> closed{false};
};

PolicyClient::PolicyClient(Configuration configuration, Observers observers)
    : impl_(std::make_unique<Impl>(std::move(configuration), std::move(observers))) {}
PolicyClient::~PolicyClient() { close(); }

std::vector<PolicyProblem> PolicyClient::initialize() {
  // In mode remote the files only say what the policies read, for the cache; they may be missing.
  std::vector<PolicyProblem> problems =
      impl_->local.start([this](bool accepted, const std::vector<PolicyProblem>& found) {
        impl_->logs.policies_loaded(accepted, found);
      });
  if (!impl_->is_local()) problems.clear();
  impl_->logs.policies_loaded(true, problems);
  return problems;
}

void PolicyClient::close() {
  impl_->closed = true;
  impl_->local.stop();
}

Evaluation PolicyClient::evaluate_policy(std::string_view policy, const Document& input) {
  return evaluate_batch({{std::string(policy), std::string(input.text())}})[0];
}

std::vector<Evaluation> PolicyClient::evaluate_batch(const std::vector<Question>& questions) {
  std::vector<RemoteOpa::Request> requests;
  for (const Question& question : questions)
    requests.push_back({package_of(question.policy), question.input});
  std::vector<Evaluation> out = impl_->ask(requests, impl_->deadline());
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
                                                     const OnDecision& on_decision) {
  Answers out;
  out.start = out.end = Clock::now();
  std::string_view text = given.text();
  if (!may_be_object(text)) {
    out.is_json = false;
    return out;
  }
  Impl::Check check{subject, impl_->packages[index_of(subject)], text, nanoseconds_of(now_ms)};
  std::shared_ptr<PolicySet> set = impl_->local.current();
  bool open = !impl_->closed;
  bool local = impl_->is_local();
  if (open && local && impl_->ask_together(*set, check, on_decision, out)) return out;
  bool answered = open && !local && impl_->ask_server(*set, check, out);
  if (!answered) impl_->ask_each(check, out);
  out.end = Clock::now();
  return out;
}

CircuitBreakerStatus PolicyClient::get_circuit_breaker_state() const {
  std::lock_guard lock(impl_->breaker_mutex);
  return {impl_->configuration.breaker_enabled, impl_->breaker.state(), impl_->breaker.failures(),
          impl_->last_failure};
}

bool PolicyClient::health() {
  if (impl_->closed) return false;
  if (impl_->remote && !impl_->is_local()) return impl_->remote->health(impl_->deadline());
  return impl_->local.current()->problems().empty();
}

bool PolicyClient::reload() { return impl_->local.reload(); }

const Configuration& PolicyClient::configuration() const noexcept { return impl_->configuration; }
Metrics& PolicyClient::metrics() noexcept { return *impl_->metrics; }

}  // namespace lictor::validator
