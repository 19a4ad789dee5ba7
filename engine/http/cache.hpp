// Answers kept between evaluations, and the rule that one call at a time asks for one of them. Safe
// for many threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "exchange.hpp"

namespace lictor::http {

struct KeptAnswer {
  Response response;
  std::int64_t expires_ns = 0;
};

class Cache {
 public:
  explicit Cache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  std::shared_ptr<const KeptAnswer> find(const std::string& key) const;
  /// The oldest answers make room; one that is larger than the cache is not kept.
  void insert(const std::string& key, KeptAnswer answer);
  void erase(const std::string& key);
  std::size_t bytes() const;

  /// Waits until no other call asks for the key's answer, or the evaluation is over. True if
  /// nobody did: then this call does, until leave().
  bool enter(const std::string& key, const std::function<bool()>& is_stopped);
  void leave(const std::string& key);

 private:
  struct Entry {
    std::shared_ptr<const KeptAnswer> answer;
    std::size_t bytes;
    std::list<std::string>::iterator place;
  };
  void drop(const std::string& key);

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable left_;
  // What follows is guarded by mutex_.
  std::unordered_map<std::string, Entry> entries_;
  std::list<std::string> oldest_first_;
  std::size_t bytes_ = 0;
  std::set<std::string> asked_;
};

/// One call's turn to ask.
class Turn {
 public:
  Turn(Cache& cache, const std::string& key, const std::function<bool()>& is_stopped)
      : cache_(cache), key_(key), asks_(cache.enter(key, is_stopped)) {}
  ~Turn() {
    if (asks_) cache_.leave(key_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Cache& cache_;
  const std::string& key_;
  bool asks_;
};

}  // namespace lictor::http
