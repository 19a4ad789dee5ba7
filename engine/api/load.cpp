// Reads policies and documents from files and folders. Source of the order and the words: OPA
// v1/loader/loader.go.
#include "lictor/load.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "lictor/file_url.hpp"
#include "lictor/yaml.hpp"

namespace lictor {
namespace fs = std::filesystem;

namespace {

using Place = std::vector<std::string>;

Error load_error(std::string message) {
  return Error{ErrorCode::load, std::move(message), {}, 0, 0, {}, {}};
}

/// The words of a system error, which begin with a small letter as Go has them.
std::string words_of(int number) {
  std::string out = std::strerror(number);
  out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
  return out;
}

Error cannot(const std::string& what, const std::string& path, int number) {
  return load_error(what + " " + path + ": " + words_of(number));
}

/// What follows the last dot of the last part of a path, with the dot.
std::string_view extension_of(std::string_view path) {
  std::size_t dot = path.find_last_of("./");
  return dot == std::string_view::npos || path[dot] == '/' ? std::string_view() : path.substr(dot);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out(1);
  for (char c : text) {
    if (c == separator)
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

/// A path's prefix, which says where its documents go, and the rest.
std::pair<Place, std::string> split_prefix(const std::string& path) {
  std::size_t colon = path.find(':');
  if (colon == path.find("://") || colon == 0) return {{}, path};
  return {split(path.substr(0, colon), '.'), path.substr(colon + 1)};
}

std::string clean(const std::string& path) {
  std::string out = fs::path(path).lexically_normal().string();
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out.empty() ? "." : out;
}

/// Where the files go. Functions return what is wrong with a file, so that it is reported once.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Errors add_module(const std::string& path, std::string text) = 0;
  virtual std::optional<Error> add_document(const std::string& path, const Place& place,
                                            std::string json) = 0;
  virtual void fail(const std::string& path, const Error& error) = 0;
  virtual bool skips(const std::string& name) const = 0;
  /// False where files are read again and again: opening a pipe may block.
  virtual bool reads_pipes() const = 0;
};

class EngineSink : public Sink {
 public:
  explicit EngineSink(Engine& engine) : engine_(engine) {}

  Errors add_module(const std::string& path, std::string text) override {
    return engine_.load_module(path, std::move(text));
  }
  std::optional<Error> add_document(const std::string& path, const Place& place,
                                    std::string json) override {
    return engine_.load_data_at(place, std::move(json), path);
  }
  void fail(const std::string&, const Error& error) override { errors_.push_back(error); }
  bool skips(const std::string&) const override { return false; }
  bool reads_pipes() const override { return true; }

  Errors take_errors() { return std::move(errors_); }

 private:
  Engine& engine_;
  Errors errors_;
};

class SourceSink : public Sink {
 public:
  Errors add_module(const std::string& path, std::string text) override {
    bool is_rego = extension_of(path) == ".rego";
    Errors errors = is_rego ? Errors{} : Engine().load_module(path, text);
    if (errors.empty()) out_.files.push_back({SourceFile::Kind::module, path, {}, std::move(text)});
    return errors;
  }
  std::optional<Error> add_document(const std::string& path, const Place& place,
                                    std::string json) override {
    out_.files.push_back({SourceFile::Kind::document, path, place, std::move(json)});
    return std::nullopt;
  }
  void fail(const std::string& path, const Error& error) override {
    out_.problems.push_back({path, error.message});
  }
  /// Kubernetes mounts a ConfigMap as links to files below ..data, which links to a folder whose
  /// name begins with two dots too.
  bool skips(const std::string& name) const override { return name.starts_with(".."); }
  bool reads_pipes() const override { return false; }

  SourceFiles take() { return std::move(out_); }

 private:
  SourceFiles out_;
};

class Loader {
 public:
  Loader(Contents contents, Sink& sink) : contents_(contents), sink_(sink) {}

  void load(const std::string& text) {
    const auto& [place, path] = split_prefix(text);
    Result<std::string> local = local_path(path);
    if (local)
      load_path(*local, place, 0);
    else
      sink_.fail(text, local.error());
  }

 private:
  void load_path(const std::string& path, const Place& place, int depth) {
    if (path.starts_with("//") || path.starts_with("\\\\")) {
      sink_.fail(path, load_error("UNC path read is not allowed: " + path));
      return;
    }
    std::error_code error;
    fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      sink_.fail(path, cannot("stat", path, error ? error.value() : ENOENT));
    } else if (fs::is_directory(status)) {
      load_folder(path, place, depth);
    } else if (contents_ == Contents::all || extension_of(path) == ".rego") {
      std::string key;
      for (const std::string& part : place) key += part + '\0';
      if (seen_.insert(key + '\1' + clean(path)).second) load_file(path, place, depth > 0);
    }
  }

  void load_folder(const std::string& path, Place place, int depth) {
    if (depth > 0) place.push_back(fs::path(path).filename().string());
    std::error_code error;
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path, error))
      names.push_back(entry.path().filename().string());
    if (error) sink_.fail(path, cannot("open", path, error.value()));
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (!sink_.skips(name)) load_path(clean(path + "/" + name), place, depth + 1);
    }
  }

  void load_file(const std::string& path, const Place& place, bool in_folder) {
    std::string_view extension = extension_of(path);
    bool is_yaml = extension == ".yaml" || extension == ".yml";
    bool is_known = is_yaml || extension == ".rego" || extension == ".json";
    if (in_folder && !is_known) {
      if (path.ends_with(".tar.gz")) sink_.fail(path, bundle_error(path));
      return;
    }
    std::error_code error;
    if ((in_folder || !sink_.reads_pipes()) && !fs::is_regular_file(path, error))
      return sink_.fail(path, load_error(path + ": not a regular file"));
    Result<std::string> text = read_file(path);
    if (!text)
      fail_all(path, text.errors());
    else if (extension == ".rego")
      fail_all(path, load_module(path, *std::move(text)));
    else if (extension == ".json")
      add_document(path, place, *std::move(text));
    else if (is_yaml)
      load_yaml(path, place, *text);
    else
      load_any(path, place, *std::move(text));
  }

  Errors load_module(const std::string& path, std::string text) {
    Errors errors;
    if (!modules_.contains(trimmed_of_slashes(path)))
      errors = sink_.add_module(path, std::move(text));
    if (errors.empty()) modules_.insert(trimmed_of_slashes(path));
    return errors;
  }

  void load_yaml(const std::string& path, const Place& place, const std::string& text) {
    Result<std::string> json = yaml_to_json(text);
    if (json)
      add_document(path, place, *std::move(json));
    else
      sink_.fail(path,
                 load_error(path + ": error converting YAML to JSON: " + json.error().message));
  }

  /// A file whose name says nothing: a policy if it can be one, else JSON, else YAML.
  void load_any(const std::string& path, const Place& place, std::string text) {
    if (path.ends_with(".tar.gz")) return sink_.fail(path, bundle_error(path));
    if (load_module(path, text).empty()) return;
    Result<std::string> json = document_to_json(std::move(text));
    if (json)
      add_document(path, place, *std::move(json));
    else
      sink_.fail(path, load_error(path + ": can't recognize file type"));
  }

  void add_document(const std::string& path, const Place& place, std::string json) {
    if (std::optional<Error> failed = sink_.add_document(path, place, std::move(json)))
      sink_.fail(path, *failed);
  }

  static Error bundle_error(const std::string& path) {
    return load_error("bundle " + path + ": lictor does not load bundles");
  }

  void fail_all(const std::string& path, const Errors& errors) {
    for (const Error& error : errors) sink_.fail(path, error);
  }

  Contents contents_;
  Sink& sink_;
  std::set<std::string> seen_;     // places and paths of files
  std::set<std::string> modules_;  // paths of policies
};

}  // namespace

Result<std::string> read_file(const std::string& path) {
  Result<std::string> local = local_path(path);
  if (!local) return local;
  std::error_code ignored;
  if (fs::is_directory(*local, ignored)) return cannot("read", *local, EISDIR);
  std::ifstream file(*local, std::ios::binary);
  if (!file) return cannot("open", *local, errno);
  std::string text;
  std::uintmax_t size = fs::file_size(*local, ignored);
  if (!ignored) text.resize(size);  // a pipe has no size, and is read to its end below
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file) text.append(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return cannot("read", *local, errno);
  return text;
}

std::string trimmed_of_slashes(std::string_view path) {
  std::size_t first = path.find_first_not_of('/'), last = path.find_last_not_of('/');
  return first == std::string_view::npos ? "" : std::string(path.substr(first, last - first + 1));
}

Errors load_paths(const std::vector<std::string>& paths, Contents contents, Engine& engine) {
  EngineSink sink(engine);
  Loader loader(contents, sink);
  for (const std::string& path : paths) loader.load(path);
  return sink.take_errors();
}

SourceFiles read_sources(const std::vector<std::string>& paths) {
  SourceSink sink;
  Loader loader(Contents::all, sink);
  for (const std::string& path : paths) loader.load(path);
  return sink.take();
}

}  // namespace lictor
