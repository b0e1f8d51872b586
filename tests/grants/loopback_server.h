#pragma once

// A server for tests: HTTP/1.1 on a port of the loopback interface, one request a connection.

#include <arpa/inet.h>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

namespace sandglass::test {

/// Answers each request (headers and body as they came) with what `answer` gives, byte for byte.
/// An empty answer leaves the connection open until the server ends.
class LoopbackServer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  explicit LoopbackServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof(address);
    // SAFETY: how the socket functions take addresses.
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || bind(listener_, any, bytes) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, any, &bytes) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~LoopbackServer() {
    ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int connection : connections_) shutdown(connection, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string origin() const { return fmt::format("http://127.0.0.1:{}", port_); }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void accept_all() {
    while (!ending_) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const std::lock_guard lock(mutex_);
      connections_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  }
  void serve(int connection) {
    std::string request;
    char buffer[4096];
    for (;;) {
      const std::size_t head = request.find("\r\n\r\n");
      if (head != std::string::npos && request.size() >= head + 4 + body_bytes(request)) break;
      const ssize_t bytes = recv(connection, buffer, sizeof(buffer), 0);
      if (bytes <= 0) break;
      request.append(buffer, static_cast<std::size_t>(bytes));
    }
    if (request.contains("\r\n\r\n")) {
      ++requests_;
      const std::string answer = answer_(request);
      for (std::size_t sent = 0; sent < answer.size();) {
        const ssize_t bytes =
            send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (bytes <= 0) break;
        sent += static_cast<std::size_t>(bytes);
      }
      // Until the client has had enough.
      if (answer.empty()) static_cast<void>(recv(connection, buffer, sizeof(buffer), 0));
    }
    const std::lock_guard lock(mutex_);
    std::erase(connections_, connection);
    close(connection);
  }
  static std::size_t body_bytes(const std::string& request) {
    constexpr std::string_view kName = "content-length: ";
    std::string lower = request;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::size_t at = lower.find(kName);
    return at == std::string::npos ? 0
                                   : std::strtoul(lower.c_str() + at + kName.size(), nullptr, 10);
  }

  const Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<int> requests_ = 0;
  std::thread accepting_;
  std::mutex mutex_;
  std::vector<int> connections_;      // guarded
  std::vector<std::thread> threads_;  // guarded
};

/// A whole response.
[[nodiscard]] inline std::string response(std::string_view body, std::string_view headers = "",
                                          std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status,
                     body.size(), headers, body);
}

}  // namespace sandglass::test
