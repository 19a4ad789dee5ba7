// Reads, compiles and watches policies.
#include "local_policies.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

#include "request_module.hpp"
#include "verdict.hpp"

namespace lictor::validator {

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// data["a"]["b"] of a/b.
std::string ref_of(const std::string& root, const std::vector<std::string>& path) {
  std::string out = root;
  for (const std::string& part : path) out += "[" + quoted(part) + "]";
  return out;
}

std::vector<std::string> parts_of(const std::string& package) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= package.size();) {
    std::size_t slash = std::min(package.find('/', at), package.size());
    out.push_back(package.substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

std::string result_ref(const std::string& package) {
  return ref_of("data", parts_of(package)) + ".result";
}

constexpr Form forms[] = {{Subject::ticket, false},
                          {Subject::plan, false},
                          {Subject::ticket, true},
                          {Subject::plan, true}};

std::string form_name(Form form) {
  return std::string(form.hosted ? "hosted_" : "") + subject_name(form.subject);
}

/// What request.rego makes of a form, and whether its risk_band is known.
std::string request_ref(Form form) { return "data.lictor.request." + form_name(form); }
std::string band_ref(Form form) {
  return form.hosted ? "data.lictor.request.hosted_band" : "data.lictor.request.known_band";
}

/// For each form, a rule that makes the request and evaluates all of its policies.
std::string joint_module(const BySubject<Packages>& packages) {
  std::string out = "package lictor.joint\n\nimport rego.v1\n";
  for (Form form : forms) {
    std::string items;
    for (const std::string& package : packages[index_of(form.subject)])
      items += (items.empty() ? "" : ", ") + result_ref(package);
    out += "\n" + form_name(form) + " := [" + band_ref(form) + ", results] if {\n\tresults := [" +
           items + "] with input as " + request_ref(form) + "\n}\n";
  }
  return out;
}

/// What request.rego finds in data.
void add_request_module(const Configuration& configuration, Engine& engine) {
  nlohmann::json out;
  out["parameters"] = {
      {"allowed_capabilities", configuration.allowed_capabilities},
      {"max_concurrent_tickets", configuration.max_concurrent_tickets},
      {"resource_limits", nlohmann::json::parse(configuration.resource_limits_json)}};
  if (configuration.require_fields) out["parameters"]["require_fields"] = true;
  if (configuration.language == Language::english) out["parameters"]["language"] = "en";
  out["flags"] = nlohmann::json::parse(configuration.feature_flags_json);
  out["flag_names"] = nlohmann::json::array();
  for (const auto& flag : out["flags"].items()) out["flag_names"].push_back(flag.key());
  out["trust_ticket_context"] = configuration.trust_ticket_context;
  engine.add_module("request.rego", request_module);
  engine.add_data_at({"lictor", "configuration"}, out.dump(), "configuration");
}

Pool pool_of(Engine& engine, const std::string& entrypoint, std::string& reason) {
  Result<Policy> policy = engine.compile(entrypoint);
  if (policy) return std::make_unique<EvaluatorPool>(*policy);
  reason = policy.error().summary();
  return nullptr;
}

/// The line that names a policy file's package.
std::string package_line(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("package ")) return line.substr(0, line.find_last_not_of(" \t\r") + 1);
  }
  return "";
}

Errors add(const SourceFile& file, Engine& engine) {
  if (file.kind == SourceFile::Kind::module) return engine.load_module(file.path, file.text);
  std::optional<Error> error = engine.load_data_at(file.place, file.text, file.path);
  return error ? Errors{*error} : Errors{};
}

EngineOptions options_of(const Configuration& configuration) {
  EngineOptions out;
  out.limits.instructions = configuration.instructions;
  out.limits.time = configuration.deadline;
  out.limits.memory_bytes = std::size_t{512} << 20;
  return out;
}

}  // namespace

Pool make_band_pool(const Configuration& configuration) {
  Engine engine;
  add_request_module(configuration, engine);
  std::string reason;
  Pool out = pool_of(engine, "lictor/request/known_band", reason);
  if (!out) throw std::logic_error(reason);
  return out;
}

Pool make_request_pool(const Configuration& configuration, Form form) {
  Engine engine;
  add_request_module(configuration, engine);
  engine.add_module("subject.rego", "package lictor.subject\n\nanswer := [" + band_ref(form) +
                                        ", " + request_ref(form) + "]\n");
  std::string reason;
  Pool out = pool_of(engine, "lictor/subject/answer", reason);
  if (!out) throw std::logic_error(reason);
  return out;
}

std::unique_ptr<Evaluator> EvaluatorPool::take() {
  if (Evaluator* last = last_.exchange(nullptr, std::memory_order_acq_rel))
    return std::unique_ptr<Evaluator>(last);
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<Evaluator> out = std::move(free_.back());
      free_.pop_back();
      return out;
    }
  }
  return std::make_unique<Evaluator>(policy_);
}

void EvaluatorPool::give(std::unique_ptr<Evaluator> evaluator) {
  constexpr std::size_t most = 64;
  Evaluator* none = nullptr;
  if (last_.compare_exchange_strong(none, evaluator.get(), std::memory_order_acq_rel)) {
    static_cast<void>(evaluator.release());
    return;
  }
  std::lock_guard lock(mutex_);
  if (free_.size() < most) free_.push_back(std::move(evaluator));
}

BySubject<Packages> packages_of(const std::vector<ConfiguredPolicy>& policies) {
  BySubject<Packages> out;
  for (const ConfiguredPolicy& policy : policies) {
    out[index_of(Subject::ticket)].push_back(policy.package);
    if (policy.checks_plans) out[index_of(Subject::plan)].push_back(policy.package);
  }
  return out;
}

LocalPolicies::LocalPolicies(const Configuration& configuration)
    : configuration_(configuration),
      policies_(configured_policies(configuration)),
      packages_(packages_of(policies_)),
      set_(std::make_shared<PolicySet>()) {}

LocalPolicies::~LocalPolicies() { stop(); }

std::shared_ptr<PolicySet> LocalPolicies::current() const {
  std::lock_guard lock(mutex_);
  return set_;
}

std::vector<PolicyProblem> LocalPolicies::problems() const {
  std::lock_guard lock(mutex_);
  return problems_;
}

/// The files found, and the versions in use of files that are missing now. A policy file of the
/// same package replaces a missing one.
LocalPolicies::Candidates LocalPolicies::candidates_of(const SourceFiles& found,
                                                       std::vector<PolicyProblem>& problems) const {
  Candidates out;
  std::set<std::string> packages;
  for (const SourceFile& file : found.files) {
    out[file.path] = {file, false, false};
    if (file.kind == SourceFile::Kind::module) packages.insert(package_line(file.text));
  }
  for (const SourceProblem& problem : found.problems)
    problems.push_back({problem.path, problem.reason});
  for (const auto& [path, file] : good_) {
    bool is_module = file.kind == SourceFile::Kind::module;
    if (out.contains(path) || (is_module && packages.contains(package_line(file.text)))) continue;
    out[path] = {file, true, true};
    problems.push_back(
        {path, "the file is missing or cannot be read; its last good version is used"});
  }
  return out;
}

/// Replaces a file by its last good version, or drops it. A missing file whose kept version
/// conflicts with others counts as replaced by them.
void LocalPolicies::set_aside(const std::string& path, const std::string& reason,
                              Attempt& attempt) const {
  auto candidate = attempt.used.find(path);
  auto good = good_.find(path);
  bool has_other =
      !candidate->second.kept && good != good_.end() && good->second != candidate->second.file;
  bool is_replaced = candidate->second.kept && candidate->second.is_missing;
  auto names_it = [&](const PolicyProblem& problem) { return problem.policy == path; };
  if (is_replaced)
    std::erase_if(attempt.problems, names_it);
  else
    attempt.problems.push_back(
        {path, has_other ? reason + "; the last good version is used" : reason});
  if (has_other)
    candidate->second = {good->second, true, false};
  else
    attempt.used.erase(candidate);
}

/// An engine of all files but those that errors name: these are set aside until the others compile.
Engine LocalPolicies::sound_engine(Attempt& attempt) const {
  for (;;) {
    Engine engine(options_of(configuration_));
    std::map<std::string, std::string> bad;  // the first error of each file
    // Kept versions come last, so that what they overlap with is found in them.
    for (bool kept : {false, true}) {
      for (const auto& [path, candidate] : attempt.used) {
        if (candidate.kept != kept) continue;
        for (const Error& error : add(candidate.file, engine))
          bad.try_emplace(path, error.summary());
      }
    }
    if (bad.empty()) {
      add_request_module(configuration_, engine);
      engine.add_module("joint.rego", joint_module(packages_));
      for (const Error& error : engine.check()) bad.try_emplace(error.file, error.summary());
    }
    bool has_changed = false;
    for (const auto& [path, reason] : bad) {
      if (!attempt.used.contains(path)) continue;
      set_aside(path, reason, attempt);
      has_changed = true;
    }
    if (!has_changed) return engine;
  }
}

Pool PolicySet::compile(const std::string& package, std::string& reason) {
  if (engine_ && engine_->defines(package + "/result"))
    return pool_of(*engine_, package + "/result", reason);
  reason = "no policy file has a package " + package + " with a result";
  return nullptr;
}

EvaluatorPool* PolicySet::find(const std::string& package, std::string& reason) {
  std::lock_guard lock(mutex_);
  auto [policy, is_new] = policies_.try_emplace(package);
  if (is_new) policy->second = compile(package, reasons_[package]);
  if (policy->second) return policy->second.get();
  reason = reasons_[package];
  return nullptr;
}

std::optional<PolicyProblem> LocalPolicies::try_policy(PolicySet& set,
                                                       const ConfiguredPolicy& policy) const {
  std::string reason;
  EvaluatorPool* found = set.find(policy.package, reason);
  if (!found) return PolicyProblem{policy.package, reason};
  auto evaluator = found->lease();
  Value decision;
  const char* plain = R"({"resource":{"risk_band":"low"},"parameters":{},"flags":{},"context":{}})";
  if (const Error* error = evaluator->decide(plain, decision))
    return PolicyProblem{policy.package, error->summary()};
  if (decision.is_undefined()) return std::nullopt;
  std::optional<PolicyError> error = check_answer(configuration_.language, policy.role, decision);
  if (!error) return std::nullopt;
  return PolicyProblem{policy.variable, policy.package + ": " + error->message};
}

LocalPolicies::Attempt LocalPolicies::compile(const SourceFiles& found) const {
  Attempt out;
  out.used = candidates_of(found, out.problems);
  if (found.files.empty() && found.problems.empty())
    out.problems.push_back({configuration_.policies, "there is no policy there"});
  std::shared_ptr<PolicySet> set = std::make_shared<PolicySet>(sound_engine(out));
  for (const ConfiguredPolicy& policy : policies_) {
    auto problem = try_policy(*set, policy);
    if (!problem) continue;
    out.problems.push_back(*problem);
    out.undecidable.emplace(policy.package, problem->reason);
  }
  for (Form form : forms) {
    std::string reason;
    set->joint_[index_of(form)] = pool_of(*set->engine_, "lictor/joint/" + form_name(form), reason);
  }
  out.set = std::move(set);
  return out;
}

/// True if the attempt would make a policy undecidable that can be decided now; adds which.
bool LocalPolicies::takes_away(const Attempt& attempt, std::vector<PolicyProblem>& problems) const {
  bool out = false;
  for (const auto& [package, reason] : attempt.undecidable) {
    if (undecidable_.contains(package)) continue;
    out = true;
    for (PolicyProblem& problem : problems) {
      if (problem.reason == reason) problem.reason += "; the files in use stay as they are";
    }
  }
  return out;
}

/// A problem that was known keeps its time.
void LocalPolicies::report(std::vector<PolicyProblem> problems) {
  std::lock_guard lock(mutex_);
  for (PolicyProblem& problem : problems) {
    problem.since = std::chrono::system_clock::now();
    for (const PolicyProblem& known : problems_) {
      if (known.policy == problem.policy) problem.since = known.since;
    }
  }
  problems_ = std::move(problems);
}

std::vector<PolicyProblem> LocalPolicies::start(OnReload on_reload) {
  on_reload_ = std::move(on_reload);
  {
    std::lock_guard reloading(reload_mutex_);
    seen_ = read_sources({configuration_.policies});
    good_.clear();
    Attempt attempt = compile(seen_);
    for (const auto& [path, candidate] : attempt.used) good_[path] = candidate.file;
    undecidable_ = std::move(attempt.undecidable);
    report(std::move(attempt.problems));
    std::lock_guard lock(mutex_);
    set_ = std::move(attempt.set);
  }
  stopping_ = false;
  if (configuration_.reload.count() > 0) thread_ = std::thread([this] { watch(); });
  return problems();
}

void LocalPolicies::stop() {
  {
    std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool LocalPolicies::reload() {
  std::lock_guard reloading(reload_mutex_);
  SourceFiles found = read_sources({configuration_.policies});
  if (found == seen_) return false;
  seen_ = std::move(found);
  Attempt attempt = compile(seen_);
  Files used;
  for (const auto& [path, candidate] : attempt.used) used[path] = candidate.file;
  bool accepted = used != good_ && !takes_away(attempt, attempt.problems);
  report(std::move(attempt.problems));
  if (accepted) {
    good_ = std::move(used);
    undecidable_ = std::move(attempt.undecidable);
    std::lock_guard lock(mutex_);
    set_ = std::move(attempt.set);
  }
  if (on_reload_) on_reload_(accepted, problems());
  return accepted;
}

void LocalPolicies::watch() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_.wait_for(lock, configuration_.reload, [this] { return stopping_; })) {
    lock.unlock();
    reload();
    lock.lock();
  }
}

}  // namespace lictor::validator
