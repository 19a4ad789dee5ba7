// Text in a message.
#pragma once

#include <string>

namespace lictor {

/// Blanks become one each, and what goes on for more than 80 characters is cut.
std::string on_one_line(const std::string& text);

}  // namespace lictor
