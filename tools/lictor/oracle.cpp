// Talks to an OPA server with libcurl over one kept-alive connection.
#include "oracle.hpp"

#include <curl/curl.h>

#include "opa_process.hpp"

namespace lictor::cli {
namespace {

std::size_t collect(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

}  // namespace

struct Oracle::Impl {
  explicit Impl(OpaProcess started)
      : server(std::move(started)),
        base("http://127.0.0.1:" + std::to_string(server.port())),
        curl(curl_easy_init()) {}
  ~Impl() { curl_easy_cleanup(curl); }

  OpaProcess server;
  std::string base;
  CURL* curl;

  CURLcode post(const std::string& url, const std::string& body, std::string& answer) {
    answer.clear();
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    return curl_easy_perform(curl);
  }
};

Oracle::Oracle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Oracle::Oracle(Oracle&&) noexcept = default;
Oracle& Oracle::operator=(Oracle&&) noexcept = default;
Oracle::~Oracle() = default;

Result<Oracle> Oracle::start(const std::string& binary, const std::vector<std::string>& policies,
                             bool v0) {
  Result<OpaProcess> server = OpaProcess::start(binary, policies, v0);
  if (!server) return server.errors();
  return Oracle(std::make_unique<Impl>(std::move(*server)));
}

Result<std::string> Oracle::ask(const std::string& path, const std::string& input) {
  std::string body = "{\"input\":" + input + "}", answer;
  CURLcode code = impl_->post(impl_->base + "/v1/data/" + path, body, answer);
  if (code != CURLE_OK)
    return Error{ErrorCode::load,
                 std::string("OPA does not answer: ") + curl_easy_strerror(code),
                 {},
                 0,
                 0,
                 {},
                 {}};
  return answer;
}

}  // namespace lictor::cli
