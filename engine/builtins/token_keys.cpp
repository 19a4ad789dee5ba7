#include "builtins/token_keys.hpp"

#include <list>
#include <unordered_map>

#include "builtins/certificates.hpp"
#include "builtins/go_pem.hpp"
#include "builtins/jwk.hpp"
#include "builtins/signatures.hpp"

namespace lictor::builtins {
namespace {

Wrong parse_block(const PemBlock& block, TokenKeys& out) {
  if (block.type == "CERTIFICATE") {
    Certificate certificate;
    Wrong wrong = parse_certificate(block.bytes, certificate);
    if (!wrong.empty()) return "failed to parse a PEM certificate: " + wrong;
    out.push_back({"", "", std::move(certificate.public_key)});
    return "";
  }
  if (block.type == "PUBLIC KEY") {
    Key key;
    Wrong wrong = parse_pkix_public_key(block.bytes, key);
    if (!wrong.empty()) return "failed to parse a PEM public key: " + wrong;
    out.push_back({"", "", std::move(key)});
    return "";
  }
  return "failed to extract a Key from the PEM certificate";
}

/// Keys for algorithms that tokens do not have are left out.
Wrong parse_json_keys(std::string_view text, TokenKeys& out) {
  std::vector<JsonWebKey> keys;
  Wrong wrong = parse_jwk(text, keys);
  if (!wrong.empty())
    return "failed to parse a JWK key (set): jwk.ParseString: failed to parse string: " + wrong;
  for (const JsonWebKey& from : keys) {
    Key key;
    wrong = export_jwk(from, key);
    if (!wrong.empty()) return wrong;
    if (from.algorithm.empty() || token_algorithm(from.algorithm))
      out.push_back({from.algorithm, from.id, std::move(key)});
  }
  return "";
}

Wrong parse(std::string_view text, TokenKeys& out) {
  PemDecoding pem = decode_pem(text);
  if (!pem.block) return parse_json_keys(text, out);
  if (!pem.rest.empty()) return "extra data after a PEM certificate block";
  return parse_block(*pem.block, out);
}

/// The keys of the last texts. One thread uses a cache, so that keys may keep what OpenSSL made of
/// them.
class KeyCache {
 public:
  std::shared_ptr<const TokenKeys> get(std::string_view text, Wrong& wrong) {
    auto found = by_text_.find(text);
    if (found != by_text_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->keys;
    }
    auto keys = std::make_shared<TokenKeys>();
    wrong = parse(text, *keys);
    if (!wrong.empty()) return nullptr;
    keep(text, keys);
    return keys;
  }

 private:
  struct Entry {
    std::string text;
    std::shared_ptr<const TokenKeys> keys;
  };

  void keep(std::string_view text, std::shared_ptr<const TokenKeys> keys) {
    constexpr std::size_t most_entries = 100, most_keys = 1000;
    constexpr std::size_t longest_text = std::size_t{256} << 10;
    if (text.size() > longest_text || keys->size() > most_keys) return;
    while (entries_.size() == most_entries || keys_ + keys->size() > most_keys) drop_last();
    keys_ += keys->size();
    entries_.push_front({std::string(text), std::move(keys)});
    by_text_.emplace(entries_.front().text, entries_.begin());
  }

  void drop_last() {
    keys_ -= entries_.back().keys->size();
    by_text_.erase(entries_.back().text);
    entries_.pop_back();
  }

  std::list<Entry> entries_;  // the last one used comes first
  std::size_t keys_ = 0;      // of all entries
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_;
};

}  // namespace

std::shared_ptr<const TokenKeys> token_keys(std::string_view text, Wrong& wrong) {
  thread_local KeyCache cache;
  return cache.get(text, wrong);
}

}  // namespace lictor::builtins
