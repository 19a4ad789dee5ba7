// OPA is asked a line of JSON at a time; lictor is called.
#include "engines.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "json/write.hpp"
#include "lictor/lictor.hpp"

extern char** environ;

namespace lictor::differential {
namespace {

bool is_refusal(std::string_view code) { return code.starts_with("rego_"); }

Outcome failed(std::string code, std::string_view message) {
  bool refused = is_refusal(code);
  return {std::move(code) + ": " + std::string(message), refused};
}

Outcome value_outcome(std::string text) {
  return {text.empty() ? "undefined" : std::move(text), false};
}

}  // namespace

Reference::Reference(const std::string& binary) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  char* argv[] = {const_cast<char*>(binary.c_str()), nullptr};
  if (posix_spawn(&child_, binary.c_str(), &actions, nullptr, argv, environ) != 0) child_ = -1;
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
}

Reference::~Reference() {
  if (to_) std::fclose(to_);
  if (from_) std::fclose(from_);
  if (child_ > 0) ::waitpid(child_, nullptr, 0);
}

Outcome Reference::ask(const Program& program, bool plain) {
  nlohmann::json request = {
      {"modules", {text_of(program.module)}}, {"query", program.query}, {"plain", plain}};
  std::string text = request.dump();
  text.pop_back();
  text += ",\"data\":" + text_of(program.data) + ",\"input\":" + text_of(program.input) + "}\n";
  std::fputs(text.c_str(), to_);
  std::fflush(to_);
  char* line = nullptr;
  std::size_t capacity = 0;
  if (::getline(&line, &capacity, from_) <= 0) {
    std::free(line);
    return {"the oracle stopped", false};
  }
  nlohmann::json answer = nlohmann::json::parse(line);
  std::free(line);
  if (answer.contains("value")) return value_outcome(answer["value"].get<std::string>());
  const nlohmann::json& first = answer["errors"][0];
  return failed(first["code"].get<std::string>(), first["message"].get<std::string>());
}

Outcome ask_lictor(const Program& program) {
  EngineOptions options;
  options.limits.instructions = 20'000'000;
  Engine engine(options);
  engine.add_module("m0.rego", text_of(program.module));
  engine.add_data(text_of(program.data));
  Result<Policy> policy = engine.compile(program.query);
  if (!policy) return failed(code_name(policy.error().code), policy.error().message);
  Result<Decision> decision = policy->eval(text_of(program.input));
  if (!decision) return failed(code_name(decision.error().code), decision.error().message);
  return value_outcome(decision->is_undefined() ? "" : json::to_rego(decision->value()));
}

}  // namespace lictor::differential
