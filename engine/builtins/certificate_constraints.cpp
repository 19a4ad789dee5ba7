// What the certificates of a chain permit to those below them: names and policies.
#include <algorithm>
#include <map>
#include <memory>
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

/// A domain from its end, in lower case, with its periods before all other characters: what is
/// below a domain then follows it at once in order.
std::string reversed(std::string_view domain) {
  std::string out = lower_case(domain);
  std::reverse(out.begin(), out.end());
  std::replace(out.begin(), out.end(), '.', '\1');
  return out;
}

/// True if a reversed domain is the constraint, or below it.
bool is_within(std::string_view constraint, std::string_view domain) {
  return domain.starts_with(constraint) &&
         (domain.size() == constraint.size() || constraint.empty() || constraint.back() == '\1' ||
          domain[constraint.size()] == '\1');
}

/// What follows the first label, in lower case.
std::string from_first_period(std::string_view name) {
  std::size_t period = name.find('.');
  return period == std::string_view::npos ? "" : lower_case(name.substr(period));
}

/// Sorts and leaves out what an item before covers. Then only the last item up to a name in order
/// can cover it, however many there are.
template <typename Item, typename Covers>
void sort_and_prune(std::vector<Item>& items, Covers covers) {
  std::sort(items.begin(), items.end());
  std::vector<Item> kept;
  for (Item& item : items)
    if (kept.empty() || !covers(kept.back(), item)) kept.push_back(std::move(item));
  items = std::move(kept);
}

/// Domains that are permitted, or excluded: an excluded name also excludes the wildcard over it.
class Domains {
 public:
  Domains(const std::vector<std::string>& constraints, bool excluded) {
    for (const std::string& constraint : constraints) {
      all_.push_back(reversed(constraint));
      std::string above = from_first_period(constraint);
      if (excluded && !above.empty()) above_.insert(std::move(above));
    }
    sort_and_prune(all_, is_within);
  }

  bool covers(std::string_view domain) const {
    std::string wanted = reversed(domain);
    auto after = std::upper_bound(all_.begin(), all_.end(), wanted);
    if (after != all_.begin() && is_within(*std::prev(after), wanted)) return true;
    return domain.starts_with('*') && above_.contains(from_first_period(domain));
  }

 private:
  std::vector<std::string> all_;
  std::set<std::string> above_;
};

class Mailboxes {
 public:
  Mailboxes(const std::vector<std::string>& constraints, bool excluded)
      : domains_(domains_of(constraints), excluded) {
    for (const std::string& constraint : constraints) {
      if (constraint.find('@') == std::string::npos) continue;
      if (std::optional<Mailbox> exact = parse_mailbox(constraint))
        exact_.insert({exact->local, lower_case(exact->domain)});
    }
  }

  bool covers(const Mailbox& mailbox) const {
    return exact_.contains({mailbox.local, mailbox.domain}) || domains_.covers(mailbox.domain);
  }

 private:
  static std::vector<std::string> domains_of(const std::vector<std::string>& constraints) {
    std::vector<std::string> out;
    for (const std::string& constraint : constraints)
      if (constraint.find('@') == std::string::npos) out.push_back(constraint);
    return out;
  }

  std::set<std::pair<std::string, std::string>> exact_;
  Domains domains_;
};

/// Addresses of one kind or the other.
class Addresses {
 public:
  explicit Addresses(const std::vector<AddressRange>& ranges) {
    for (const AddressRange& range : ranges) {
      std::string first(range.address);
      for (std::size_t i = 0; i < first.size(); ++i) first[i] &= range.mask[i];
      of_size(first.size()).push_back({std::move(first), std::string(range.mask)});
    }
    auto is_in_range = [](const Range& range, const Range& other) {
      return has_address(range, other.first);
    };
    sort_and_prune(v4_, is_in_range);
    sort_and_prune(v6_, is_in_range);
  }

  bool covers(std::string_view address) const {
    const std::vector<Range>& ranges = address.size() == 4 ? v4_ : v6_;
    auto after = std::upper_bound(
        ranges.begin(), ranges.end(), address,
        [](std::string_view wanted, const Range& range) { return wanted < range.first; });
    return after != ranges.begin() && has_address(*std::prev(after), address);
  }

 private:
  struct Range {
    std::string first, mask;
    bool operator<(const Range& other) const {
      return first == other.first ? mask < other.mask : first < other.first;
    }
  };

  static bool has_address(const Range& range, std::string_view address) {
    for (std::size_t i = 0; i < address.size(); ++i)
      if (((address[i] ^ range.first[i]) & range.mask[i]) != 0) return false;
    return true;
  }
  std::vector<Range>& of_size(std::size_t size) { return size == 4 ? v4_ : v6_; }

  std::vector<Range> v4_, v6_;
};

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

/// What is permitted and excluded of one kind of names.
template <typename Set>
struct Limits {
  std::unique_ptr<const Set> permitted, excluded;  // null: there are none

  template <typename Name>
  bool allow(const Name& name) const {
    return (!permitted || permitted->covers(name)) && !(excluded && excluded->covers(name));
  }
};

/// The name constraints of a certificate, ready for search.
class NameLimits {
 public:
  explicit NameLimits(const Certificate& authority)
      : dns_(domains(authority.permitted.dns, authority.excluded.dns)),
        uris_(domains(authority.permitted.uri_domains, authority.excluded.uri_domains)) {
    const Subtrees &permitted = authority.permitted, &excluded = authority.excluded;
    if (!permitted.ranges.empty())
      addresses_.permitted = std::make_unique<const Addresses>(permitted.ranges);
    if (!excluded.ranges.empty())
      addresses_.excluded = std::make_unique<const Addresses>(excluded.ranges);
    if (!permitted.emails.empty())
      mailboxes_.permitted = std::make_unique<const Mailboxes>(permitted.emails, false);
    if (!excluded.emails.empty())
      mailboxes_.excluded = std::make_unique<const Mailboxes>(excluded.emails, true);
  }

  bool permit(const CheckedNames& of) const {
    auto all = [](const auto& names, auto is_allowed) {
      return std::all_of(names.begin(), names.end(), is_allowed);
    };
    auto domain_in = [](const Limits<Domains>& limits) {
      return [&limits](const std::string& name) {
        return is_domain_name(name, false) && limits.allow(name);
      };
    };
    return all(of.names->addresses,
               [&](std::string_view address) { return addresses_.allow(address); }) &&
           all(of.names->dns, domain_in(dns_)) && all(of.uri_domains, domain_in(uris_)) &&
           all(of.mailboxes, [&](const Mailbox& mailbox) {
             return is_domain_name(mailbox.domain, false) && mailboxes_.allow(mailbox);
           });
  }

 private:
  using Texts = std::vector<std::string>;

  static Limits<Domains> domains(const Texts& permitted, const Texts& excluded) {
    Limits<Domains> out;
    if (!permitted.empty()) out.permitted = std::make_unique<const Domains>(permitted, false);
    if (!excluded.empty()) out.excluded = std::make_unique<const Domains>(excluded, true);
    return out;
  }

  Limits<Domains> dns_, uris_;
  Limits<Addresses> addresses_;
  Limits<Mailboxes> mailboxes_;
};

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
  std::vector<std::optional<CheckedNames>> names(chain.size());
  for (std::size_t above = 1; above < chain.size(); ++above) {
    if (!has_extension(*chain[above], name_constraints)) continue;
    NameLimits limits(*chain[above]);
    for (std::size_t i = 0; i < above; ++i) {
      if (!has_extension(*chain[i], alternative_names)) continue;
      if (!names[i]) names[i] = checked_names(chain[i]->names);
      if (!names[i] || !limits.permit(*names[i])) return false;
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
