// TLS: whom a request trusts, what it shows, and in which words it distrusts, beside a real OPA.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "asker.hpp"
#include "behavior.hpp"
#include "certificates.hpp"
#include "folder.hpp"
#include "real_opa.hpp"

namespace {

using namespace lictor::tests;
using nlohmann::json;

std::string text_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

/// What both are asked, and a part of the answer.
struct Case {
  json more;
  std::string part;
};

class HttpTls : public testing::Test {
 protected:
  HttpTls() {
    policy_.write("t.rego", send_module);
    client_ = certificates_.make("ours", "DNS:client", 2);
    ::setenv("LICTOR_TEST_CA", text_of(certificates_.authority("ours")).c_str(), 1);
    ::setenv("LICTOR_TEST_CERTIFICATE", text_of(client_.certificate).c_str(), 1);
    ::setenv("LICTOR_TEST_KEY", text_of(client_.key).c_str(), 1);
    opa_ = std::make_unique<RealOpa>(policy_.path());
  }

  ServerTls tls(const std::string& authority, const std::string& names, int days) {
    Certificates::Files files = certificates_.make(authority, names, days);
    return {files.certificate, files.key, ""};
  }

  /// Both have the same answer, with the part in it.
  void check(const std::string& url, const std::vector<Case>& cases) {
    ASSERT_TRUE(opa_->is_running());
    for (const Case& item : cases) {
      json request = {{"method", "get"}, {"url", url}, {"raise_error", false}};
      request.update(item.more);
      std::string got = comparable(asker_(request.dump()));
      EXPECT_NE(got.find(item.part), std::string::npos) << request << "\n" << got;
      EXPECT_EQ(got, comparable((*opa_)(request.dump()))) << request;
    }
  }

  /// Without the time of day and where OPA's policy is.
  std::string comparable(const std::string& answer) const {
    static const std::regex time("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z");
    return replaced(std::regex_replace(answer, time, "TIME"), policy_.path() + "/", "");
  }

  json trusting(json more = json::object()) const {
    more["tls_ca_cert_file"] = certificates_.authority("ours");
    return more;
  }

  Folder policy_;
  Certificates certificates_;
  Certificates::Files client_;
  Behavior behavior_;
  Asker asker_;
  std::unique_ptr<RealOpa> opa_;
};

const std::string good = "\"status_code\":200";

TEST_F(HttpTls, authorities_are_given_as_text_file_or_variable) {
  HttpServer server(std::ref(behavior_), tls("ours", "IP:127.0.0.1", 2));
  std::string pem = text_of(certificates_.authority("ours"));
  check(server.url("/echo"),
        {{{{"tls_ca_cert", pem}}, good},
         {{{"tls_ca_cert", replaced(pem, "\n", "\\n")}}, good},
         {{{"tls_ca_cert_file", certificates_.authority("ours")}}, good},
         {{{"tls_ca_cert_env_variable", "LICTOR_TEST_CA"}}, good},
         {{{"tls_use_system_certs", true}, {"tls_ca_cert", pem}}, good},
         {{{"tls_insecure_skip_verify", true}}, good},
         {{{"tls_ca_cert_env_variable", "LICTOR_TEST_NONE"}}, "from envvar"},
         {{{"tls_ca_cert_file", "/none"}}, "open /none: no such file or directory"},
         {{{"tls_ca_cert_file", client_.key}}, "could not append CA certificates from"},
         {json::object(), "x509: certificate signed by unknown authority"},
         {{{"tls_use_system_certs", true}}, "x509: certificate signed by unknown authority"},
         {{{"tls_ca_cert_file", certificates_.authority("foreign")}},
          "x509: certificate signed by unknown authority"}});
}

TEST_F(HttpTls, certificates_are_for_a_host) {
  HttpServer named(std::ref(behavior_), tls("ours", "DNS:a.example,DNS:*.b.example", 2));
  check(named.url("/echo"),
        {{trusting(), "because it doesn't contain any IP SANs"},
         {trusting({{"tls_server_name", "a.example"}}), good},
         {trusting({{"tls_server_name", "x.b.example"}}), good},
         {trusting({{"tls_server_name", "x.y.b.example"}}), "not x.y.b.example"},
         {trusting({{"tls_server_name", "c.example"}}),
          "x509: certificate is valid for a.example, *.b.example, not c.example"},
         {trusting({{"headers", {{"host", "a.example"}}}}), good},
         {trusting({{"headers", {{"host", "c.example"}}}}), "not c.example"},
         {trusting({{"headers", {{"host", "c.example"}}}, {"tls_server_name", "a.example"}}), good},
         {trusting({{"tls_insecure_skip_verify", true}, {"tls_server_name", "c.example"}}), good}});
  HttpServer other(std::ref(behavior_), tls("ours", "IP:127.0.0.2", 2));
  check(other.url("/echo"),
        {{trusting(), "x509: certificate is valid for 127.0.0.2, not 127.0.0.1"}});
}

// Whatever the name is, the connection goes to the URL's host.
TEST_F(HttpTls, names_of_servers_are_no_places) {
  HttpServer server(std::ref(behavior_), tls("ours", "IP:127.0.0.1", 2));
  HttpServer other(std::ref(behavior_), tls("ours", "DNS:localhost", 2));
  std::vector<Case> cases;
  std::string place = "localhost:" + std::to_string(other.port());
  const std::vector<std::string> names = {place, place + "/", "x@" + place, place + "/?",
                                          "a b", "::1",       "localhost"};
  for (const std::string& name : names) {
    cases.push_back({trusting({{"tls_server_name", name}}), "certificate"});
    cases.push_back({trusting({{"headers", {{"host", name}}}}), "certificate"});
    cases.push_back({{{"tls_server_name", name}, {"tls_insecure_skip_verify", true}}, good});
  }
  check(server.url("/echo"), cases);
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(HttpTls, certificates_end) {
  HttpServer server(std::ref(behavior_), tls("ours", "IP:127.0.0.1", -1));
  check(server.url("/echo"),
        {{trusting(), "x509: certificate has expired or is not yet valid: current time"},
         {{{"tls_insecure_skip_verify", true}}, good}});
}

TEST_F(HttpTls, clients_show_certificates) {
  ServerTls strict = tls("ours", "IP:127.0.0.1", 2);
  strict.client_authority = certificates_.authority("ours");
  HttpServer server(std::ref(behavior_), strict);
  std::string certificate = text_of(client_.certificate), key = text_of(client_.key);
  std::string other_key = text_of(certificates_.make("ours", "DNS:x", 2).key);
  check(
      server.url("/echo"),
      {{trusting({{"tls_client_cert", certificate}, {"tls_client_key", key}}), good},
       {trusting(
            {{"tls_client_cert_file", client_.certificate}, {"tls_client_key_file", client_.key}}),
        good},
       {trusting({{"tls_client_cert_env_variable", "LICTOR_TEST_CERTIFICATE"},
                  {"tls_client_key_env_variable", "LICTOR_TEST_KEY"}}),
        good},
       {trusting({{"tls_client_cert", certificate}, {"tls_client_key", other_key}}),
        "tls: private key does not match public key"},
       {trusting({{"tls_client_cert", key}, {"tls_client_key", certificate}}),
        "PEM inputs may have been switched"},
       {trusting({{"tls_client_cert", certificate}, {"tls_client_key", certificate}}),
        "tls: found a certificate rather than a key in the PEM for the private key"},
       {trusting({{"tls_client_cert_env_variable", "LICTOR_TEST_NONE"},
                  {"tls_client_key_env_variable", "LICTOR_TEST_KEY"}}),
        "cannot extract public/private key pair from envvars"},
       {trusting({{"tls_client_cert_file", client_.certificate}, {"tls_client_key_file", "/none"}}),
        "open /none: no such file or directory"},
       {trusting(), "remote error: tls: certificate required"}});
}

TEST_F(HttpTls, plain_text_is_no_tls) {
  HttpServer server(std::ref(behavior_));
  Listener plain([](int socket) {
    send_all(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
    std::string rest;
    read_request(socket, rest);
  });
  check("https://127.0.0.1:" + std::to_string(plain.port()) + "/",
        {{json::object(), "http: server gave HTTP response to HTTPS client"}});
}

TEST_F(HttpTls, a_connection_is_not_used_for_who_trusts_less) {
  HttpServer server(std::ref(behavior_), tls("ours", "IP:127.0.0.1", 2));
  json insecure = {{"tls_insecure_skip_verify", true}};
  std::vector<Case> cases;
  for (int i = 0; i < 4; ++i) {
    cases.push_back({insecure, good});
    cases.push_back({json::object(), "x509: certificate signed by unknown authority"});
  }
  check(server.url("/echo"), cases);
}

}  // namespace
