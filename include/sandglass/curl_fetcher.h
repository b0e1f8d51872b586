#pragma once

// Not part of sandglass.h: it lives in a library of its own, `sandglass::fetch`, which needs
// libcurl.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sandglass/fetcher.h"

namespace sandglass {

struct CurlFetcherOptions {
  /// What may be asked, each as "scheme://host" or "scheme://host:port", with http or https. A host
  /// of
  /// "*.example.com" stands for every name that ends in ".example.com", but not for "example.com"
  /// itself. There is no way to say "all". Each redirect is held against the list as well.
  std::vector<std::string> origins{};

  /// Addresses of this machine (127.0.0.0/8, ::1) are refused even for a granted origin, unless
  /// this is set: for tests, and for services that are meant to be asked.
  bool allow_loopback = false;
  /// The same for addresses of private networks (10/8, 172.16/12, 192.168/16, fc00::/7).
  bool allow_private = false;

  /// Of one request, redirects and waiting in the queue included. 1 ms or more. Default 30 s.
  std::chrono::milliseconds timeout{30'000};
  /// Of one connection. Default 10 s.
  std::chrono::milliseconds connect_timeout{10'000};
  /// Bodies as they are handed over, so after decompression. Default 8 MiB each.
  std::uint64_t max_request_bytes = std::uint64_t{8} << 20;
  std::uint64_t max_response_bytes = std::uint64_t{8} << 20;
  /// Of a response: how many headers, and their bytes together. Defaults 128 and 64 KiB.
  std::size_t max_headers = 128;
  std::size_t max_header_bytes = std::size_t{64} << 10;
  /// Default 10.
  std::size_t max_redirects = 10;
  /// Requests under way at once, of all VMs together, and how many may wait besides; one more
  /// fails. 1 or more. Defaults 16 and 256.
  std::size_t max_concurrent = 16;
  std::size_t max_queued = 256;
  /// A file of certificates to trust (PEM) instead of the system's. Empty: those.
  std::string ca_file{};
};

/// Fetches over HTTP and HTTPS by libcurl, from granted origins only.
///
/// An address is looked at when it is connected to, not when a name is resolved: loopback, private,
/// link-local, shared (CGNAT), multicast, documentation and other special addresses are refused,
/// and so are IPv6 addresses that wrap an IPv4 one (mapped, 6to4, NAT64, Teredo). A name that
/// resolves to another address the second time wins nothing.
///
/// There are no cookies, no credentials but headers that the script sets, and no proxy, whatever
/// the environment says. Certificates are checked. A redirect to another origin loses the headers
/// `authorization` and `cookie`.
///
/// Thread: any, for all of it. Requests run on one thread of its own; the destructor ends them and
///         waits for it.
/// Cost:   the thread, and connections that are kept open for a next request.
class CurlFetcher final : public Fetcher {
 public:
  /// Errors: invalid_argument (an origin that is none, a number out of range) · threw (libcurl or
  /// the
  ///         system cannot).
  [[nodiscard]] static Result<std::shared_ptr<CurlFetcher>> create(CurlFetcherOptions options);
  ~CurlFetcher() override;

  void fetch(FetchRequest request, std::stop_token stop, Done done) override;

 private:
  class Worker;
  explicit CurlFetcher(std::unique_ptr<Worker> worker) noexcept;

  std::unique_ptr<Worker> worker_;
};

}  // namespace sandglass
