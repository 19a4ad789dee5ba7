// Servers whose TLS is not to be trusted: certificates that have expired, are of a foreign
// authority or of another host, plain text on a TLS port, handshakes that hang or break off. A
// ticket that a trusted server lets pass is rejected, and the reason says what is wrong and where.
#include <gtest/gtest.h>

#include <chrono>

#include "certificates.hpp"
#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"
#include "remote_configuration.hpp"

namespace {

using namespace lictor::validator;
using lictor::cli::OpaProcess;
using lictor::tests::Certificates;
using lictor::tests::Listener;
using std::chrono::milliseconds;

const std::string policies = LICTOR_SOURCE "/policies/orchestrator";

constexpr const char* ticket =
    R"({"ticket_id":"t","risk_band":"low","sla":{"timeout_ms":60000,"max_retries":1}})";

class Tls : public testing::Test {
 protected:
  ValidationResult check(std::uint16_t port, bool fail_open) {
    Configuration configuration = lictor::tests::remote_configuration(port);
    configuration.tls = true;
    configuration.ca_file = certificates_.authority("ours");
    configuration.fail_open = fail_open;
    configuration.attempt_timeout = timeout_;
    PolicyClient client(configuration);
    client.initialize();
    auto start = std::chrono::steady_clock::now();
    ValidationResult out = PolicyValidator(client).validate_execution_ticket(ticket);
    EXPECT_LT(std::chrono::steady_clock::now() - start, timeout_ + milliseconds(1000));
    return out;
  }

  /// Under fail-closed it is rejected, under fail-open it passes with warnings; both say why.
  void expect_distrust(std::uint16_t port, const std::string& reason) {
    ValidationResult closed = check(port, false), open = check(port, true);
    EXPECT_FALSE(closed.valid);
    EXPECT_TRUE(open.valid);
    ASSERT_EQ(closed.violations.size(), 3u);
    ASSERT_EQ(open.warnings.size(), 3u);
    for (const std::string& message : {closed.violations[0].message, open.warnings[0].msg}) {
      EXPECT_NE(message.find(reason), std::string::npos) << message;
      EXPECT_NE(message.find("127.0.0.1:" + std::to_string(port)), std::string::npos) << message;
    }
  }

  void expect_distrust_of_opa(const std::string& authority, const std::string& names, int days,
                              const std::string& reason) {
    auto server =
        OpaProcess::start(LICTOR_OPA, {policies}, false, 0, arguments(authority, names, days));
    ASSERT_TRUE(server) << server.error().render();
    expect_distrust(server->port(), reason);
  }

  /// The arguments of an OPA with such a certificate.
  std::vector<std::string> arguments(const std::string& authority, const std::string& names,
                                     int days) {
    Certificates::Files files = certificates_.make(authority, names, days);
    return {"--tls-cert-file=" + files.certificate, "--tls-private-key-file=" + files.key};
  }

  Certificates certificates_;
  milliseconds timeout_{2000};
};

TEST_F(Tls, a_certificate_of_the_authority_for_the_host_is_trusted) {
  auto server =
      OpaProcess::start(LICTOR_OPA, {policies}, false, 0, arguments("ours", "IP:127.0.0.1", 2));
  ASSERT_TRUE(server) << server.error().render();
  ValidationResult result = check(server->port(), false);
  EXPECT_TRUE(result.valid) << to_json_text(result);
  EXPECT_EQ(result.policy_decisions.size(), 3u);
}

TEST_F(Tls, an_expired_certificate_is_distrusted) {
  expect_distrust_of_opa("ours", "IP:127.0.0.1", -1, "expired");
}

TEST_F(Tls, a_certificate_of_a_foreign_authority_is_distrusted) {
  expect_distrust_of_opa("foreign", "IP:127.0.0.1", 2, "local issuer certificate");
}

TEST_F(Tls, a_certificate_of_another_host_is_distrusted) {
  expect_distrust_of_opa("ours", "DNS:opa.example", 2, "target host name");
}

/// Sends bytes as soon as it is connected to, then closes the connection, or waits.
class Babbler {
 public:
  Babbler(std::string bytes, bool waits)
      : bytes_(std::move(bytes)), waits_(waits), listener_([this](int socket) { serve(socket); }) {}
  std::uint16_t port() const { return listener_.port(); }

 private:
  void serve(int socket) {
    lictor::tests::send_all(socket, bytes_);
    std::string hello;
    if (waits_) lictor::tests::read_request(socket, hello);  // which never ends
  }

  const std::string bytes_;
  const bool waits_;
  Listener listener_;
};

const std::string plain_text =
    "HTTP/1.1 200 OK\r\nContent-Length: 53\r\n\r\n"
    R"({"result":{"allow":true,"violations":[],"warnings":[]}})";

TEST_F(Tls, plain_text_is_no_answer) {
  for (bool waits : {false, true}) {
    Babbler server(plain_text, waits);
    expect_distrust(server.port(), "TLS");
  }
}

TEST_F(Tls, a_handshake_that_hangs_ends_by_the_deadline) {
  timeout_ = milliseconds(300);
  for (const char* bytes : {"", "\x16", "\x16\x03\x03\x00\x7a\x02"}) {
    Babbler server(bytes, true);
    expect_distrust(server.port(), "TLS");
  }
}

TEST_F(Tls, a_handshake_that_breaks_off_is_an_error) {
  // Nothing, the begin of a record, an alert, a record of an old version, garbage.
  for (const char* bytes :
       {"", "\x16\x03\x03", "\x15\x03\x03\x02\x02\x28", "\x16\x02", "garbage"}) {
    Babbler server(bytes, false);
    expect_distrust(server.port(), "TLS");
  }
}

TEST_F(Tls, a_client_without_tls_reads_what_the_server_says_of_that) {
  auto server =
      OpaProcess::start(LICTOR_OPA, {policies}, false, 0, arguments("ours", "IP:127.0.0.1", 2));
  ASSERT_TRUE(server) << server.error().render();
  PolicyClient client(lictor::tests::remote_configuration(server->port()));
  client.initialize();
  ValidationResult result = PolicyValidator(client).validate_execution_ticket(ticket);
  ASSERT_FALSE(result.violations.empty());
  EXPECT_NE(result.violations[0].message.find("Client sent an HTTP request to an HTTPS server"),
            std::string::npos)
      << result.violations[0].message;
}

}  // namespace
