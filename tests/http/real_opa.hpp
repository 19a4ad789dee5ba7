// A real OPA with the policy that sends its input, as an Asker has it.
#pragma once

#include <curl/curl.h>

#include <nlohmann/json.hpp>
#include <string>

#include "opa_process.hpp"

namespace lictor::tests {

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// Answers of a real OPA, over one connection.
class RealOpa {
 public:
  explicit RealOpa(const std::string& folder)
      : process_(cli::OpaProcess::start(LICTOR_OPA, {folder}, false)), handle_(curl_easy_init()) {}
  ~RealOpa() { curl_easy_cleanup(handle_); }

  /// The answer where OPA crashes: cache_ignored_headers with headers that are no object.
  static constexpr const char* crash = "OPA crashes";

  bool is_running() const { return process_.has_value(); }

  std::string operator()(const std::string& request) {
    std::string url = "http://127.0.0.1:" + std::to_string(process_->port()) +
                      "/v1/data/t/p?strict-builtin-errors=true";
    std::string body = "{\"input\":" + request + "}", out;
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &out);
    if (curl_easy_perform(handle_) != CURLE_OK) return crash;
    constexpr std::string_view result = "{\"result\":";
    out.erase(out.find_last_not_of('\n') + 1);
    if (out.starts_with(result)) return out.substr(result.size(), out.size() - result.size() - 1);
    nlohmann::json answer = nlohmann::json::parse(out);
    if (!answer.contains("errors")) return "";
    const nlohmann::json& error = answer["errors"][0];
    return error["code"].get<std::string>() + ": " + error["message"].get<std::string>();
  }

 private:
  static std::size_t take(char* data, std::size_t, std::size_t size, void* into) {
    static_cast<std::string*>(into)->append(data, size);
    return size;
  }
  Result<cli::OpaProcess> process_;
  CURL* handle_;
};

}  // namespace lictor::tests
