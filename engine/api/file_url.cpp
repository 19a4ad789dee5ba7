#include "lictor/file_url.hpp"

#include "base/uri.hpp"

namespace lictor {

Result<std::string> local_path(const std::string& path) {
  if (path.find("://") == std::string::npos) return path;
  Error error;
  error.code = ErrorCode::load;
  try {
    Uri uri = parse_uri(path);
    if (uri.scheme == "file") return uri.path;
    error.message = "unsupported URL scheme: " + path;
  } catch (const UriError& wrong) {
    error.message = wrong.text;
  }
  return error;
}

}  // namespace lictor
