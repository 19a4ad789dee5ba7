// Least-recently-used entries in a list, and the flights.
#include "decision_cache.hpp"

namespace lictor::validator {

DecisionCache::Found DecisionCache::find(const std::string& key, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (auto place = places_.find(key); place != places_.end()) {
    Entries::iterator entry = place->second;
    if (now < entry->expires) {
      entries_.splice(entries_.begin(), entries_, entry);
      return {entry->decision, nullptr, false};
    }
    places_.erase(place);
    entries_.erase(entry);
  }
  auto [flight, fresh] = flights_.try_emplace(key);
  if (fresh) flight->second = std::make_shared<Flight>();
  return {nullptr, flight->second, fresh};
}

void DecisionCache::land(const std::string& key, const std::shared_ptr<Flight>& flight,
                         const Evaluation& evaluation, Clock::time_point now) {
  {
    std::lock_guard lock(mutex_);
    flights_.erase(key);
    if (evaluation.ok()) keep(key, evaluation.decision, now);
  }
  {
    std::lock_guard lock(flight->mutex);
    flight->evaluation = evaluation;
    flight->done = true;
  }
  flight->landed.notify_all();
}

void DecisionCache::keep(const std::string& key, const std::string& decision,
                         Clock::time_point now) {
  if (ttl_ <= Clock::duration::zero() || size_ == 0) return;
  if (auto place = places_.find(key); place != places_.end()) {
    Entries::iterator old = place->second;
    places_.erase(place);
    entries_.erase(old);
  }
  entries_.push_front({key, std::make_shared<const std::string>(decision), now + ttl_});
  places_[entries_.front().key] = entries_.begin();
  if (entries_.size() <= size_) return;
  places_.erase(entries_.back().key);
  entries_.pop_back();
}

bool DecisionCache::wait(Flight& flight, Clock::time_point deadline, const std::stop_token& stop,
                         Evaluation& out) {
  std::stop_callback on_stop(stop, [&] {
    std::lock_guard lock(flight.mutex);
    flight.landed.notify_all();
  });
  std::unique_lock lock(flight.mutex);
  flight.landed.wait_until(lock, deadline, [&] { return flight.done || stop.stop_requested(); });
  if (!flight.done) return false;
  out = flight.evaluation;
  return true;
}

std::size_t DecisionCache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void DecisionCache::clear() {
  std::lock_guard lock(mutex_);
  places_.clear();
  entries_.clear();
}

}  // namespace lictor::validator
