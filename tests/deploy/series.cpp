// The metrics of a client whose server hangs, refuses, is slow, answers garbage, or is well, for
// the tests of the alerts. Out: JSON {kind: {series: [sample, ...]}}, a sample each 15 s of 12
// minutes. The client, its breaker and the server are real, but their time runs 40 times faster:
// every duration of the configuration is that much shorter, and the histogram's bounds are shown
// that much longer.
#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::FakeOpa;
using lictor::tests::SlowProxy;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int speed = 40;
constexpr int samples = 12 * 4;
constexpr milliseconds interval(15000 / speed);

/// The defaults, faster.
Configuration configuration_for(std::uint16_t port) {
  Configuration out;
  out.mode = Mode::remote;
  out.host = "127.0.0.1";
  out.port = port;
  out.policies = "no-such-folder";
  out.reload = milliseconds(0);
  for (milliseconds* time : {&out.attempt_timeout, &out.first_backoff, &out.deadline,
                             &out.breaker_reset, &out.cache_ttl})
    *time /= speed;
  return out;
}

/// A bound of the histogram in the time that is shown.
std::string slower(const std::string& name) {
  std::size_t at = name.find("le=\"");
  if (at == std::string::npos || name.find("le=\"+Inf") != std::string::npos) return name;
  std::size_t end = name.find('"', at + 4);
  std::ostringstream bound;
  bound << std::stod(name.substr(at + 4, end - at - 4)) * speed;
  return name.substr(0, at + 4) + bound.str() + name.substr(end);
}

using Series = std::map<std::string, std::vector<double>>;

/// Adds a sample of each series; 0 for the samples before a series was there.
void sample(const std::string& scraped, std::size_t index, Series& out) {
  std::istringstream lines(scraped);
  for (std::string line; std::getline(lines, line);) {
    std::size_t space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    std::vector<double>& values = out[slower(line.substr(0, space))];
    values.resize(index);
    values.push_back(std::stod(line.substr(space + 1)));
  }
}

Series run(std::uint16_t port) {
  PolicyClient client(configuration_for(port));
  client.initialize();
  std::atomic<bool> stop{false};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&, caller] {
      PolicyValidator validator(client);
      for (int i = caller; !stop; i += 2) {
        validator.validate_execution_ticket(R"({"risk_band": "low", "queue_depth": )" +
                                            std::to_string(i) + "}");
        std::this_thread::sleep_for(milliseconds(1000 / speed));
      }
    });
  }
  Series out;
  Clock::time_point start = Clock::now();
  for (int i = 0; i < samples; ++i) {
    std::this_thread::sleep_until(start + i * interval);
    sample(client.metrics().scrape(), static_cast<std::size_t>(i), out);
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  return out;
}

}  // namespace

int main() {
  FakeOpa good, silent, garbage;
  silent.set(FakeOpa::Mood::silent);
  garbage.set(FakeOpa::Mood::garbage);
  SlowProxy slow(good.port(), milliseconds(1500 / speed));
  const std::pair<const char*, std::uint16_t> kinds[] = {{"good", good.port()},
                                                         {"hangs", silent.port()},
                                                         {"garbage", garbage.port()},
                                                         {"slow", slow.port()},
                                                         {"refuses", lictor::cli::free_port()}};
  std::map<std::string, Series> out;
  for (const auto& kind : kinds) out[kind.first];
  std::vector<std::thread> runs;
  for (const auto& [kind, port] : kinds)
    runs.emplace_back([&into = out[kind], port = port] { into = run(port); });
  for (std::thread& thread : runs) thread.join();
  std::cout << nlohmann::json(out).dump() << "\n";
}
