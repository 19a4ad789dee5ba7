// The policies that are decided in-process: files → compiled policies, exchanged whole when a file
// changes. In: a file or a folder of .rego and .json, and the packages that are asked for. Out: an
// immutable set that threads share, with an evaluator for each thread that decides.
// INVARIANT: a set that was loaded stays in use until a better one is: a file that does not compile
// leaves the old set in place.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <lictor/lictor.hpp>

#include "lictor/validator/policy_client.hpp"

namespace lictor::validator {

/// Evaluators that are not in use; each belongs to one thread while it is.
class EvaluatorPool {
 public:
  explicit EvaluatorPool(Policy policy) : policy_(std::move(policy)) {}

  class Lease {
   public:
    explicit Lease(EvaluatorPool& pool) : pool_(&pool), evaluator_(pool.take()) {}
    ~Lease() {
      if (evaluator_) pool_->give(std::move(evaluator_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Evaluator* operator->() { return evaluator_.get(); }

   private:
    EvaluatorPool* pool_;
    std::unique_ptr<Evaluator> evaluator_;
  };

  Lease lease() { return Lease(*this); }
  const Policy& policy() const { return policy_; }

 private:
  std::unique_ptr<Evaluator> take();
  void give(std::unique_ptr<Evaluator> evaluator);

  Policy policy_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Evaluator>> free_;
};

using Packages = std::vector<std::string>;
/// Something for each subject, at index_of().
template <typename T>
using BySubject = std::array<T, 2>;
constexpr std::size_t index_of(Subject subject) { return static_cast<std::size_t>(subject); }

/// What an evaluation reads: a subject as it is, or {"subject", "host"} with the host's context.
struct Form {
  Subject subject;
  bool hosted;
};
template <typename T>
using ByForm = std::array<T, 4>;
constexpr std::size_t index_of(Form form) { return index_of(form.subject) + (form.hosted ? 2 : 0); }

/// The packages of the policies that are asked about each subject.
BySubject<Packages> packages_of(const std::vector<ConfiguredPolicy>& policies);

using Pool = std::unique_ptr<EvaluatorPool>;

/// A package that can be decided.
struct LocalPolicy {
  Pool decide;  // from an input to data.a.b.result
  Pool key;     // from an input to what of it the package reads, as one text
};

/// What was compiled from one state of the files. Safe for many threads.
class PolicySet {
 public:
  PolicySet() = default;
  PolicySet(Engine engine, std::vector<PolicyProblem> problems);

  /// Compiles a package when it is first asked for; null, and the reason, if it cannot be decided.
  LocalPolicy* find(const std::string& package, std::string& reason);
  /// From a subject to [known_band, [result, ...]] of its policies in one go; undefined unless each
  /// result is defined. Null unless all policies can be decided.
  EvaluatorPool* joint(Form form) const { return joint_[index_of(form)].get(); }
  /// From a subject to [known_band, [key, ...]]: what each policy reads of the subject's request.
  EvaluatorPool* joint_keys(Form form) const { return joint_keys_[index_of(form)].get(); }
  const std::vector<PolicyProblem>& problems() const { return problems_; }

 private:
  friend class LocalPolicies;
  LocalPolicy compile(const std::string& package, std::string& reason);

  std::mutex mutex_;
  std::optional<Engine> engine_;  // null where there are no files
  std::map<std::string, LocalPolicy, std::less<>> policies_;
  std::map<std::string, std::string, std::less<>> reasons_;  // why a package cannot be decided
  ByForm<Pool> joint_;
  ByForm<Pool> joint_keys_;
  std::vector<PolicyProblem> problems_;
};

/// request.rego alone: from a subject to [known_band, request], and to known_band.
Pool make_request_pool(const Configuration& configuration, Form form);
Pool make_band_pool(const Configuration& configuration);

class LocalPolicies {
 public:
  /// Told of each exchange, and of each change that was refused.
  using OnReload = std::function<void(bool accepted, const std::vector<PolicyProblem>& problems)>;

  explicit LocalPolicies(const Configuration& configuration);
  ~LocalPolicies();
  LocalPolicies(const LocalPolicies&) = delete;
  LocalPolicies& operator=(const LocalPolicies&) = delete;

  /// Loads for the first time and starts to watch the files; returns what cannot be used.
  std::vector<PolicyProblem> start(OnReload on_reload);
  void stop();
  std::shared_ptr<PolicySet> current() const;
  /// Looks at the files now; true if they were exchanged.
  bool reload();

 private:
  struct File {
    std::string name;
    std::vector<std::string> place;  // of a data.json in base documents
    std::string text;
    bool operator==(const File&) const = default;
  };
  using Files = std::vector<File>;

  std::optional<Files> read(std::string& problem) const;
  Engine sound_engine(const Files& files, std::vector<PolicyProblem>& problems) const;
  std::shared_ptr<PolicySet> compile(const Files& files) const;
  Pool make_joint_keys(PolicySet& set, Form form) const;
  /// Nothing if the policy has an answer of its role to a plain request, or none.
  std::optional<PolicyProblem> try_role(PolicySet& set, const ConfiguredPolicy& policy) const;
  void watch();

  const Configuration configuration_;
  const std::vector<ConfiguredPolicy> policies_;
  const BySubject<Packages> packages_;  // the policies of each subject are decided together
  OnReload on_reload_;
  mutable std::mutex mutex_;
  std::shared_ptr<PolicySet> set_;
  std::mutex reload_mutex_;
  Files seen_;  // the files looked at last
  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lictor::validator
