// Reads, compiles and watches policies.
#include "local_policies.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "request_module.hpp"
#include "verdict.hpp"

namespace lictor::validator {
namespace fs = std::filesystem;

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

/// For each form a rule that makes the request and asks all of its policies.
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
  out["flags"] = nlohmann::json::parse(configuration.feature_flags_json);
  out["flag_names"] = nlohmann::json::array();
  for (const auto& flag : out["flags"].items()) out["flag_names"].push_back(flag.key());
  out["trust_ticket_context"] = configuration.trust_ticket_context;
  engine.add_module("request.rego", request_module);
  engine.add_data_at({"lictor", "configuration"}, out.dump(), "configuration");
}

/// A policy that answers what another reads of the input: [value] or [] for each of its paths.
std::string key_module(const Policy& policy, const std::string& package) {
  std::string rules, items;
  std::size_t number = 0;
  for (const std::vector<std::string>& path : policy.input_paths()) {
    std::string name = "part_" + std::to_string(number++);
    std::string ref = ref_of("input", path);
    rules += "\n" + name + " := [" + ref + "] if true\n\nelse := []\n";
    items += (items.empty() ? "" : ", ") + name;
  }
  return "package " + package + "\n" + rules + "\nkey := [" + items + "]\n";
}

Pool pool_of(Engine& engine, const std::string& entrypoint, std::string& reason) {
  Result<Policy> policy = engine.compile(entrypoint);
  if (policy) return std::make_unique<EvaluatorPool>(*policy);
  reason = policy.error().summary();
  return nullptr;
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

std::optional<LocalPolicies::Files> LocalPolicies::read(std::string& problem) const {
  std::error_code error;
  std::vector<fs::path> paths;
  fs::path root = configuration_.policies;
  auto wanted = [](const fs::path& path) {
    std::string name = path.filename().string();
    return (path.extension() == ".rego" && !name.ends_with("_test.rego")) || name == "data.json";
  };
  if (fs::is_directory(root, error)) {
    for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
         at.increment(error)) {
      if (at->is_regular_file(error) && wanted(at->path())) paths.push_back(at->path());
    }
  } else if (fs::exists(root, error)) {
    paths.push_back(root);
  }
  if (error || paths.empty()) {
    problem = error ? error.message() : "there is no policy there";
    return std::nullopt;
  }
  std::sort(paths.begin(), paths.end());
  Files out;
  for (const fs::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      problem = "cannot read " + path.string();
      return std::nullopt;
    }
    std::vector<std::string> place;
    for (const fs::path& part : fs::relative(path, root, error).parent_path())
      place.push_back(part.string());
    out.push_back({path.string(), place, std::string(std::istreambuf_iterator<char>(file), {})});
  }
  return out;
}

/// An engine of all files but those that errors name: these are left out, with what the errors say,
/// until the others compile.
Engine LocalPolicies::sound_engine(const Files& files, std::vector<PolicyProblem>& problems) const {
  std::set<std::string> refused;
  for (;;) {
    Engine engine(options_of(configuration_));
    for (const File& file : files) {
      if (refused.contains(file.name)) continue;
      if (file.name.ends_with(".json"))
        engine.add_data_at(file.place, file.text, file.name);
      else
        engine.add_module(file.name, file.text);
    }
    add_request_module(configuration_, engine);
    engine.add_module("joint.rego", joint_module(packages_));
    std::size_t before = refused.size();
    for (const Error& error : engine.check()) {
      if (refused.insert(error.file).second) problems.push_back({error.file, error.summary()});
    }
    if (refused.size() == before) return engine;
  }
}

PolicySet::PolicySet(Engine engine, std::vector<PolicyProblem> problems)
    : engine_(std::move(engine)), problems_(std::move(problems)) {}

LocalPolicy PolicySet::compile(const std::string& package, std::string& reason) {
  LocalPolicy out;
  if (!engine_ || !engine_->defines(package + "/result")) {
    reason = "no policy file has a package " + package + " with a result";
    for (const PolicyProblem& problem : problems_) reason += "; " + problem.reason;
    return out;
  }
  out.decide = pool_of(*engine_, package + "/result", reason);
  if (!out.decide) return out;
  Engine keys;
  keys.add_module("key.rego", key_module(out.decide->policy(), "lictor.key"));
  out.key = pool_of(keys, "lictor/key/key", reason);
  return out;
}

LocalPolicy* PolicySet::find(const std::string& package, std::string& reason) {
  std::lock_guard lock(mutex_);
  auto [at, fresh] = policies_.try_emplace(package);
  if (fresh) at->second = compile(package, reasons_[package]);
  if (at->second.decide) return &at->second;
  reason = reasons_[package];
  return nullptr;
}

/// Null unless all packages can be decided.
Pool LocalPolicies::make_joint_keys(PolicySet& set, Form form) const {
  const Packages& packages = packages_[index_of(form.subject)];
  Engine engine;
  add_request_module(configuration_, engine);
  std::string items, reason;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    LocalPolicy* policy = set.find(packages[i], reason);
    if (policy == nullptr || !policy->key) return nullptr;
    std::string package = "lictor.key_" + std::to_string(i);
    engine.add_module(package, key_module(policy->decide->policy(), package));
    items += (items.empty() ? "data." : ", data.") + package + ".key";
  }
  engine.add_module("keys.rego", "package lictor.keys\n\nanswer := [" + band_ref(form) +
                                     ", keys] if {\n\tkeys := [" + items + "] with input as " +
                                     request_ref(form) + "\n}\n");
  return pool_of(engine, "lictor/keys/answer", reason);
}

std::optional<PolicyProblem> LocalPolicies::try_role(PolicySet& set,
                                                     const ConfiguredPolicy& policy) const {
  std::string reason;
  auto evaluator = set.find(policy.package, reason)->decide->lease();
  Value decision;
  const char* plain = R"({"resource":{"risk_band":"low"},"parameters":{},"flags":{},"context":{}})";
  if (evaluator->decide(plain, decision) || decision.is_undefined()) return std::nullopt;
  std::optional<PolicyError> error = check_answer(policy.role, decision);
  if (!error) return std::nullopt;
  return PolicyProblem{policy.variable, policy.package + ": " + error->message};
}

std::shared_ptr<PolicySet> LocalPolicies::compile(const Files& files) const {
  std::vector<PolicyProblem> refused;
  Engine engine = sound_engine(files, refused);
  auto out = std::make_shared<PolicySet>(std::move(engine), std::move(refused));
  std::vector<PolicyProblem> found;
  for (const ConfiguredPolicy& policy : policies_) {
    std::string reason;
    if (!out->find(policy.package, reason))
      found.push_back({policy.package, reason});
    else if (auto problem = try_role(*out, policy))
      found.push_back(*problem);
  }
  out->problems_.insert(out->problems_.end(), found.begin(), found.end());
  for (Form form : forms) {
    out->joint_keys_[index_of(form)] = make_joint_keys(*out, form);
    std::string reason;
    out->joint_[index_of(form)] = pool_of(*out->engine_, "lictor/joint/" + form_name(form), reason);
  }
  return out;
}

std::vector<PolicyProblem> LocalPolicies::start(OnReload on_reload) {
  on_reload_ = std::move(on_reload);
  std::string problem;
  std::optional<Files> files = read(problem);
  seen_ = files.value_or(Files{});
  std::shared_ptr<PolicySet> set = compile(seen_);
  if (!files) set->problems_.push_back({configuration_.policies, problem});
  {
    std::lock_guard lock(mutex_);
    set_ = set;
  }
  stopping_ = false;
  if (configuration_.reload.count() > 0) thread_ = std::thread([this] { watch(); });
  return set->problems();
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
  std::string problem;
  std::optional<Files> files = read(problem);
  if (!files || *files == seen_) return false;
  seen_ = *files;
  std::shared_ptr<PolicySet> set = compile(*files);
  bool better = set->problems().size() <= current()->problems().size();
  if (better) {
    std::lock_guard lock(mutex_);
    set_ = set;
  }
  if (on_reload_) on_reload_(better, set->problems());
  return better;
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
