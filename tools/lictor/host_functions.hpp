// What policies that the command evaluates can call beside the engine's builtins: http.send.
#pragma once

#include "lictor/engine.hpp"

namespace lictor::cli {

/// Adds them to a new engine that has these options, whose capabilities may bound their network.
void add_host_functions(Engine& engine, const EngineOptions& options);

}  // namespace lictor::cli
