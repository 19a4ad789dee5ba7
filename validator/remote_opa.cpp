// The thread that drives libcurl, and the attempts of a call.
#include "remote_opa.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "answer.hpp"

namespace lictor::validator {
namespace {

using Clock = RemoteOpa::Clock;
using std::chrono::milliseconds;

/// Where a call waits for its transfers. Transfers keep it alive: a call may leave at its deadline
/// while libcurl still works for it.
struct Meeting {
  std::mutex mutex;
  std::condition_variable arrived;

  void wake() {
    std::lock_guard lock(mutex);
    arrived.notify_all();
  }
};

/// One HTTP exchange. libcurl's thread writes it until `done`, which the meeting's lock guards.
struct Transfer {
  std::shared_ptr<Meeting> meeting;
  std::string url;
  std::string body;  // of a POST; a GET has none
  milliseconds timeout{0};
  std::size_t most_bytes = 0;

  CURL* handle = nullptr;
  std::string answer;
  std::size_t header_bytes = 0;
  bool too_large = false;
  CURLcode code = CURLE_OK;
  char detail[CURL_ERROR_SIZE] = "";  // libcurl's words about the code
  const char* missing = "";           // what it waited for when it timed out
  long status = 0;
  bool done = false;
};

using TransferPointer = std::shared_ptr<Transfer>;

std::size_t take(char* data, std::size_t, std::size_t size, void* into) {
  auto& transfer = *static_cast<Transfer*>(into);
  if (transfer.answer.size() + size > transfer.most_bytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.answer.append(data, size);
  return size;
}

/// Counts headers, of which a server can send any number.
std::size_t take_header(char*, std::size_t, std::size_t size, void* into) {
  auto& transfer = *static_cast<Transfer*>(into);
  transfer.header_bytes += size;
  transfer.too_large |= transfer.header_bytes > transfer.most_bytes + 65536;
  return transfer.too_large ? 0 : size;
}

Evaluation failed(PolicyErrorKind kind, std::string message) {
  Evaluation out;
  out.source = Source::remote;
  out.error = PolicyError{kind, std::move(message), false};
  return out;
}

bool transport_failed(const Transfer& transfer) {
  return transfer.code != CURLE_OK && !transfer.too_large;
}

/// Adds libcurl's detail where TLS fails: which certificate is wrong, and why.
std::string description_of(const Transfer& transfer) {
  bool tls = transfer.code == CURLE_SSL_CONNECT_ERROR || transfer.code == CURLE_SSL_CERTPROBLEM ||
             transfer.code == CURLE_PEER_FAILED_VERIFICATION || transfer.code == CURLE_SSL_CIPHER ||
             transfer.code == CURLE_SSL_CACERT_BADFILE;
  std::string out = curl_easy_strerror(transfer.code);
  if (transfer.code == CURLE_SSL_CONNECT_ERROR)
    out = "the TLS handshake failed (does OPA serve TLS on this port? OPA_PORT, OPA_TLS)";
  return tls && transfer.detail[0] ? out + ": " + transfer.detail : out;
}

Evaluation read_outcome(const Transfer& transfer, const std::string& package) {
  if (transfer.too_large)
    return failed(PolicyErrorKind::evaluation, "OPA's answer exceeds OPA_MAX_RESPONSE_BYTES");
  if (transfer.code == CURLE_OPERATION_TIMEDOUT)
    return failed(PolicyErrorKind::timeout, std::string("OPA did not answer in time: ") +
                                                transfer.missing + " after " +
                                                std::to_string(transfer.timeout.count()) + " ms");
  if (transfer.code != CURLE_OK)
    return failed(PolicyErrorKind::connection,
                  "OPA cannot be reached: " + description_of(transfer));
  return read_answer(transfer.status, transfer.answer, package);
}

/// What a transfer that timed out was waiting for.
const char* missing_part(CURL* handle, bool tls) {
  auto passed = [&](CURLINFO stage) {
    curl_off_t time = 0;
    return curl_easy_getinfo(handle, stage, &time) == CURLE_OK && time > 0;
  };
  if (passed(CURLINFO_STARTTRANSFER_TIME_T)) return "an incomplete answer";
  if (passed(CURLINFO_PRETRANSFER_TIME_T)) return "no answer";
  if (!passed(CURLINFO_NAMELOOKUP_TIME_T)) return "no address or free connection";
  return tls ? "no connection or TLS session" : "no connection";
}

std::string escaped(const std::string& text) {
  if (text.empty()) return "";  // a length of 0 has a meaning of its own below
  char* made = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
  std::string out = made ? made : "";
  curl_free(made);
  return out;
}

/// A path whose parts are escaped: a package's name cannot change the meaning of the URL.
std::string path_of(const std::string& package) {
  std::string out = "/v1/data";
  for (std::size_t at = 0; at <= package.size();) {
    std::size_t slash = std::min(package.find('/', at), package.size());
    out += "/" + escaped(package.substr(at, slash - at));
    at = slash + 1;
  }
  return out + "/result";
}

std::string base_url(const Configuration& configuration) {
  const std::string& host = configuration.host;
  bool bare_ipv6 = host.find(':') != std::string::npos && host[0] != '[';
  return std::string(configuration.tls ? "https://" : "http://") +
         (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(configuration.port);
}

/// libcurl on a thread of its own.
class Exchange {
 public:
  explicit Exchange(const Configuration& configuration) : configuration_(configuration) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    add_header("Content-Type: application/json");
    add_header("Expect:");
    if (!configuration.token.empty()) add_header("Authorization: Bearer " + configuration.token);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.connections);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.connections_per_host);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, configuration.connections);
    thread_ = std::thread([this] { run(); });
  }

  ~Exchange() {
    stopping_ = true;
    curl_multi_wakeup(multi_);
    thread_.join();
    for (CURL* handle : idle_) curl_easy_cleanup(handle);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }

  void start(TransferPointer transfer) {
    {
      std::lock_guard lock(mutex_);
      arriving_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_);
  }

  /// Ends a transfer for which no call waits any more.
  void abandon(TransferPointer transfer) {
    {
      std::lock_guard lock(mutex_);
      abandoned_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_);
  }

 private:
  void add_header(const std::string& header) {
    headers_ = curl_slist_append(headers_, header.c_str());
  }

  void run() {
    constexpr int longest_nap_ms = 1000;
    while (!stopping_) {
      accept();
      int running = 0;
      curl_multi_perform(multi_, &running);
      collect();
      curl_multi_poll(multi_, nullptr, 0, longest_nap_ms, nullptr);
    }
    accept();
    while (!active_.empty()) finish(*active_.back(), CURLE_ABORTED_BY_CALLBACK);
  }

  void accept() {
    std::vector<TransferPointer> batch, abandoned;
    {
      std::lock_guard lock(mutex_);
      batch.swap(arriving_);
      abandoned.swap(abandoned_);
    }
    for (TransferPointer& transfer : batch) {
      set_up(*transfer);
      curl_multi_add_handle(multi_, transfer->handle);
      active_.push_back(std::move(transfer));
    }
    for (const TransferPointer& transfer : abandoned) {
      if (std::find(active_.begin(), active_.end(), transfer) != active_.end())
        finish(*transfer, CURLE_ABORTED_BY_CALLBACK);
    }
  }

  CURL* take_handle() {
    if (idle_.empty()) return curl_easy_init();
    CURL* handle = idle_.back();
    idle_.pop_back();
    return handle;
  }

  void set_up(Transfer& transfer) {
    CURL* handle = transfer.handle = take_handle();
    auto set = [handle](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    auto timeout = static_cast<long>(transfer.timeout.count());
    set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
    set(CURLOPT_URL, transfer.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, configuration_.tls ? "https" : "http");
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROXY, "");
    // A resolver that hangs is left to itself; libcurl would wait for its thread otherwise.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_ERRORBUFFER, transfer.detail);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CONNECTTIMEOUT_MS, timeout);
    set(CURLOPT_TIMEOUT_MS, timeout);
    set(CURLOPT_WRITEFUNCTION, take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(CURLOPT_HEADERFUNCTION, take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    set(CURLOPT_HTTPHEADER, headers_);
    if (!configuration_.ca_file.empty()) set(CURLOPT_CAINFO, configuration_.ca_file.c_str());
    if (transfer.body.empty()) return;
    set(CURLOPT_POSTFIELDS, transfer.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.body.size()));
  }

  void collect() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURLcode code = message->data.result;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &transfer->status);
      finish(*transfer, code);
    }
  }

  void finish(Transfer& transfer, CURLcode code) {
    if (code == CURLE_OPERATION_TIMEDOUT)
      transfer.missing = missing_part(transfer.handle, configuration_.tls);
    curl_multi_remove_handle(multi_, transfer.handle);
    curl_easy_reset(transfer.handle);  // it must not write to the transfer any more
    idle_.push_back(transfer.handle);
    auto at = std::find_if(active_.begin(), active_.end(),
                           [&](const TransferPointer& item) { return item.get() == &transfer; });
    TransferPointer kept = std::move(*at);
    active_.erase(at);
    std::lock_guard lock(kept->meeting->mutex);
    kept->code = code;
    kept->done = true;
    kept->meeting->arrived.notify_all();
  }

  const Configuration configuration_;
  curl_slist* headers_ = nullptr;
  CURLM* multi_ = nullptr;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<TransferPointer> arriving_, abandoned_;  // guarded by mutex_
  // What follows is the thread's alone.
  std::vector<TransferPointer> active_;
  std::vector<CURL*> idle_;
  std::thread thread_;
};

double random_fraction() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

/// A request on its way: the attempt under way, or the time of the next one.
struct Course {
  TransferPointer transfer;
  int attempts = 0;
  Clock::time_point next{};
  bool ended = false;
};

}  // namespace

struct RemoteOpa::Impl {
  explicit Impl(const Configuration& given)
      : configuration(given),
        base(base_url(given)),
        where(" (" + base.substr(base.find("//") + 2) + ")"),
        exchange(given) {}

  /// Null if no time is left.
  TransferPointer begin(const std::shared_ptr<Meeting>& meeting, const std::string& path,
                        std::string body, Clock::time_point deadline) {
    auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left <= milliseconds::zero()) return nullptr;
    auto transfer = std::make_shared<Transfer>();
    transfer->meeting = meeting;
    transfer->url = base + path;
    transfer->body = std::move(body);
    transfer->timeout = std::min(configuration.attempt_timeout, left);
    transfer->most_bytes = configuration.response_bytes;
    exchange.start(transfer);
    return transfer;
  }

  Evaluation outcome(const Transfer& transfer, const std::string& package) const {
    Evaluation out = read_outcome(transfer, package);
    if (out.error) out.error->message += where;
    return out;
  }

  const Configuration configuration;
  const std::string base;
  const std::string where;  // host and port, for errors
  Exchange exchange;
};

RemoteOpa::RemoteOpa(const Configuration& configuration)
    : impl_(std::make_unique<Impl>(configuration)) {}
RemoteOpa::~RemoteOpa() = default;

/// The requests of one call on their way.
class RemoteOpa::Journey {
 public:
  Journey(Impl& opa, const std::vector<Request>& requests, const Limits& limits)
      : opa_(opa),
        requests_(requests),
        limits_(limits),
        courses_(requests.size()),
        out_(requests.size()) {}

  std::vector<Evaluation> run() {
    auto wake = [this] { meeting_->wake(); };
    std::stop_callback on_stop(limits_.stop, wake), on_close(limits_.closed, wake);
    for (std::size_t i = 0; i < courses_.size() && !limits_.is_over(); ++i) start(i);
    for (std::vector<std::size_t> due; wait(due);) {
      for (std::size_t i : due) start(i);
    }
    end_all();
    return std::move(out_);
  }

 private:
  void start(std::size_t i) {
    Course& course = courses_[i];
    course.transfer = opa_.begin(meeting_, path_of(requests_[i].package),
                                 "{\"input\":" + requests_[i].input + "}", limits_.deadline);
    ++course.attempts;
  }

  /// Takes the end of an attempt: the request's end, or the time of the next one.
  void settle(std::size_t i) {
    Course& course = courses_[i];
    bool again =
        transport_failed(*course.transfer) && course.attempts < opa_.configuration.attempts;
    out_[i] = opa_.outcome(*course.transfer, requests_[i].package);
    // A timeout of an attempt that was cut short is not evidence against the server.
    bool cut_short = course.transfer->timeout < opa_.configuration.attempt_timeout;
    if (course.transfer->code == CURLE_OPERATION_TIMEDOUT)
      out_[i].error->is_callers = limits_.is_callers && cut_short;
    out_[i].duration = Clock::now() - started_;
    course.transfer = nullptr;
    course.ended = !again;
    course.next = Clock::now() +
                  backoff(opa_.configuration.first_backoff, course.attempts + 1, random_fraction());
  }

  /// Waits until something is to be started, which may be nothing yet; false when the call is over.
  bool wait(std::vector<std::size_t>& due) {
    due.clear();
    std::unique_lock lock(meeting_->mutex);
    bool pending = false;
    Clock::time_point wake_at = limits_.deadline;
    for (std::size_t i = 0; i < courses_.size(); ++i) {
      Course& course = courses_[i];
      if (course.transfer && course.transfer->done) settle(i);
      if (course.ended) continue;
      pending = true;
      if (course.transfer) continue;
      if (course.next <= Clock::now())
        due.push_back(i);
      else
        wake_at = std::min(wake_at, course.next);
    }
    if (!pending || Clock::now() >= limits_.deadline || limits_.is_stopped()) return false;
    if (due.empty()) meeting_->arrived.wait_until(lock, wake_at);
    return true;
  }

  /// Ends what is still on its way.
  void end_all() {
    for (std::size_t i = 0; i < courses_.size(); ++i) {
      if (courses_[i].ended) continue;
      if (courses_[i].transfer) opa_.exchange.abandon(courses_[i].transfer);
      // An attempt's own error is more useful than the deadline that prevented the next attempt.
      if (!out_[i].error || limits_.is_stopped()) {
        out_[i] = ended_by(limits_);
        out_[i].error->message += opa_.where;
      }
      out_[i].duration = Clock::now() - started_;
    }
  }

  Impl& opa_;
  const std::vector<Request>& requests_;
  const Limits& limits_;
  const Clock::time_point started_ = Clock::now();
  const std::shared_ptr<Meeting> meeting_ = std::make_shared<Meeting>();
  std::vector<Course> courses_;
  std::vector<Evaluation> out_;
};

std::vector<Evaluation> RemoteOpa::evaluate(const std::vector<Request>& requests,
                                            const Limits& limits) {
  return Journey(*impl_, requests, limits).run();
}

Evaluation RemoteOpa::ended_by(const Limits& limits) {
  bool stopped = limits.is_stopped();
  Evaluation out = stopped ? failed(PolicyErrorKind::cancelled, "the call was cancelled")
                           : failed(PolicyErrorKind::timeout, "the deadline of the call is over");
  out.error->is_callers = stopped ? limits.stop.stop_requested() : limits.is_callers;
  return out;
}

const std::string& RemoteOpa::where() const noexcept { return impl_->where; }

bool RemoteOpa::health(const Limits& limits) {
  auto meeting = std::make_shared<Meeting>();
  TransferPointer transfer = impl_->begin(meeting, "/health", "", limits.deadline);
  if (!transfer) return false;
  auto wake = [&] { meeting->wake(); };
  std::stop_callback on_stop(limits.stop, wake), on_close(limits.closed, wake);
  std::unique_lock lock(meeting->mutex);
  meeting->arrived.wait_until(lock, limits.deadline,
                              [&] { return transfer->done || limits.is_stopped(); });
  bool done = transfer->done;
  lock.unlock();
  if (!done) impl_->exchange.abandon(transfer);
  return done && transfer->code == CURLE_OK && transfer->status == 200;
}

milliseconds backoff(milliseconds first, int attempt, double jitter) {
  constexpr int longest = 3;  // doublings
  double pause = static_cast<double>(first.count() << std::min(attempt - 2, longest));
  return milliseconds(static_cast<std::int64_t>(pause * (1 - jitter / 2)));
}

}  // namespace lictor::validator
