// How many tickets a second does the validator check, and how long does one take, with 1, 2 and 8
// threads: in-process, by a remote OPA over loopback, and with the circuit breaker open? And how
// often does the cache know a stream of 10,000 tickets of which 200 are distinct?
// Usage: bench_validator OPA_BINARY POLICIES_DIR [--quick]. Prints a table; the figures as JSON go
// to the file that --json names.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"

namespace {

using namespace lictor::validator;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr std::int64_t now_ms = 1700000000000;

/// Tickets as callers send them; some are rejected.
std::vector<std::string> make_tickets(std::size_t count) {
  const char* const bands[] = {"critical", "high", "medium", "low"};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    std::string n = std::to_string(i);
    out.push_back("{\"ticket_id\":\"ticket-" + n + "\",\"plan_id\":\"plan-" +
                  std::to_string(i / 7) + "\",\"risk_band\":\"" + bands[i % 4] +
                  "\",\"sla\":{\"timeout_ms\":" + std::to_string(60000 + i * 137 % 1000000) +
                  ",\"deadline\":" + std::to_string(now_ms + 1000000) +
                  ",\"max_retries\":1},\"qos\":{\"delivery_mode\":\"" +
                  (i % 3 == 0 ? "AT_LEAST_ONCE" : "EXACTLY_ONCE") +
                  "\",\"consistency\":\"STRONG\"},\"priority\":\"CRITICAL\",\"required_"
                  "capabilities\":[\"testing\","
                  "\"deployment\"],\"estimated_duration_ms\":" +
                  std::to_string(1000 + i * 91 % 30000) +
                  ",\"namespace\":\"production\",\"queue_depth\":" + std::to_string(i % 200) + "}");
  }
  return out;
}

struct Figures {
  double tickets_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

Figures measure(PolicyValidator& validator, const std::vector<std::string>& tickets, int threads,
                std::size_t each) {
  std::vector<std::vector<double>> times(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  std::atomic<bool> go{false};
  Clock::time_point start;
  for (std::size_t t = 0; t < times.size(); ++t) {
    running.emplace_back([&, t] {
      for (std::size_t i = 0; i < 50; ++i)
        validator.validate_execution_ticket(tickets[(t + i) % tickets.size()], now_ms);
      times[t].reserve(each);
      while (!go) std::this_thread::yield();
      for (std::size_t i = 0; i < each; ++i) {
        Clock::time_point before = Clock::now();
        validator.validate_execution_ticket(tickets[(t * 1009 + i) % tickets.size()], now_ms);
        times[t].push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - before).count());
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  start = Clock::now();
  go = true;
  for (std::thread& thread : running) thread.join();
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::vector<double> all;
  for (const auto& part : times) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  return {static_cast<double>(all.size()) / seconds, all[all.size() / 2],
          all[all.size() * 99 / 100]};
}

/// How many times slower one path is at p50: the median of rounds in which both run in turn, so
/// that a machine that is slowed for a while slows both.
double paired_ratio(PolicyValidator& slow, PolicyValidator& fast,
                    const std::vector<std::string>& tickets, int rounds) {
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i)
    ratios.push_back(measure(slow, tickets, 1, 300).p50_us /
                     measure(fast, tickets, 1, 60000).p50_us);
  std::nth_element(ratios.begin(), ratios.begin() + rounds / 2, ratios.end());
  return ratios[static_cast<std::size_t>(rounds / 2)];
}

Configuration configuration_for(Mode mode, const std::string& policies, std::uint16_t port) {
  Configuration out;
  out.mode = mode;
  out.policies = policies;
  out.host = "127.0.0.1";
  out.port = port;
  out.reload = std::chrono::milliseconds(0);
  out.cache_size = 0;
  return out;
}

/// The share of decisions that the cache knew.
double hit_rate(const std::string& policies, std::uint16_t port) {
  Configuration configuration = configuration_for(Mode::remote, policies, port);
  configuration.cache_size = 1000;
  PolicyClient client(configuration);
  client.initialize();
  PolicyValidator validator(client);
  std::vector<std::string> tickets = make_tickets(200);
  std::uint64_t random = 1;
  for (int i = 0; i < 10000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    // The clock goes on, as it does for a service; sla_enforcement reads it.
    validator.validate_execution_ticket(tickets[(random >> 33) % tickets.size()], now_ms + i / 100);
  }
  std::string text = client.metrics().scrape();
  auto value = [&](const char* name) {
    return std::stod(text.substr(text.find(name) + std::strlen(name)));
  };
  return value("\nopa_cache_hits_total ") / value("\nopa_cache_requests_total ");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s OPA_BINARY POLICIES_DIR [--quick] [--json FILE]\n", argv[0]);
    return 2;
  }
  bool quick = false;
  std::string json_file, policies = argv[2];
  for (int i = 3; i < argc; ++i) {
    quick |= std::strcmp(argv[i], "--quick") == 0;
    if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) json_file = argv[i + 1];
  }
  auto server = lictor::cli::OpaProcess::start(argv[1], {policies}, false);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().render().c_str());
    return 1;
  }
  std::vector<std::string> tickets = make_tickets(1000);
  Json out;
  std::printf("| path | threads | tickets/s | p50 | p99 |\n|---|---|---|---|---|\n");
  auto row = [&](const char* path, PolicyValidator& validator, int threads, std::size_t each) {
    Figures f = measure(validator, tickets, threads, quick ? each / 50 : each);
    std::printf("| %s | %d | %.0f | %.2f µs | %.2f µs |\n", path, threads, f.tickets_per_second,
                f.p50_us, f.p99_us);
    std::fflush(stdout);
    out[path][std::to_string(threads)] = {
        {"tickets_per_second", f.tickets_per_second}, {"p50_us", f.p50_us}, {"p99_us", f.p99_us}};
  };
  PolicyClient local(configuration_for(Mode::local, policies, 1));
  local.initialize();
  PolicyValidator local_validator(local);
  PolicyClient remote(configuration_for(Mode::remote, policies, server->port()));
  remote.initialize();
  PolicyValidator remote_validator(remote);
  Configuration down = configuration_for(Mode::remote, policies, lictor::cli::free_port());
  down.breaker_threshold = 1;
  down.attempts = 1;
  down.breaker_reset = std::chrono::hours(1);
  PolicyClient open(down);
  open.initialize();
  open.evaluate_policy("any/policy", "{}");
  PolicyValidator open_validator(open);
  for (int threads : {1, 2, 8}) row("local", local_validator, threads, 100000);
  for (int threads : {1, 2, 8}) row("remote", remote_validator, threads, 1500);
  for (int threads : {1, 2, 8}) row("breaker open", open_validator, threads, 100000);
  double hits = hit_rate(policies, server->port());
  out["cache_hit_rate"] = hits;
  double ratio = paired_ratio(remote_validator, local_validator, tickets, quick ? 1 : 7);
  out["remote_over_local_p50"] = ratio;
  std::printf(
      "\nLocal is %.0f× faster than remote at p50. The cache knew %.1f %% of the decisions of "
      "10,000 tickets, 200 of them distinct.\n",
      ratio, hits * 100);
  if (!json_file.empty()) std::ofstream(json_file) << out.dump(2) << "\n";
  return 0;
}
