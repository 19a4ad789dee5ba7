// The verbs of the command. Each adds its flags to the command line and, when chosen, sets the exit
// status.
#pragma once

#include <CLI/CLI.hpp>

namespace lictor::cli {

void add_eval(CLI::App& app, int& status);
void add_parse(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_fmt(CLI::App& app, int& status);
void add_test(CLI::App& app, int& status);
void add_dump(CLI::App& app, int& status);
void add_bench(CLI::App& app, int& status);
void add_validate(CLI::App& app, int& status);
void add_version(CLI::App& app, int& status);
void add_conform(CLI::App& app, int& status);
void add_capabilities(CLI::App& app, int& status);

/// Verbs that talk to an OPA over HTTP are in a program of their own, lictor-remote, which `lictor`
/// becomes when one of them is called: libcurl and what it needs take longer to load than most
/// other verbs take.
struct RemoteVerb {
  const char* name;
  const char* description;
};
inline constexpr RemoteVerb conform_verb = {
    "conform",
    "Compare lictor's decisions with a real OPA's\n\n"
    "  lictor conform policies/authz.rego --generate 1000\n"
    "  lictor conform policies --entrypoint authz/allow --inputs samples"};
inline constexpr RemoteVerb validate_verb = {
    "validate",
    "Check a plan or a ticket against the orchestrator's policies\n\n"
    "  lictor validate ticket -d policies/orchestrator policies/samples/ticket_allowed.json\n"
    "  lictor validate plan -d policies/orchestrator -f table plan.json\n"
    "  lictor validate ticket -d policies/orchestrator --lines < tickets.ndjson\n\n"
    "Exits 0 for valid, 1 for rejected, 2 for an error. Settings come from the environment\n"
    "(LICTOR_MODE, OPA_HOST, OPA_FAIL_OPEN, ...); flags win over them."};

}  // namespace lictor::cli
