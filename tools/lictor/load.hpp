// What the command reads beside the files of lictor/load.hpp.
#pragma once

#include <string>

#include "lictor/load.hpp"

namespace lictor::cli {

/// Reads standard input to its end.
std::string read_standard_input();

}  // namespace lictor::cli
