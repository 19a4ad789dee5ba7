#include "cache.hpp"

#include <chrono>

namespace lictor::http {
namespace {

/// The memory that an answer takes, about.
std::size_t size_of(const std::string& key, const Response& response) {
  constexpr std::size_t per_entry = 512, per_text = 64;
  std::size_t out = per_entry + 2 * key.size() + response.status.size() + response.body.size();
  for (const auto& [name, values] : response.headers) {
    out += per_text + name.size();
    for (const std::string& value : values) out += per_text + value.size();
  }
  return out;
}

}  // namespace

std::shared_ptr<const KeptAnswer> Cache::find(const std::string& key) const {
  std::lock_guard lock(mutex_);
  auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : at->second.answer;
}

void Cache::drop(const std::string& key) {
  auto at = entries_.find(key);
  if (at == entries_.end()) return;
  bytes_ -= at->second.bytes;
  auto place = at->second.place;
  entries_.erase(at);  // before the list's text, which may be `key`
  oldest_first_.erase(place);
}

void Cache::insert(const std::string& key, KeptAnswer answer) {
  std::size_t bytes = size_of(key, answer.response);
  auto kept = std::make_shared<const KeptAnswer>(std::move(answer));
  std::lock_guard lock(mutex_);
  drop(key);
  if (bytes > max_bytes_) return;
  while (bytes_ + bytes > max_bytes_) drop(oldest_first_.front());
  oldest_first_.push_back(key);
  entries_[key] = {std::move(kept), bytes, std::prev(oldest_first_.end())};
  bytes_ += bytes;
}

void Cache::erase(const std::string& key) {
  std::lock_guard lock(mutex_);
  drop(key);
}

std::size_t Cache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

bool Cache::enter(const std::string& key, const std::function<bool()>& is_stopped) {
  constexpr std::chrono::milliseconds nap{5};
  std::unique_lock lock(mutex_);
  if (asked_.insert(key).second) return true;
  while (asked_.count(key)) {
    left_.wait_for(lock, nap);
    lock.unlock();
    bool stopped = is_stopped && is_stopped();
    lock.lock();
    if (stopped) return false;
  }
  return false;
}

void Cache::leave(const std::string& key) {
  std::lock_guard lock(mutex_);
  asked_.erase(key);
  left_.notify_all();
}

}  // namespace lictor::http
