#include "tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace lictor::http {
namespace {

using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;

Memory reader_of(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// No key asks for a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

std::vector<Certificate> read_certificates(std::string_view pem) {
  std::vector<Certificate> out;
  Memory memory = reader_of(pem);
  while (X509* certificate = PEM_read_bio_X509(memory.get(), nullptr, no_passphrase, nullptr))
    out.emplace_back(certificate);
  ERR_clear_error();
  return out;
}

/// The types of the blocks of a PEM text, such as "CERTIFICATE".
std::vector<std::string> block_types(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN ", dashes = "-----";
  std::vector<std::string> out;
  for (std::size_t at = pem.find(begin); at != pem.npos; at = pem.find(begin, at)) {
    at += begin.size();
    std::size_t end = pem.find(dashes, at);
    if (end == pem.npos) break;
    std::string type(pem.substr(at, end - at));
    if (pem.find("-----END " + type + "-----", end) != pem.npos) out.push_back(type);
  }
  return out;
}

bool is_key_type(std::string_view type) {
  return type == "PRIVATE KEY" || type.ends_with(" PRIVATE KEY");
}

std::string joined(const std::vector<std::string>& items, const char* separator) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : separator) + item;
  return out;
}

/// What is wrong with the blocks of a certificate's text.
std::string certificate_fault(const std::vector<std::string>& types) {
  if (std::find(types.begin(), types.end(), "CERTIFICATE") != types.end()) return "";
  if (types.empty()) return "tls: failed to find any PEM data in certificate input";
  if (types.size() == 1 && types[0].ends_with("PRIVATE KEY")) {
    return "tls: failed to find certificate PEM data in certificate input, but did find a private "
           "key; PEM inputs may have been switched";
  }
  return "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM "
         "blocks of the following types: [" +
         joined(types, " ") + "]";
}

/// What is wrong with the blocks of a key's text.
std::string key_fault(const std::vector<std::string>& types) {
  if (std::any_of(types.begin(), types.end(), is_key_type)) return "";
  if (types.empty()) return "tls: failed to find any PEM data in key input";
  if (types.size() == 1 && types[0] == "CERTIFICATE")
    return "tls: found a certificate rather than a key in the PEM for the private key";
  return "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after "
         "skipping PEM blocks of the following types: [" +
         joined(types, " ") + "]";
}

bool is_address(const std::string& host) {
  unsigned char buffer[16];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 ||
         inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

std::string text_of_address(const ASN1_OCTET_STRING* bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  int size = ASN1_STRING_length(bytes);
  if (size == 4 || size == 16) {
    inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text, sizeof text);
  }
  return text;
}

/// What a certificate is for.
struct Names {
  std::vector<std::string> hosts, addresses;
};

Names names_of(X509* certificate) {
  Names out;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_IPADD) out.addresses.push_back(text_of_address(name->d.iPAddress));
    if (name->type != GEN_DNS) continue;
    out.hosts.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                           static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  GENERAL_NAMES_free(names);
  return out;
}

/// As Go's x509.HostnameError.
std::string name_fault(X509* certificate, const std::string& host) {
  Names names = names_of(certificate);
  bool address = is_address(host);
  if (address && names.addresses.empty()) {
    return "x509: cannot validate certificate for " + host +
           " because it doesn't contain any IP SANs";
  }
  const std::vector<std::string>& valid = address ? names.addresses : names.hosts;
  if (valid.empty())
    return "x509: certificate is not valid for any names, but wanted to match " + host;
  return "x509: certificate is valid for " + joined(valid, ", ") + ", not " + host;
}

bool is_for(X509* certificate, const std::string& host) {
  constexpr unsigned flags =
      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  if (is_address(host)) return X509_check_ip_asc(certificate, host.c_str(), flags) == 1;
  return X509_check_host(certificate, host.data(), host.size(), flags, nullptr) == 1;
}

std::string rfc3339(const std::tm& time) {
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time);
  return text;
}

std::string rfc3339(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? rfc3339(parts) : "";
}

/// As Go's x509.CertificateInvalidError of a certificate that is not valid now.
std::string time_fault(X509* certificate) {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  const ASN1_TIME* first = X509_get0_notBefore(certificate);
  const ASN1_TIME* last = X509_get0_notAfter(certificate);
  bool early = X509_cmp_time(first, &now) > 0;
  if (!early && X509_cmp_time(last, &now) > 0) return "";
  return "x509: certificate has expired or is not yet valid: current time " + rfc3339(parts) +
         (early ? " is before " + rfc3339(first) : " is after " + rfc3339(last));
}

std::string chain_fault(X509_STORE_CTX* store) {
  int code = X509_STORE_CTX_get_error(store);
  X509* certificate = X509_STORE_CTX_get_current_cert(store);
  bool of_time = code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID;
  if (of_time && certificate) return time_fault(certificate);
  constexpr int foreign[] = {
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,       X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,     X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE};
  if (std::find(std::begin(foreign), std::end(foreign), code) != std::end(foreign))
    return "x509: certificate signed by unknown authority";
  return std::string("x509: ") + X509_verify_cert_error_string(code);
}

}  // namespace

std::string add_key_pair(Tls& tls, std::string_view certificate, std::string_view key) {
  std::string wrong = certificate_fault(block_types(certificate));
  if (wrong.empty()) wrong = key_fault(block_types(key));
  if (!wrong.empty()) return wrong;
  KeyPair pair;
  pair.chain = read_certificates(certificate);
  if (pair.chain.empty()) return "x509: malformed certificate";
  Memory memory = reader_of(key);
  pair.key.reset(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!pair.key) return "tls: failed to parse private key";
  EVP_PKEY* shown = X509_get0_pubkey(pair.chain.front().get());
  if (!shown || EVP_PKEY_base_id(shown) != EVP_PKEY_base_id(pair.key.get()))
    return "tls: private key type does not match public key type";
  if (EVP_PKEY_eq(shown, pair.key.get()) != 1) return "tls: private key does not match public key";
  tls.pairs.push_back(std::move(pair));
  return "";
}

bool add_roots(Tls& tls, std::string_view pem) {
  std::vector<Certificate> found = read_certificates(pem);
  std::move(found.begin(), found.end(), std::back_inserter(tls.roots));
  return !found.empty();
}

bool ServerCheck::prepare(SSL_CTX* context) {
  // A store of its own: libcurl shares its among connections, and with it what they trust.
  X509_STORE* store = X509_STORE_new();
  if (!store) return false;
  SSL_CTX_set_cert_store(context, store);
  // As in Go, whatever was given is trusted, also if something else signed it.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_cert_verify_callback(context, verify, this);
  // The connection may outlive this object, which only its first handshake needs.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  if (!tls_ || tls_->trusts_system) X509_STORE_set_default_paths(store);
  if (!tls_) return true;
  bool good = true;
  for (const Certificate& root : tls_->roots) good &= X509_STORE_add_cert(store, root.get()) == 1;
  for (const KeyPair& pair : tls_->pairs) {
    good &= SSL_CTX_use_certificate(context, pair.chain.front().get()) == 1;
    good &= SSL_CTX_use_PrivateKey(context, pair.key.get()) == 1;
    for (std::size_t i = 1; i < pair.chain.size(); ++i)
      good &= SSL_CTX_add1_chain_cert(context, pair.chain[i].get()) == 1;
  }
  ERR_clear_error();
  return good;
}

/// Go checks the time and the names of the server's own certificate before what signed it.
int ServerCheck::verify(X509_STORE_CTX* store, void* self) {
  auto& check = *static_cast<ServerCheck*>(self);
  if (check.tls_ && check.tls_->skips_verification) return 1;
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  check.fault_ = time_fault(certificate);
  if (check.fault_.empty() && !is_for(certificate, check.host_))
    check.fault_ = name_fault(certificate, check.host_);
  if (check.fault_.empty() && X509_verify_cert(store) != 1) check.fault_ = chain_fault(store);
  if (check.fault_.empty()) return 1;
  if (X509_STORE_CTX_get_error(store) == X509_V_OK)
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

}  // namespace lictor::http
