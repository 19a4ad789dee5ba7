#include "capabilities_flag.hpp"

#include "load.hpp"

namespace lictor::cli {

void add_capabilities_flag(Flags& flags, std::shared_ptr<const Capabilities>& capabilities) {
  auto set = [&capabilities](const std::string& name) -> std::string {
    Result<std::string> text = read_file(name);
    Result<Capabilities> read = text ? read_capabilities(*text) : capabilities_of(name);
    if (!read) read = capabilities_of(name);
    if (!read) return "no such file or capabilities version found: " + name;
    capabilities = std::make_shared<Capabilities>(*std::move(read));
    return "";
  };
  flags.checked_text("--capabilities", "what policies may use: a file, or a version of OPA", set);
}

}  // namespace lictor::cli
