// What the certificates of a chain permit to those below them: names and policies.
#include <algorithm>
#include <map>
#include <set>

#include "builtins/certificate_chain.hpp"
#include "builtins/network_text.hpp"

namespace lictor::builtins {
namespace {

using Chain = std::vector<const Certificate*>;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// True if a domain is the constraint, or below it.
bool is_within(std::string_view constraint, std::string_view domain) {
  if (constraint.empty()) return true;
  if (constraint.size() > domain.size()) return false;
  std::size_t offset = domain.size() - constraint.size();
  if (lower_case(domain.substr(offset)) != lower_case(constraint)) return false;
  return constraint[0] == '.' || offset == 0 || domain[offset - 1] == '.';
}

std::string from_first_period(std::string_view name) {
  std::size_t period = name.find('.');
  return period == std::string_view::npos ? "" : lower_case(name.substr(period));
}

/// True if a constraint covers the domain; an excluded name also excludes the wildcard over it.
bool covers(const std::vector<std::string>& constraints, std::string_view domain, bool excluded) {
  return std::any_of(constraints.begin(), constraints.end(), [&](const std::string& constraint) {
    if (is_within(constraint, domain)) return true;
    std::string above = from_first_period(constraint);
    return excluded && domain.starts_with('*') && !above.empty() &&
           above == from_first_period(domain);
  });
}

bool covers(const AddressRange& range, std::string_view address) {
  if (address.size() != range.address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i)
    if (((address[i] ^ range.address[i]) & range.mask[i]) != 0) return false;
  return true;
}

bool covers(const std::vector<AddressRange>& ranges, std::string_view address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const AddressRange& range) { return covers(range, address); });
}

bool covers_mailbox(const std::vector<std::string>& constraints, const Mailbox& mailbox,
                    bool excluded) {
  std::vector<std::string> domains;
  for (const std::string& constraint : constraints) {
    if (constraint.find('@') == std::string::npos) {
      domains.push_back(constraint);
      continue;
    }
    std::optional<Mailbox> exact = parse_mailbox(constraint);
    if (exact && exact->local == mailbox.local && lower_case(exact->domain) == mailbox.domain)
      return true;
  }
  return covers(domains, mailbox.domain, excluded);
}

/// A certificate's names in the form that constraints are compared with.
struct CheckedNames {
  const AlternativeNames* names = nullptr;
  std::vector<std::string> uri_domains;
  std::vector<Mailbox> mailboxes;
};

/// The host without its port; nothing if Go cannot split them.
std::optional<std::string> without_port(const std::string& host) {
  std::size_t colon = host.rfind(':');
  if (host.starts_with('[')) {
    std::size_t close = host.find(']');
    bool followed = close != std::string::npos && close + 1 == colon;
    return followed ? std::optional(host.substr(1, close - 1)) : std::nullopt;
  }
  bool plain = host.find(':') == colon && host.find_first_of("[]") == std::string::npos;
  return plain ? std::optional(host.substr(0, colon)) : std::nullopt;
}

/// The domain of a URI; nothing if it has none, or an address in its place.
std::optional<std::string> domain_of(const Uri& uri) {
  std::string host = lower_case(uri.host);
  if (host.empty()) return std::nullopt;
  if (host.find(':') != std::string::npos && !host.ends_with(']')) {
    std::optional<std::string> name = without_port(uri.host);
    if (!name) return std::nullopt;
    host = *name;
  }
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed || address_bytes(host)) return std::nullopt;
  return host;
}

std::optional<CheckedNames> checked_names(const AlternativeNames& names) {
  CheckedNames out{&names, {}, {}};
  for (const Uri& uri : names.uris) {
    std::optional<std::string> domain = domain_of(uri);
    if (!domain) return std::nullopt;
    out.uri_domains.push_back(*domain);
  }
  for (const std::string& email : names.emails) {
    std::optional<Mailbox> mailbox = parse_mailbox(email);
    if (!mailbox) return std::nullopt;
    mailbox->domain = lower_case(mailbox->domain);
    out.mailboxes.push_back(*mailbox);
  }
  return out;
}

/// True if what a constraint permits, if it says so, covers a name, and what it excludes does not.
template <typename Constraints, typename Covers>
bool is_allowed(const Constraints& permitted, const Constraints& excluded, Covers covers) {
  return (permitted.empty() || covers(permitted, false)) &&
         (excluded.empty() || !covers(excluded, true));
}

using Texts = std::vector<std::string>;

bool is_allowed_domain(const Texts& permitted, const Texts& excluded, const std::string& domain) {
  return is_domain_name(domain, false) &&
         is_allowed(permitted, excluded, [&](const Texts& constraints, bool is_excluded) {
           return covers(constraints, domain, is_excluded);
         });
}

bool permits(const Certificate& authority, const CheckedNames& of) {
  const Subtrees &permitted = authority.permitted, &excluded = authority.excluded;
  for (std::string_view address : of.names->addresses) {
    auto covered = [&](const std::vector<AddressRange>& ranges, bool) {
      return covers(ranges, address);
    };
    if (!is_allowed(permitted.ranges, excluded.ranges, covered)) return false;
  }
  for (const std::string& name : of.names->dns)
    if (!is_allowed_domain(permitted.dns, excluded.dns, name)) return false;
  for (const std::string& domain : of.uri_domains)
    if (!is_allowed_domain(permitted.uri_domains, excluded.uri_domains, domain)) return false;
  for (const Mailbox& mailbox : of.mailboxes) {
    auto covered = [&](const Texts& constraints, bool is_excluded) {
      return covers_mailbox(constraints, mailbox, is_excluded);
    };
    if (!is_domain_name(mailbox.domain, false) ||
        !is_allowed(permitted.emails, excluded.emails, covered))
      return false;
  }
  return true;
}

bool has_extension(const Certificate& certificate, std::uint32_t number) {
  const ObjectId id{2, 5, 29, number};
  return std::any_of(certificate.extensions.begin(), certificate.extensions.end(),
                     [&](const Extension& extension) { return extension.id == id; });
}

/// The policies that are valid at a depth of a chain, each with those that stand for it below.
/// Go keeps a graph of all depths; only whether the last one is empty matters without policies to
/// look for.
class PolicyTree {
 public:
  /// Goes one certificate down.
  void descend(const Certificate& certificate, bool any_allowed) {
    Nodes below;
    bool has_any = false;
    for (std::string_view policy : certificate.policies) {
      has_any = has_any || policy == any_policy;
      bool valid = policy != any_policy && (expects(policy) || nodes_.contains(any_policy));
      if (valid) below[policy] = {policy};
    }
    if (has_any && any_allowed) {
      std::set<std::string_view> present;
      for (const auto& [policy, expected] : below) present.insert(policy);
      for (const auto& [policy, expected] : nodes_)
        for (std::string_view one : expected)
          if (!present.contains(one)) below[one] = {one};
    }
    nodes_ = std::move(below);
  }

  /// False if "any policy" is mapped, which is never valid.
  bool map(const std::vector<PolicyMapping>& mappings, bool allowed) {
    Nodes mapped;
    for (const PolicyMapping& mapping : mappings) {
      if (!allowed) {
        nodes_.erase(mapping.issuer);
        continue;
      }
      if (mapping.issuer == any_policy || mapping.subject == any_policy) return false;
      mapped[mapping.issuer].push_back(mapping.subject);
    }
    bool has_any = nodes_.contains(any_policy);
    for (auto& [issuer, subjects] : mapped)
      if (has_any || nodes_.contains(issuer)) nodes_[issuer] = std::move(subjects);
    return true;
  }

  bool empty() const { return nodes_.empty(); }

 private:
  static constexpr std::string_view any_policy{"\x55\x1d\x20\x00", 4};
  using Nodes = std::map<std::string_view, std::vector<std::string_view>>;

  bool expects(std::string_view policy) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
      return std::find(node.second.begin(), node.second.end(), policy) != node.second.end();
    });
  }

  Nodes nodes_{{any_policy, {any_policy}}};
};

/// How many more certificates may come before something is demanded or forbidden.
struct PolicyLimits {
  std::int64_t explicit_policy, mapping, any_policy;

  void descend(const Certificate& certificate) {
    if (certificate.raw_issuer != certificate.raw_subject) {
      for (std::int64_t* limit : {&explicit_policy, &mapping, &any_policy})
        if (*limit > 0) --*limit;
    }
    lower(explicit_policy, certificate.require_explicit_policy,
          certificate.require_explicit_policy_zero);
    lower(mapping, certificate.inhibit_policy_mapping, certificate.inhibit_policy_mapping_zero);
    lower(any_policy, certificate.inhibit_any_policy, certificate.inhibit_any_policy_zero);
  }

 private:
  static void lower(std::int64_t& limit, std::int64_t to, bool to_zero) {
    if ((to > 0 || to_zero) && to < limit) limit = to;
  }
};

}  // namespace

bool satisfies_name_constraints(const Chain& chain) {
  constexpr std::uint32_t alternative_names = 17, name_constraints = 30;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!has_extension(*chain[i], alternative_names)) continue;
    std::optional<CheckedNames> names;
    for (std::size_t above = i + 1; above < chain.size(); ++above) {
      if (!has_extension(*chain[above], name_constraints)) continue;
      if (!names) names = checked_names(chain[i]->names);
      if (!names || !permits(*chain[above], *names)) return false;
    }
  }
  return true;
}

bool satisfies_policies(const Chain& chain) {
  if (chain.size() == 1) return true;
  std::size_t last = chain.size() - 1;
  auto all = static_cast<std::int64_t>(chain.size());
  PolicyLimits limits{all, all, all};
  PolicyTree tree;
  bool has_tree = true;
  for (std::size_t i = last; i-- > 0;) {
    const Certificate& certificate = *chain[i];
    if (certificate.policies.empty()) has_tree = false;
    if (limits.explicit_policy == 0 && !has_tree) return false;
    if (has_tree) {
      bool self_issued = certificate.raw_issuer == certificate.raw_subject;
      tree.descend(certificate, limits.any_policy > 0 || (i > 0 && self_issued));
      if (i > 0 && !tree.map(certificate.policy_mappings, limits.mapping > 0)) return false;
    }
    if (i > 0) limits.descend(certificate);
  }
  if (limits.explicit_policy > 0) --limits.explicit_policy;
  if (chain[0]->require_explicit_policy_zero) limits.explicit_policy = 0;
  return limits.explicit_policy != 0 || (has_tree && !tree.empty());
}

}  // namespace lictor::builtins
