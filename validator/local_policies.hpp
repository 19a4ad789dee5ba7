// The policies that are decided in-process: files → compiled policies, exchanged whole when a file
// changes. In: what `opa` and `lictor eval` load from a path, and the configured packages.
// Out: an immutable set that threads share, with an evaluator for each thread that decides.
// INVARIANT: what was good stays in use, by name: a file that is bad or missing keeps its last good
// version (problems() names it) unless another file replaces it, and no change is accepted that
// takes away a policy that could be decided before.
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
  ~EvaluatorPool() { delete last_.load(); }
  EvaluatorPool(const EvaluatorPool&) = delete;

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
  std::atomic<Evaluator*> last_{nullptr};  // the evaluator released last; spares the lock
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

/// The packages of the policies that decide about each subject.
BySubject<Packages> packages_of(const std::vector<ConfiguredPolicy>& policies);

using Pool = std::unique_ptr<EvaluatorPool>;

/// What was compiled from one state of the files. Safe for many threads.
class PolicySet {
 public:
  PolicySet() = default;
  explicit PolicySet(Engine engine) : engine_(std::move(engine)) {}

  /// Compiles a package on first use; null, and the reason, if it cannot be decided.
  EvaluatorPool* find(const std::string& package, std::string& reason);
  /// From a subject to [known_band, [result, ...]] of its policies in one go; undefined unless each
  /// result is defined. Null unless all policies can be decided.
  EvaluatorPool* joint(Form form) const { return joint_[index_of(form)].get(); }

 private:
  friend class LocalPolicies;
  Pool compile(const std::string& package, std::string& reason);

  std::mutex mutex_;
  std::optional<Engine> engine_;  // null where there are no files
  std::map<std::string, Pool, std::less<>> policies_;
  std::map<std::string, std::string, std::less<>> reasons_;  // why a package cannot be decided
  ByForm<Pool> joint_;
};

/// request.rego alone: from a subject to [known_band, request], and to known_band.
Pool make_request_pool(const Configuration& configuration, Form form);
Pool make_band_pool(const Configuration& configuration);

class LocalPolicies {
 public:
  /// Called after each exchange, and after each change that was refused.
  using OnReload = std::function<void(bool accepted, const std::vector<PolicyProblem>& problems)>;

  explicit LocalPolicies(const Configuration& configuration);
  ~LocalPolicies();
  LocalPolicies(const LocalPolicies&) = delete;
  LocalPolicies& operator=(const LocalPolicies&) = delete;

  /// Loads for the first time and starts to watch the files; returns what cannot be used.
  std::vector<PolicyProblem> start(OnReload on_reload);
  void stop();
  std::shared_ptr<PolicySet> current() const;
  /// Looks at the files now; true if a new version of any is used since.
  bool reload();
  /// What cannot be used now, and since when: bad or missing files, policies without a file.
  std::vector<PolicyProblem> problems() const;

 private:
  using Files = std::map<std::string, SourceFile>;  // by path

  struct Candidate {
    SourceFile file;
    bool kept;        // an earlier version, in place of a bad or missing one
    bool is_missing;  // the latter
  };
  using Candidates = std::map<std::string, Candidate>;

  using Reasons = std::map<std::string, std::string>;  // by package: why it cannot be decided

  /// An attempt to use some files: what compiled of them.
  struct Attempt {
    Candidates used;
    std::vector<PolicyProblem> problems;
    Reasons undecidable;
    std::shared_ptr<PolicySet> set;
  };

  Candidates candidates_of(const SourceFiles& found, std::vector<PolicyProblem>& problems) const;
  Engine sound_engine(Attempt& attempt) const;
  void set_aside(const std::string& path, const std::string& reason, Attempt& attempt) const;
  Attempt compile(const SourceFiles& found) const;
  bool takes_away(const Attempt& attempt, std::vector<PolicyProblem>& problems) const;
  void report(std::vector<PolicyProblem> problems);
  /// Nothing if the policy can be decided, and its answer to a plain request, if any, fits its
  /// role.
  std::optional<PolicyProblem> try_policy(PolicySet& set, const ConfiguredPolicy& policy) const;
  void watch();

  const Configuration configuration_;
  const std::vector<ConfiguredPolicy> policies_;
  const BySubject<Packages> packages_;  // the policies of each subject are decided together
  OnReload on_reload_;
  mutable std::mutex mutex_;
  std::shared_ptr<PolicySet> set_;
  std::vector<PolicyProblem> problems_;
  std::mutex reload_mutex_;
  SourceFiles seen_;     // what was found last
  Files good_;           // the versions in use
  Reasons undecidable_;  // with those
  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lictor::validator
