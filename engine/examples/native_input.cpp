// How is a decision made about what the host has in memory? The input is built as a value; no JSON
// text is written or read.
#include <cstdio>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"

struct Job {
  std::string owner;
  int cpus;
  std::vector<std::string> labels;
};

lictor::Value to_input(const Job& job, lictor::Builder& builder) {
  using lictor::Value;
  std::vector<Value> labels;
  for (const std::string& label : job.labels) labels.push_back(Value::string(label));  // not copied
  lictor::Member members[] = {{Value::string("cpus"), Value::integer(job.cpus)},
                              {Value::string("labels"), builder.array(labels)},
                              {Value::string("owner"), Value::string(job.owner)}};
  return builder.object(members);
}

int main() {
  lictor::Engine engine;
  engine.add_module("jobs.rego", R"(package jobs
    decision := {"allow": count(reasons) == 0, "reasons": reasons}
    reasons contains "too many cpus" if input.cpus > 8
    reasons contains "no team" if not "team" in input.labels)");
  lictor::Result<lictor::Policy> policy = engine.compile("data.jobs.decision");
  if (!policy) return std::fputs(policy.error().render().c_str(), stderr), 1;

  lictor::Evaluator evaluator(*policy);
  lictor::Builder builder;
  for (const Job& job : {Job{"ann", 4, {"team"}}, Job{"bob", 16, {}}}) {
    builder.clear();
    lictor::Value decision;
    if (const lictor::Error* error = evaluator.decide(to_input(job, builder), decision))
      return std::fputs(error->render().c_str(), stderr), 1;
    bool allow = lictor::boolean_of(lictor::lookup(decision, "allow")).value_or(false);
    std::printf("%s: %s\n", job.owner.c_str(), allow ? "allowed" : "refused");
    lictor::Value reasons = lictor::lookup(decision, "reasons");
    for (std::uint32_t i = 0; i < reasons.size(); ++i)
      std::printf("  %s\n", std::string(reasons.items()[i].as_string()).c_str());
  }
}
