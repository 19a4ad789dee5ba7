#include "builtins/certificate_chain.hpp"

#include <algorithm>
#include <chrono>

#include "base/hex.hpp"
#include "builtins/network_text.hpp"
#include "builtins/signatures.hpp"

namespace lictor::builtins {
namespace {

using Chain = std::vector<const Certificate*>;

constexpr int any_usage = 0, server_authentication = 1;
constexpr int may_sign_certificates = 1 << 5;

std::int64_t seconds_of(const CivilTime& time) {
  return days_of(time.year, time.month, time.day) * 86400 + time.hour * 3600 + time.minute * 60 +
         time.second - time.offset;
}

std::optional<SignatureAlgorithm> algorithm_of(SignatureKind kind) {
  switch (kind) {
    case SignatureKind::sha256_rsa:
      return SignatureAlgorithm{Scheme::rsa_pkcs1, Hash::sha256};
    case SignatureKind::sha384_rsa:
      return SignatureAlgorithm{Scheme::rsa_pkcs1, Hash::sha384};
    case SignatureKind::sha512_rsa:
      return SignatureAlgorithm{Scheme::rsa_pkcs1, Hash::sha512};
    case SignatureKind::sha256_rsa_pss:
      return SignatureAlgorithm{Scheme::rsa_pss, Hash::sha256};
    case SignatureKind::sha384_rsa_pss:
      return SignatureAlgorithm{Scheme::rsa_pss, Hash::sha384};
    case SignatureKind::sha512_rsa_pss:
      return SignatureAlgorithm{Scheme::rsa_pss, Hash::sha512};
    case SignatureKind::ecdsa_sha256:
      return SignatureAlgorithm{Scheme::ecdsa, Hash::sha256};
    case SignatureKind::ecdsa_sha384:
      return SignatureAlgorithm{Scheme::ecdsa, Hash::sha384};
    case SignatureKind::ecdsa_sha512:
      return SignatureAlgorithm{Scheme::ecdsa, Hash::sha512};
    case SignatureKind::ed25519:
      return SignatureAlgorithm{Scheme::eddsa};
    default:
      return std::nullopt;  // too weak, or unknown
  }
}

bool verify_signature(const Certificate& of, const Key& key) {
  std::optional<SignatureAlgorithm> algorithm = algorithm_of(of.signature_kind);
  if (!algorithm) return false;
  switch (algorithm->scheme) {
    case Scheme::ecdsa:
      return verify_ecdsa_der(key, algorithm->hash, of.raw_tbs, of.signature);
    case Scheme::eddsa:
      return verify_ed25519(key, of.raw_tbs, of.signature);
    default:
      return verify_rsa(key, *algorithm, of.raw_tbs, of.signature, false);
  }
}

bool is_signed_by(const Certificate& child, const Certificate& parent) {
  bool is_no_authority = (parent.version == 3 && !parent.basic_constraints_valid) ||
                         (parent.basic_constraints_valid && !parent.is_ca);
  bool may_not_sign = parent.key_usage != 0 && (parent.key_usage & may_sign_certificates) == 0;
  return !is_no_authority && !may_not_sign && verify_signature(child, parent.public_key);
}

std::optional<std::string_view> alternative_names(const Certificate& of) {
  static const ObjectId id{2, 5, 29, 17};
  for (const Extension& extension : of.extensions)
    if (extension.id == id) return extension.value;
  return std::nullopt;
}

/// True if a certificate of the same subject, key and names is in the chain.
bool is_in_chain(const Certificate& candidate, const Chain& chain) {
  std::optional<std::string_view> names = alternative_names(candidate);
  for (const Certificate* certificate : chain) {
    if (candidate.raw_subject != certificate->raw_subject ||
        candidate.raw_public_key_info != certificate->raw_public_key_info)
      continue;
    std::optional<std::string_view> others = alternative_names(*certificate);
    if (names.has_value() != others.has_value()) return false;
    if (names == others) return true;
  }
  return false;
}

/// Host names: what matches which pattern.
std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::vector<std::string_view> parts_of(std::string_view host) {
  std::vector<std::string_view> out;
  while (true) {
    std::size_t period = host.find('.');
    out.push_back(host.substr(0, period));
    if (period == std::string_view::npos) return out;
    host.remove_prefix(period + 1);
  }
}

std::string_view without_last_period(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool is_label(std::string_view label) {
  for (std::size_t i = 0; i < label.size(); ++i) {
    char c = label[i];
    bool valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 (c == '-' && i != 0) || c == '_';
    if (!valid) return false;
  }
  return !label.empty();
}

bool is_host_name(std::string_view host, bool is_pattern) {
  if (!is_pattern) host = without_last_period(host);
  if (host.empty() || host == "*") return false;
  std::vector<std::string_view> labels = parts_of(host);
  bool wildcard = is_pattern && labels[0] == "*";
  return std::all_of(labels.begin() + (wildcard ? 1 : 0), labels.end(), is_label);
}

bool matches_pattern(std::string_view pattern, std::string_view host) {
  std::string pattern_text = lower_case(pattern);
  std::vector<std::string_view> wanted = parts_of(pattern_text);
  std::vector<std::string_view> given = parts_of(without_last_period(host));
  if (pattern.empty() || wanted.size() != given.size()) return false;
  std::size_t first = wanted[0] == "*" ? 1 : 0;
  return std::equal(wanted.begin() + static_cast<std::ptrdiff_t>(first), wanted.end(),
                    given.begin() + static_cast<std::ptrdiff_t>(first));
}

bool matches_exactly(std::string_view name, std::string_view host) {
  bool empty = name.empty() || name == "." || host.empty() || host == ".";
  return !empty && lower_case(name) == host;
}

bool is_for_address(const Certificate& certificate, std::string_view address) {
  const std::vector<std::string_view>& all = certificate.names.addresses;
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (address.size() == 16 && address.starts_with(mapped)) address.remove_prefix(mapped.size());
  return std::find(all.begin(), all.end(), address) != all.end();
}

bool is_for_host(const Certificate& certificate, const std::string& host) {
  std::string_view inner = host;
  if (host.size() >= 3 && host.starts_with('[') && host.ends_with(']'))
    inner = inner.substr(1, host.size() - 2);
  if (std::optional<std::string> address = address_bytes(inner))
    return is_for_address(certificate, *address);
  std::string wanted = lower_case(host);
  bool is_name = is_host_name(wanted, false);
  return std::any_of(certificate.names.dns.begin(), certificate.names.dns.end(),
                     [&](const std::string& name) {
                       return is_name && is_host_name(name, true) ? matches_pattern(name, wanted)
                                                                  : matches_exactly(name, wanted);
                     });
}

/// True if the chain is good for one of the usages at least.
bool is_for_usages(const Chain& chain, std::vector<int> usages) {
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    const std::vector<int>& own = (*at)->extended_key_usage;
    if (own.empty() && (*at)->unknown_extended_key_usage.empty()) continue;
    if (std::find(own.begin(), own.end(), any_usage) != own.end()) continue;
    std::erase_if(usages,
                  [&](int usage) { return std::find(own.begin(), own.end(), usage) == own.end(); });
    if (usages.empty()) return false;
  }
  return true;
}

/// Keys that Go never trusts.
bool has_distrusted_key(const Chain& chain) {
  static constexpr const char* distrusted[] = {
      "ebed6475c2c2d80fcb199f3fe8dd6e6b3ce60b77eb15d4e42c3dec0c6f5b5105",
      "49dd353dc2b919a3770645117d0e60c16115e7d1bc259eefe734b00ea434fe5f",
      "e0254c7fcdc265e2f0f8a428dabb75ab4ae039b4872d62f5ee57f0877d5a8a41",
      "5c0660a2b164910d8ff589c18e14552e9e0ec237dcefe2cb736d41a4811f81a0",
      "43bffa19d6ef651451f6841e019931e96f6f2eaeff28ab4b6f1ce4576de2717b",
      "63ecefee431d49523bc1136c4e72d0206a477086caf606cd5cf025686c109cf8",
      "ec4ffa1ad0ac88081314b7aaffef6a91f97cd57291bb5ba686c5415f5eb4f6b6",
      "92c063d67e8f14db71d288e11266ffdaf69cbf115f7bab14f3bc2f68d25e0e30"};
  return std::any_of(chain.begin(), chain.end(), [](const Certificate* certificate) {
    std::string digest = hex_text(digest_of(Hash::sha256, certificate->raw_public_key_info));
    return std::find(std::begin(distrusted), std::end(distrusted), digest) != std::end(distrusted);
  });
}

enum class Role : std::uint8_t { leaf, intermediate, root };

class ChainFinder {
 public:
  ChainFinder(std::span<const Certificate> certificates, const ChainOptions& options)
      : leaf_(certificates.back()), root_(certificates.front()), options_(options) {
    auto clock = std::chrono::system_clock::now().time_since_epoch();
    now_ns_ = options.now_ns.value_or(
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock).count());
    for (const Certificate& one : certificates.subspan(1, certificates.size() - 2)) {
      bool is_new = std::none_of(intermediates_.begin(), intermediates_.end(),
                                 [&](const Certificate* other) { return other->raw == one.raw; });
      if (is_new) intermediates_.push_back(&one);
    }
  }

  Chain run() {
    if (!is_valid(leaf_, Role::leaf, {})) return {};
    if (!options_.dns_name.empty() && !is_for_host(leaf_, options_.dns_name)) return {};
    if (root_.raw == leaf_.raw) {
      chains_.push_back({&leaf_});
    } else {
      build({&leaf_});
    }
    for (const Chain& chain : chains_)
      if (is_acceptable(chain)) return chain;
    return {};
  }

 private:
  bool is_current(const Certificate& certificate) const {
    constexpr std::int64_t billion = 1'000'000'000;
    std::int64_t seconds = now_ns_ / billion - (now_ns_ % billion < 0 ? 1 : 0);
    std::int64_t end = seconds_of(certificate.not_after);
    bool is_later = seconds > end || (seconds == end && now_ns_ % billion != 0);
    return seconds >= seconds_of(certificate.not_before) && !is_later;
  }

  bool is_valid(const Certificate& certificate, Role role, const Chain& below) const {
    if (!certificate.unhandled_critical_extensions.empty() || !is_current(certificate))
      return false;
    if (!below.empty() && below.back()->raw_issuer != certificate.raw_subject) return false;
    if (role == Role::intermediate && !(certificate.basic_constraints_valid && certificate.is_ca))
      return false;
    bool is_limited = certificate.basic_constraints_valid && certificate.max_path_length >= 0;
    return !is_limited ||
           static_cast<std::int64_t>(below.size()) - 1 <= certificate.max_path_length;
  }

  /// Certificates that may have issued another one, the likely ones first.
  static Chain likely_first(const Certificate& child, const Chain& candidates) {
    Chain same, one_sided, different;
    std::string_view wanted = child.authority_key_id.value_or("");
    for (const Certificate* candidate : candidates) {
      if (candidate->raw_subject != child.raw_issuer) continue;
      std::string_view own = candidate->subject_key_id.value_or("");
      Chain& group = own == wanted ? same : own.empty() != wanted.empty() ? one_sided : different;
      group.push_back(candidate);
    }
    same.insert(same.end(), one_sided.begin(), one_sided.end());
    same.insert(same.end(), different.begin(), different.end());
    return same;
  }

  void build(const Chain& chain) {
    const Certificate& child = *chain.back();
    for (const Certificate* candidate : likely_first(child, {&root_}))
      consider(chain, *candidate, Role::root);
    for (const Certificate* candidate : likely_first(child, intermediates_))
      consider(chain, *candidate, Role::intermediate);
  }

  void consider(Chain chain, const Certificate& candidate, Role role) {
    constexpr int most_checks = 100;
    if (++checks_ > most_checks) return;
    bool fits = candidate.public_key.kind != KeyKind::none && !is_in_chain(candidate, chain) &&
                is_signed_by(*chain.back(), candidate) && is_valid(candidate, role, chain);
    if (!fits) return;
    chain.push_back(&candidate);
    if (role == Role::root) {
      chains_.push_back(std::move(chain));
    } else {
      build(chain);
    }
  }

  bool is_acceptable(const Chain& chain) const {
    std::vector<int> usages = options_.extended_key_usages;
    bool any = std::find(usages.begin(), usages.end(), any_usage) != usages.end();
    if (usages.empty()) usages = {server_authentication};
    return satisfies_policies(chain) && (any || is_for_usages(chain, usages)) &&
           satisfies_name_constraints(chain) && !has_distrusted_key(chain);
  }

  const Certificate& leaf_;
  const Certificate& root_;
  const ChainOptions& options_;
  std::int64_t now_ns_;
  Chain intermediates_;
  std::vector<Chain> chains_;
  int checks_ = 0;
};

}  // namespace

std::vector<const Certificate*> find_chain(std::span<const Certificate> certificates,
                                           const ChainOptions& options) {
  return ChainFinder(certificates, options).run();
}

}  // namespace lictor::builtins
