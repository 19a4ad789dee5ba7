// Reads standard input.
#include "load.hpp"

#include <iostream>
#include <iterator>

namespace lictor::cli {

std::string read_standard_input() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

}  // namespace lictor::cli
