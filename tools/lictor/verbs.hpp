// The verbs of the command, each with its flags.
#pragma once

#include "command.hpp"

namespace lictor::cli {

Command eval_command();
Command parse_command();
Command check_command();
Command fmt_command();
Command test_command();
Command dump_command();
Command bench_command();
Command version_command();
Command capabilities_command();
Command validate_command();
Command conform_command();

/// Verbs that talk to an OPA over HTTP are in a program of their own, lictor-remote, which `lictor`
/// becomes when one of them is called: libcurl and what it needs take longer to load than most
/// other verbs take.
inline constexpr const char* remote_verbs[] = {"conform", "validate"};

}  // namespace lictor::cli
