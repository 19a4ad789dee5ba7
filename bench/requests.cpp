// Makes tickets as an orchestrator would send them.
#include "requests.hpp"

namespace lictor::bench {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545F4914F6CDD1Du >> 16;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  template <std::size_t N>
  std::string pick(const char* const (&items)[N]) {
    return items[next() % N];
  }
  bool chance(int percent) { return static_cast<int>(next() % 100) < percent; }

 private:
  std::uint64_t state_;
};

const char* const bands[] = {"critical", "high", "medium", "low"};
const char* const capabilities[] = {"code_generation", "deployment",  "testing",
                                    "validation",      "root_access", "network"};
const char* const modes[] = {"EXACTLY_ONCE", "AT_LEAST_ONCE", "AT_MOST_ONCE"};
const char* const consistencies[] = {"STRONG", "EVENTUAL", "WEAK"};
const char* const priorities[] = {"CRITICAL", "HIGH", "NORMAL", "LOW"};
const char* const namespaces[] = {"production", "staging", "dev", "production-beta", "blue"};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// Fields of a ticket that the policies do not read.
std::string unread(Random& random) {
  return "\"plan_id\":\"plan-" + std::to_string(random.between(1, 99999)) +
         "\",\"task_id\":\"task-" + std::to_string(random.between(1, 99999)) +
         "\",\"description\":\"Gerar e validar o módulo de faturamento\",\"dependencies\":[\"t" +
         std::to_string(random.between(1, 9)) + "\",\"t" + std::to_string(random.between(10, 19)) +
         "\"],\"created_at\":" + std::to_string(random.between(1699000000000, 1700000000000)) + ",";
}

std::string resource_limits(Random& random) {
  std::string out = "{\"resource\":{\"ticket_id\":\"ticket-" +
                    std::to_string(random.between(1, 99999)) +
                    "\",\"risk_band\":" + quoted(random.pick(bands)) + "," + unread(random);
  out +=
      "\"sla\":{\"timeout_ms\":" +
      std::to_string(random.chance(70) ? random.between(10000, 900000)
                                       : random.between(900000, 9000000)) +
      ",\"max_retries\":" + std::to_string(random.chance(80) ? 1 : random.between(2, 6)) +
      "},\"estimated_duration_ms\":" +
      std::to_string(random.chance(90) ? random.between(1000, 10000) : random.between(100, 20000)) +
      ",\"required_capabilities\":[";
  std::int64_t count = random.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i)
    out += (i ? "," : "") + quoted(capabilities[random.between(0, random.chance(85) ? 3 : 5)]);
  out +=
      "]},\"parameters\":{\"allowed_capabilities\":[\"code_generation\",\"deployment\",\"testing\","
      "\"validation\"],\"max_concurrent_tickets\":100},";
  return out + "\"context\":{\"total_tickets\":" +
         std::to_string(random.between(0, random.chance(90) ? 100 : 150)) +
         ",\"current_time\":" + std::to_string(random.between(1699900000000, 1700000000000)) + "}}";
}

std::string sla_enforcement(Random& random) {
  std::int64_t now = random.between(1699900000000, 1700000000000);
  bool good = random.chance(50);
  std::string band = random.pick(bands);
  std::string out = "{\"resource\":{\"ticket_id\":\"ticket-" +
                    std::to_string(random.between(1, 99999)) + "\",\"risk_band\":" + quoted(band) +
                    "," + unread(random);
  std::int64_t estimate = random.between(1000, 100000);
  out +=
      "\"sla\":{\"timeout_ms\":" + std::to_string(estimate * (good || random.chance(60) ? 2 : 1)) +
      ",\"deadline\":" +
      std::to_string(now + (good || random.chance(70) ? random.between(300000, 3600000)
                                                      : random.between(-100000, 700000000))) +
      ",\"max_retries\":1},";
  std::string mode = good
                         ? (band == "critical" || band == "high" ? "EXACTLY_ONCE" : "AT_LEAST_ONCE")
                         : random.pick(modes);
  out += "\"qos\":{\"delivery_mode\":" + quoted(mode) +
         ",\"consistency\":" + quoted(good ? "STRONG" : random.pick(consistencies)) +
         "},\"priority\":" + quoted(good ? "CRITICAL" : random.pick(priorities)) +
         ",\"estimated_duration_ms\":" + std::to_string(estimate) + "},";
  return out + "\"context\":{\"total_tickets\":" + std::to_string(random.between(0, 100)) +
         ",\"current_time\":" + std::to_string(now) + "}}";
}

std::string feature_flags(Random& random) {
  auto flag = [&] { return std::string(random.chance(70) ? "true" : "false"); };
  std::string out = "{\"resource\":{\"ticket_id\":\"ticket-" +
                    std::to_string(random.between(1, 99999)) + "\"," + unread(random) +
                    "\"risk_band\":" + quoted(random.pick(bands)) + "},";
  out += "\"flags\":{\"intelligent_scheduler_enabled\":" + flag() +
         ",\"scheduler_namespaces\":[\"production\",\"staging\"],\"burst_capacity_enabled\":" +
         flag() +
         ",\"burst_threshold\":0.8,\"premium_tenants\":[\"tenant-1\",\"tenant-2\"],\"predictive_"
         "allocation_enabled\":" +
         flag() + ",\"auto_scaling_enabled\":" + flag() +
         ",\"scaling_threshold\":100,\"early_access_tenants\":[\"tenant-7\"]},";
  out += "\"context\":{\"namespace\":" + quoted(random.pick(namespaces)) + ",\"current_load\":0." +
         std::to_string(random.between(1, 99)) + ",\"tenant_id\":\"tenant-" +
         std::to_string(random.between(1, 9)) +
         "\",\"queue_depth\":" + std::to_string(random.between(0, 200)) +
         ",\"current_time\":" + std::to_string(random.between(1699900000000, 1700000000000)) +
         ",\"model_accuracy\":0." + std::to_string(random.between(70, 99)) + "}";
  return out + "}";
}

}  // namespace

const char* name_of(PolicyName policy) {
  switch (policy) {
    case PolicyName::resource_limits:
      return "resource_limits";
    case PolicyName::sla_enforcement:
      return "sla_enforcement";
    case PolicyName::feature_flags:
      return "feature_flags";
  }
  return "";
}

std::vector<std::string> make_inputs(PolicyName policy, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(policy == PolicyName::resource_limits   ? resource_limits(random)
                  : policy == PolicyName::sla_enforcement ? sla_enforcement(random)
                                                          : feature_flags(random));
  }
  return out;
}

}  // namespace lictor::bench
