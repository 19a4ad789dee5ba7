#include "schemas.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "lictor/file_url.hpp"
#include "load.hpp"

namespace lictor::cli {
namespace {

namespace fs = std::filesystem;

std::optional<Error> load_schema(const std::string& file, std::vector<std::string> name,
                                 Engine& engine) {
  Result<std::string> text = read_file(file);
  if (!text) return text.error();
  Result<std::string> json = document_to_json(*std::move(text));
  if (!json) {
    return Error{ErrorCode::load, file + ": " + json.error().message, {}, 0, 0, {}, {}};
  }
  engine.add_schema(std::move(name), *std::move(json));
  return std::nullopt;
}

std::vector<fs::path> files_below(const std::string& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Errors load_schemas(const std::string& path, Engine& engine) {
  if (path.empty()) return {};
  Result<std::string> local = local_path(path);
  if (!local) return local.errors();
  if (!fs::exists(*local)) {
    Error missing{
        ErrorCode::load, "stat " + *local + ": no such file or directory", {}, 0, 0, {}, {}};
    return {missing};
  }
  Errors errors;
  auto add = [&](const std::string& file, std::vector<std::string> name) {
    if (auto error = load_schema(file, std::move(name), engine)) errors.push_back(*error);
  };
  if (!fs::is_directory(*local)) {
    add(*local, {});
    return errors;
  }
  for (const fs::path& file : files_below(*local)) {
    std::vector<std::string> name;
    fs::path below = fs::relative(file, *local);
    for (const fs::path& part : below.parent_path()) name.push_back(part.string());
    name.push_back(below.stem().string());
    add(file.lexically_normal().string(), std::move(name));
    if (!errors.empty()) break;
  }
  return errors;
}

}  // namespace lictor::cli
