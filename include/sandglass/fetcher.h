#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "sandglass/error.h"

namespace sandglass {

struct HttpHeader {
  std::string name;
  std::string value;
  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

/// What a script asks for by `fetch()`. It comes from the script: it has the shape that is told
/// here, and means no good.
struct FetchRequest {
  enum class Redirect : std::uint8_t {
    follow,  ///< go on to where it leads
    error,   ///< fail
    manual,  ///< give the response that redirects
  };

  std::string method = "GET";  ///< a token; never CONNECT, TRACE or TRACK
  std::string url{};           ///< "http:" or "https:"; printable ASCII, no fragment
  /// At most 128, of 32 KiB together. Names are tokens in lower case, values have no line breaks
  /// and no NUL. Not among them: what frames a message or names its target (`host`,
  /// `content-length`, `transfer-encoding`, `connection`, `proxy-…`, …).
  std::vector<HttpHeader> headers{};
  bool has_body = false;
  std::string body{};  ///< bytes
  Redirect redirect = Redirect::follow;

  /// A longer body could not be handed to the script: it is worth nothing.
  std::uint64_t max_response_bytes = UINT64_MAX;
  /// The end of the wall time of the run that asks.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct FetchResponse {
  int status = 0;
  std::string status_text{};
  std::string url{};  ///< where the response came from in the end
  bool redirected = false;
  std::vector<HttpHeader> headers{};  ///< bytes; what is no header to a script is left out
  std::string body{};                 ///< bytes
};

/// What stands behind `fetch()` in a script (Grants::fetcher). It alone decides what may be
/// reached: see CurlFetcher for one that is ready.
///
///     class Canned : public sandglass::Fetcher {
///       void fetch(sandglass::FetchRequest request, std::stop_token, Done done) override {
///         done(sandglass::FetchResponse{.status = 200, .url = request.url, .body = "hello"});
///       }
///     };
///     sandglass::Options options;
///     options.grants.fetcher = std::make_shared<Canned>();
///
/// Thread: VMs of any number of threads may share one; fetch() is called on the thread of the run,
///         `stop` may be requested on any.
/// Memory: what it holds is the host's, and no VM's limit counts it. A VM has at most 32 requests
///         under way, with bodies of at most `Limits::memory_bytes` together.
class Fetcher {
 public:
  /// To be called once, from any thread, also from inside of fetch(). Dropped, it fails the
  /// request. It never blocks and never throws; after a reset or the end of the VM it does nothing.
  using Done = std::function<void(Result<FetchResponse>)>;

  Fetcher() = default;
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  virtual ~Fetcher() = default;

  /// Begins the request and returns at once: the script waits meanwhile. `stop` is requested when
  /// nobody wants the response any more (an AbortSignal, a reset, the end of the VM).
  /// The message of an error is shown to the script, as the cause of the TypeError that it gets. An
  /// exception does the same.
  virtual void fetch(FetchRequest request, std::stop_token stop, Done done) = 0;
};

}  // namespace sandglass
