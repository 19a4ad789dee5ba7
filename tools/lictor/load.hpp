// Files → an Engine, as OPA's loader does it: policies and documents from files, and from folders,
// which are walked in order. A document of a folder is placed at its path below that folder.
// INVARIANT: a file that is named twice, or that overlapping folders share, counts once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lictor/lictor.hpp"

namespace lictor::cli {

/// Reads a whole file, or the file that a file:// URL names; the Error names it otherwise.
Result<std::string> read_file(const std::string& path);

/// Reads standard input to its end.
std::string read_standard_input();

enum class Contents : std::uint8_t {
  all,    // policies, data, and files of any other name that are named outright
  regos,  // files named *.rego; all others are passed over
};

/// A path without slashes at its ends, by which OPA's loader knows a policy.
std::string trimmed_of_slashes(std::string_view path);

/// Adds what is at the paths: "folder", "file.rego", "file:///tmp/file.json", or "a.b:file.json",
/// whose document goes to data.a.b. Returns the errors of all files.
Errors load_paths(const std::vector<std::string>& paths, Contents contents, Engine& engine);

}  // namespace lictor::cli
