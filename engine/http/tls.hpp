// What a request trusts and shows in TLS. In: certificates and keys as PEM. Out: a context of
// OpenSSL's that checks servers as Go does, with Go's words for what is wrong.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lictor::http {

template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

/// A client's certificate, what signed it, and its key.
struct KeyPair {
  std::vector<Certificate> chain;
  PrivateKey key;
};

struct Tls {
  bool trusts_system = true;
  std::vector<Certificate> roots;
  std::vector<KeyPair> pairs;
  std::string server_name;  // empty: the URL's host
  bool skips_verification = false;
};

/// Returns "" or Go's words, as crypto/tls.X509KeyPair. Keys are never part of them.
std::string add_key_pair(Tls& tls, std::string_view certificate, std::string_view key);
/// Adds the certificates of a PEM text; false if there is none.
bool add_roots(Tls& tls, std::string_view pem);

/// Checks one connection's server; lives as long as the transfer.
class ServerCheck {
 public:
  ServerCheck(const Tls* tls, std::string host) : tls_(tls), host_(std::move(host)) {}
  /// Has a context trust and show what `tls` says. False if OpenSSL has no memory.
  bool prepare(SSL_CTX* context);
  /// What is wrong with the server's certificate; "" if nothing is.
  const std::string& fault() const { return fault_; }

 private:
  static int verify(X509_STORE_CTX* store, void* self);
  const Tls* tls_;
  std::string host_;
  std::string fault_;
};

}  // namespace lictor::http
