// Files → an Engine, as OPA's loader does it: policies and documents from files, and from folders,
// which are walked in order. A document of a folder is placed at its path below that folder.
// INVARIANT: a file that is named twice, or that overlapping folders share, counts once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/engine.hpp"

namespace lictor {

/// Reads a whole file, or the file that a file:// URL names; the Error names it otherwise.
Result<std::string> read_file(const std::string& path);

enum class Contents : std::uint8_t {
  all,    // policies, data, and files of any other name that are named outright
  regos,  // files named *.rego; all others are passed over
};

/// A path without slashes at its ends, by which OPA's loader knows a policy.
std::string trimmed_of_slashes(std::string_view path);

/// Adds what is at the paths: "folder", "file.rego", "file:///tmp/file.json", or "a.b:file.json",
/// whose document goes to data.a.b. Returns the errors of all files.
Errors load_paths(const std::vector<std::string>& paths, Contents contents, Engine& engine);

/// A file as the loader read it.
struct SourceFile {
  enum class Kind : std::uint8_t { module, document };

  Kind kind = Kind::module;
  std::string path;
  std::vector<std::string> place;  // of a document, below `data`
  std::string text;                // of a document as JSON

  bool operator==(const SourceFile&) const = default;
};

/// A file or a folder that cannot be read, and why.
struct SourceProblem {
  std::string path;
  std::string reason;

  bool operator==(const SourceProblem&) const = default;
};

struct SourceFiles {
  std::vector<SourceFile> files;
  std::vector<SourceProblem> problems;

  bool operator==(const SourceFiles&) const = default;
};

/// Reads the same files without parsing what they hold, for programs that watch them. In a folder,
/// names that begin with two dots are left out, so that a mounted ConfigMap is read once.
SourceFiles read_sources(const std::vector<std::string>& paths);

}  // namespace lictor
