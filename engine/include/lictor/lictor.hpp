// Everything an embedding program needs.
#pragma once

#include "lictor/builder.hpp"
#include "lictor/capabilities.hpp"
#include "lictor/engine.hpp"
#include "lictor/error.hpp"
#include "lictor/host_function.hpp"
#include "lictor/listener.hpp"
#include "lictor/load.hpp"
#include "lictor/policy.hpp"
#include "lictor/print.hpp"
#include "lictor/value.hpp"
#include "lictor/yaml.hpp"
