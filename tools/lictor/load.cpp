// Reads policies and documents from files and folders.
#include "load.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

namespace lictor::cli {
namespace fs = std::filesystem;

namespace {

Error cannot(const std::string& what, const std::string& path, std::string why) {
  why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return Error{ErrorCode::load, what + " " + path + ": " + why, {}, 0, 0, {}, {}};
}

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

std::optional<Error> load_file(const fs::path& path, std::vector<std::string> place, bool with_data,
                               bool named, Engine& engine) {
  std::string extension = path.extension().string();
  bool json = extension == ".json" && with_data;
  bool yaml = is_yaml(path) && with_data;
  if (extension != ".rego" && !json && !yaml) {
    if (!named) return std::nullopt;
    return Error{ErrorCode::load,
                 path.string() + ": unrecognized file",
                 {},
                 0,
                 0,
                 {},
                 "name .rego, .json or .yaml files, or folders of them"};
  }
  Result<std::string> text = yaml ? read_document(path.string()) : read_file(path.string());
  if (!text) return text.error();
  if (json || yaml)
    engine.add_data_at(std::move(place), *std::move(text), path.string());
  else
    engine.add_module(path.string(), *std::move(text));
  return std::nullopt;
}

std::optional<Error> load_folder(const fs::path& folder, const std::vector<std::string>& place,
                                 bool with_data, Engine& engine) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder, error))
    entries.push_back(entry.path().lexically_normal());
  if (error) return cannot("open", folder.string(), error.message());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    std::optional<Error> failed;
    if (fs::is_directory(entry, error)) {
      std::vector<std::string> below = place;
      below.push_back(entry.filename().string());
      failed = load_folder(entry, below, with_data, engine);
    } else {
      failed = load_file(entry, place, with_data, false, engine);
    }
    if (failed) return failed;
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return cannot("read", path, "is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot("open", path, std::strerror(errno));
  std::string text;
  std::uintmax_t size = fs::file_size(path, ignored);
  if (!ignored) text.resize(size);  // what is no regular file is read to its end
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file) text.append(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return cannot("read", path, std::strerror(errno));
  return text;
}

namespace {

/// A path as it is written: "file.json", "file:///tmp/file.json", or "a.b:file.json", whose
/// document stands at data.a.b.
struct NamedPath {
  std::vector<std::string> place;
  std::string path;

  explicit NamedPath(const std::string& text) : path(text) {
    constexpr std::string_view scheme = "file://";
    if (path.starts_with(scheme)) {
      path.erase(0, scheme.size());
      return;
    }
    std::size_t colon = path.find(':');
    if (colon == std::string::npos || colon == 0) return;
    std::istringstream prefix(path.substr(0, colon));
    for (std::string part; std::getline(prefix, part, '.');) place.push_back(part);
    path.erase(0, colon + 1);
  }
};

}  // namespace

Result<std::string> read_document(const std::string& path) {
  Result<std::string> text = read_file(path);
  if (!text || !is_yaml(path)) return text;
  Result<std::string> json = yaml_to_json(*text);
  if (json) return json;
  Error error = json.error();
  error.file = path;
  return error;
}

std::optional<Error> load_paths(const std::vector<std::string>& paths, bool with_data,
                                Engine& engine) {
  for (const std::string& text : paths) {
    const auto [place, path] = NamedPath(text);
    std::error_code error;
    fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
      return cannot("stat", path, "no such file or directory");
    if (error) return cannot("stat", path, error.message());
    std::optional<Error> failed = fs::is_directory(status)
                                      ? load_folder(path, place, with_data, engine)
                                      : load_file(path, place, with_data, true, engine);
    if (failed) return failed;
  }
  return std::nullopt;
}

}  // namespace lictor::cli
