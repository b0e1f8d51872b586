#include "sandglass/curl_fetcher.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstring>
#include <curl/curl.h>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "host/addresses.h"
#include "host/origins.h"
#include "sandglass/version.h"

namespace sandglass {
namespace {

using host::Origin;
using host::OriginList;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct EasyDeleter {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;
using Url = std::unique_ptr<CURLU, UrlDeleter>;

Error failure(std::string message) {
  return {.code = Errc::threw, .message = std::move(message)};
}

std::optional<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// A URL as curl itself reads it: what is checked is what is asked.
struct Target {
  Url url;
  Origin origin;
  std::string text;
};

Result<Target> read_url(const std::string& text) {
  Target target;
  target.url.reset(curl_url());
  if (!target.url) return std::unexpected(failure("there is no memory for the URL"));
  CURLU* url = target.url.get();
  if (curl_url_set(url, CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    return std::unexpected(failure("the URL is none that can be fetched"));
  }
  const auto scheme = part_of(url, CURLUPART_SCHEME);
  const auto host = part_of(url, CURLUPART_HOST);
  const auto port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto whole = part_of(url, CURLUPART_URL);
  if (!scheme || !host || !port || !whole || part_of(url, CURLUPART_ZONEID)) {
    return std::unexpected(failure("the URL is none that can be fetched"));
  }
  target.origin = {.scheme = lower(*scheme), .host = lower(*host)};
  std::from_chars(port->data(), port->data() + port->size(), target.origin.port);
  if (host::default_port(target.origin.scheme) == 0) {
    return std::unexpected(failure("only http: and https: are fetched"));
  }
  target.text = *whole;
  return target;
}

}  // namespace

/// One thread and what it has under way.
class CurlFetcher::Worker {
 public:
  Worker(CurlFetcherOptions options, OriginList origins, Multi multi)
      : options_(std::move(options)), origins_(std::move(origins)), multi_(std::move(multi)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void fetch(FetchRequest request, const std::stop_token& stop, Done done);

 private:
  // A request from fetch() to its Done. Belongs to the thread, but for `stopped`.
  struct Transfer {
    FetchRequest request;
    Done done;
    Target target;
    Clock::time_point deadline;
    Worker* worker = nullptr;
    Easy easy{};
    HeaderList headers{};
    FetchResponse response{};
    std::size_t header_bytes = 0;
    std::size_t redirects = 0;
    std::string refusal{};  // why a callback ended it
    std::atomic<bool> stopped = false;
    // Gone before the rest is, and before the Worker: its end waits for a call that is going on.
    std::optional<std::stop_callback<std::function<void()>>> on_stop{};
  };
  using TransferPointer = std::shared_ptr<Transfer>;

  void wake() noexcept { curl_multi_wakeup(multi_.get()); }
  void run();
  void start_queued();
  void start(const TransferPointer& transfer);
  void drop_stopped();
  void collect_finished();
  void finish(const TransferPointer& transfer, CURLcode code);
  [[nodiscard]] bool follow(const TransferPointer& transfer, long status);
  void end(const TransferPointer& transfer, Result<FetchResponse> result);
  [[nodiscard]] std::optional<Error> check(const Target& target) const;
  [[nodiscard]] bool prepare(Transfer& transfer);
  [[nodiscard]] bool add_headers(Transfer& transfer);
  [[nodiscard]] std::uint64_t body_limit(const Transfer& transfer) const noexcept {
    return std::min(options_.max_response_bytes, transfer.request.max_response_bytes);
  }

  // Called by curl on the thread. None throws.
  static std::size_t on_body(char* data, std::size_t one, std::size_t bytes, void* self) noexcept;
  static std::size_t on_header(char* data, std::size_t one, std::size_t bytes, void* self) noexcept;
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;

  const CurlFetcherOptions options_;
  const OriginList origins_;
  const Multi multi_;
  std::vector<TransferPointer> active_;  // of the thread
  std::mutex mutex_;
  std::deque<TransferPointer> queue_;  // guarded
  bool ending_ = false;                // guarded
  std::thread thread_;
};

void CurlFetcher::Worker::fetch(FetchRequest request, const std::stop_token& stop, Done done) {
  if (request.body.size() > options_.max_request_bytes) {
    done(std::unexpected(
        failure(fmt::format("the body is larger than {} bytes", options_.max_request_bytes))));
    return;
  }
  auto target = read_url(request.url);
  if (!target) {
    done(std::unexpected(target.error()));
    return;
  }
  if (auto error = check(*target)) {
    done(std::unexpected(*error));
    return;
  }
  auto transfer = std::make_shared<Transfer>();
  transfer->deadline = std::min(request.deadline, Clock::now() + options_.timeout);
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->target = std::move(*target);
  transfer->worker = this;
  transfer->on_stop.emplace(stop, [stopped = transfer.get()] {
    stopped->stopped = true;
    stopped->worker->wake();
  });
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < options_.max_queued) {
      queue_.push_back(transfer);
    } else {
      transfer->refusal = "too many requests wait already";
    }
  }
  if (!transfer->refusal.empty()) {
    transfer->done(std::unexpected(failure(transfer->refusal)));
    return;
  }
  wake();
}

std::optional<Error> CurlFetcher::Worker::check(const Target& target) const {
  if (origins_.has(target.origin)) return std::nullopt;
  const bool usual = target.origin.port == host::default_port(target.origin.scheme);
  return failure(fmt::format("the origin {}://{}{} is not granted", target.origin.scheme,
                             target.origin.host,
                             usual ? "" : fmt::format(":{}", target.origin.port)));
}

void CurlFetcher::Worker::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) break;
    }
    start_queued();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    collect_finished();
    drop_stopped();
    constexpr int kLongestWait = 1000;  // requests that wait look at their time this often
    curl_multi_poll(multi_.get(), nullptr, 0, kLongestWait, nullptr);
  }
  std::deque<TransferPointer> queued;
  {
    const std::lock_guard lock(mutex_);
    queued.swap(queue_);
  }
  const std::vector<TransferPointer> active = active_;
  for (const auto& transfer : active) end(transfer, std::unexpected(failure("the host is ending")));
  for (const auto& transfer : queued) end(transfer, std::unexpected(failure("the host is ending")));
}

void CurlFetcher::Worker::start_queued() {
  while (active_.size() < options_.max_concurrent) {
    TransferPointer next;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    start(next);
  }
}

// Those that wait for their turn, too.
void CurlFetcher::Worker::drop_stopped() {
  std::vector<TransferPointer> dropped;
  for (const auto& transfer : active_) {
    if (transfer->stopped) dropped.push_back(transfer);
  }
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(queue_, [&](const TransferPointer& transfer) {
      const bool drop = transfer->stopped || transfer->deadline <= Clock::now();
      if (drop) dropped.push_back(transfer);
      return drop;
    });
  }
  for (const auto& transfer : dropped) {
    end(transfer, std::unexpected(failure(transfer->stopped ? "the request was aborted"
                                                            : "the request took too long")));
  }
}

void CurlFetcher::Worker::start(const TransferPointer& transfer) {
  // Rounded up: at the end of a run's time it is the run that ends, not the request that fails.
  const auto left = std::chrono::ceil<milliseconds>(transfer->deadline - Clock::now()).count();
  if (left <= 0) {
    end(transfer, std::unexpected(failure("the request took too long")));
    return;
  }
  transfer->easy.reset(curl_easy_init());
  if (!transfer->easy || !prepare(*transfer) ||
      curl_easy_setopt(transfer->easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(left)) !=
          CURLE_OK ||
      curl_multi_add_handle(multi_.get(), transfer->easy.get()) != CURLM_OK) {
    transfer->easy.reset();
    end(transfer, std::unexpected(failure("the request could not be made")));
    return;
  }
  active_.push_back(transfer);
}

bool CurlFetcher::Worker::add_headers(Transfer& transfer) {
  transfer.headers.reset();
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(transfer.headers.get(), line.c_str());
    if (longer == nullptr) return false;
    static_cast<void>(transfer.headers.release());
    transfer.headers.reset(longer);
    return true;
  };
  bool has_type = false;
  bool has_agent = false;
  for (const HttpHeader& header : transfer.request.headers) {
    has_type = has_type || header.name == "content-type";
    has_agent = has_agent || header.name == "user-agent";
    // A semicolon is how curl is told of an empty value.
    if (!add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value)) {
      return false;
    }
  }
  // Without a value: curl is not to make up one.
  if (!add("Expect:") || (!has_type && !add("Content-Type:"))) return false;
  return has_agent || add(fmt::format("User-Agent: sandglass/{}", version()));
}

bool CurlFetcher::Worker::prepare(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  const auto set = [easy](CURLoption option, auto value) {
    return curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  const FetchRequest& request = transfer.request;
  bool ok = add_headers(transfer);
  ok = ok && set(CURLOPT_PRIVATE, &transfer) && set(CURLOPT_CURLU, transfer.target.url.get());
  ok = ok && set(CURLOPT_PROTOCOLS_STR, "http,https") && set(CURLOPT_FOLLOWLOCATION, 0L);
  ok = ok && set(CURLOPT_NOSIGNAL, 1L) && set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // An empty name is no proxy, and keeps curl from asking the environment.
  ok = ok && set(CURLOPT_PROXY, "") && set(CURLOPT_NOPROXY, "*");
  ok = ok && set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  ok = ok && set(CURLOPT_OPENSOCKETFUNCTION, &on_socket) && set(CURLOPT_OPENSOCKETDATA, &transfer);
  ok = ok && set(CURLOPT_HEADERFUNCTION, &on_header) && set(CURLOPT_HEADERDATA, &transfer);
  ok = ok && set(CURLOPT_WRITEFUNCTION, &on_body) && set(CURLOPT_WRITEDATA, &transfer);
  ok = ok && set(CURLOPT_ACCEPT_ENCODING, "") && set(CURLOPT_HTTPHEADER, transfer.headers.get());
  if (!options_.ca_file.empty()) ok = ok && set(CURLOPT_CAINFO, options_.ca_file.c_str());
  if (request.method == "HEAD") {
    ok = ok && set(CURLOPT_NOBODY, 1L);
  } else if (request.has_body || request.method == "POST" || request.method == "PUT") {
    ok = ok && set(CURLOPT_POSTFIELDS, request.body.data()) &&
         set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  return ok && set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void CurlFetcher::Worker::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    const auto at = std::ranges::find(
        active_, easy, [](const TransferPointer& transfer) { return transfer->easy.get(); });
    if (at == active_.end()) continue;
    const TransferPointer transfer = std::move(*at);
    active_.erase(at);
    finish(transfer, code);
  }
}

void CurlFetcher::Worker::finish(const TransferPointer& transfer, CURLcode code) {
  if (code != CURLE_OK && !transfer->refusal.empty()) {
    end(transfer, std::unexpected(failure(transfer->refusal)));
    return;
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    end(transfer, std::unexpected(failure("the request took too long")));
    return;
  }
  if (code != CURLE_OK) {
    // Not curl's own words of this connection, which tell of the network.
    end(transfer, std::unexpected(failure(curl_easy_strerror(code))));
    return;
  }
  long status = 0;
  curl_easy_getinfo(transfer->easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (follow(transfer, status)) return;
  FetchResponse response = std::move(transfer->response);
  response.status = static_cast<int>(status);
  response.url = transfer->target.text;
  response.redirected = transfer->redirects > 0;
  end(transfer, std::move(response));
}

// Whether the response leads elsewhere; then the transfer has gone on, or has ended.
bool CurlFetcher::Worker::follow(const TransferPointer& transfer, long status) {
  constexpr std::array<long, 5> kRedirects = {301, 302, 303, 307, 308};
  const char* location = nullptr;
  curl_easy_getinfo(transfer->easy.get(), CURLINFO_REDIRECT_URL, &location);
  FetchRequest& request = transfer->request;
  if (std::ranges::find(kRedirects, status) == kRedirects.end() || location == nullptr ||
      request.redirect == FetchRequest::Redirect::manual) {
    return false;
  }
  const auto fail = [&](Error error) {
    end(transfer, std::unexpected(std::move(error)));
    return true;
  };
  if (request.redirect == FetchRequest::Redirect::error) {
    return fail(failure("the response is a redirect"));
  }
  if (++transfer->redirects > options_.max_redirects) {
    return fail(failure(fmt::format("more than {} redirects", options_.max_redirects)));
  }
  auto target = read_url(location);
  if (!target) return fail(target.error());
  if (auto error = check(*target)) return fail(std::move(*error));
  // As the Fetch standard says.
  const bool becomes_get = ((status == 301 || status == 302) && request.method == "POST") ||
                           (status == 303 && request.method != "GET" && request.method != "HEAD");
  if (becomes_get) {
    request.method = "GET";
    request.has_body = false;
    request.body.clear();
  }
  const bool leaves = target->origin != transfer->target.origin;
  std::erase_if(request.headers, [&](const HttpHeader& header) {
    return (becomes_get && header.name.starts_with("content-")) ||
           (leaves && (header.name == "authorization" || header.name == "cookie"));
  });
  curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  std::erase(active_, transfer);
  transfer->easy.reset();
  transfer->target = std::move(*target);
  transfer->response = {};
  transfer->header_bytes = 0;
  start(transfer);
  return true;
}

void CurlFetcher::Worker::end(const TransferPointer& transfer, Result<FetchResponse> result) {
  if (transfer->easy) curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  std::erase(active_, transfer);
  transfer->easy.reset();
  transfer->on_stop.reset();
  transfer->done(std::move(result));
  transfer->done = nullptr;
}

std::size_t CurlFetcher::Worker::on_body(char* data, std::size_t, std::size_t bytes,
                                         void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  std::string& body = transfer.response.body;
  const std::uint64_t limit = transfer.worker->body_limit(transfer);
  try {
    if (bytes > limit - body.size()) {
      transfer.refusal = fmt::format("the response is larger than {} bytes", limit);
      return 0;
    }
    body.append(data, bytes);
  } catch (...) {
    return 0;  // no memory: curl reports a failed write
  }
  return bytes;
}

std::size_t CurlFetcher::Worker::on_header(char* data, std::size_t, std::size_t bytes,
                                           void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const CurlFetcherOptions& options = transfer.worker->options_;
  FetchResponse& response = transfer.response;
  try {
    std::string_view line(data, bytes);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    transfer.header_bytes += bytes;
    if (transfer.header_bytes > options.max_header_bytes) {
      transfer.refusal = fmt::format("the headers of the response are larger than {} bytes",
                                     options.max_header_bytes);
      return 0;
    }
    if (line.starts_with("HTTP/")) {  // another response, after one of 1xx
      response.headers.clear();
      const std::size_t code = line.find(' ');
      const std::size_t reason = code == std::string_view::npos ? code : line.find(' ', code + 1);
      response.status_text =
          reason == std::string_view::npos ? "" : std::string(line.substr(reason + 1));
      return bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return bytes;
    if (response.headers.size() >= options.max_headers) {
      transfer.refusal = fmt::format("the response has more than {} headers", options.max_headers);
      return 0;
    }
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    response.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  } catch (...) {
    return 0;
  }
  return bytes;
}

curl_socket_t CurlFetcher::Worker::on_socket(void* self, curlsocktype purpose,
                                             curl_sockaddr* address) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const CurlFetcherOptions& options = transfer.worker->options_;
  const host::AddressRules rules = {.allow_loopback = options.allow_loopback,
                                    .allow_private = options.allow_private};
  if (purpose != CURLSOCKTYPE_IPCXN || !host::may_connect(address->addr, address->addrlen, rules)) {
    try {
      transfer.refusal = fmt::format("the address of {} is not one of the public internet",
                                     transfer.target.origin.host);
    } catch (...) {
      return CURL_SOCKET_BAD;
    }
    return CURL_SOCKET_BAD;
  }
  transfer.refusal.clear();  // a name may have several addresses
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CurlFetcher::CurlFetcher(std::unique_ptr<Worker> worker) noexcept : worker_(std::move(worker)) {}

CurlFetcher::~CurlFetcher() = default;

Result<std::shared_ptr<CurlFetcher>> CurlFetcher::create(CurlFetcherOptions options) {
  const auto invalid = [](std::string message) {
    return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
  };
  auto origins = OriginList::parse(options.origins);
  if (!origins) return std::unexpected(origins.error());
  constexpr milliseconds kLongest = std::chrono::hours(24);
  if (options.timeout < milliseconds(1) || options.timeout > kLongest ||
      options.connect_timeout < milliseconds(1) || options.connect_timeout > kLongest) {
    return invalid("the timeouts of a CurlFetcher are from 1 ms to 24 h");
  }
  if (options.max_concurrent == 0 || options.max_queued == 0) {
    return invalid("max_concurrent and max_queued of a CurlFetcher are 1 or more");
  }
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) return std::unexpected(failure("libcurl could not be started"));
  Multi multi(curl_multi_init());
  if (!multi) return std::unexpected(failure("libcurl could not be started"));
  try {
    return std::shared_ptr<CurlFetcher>(new CurlFetcher(
        std::make_unique<Worker>(std::move(options), std::move(*origins), std::move(multi))));
  } catch (const std::exception& exception) {
    return std::unexpected(failure(exception.what()));
  }
}

void CurlFetcher::fetch(FetchRequest request, std::stop_token stop, Done done) {
  worker_->fetch(std::move(request), stop, std::move(done));
}

}  // namespace sandglass
