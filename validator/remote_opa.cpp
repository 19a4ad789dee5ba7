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
  bool too_large = false;
  CURLcode code = CURLE_OK;
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

Evaluation failed(PolicyErrorKind kind, std::string message) {
  Evaluation out;
  out.source = Source::remote;
  out.error = PolicyError{kind, std::move(message), false};
  return out;
}

bool transport_failed(const Transfer& transfer) {
  return transfer.code != CURLE_OK && !transfer.too_large;
}

Evaluation outcome(const Transfer& transfer, const std::string& package) {
  if (transfer.too_large)
    return failed(PolicyErrorKind::evaluation, "OPA's answer exceeds OPA_MAX_RESPONSE_BYTES");
  if (transfer.code == CURLE_OPERATION_TIMEDOUT)
    return failed(PolicyErrorKind::timeout, "OPA did not answer in time");
  if (transfer.code != CURLE_OK)
    return failed(PolicyErrorKind::connection,
                  std::string("OPA cannot be reached: ") + curl_easy_strerror(transfer.code));
  return read_answer(transfer.status, transfer.answer, package);
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
    std::vector<TransferPointer> batch;
    {
      std::lock_guard lock(mutex_);
      batch.swap(arriving_);
    }
    for (TransferPointer& transfer : batch) {
      set_up(*transfer);
      curl_multi_add_handle(multi_, transfer->handle);
      active_.push_back(std::move(transfer));
    }
  }

  CURL* take_handle() {
    if (idle_.empty()) return curl_easy_init();
    CURL* handle = idle_.back();
    idle_.pop_back();
    curl_easy_reset(handle);
    return handle;
  }

  void set_up(Transfer& transfer) {
    CURL* handle = transfer.handle = take_handle();
    auto set = [handle](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    auto timeout = static_cast<long>(transfer.timeout.count());
    set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
    set(CURLOPT_URL, transfer.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, configuration_.tls ? "https" : "http");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CONNECTTIMEOUT_MS, timeout);
    set(CURLOPT_TIMEOUT_MS, timeout);
    set(CURLOPT_WRITEFUNCTION, take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
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
    curl_multi_remove_handle(multi_, transfer.handle);
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
  std::vector<TransferPointer> arriving_;  // guarded by mutex_; what follows is the thread's alone
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
      : configuration(given), base(base_url(given)), exchange(given) {}

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

  const Configuration configuration;
  const std::string base;
  Exchange exchange;
};

RemoteOpa::RemoteOpa(const Configuration& configuration)
    : impl_(std::make_unique<Impl>(configuration)) {}
RemoteOpa::~RemoteOpa() = default;

std::vector<Evaluation> RemoteOpa::evaluate(const std::vector<Request>& requests,
                                            Clock::time_point deadline) {
  auto meeting = std::make_shared<Meeting>();
  Clock::time_point started = Clock::now();
  std::vector<Evaluation> out(requests.size(),
                              failed(PolicyErrorKind::timeout, "the deadline of the call is over"));
  std::vector<Course> courses(requests.size());
  auto start = [&](std::size_t i) {
    courses[i].transfer = impl_->begin(meeting, "/v1/data/" + requests[i].package + "/result",
                                       "{\"input\":" + requests[i].input + "}", deadline);
    ++courses[i].attempts;
    courses[i].ended = courses[i].transfer == nullptr;
  };
  auto settle = [&](std::size_t i) {
    Course& course = courses[i];
    bool again =
        transport_failed(*course.transfer) && course.attempts < impl_->configuration.attempts;
    out[i] = outcome(*course.transfer, requests[i].package);
    out[i].duration = Clock::now() - started;
    course.transfer = nullptr;
    course.ended = !again;
    course.next = Clock::now() + backoff(impl_->configuration.first_backoff, course.attempts + 1,
                                         random_fraction());
  };
  for (std::size_t i = 0; i < requests.size(); ++i) start(i);
  for (;;) {
    std::vector<std::size_t> due;
    bool over = false;
    {
      std::unique_lock lock(meeting->mutex);
      bool pending = false;
      Clock::time_point wake = deadline;
      for (std::size_t i = 0; i < courses.size(); ++i) {
        Course& course = courses[i];
        if (course.transfer && course.transfer->done) settle(i);
        if (course.ended) continue;
        pending = true;
        if (course.transfer) continue;
        if (course.next <= Clock::now())
          due.push_back(i);
        else
          wake = std::min(wake, course.next);
      }
      over = !pending || Clock::now() >= deadline;
      if (!over && due.empty()) meeting->arrived.wait_until(lock, wake);
    }
    if (over) return out;
    for (std::size_t i : due) start(i);
  }
}

bool RemoteOpa::health(Clock::time_point deadline) {
  auto meeting = std::make_shared<Meeting>();
  TransferPointer transfer = impl_->begin(meeting, "/health", "", deadline);
  if (!transfer) return false;
  std::unique_lock lock(meeting->mutex);
  meeting->arrived.wait_until(lock, deadline, [&] { return transfer->done; });
  return transfer->done && transfer->code == CURLE_OK && transfer->status == 200;
}

milliseconds backoff(milliseconds first, int attempt, double jitter) {
  constexpr int longest = 3;  // doublings
  double pause = static_cast<double>(first.count() << std::min(attempt - 2, longest));
  return milliseconds(static_cast<std::int64_t>(pause * (1 - jitter / 2)));
}

}  // namespace lictor::validator
