// Scripts await `fetch(url)`, which a worker thread answers through a Deferred, and `retry(url)`, a
// coroutine of the host on top of it. Several scripts wait at the same time.

#include <boost/describe.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sandglass/sandglass.h>

using sandglass::Context;
using sandglass::Deferred;
using sandglass::Result;

struct Response {
  int status = 0;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(Response, (), (status, body))

namespace {

/// A network of one thread and a few pages, one of which fails the first time.
class Network {
 public:
  Result<Deferred<Response>> fetch(Context& context, std::string url) {
    auto answer = context.deferred<Response>("fetch " + url);
    if (!answer) return answer;
    const std::lock_guard lock(mutex_);
    requests_.emplace_back(std::move(url), *answer);
    changed_.notify_one();
    return answer;
  }

 private:
  void serve(const std::stop_token& stop) {
    std::set<std::string> seen;
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !requests_.empty(); })) {
      const auto [url, answer] = std::move(requests_.front());
      requests_.pop_front();
      lock.unlock();
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
      if (url == "/down") {
        answer.reject({.message = "no route", .name = "TypeError", .detail = "EHOSTUNREACH"});
      } else {
        const bool busy = url == "/flaky" && seen.insert(url).second;
        answer.resolve(busy ? Response{503, "try again"} : Response{200, "page " + url});
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::pair<std::string, Deferred<Response>>> requests_;
  std::jthread worker_{[this](const std::stop_token& stop) { serve(stop); }};
};

sandglass::Task<Result<Response>> retry(std::shared_ptr<Network> network, Context context,
                                        std::string url) {
  for (int attempt = 1;; ++attempt) {
    const auto asked = network->fetch(context, url);
    if (!asked) co_return std::unexpected(asked.error());
    Result<Response> response = co_await *asked;
    if (!response || response->status == 200 || attempt == 3) co_return response;
  }
}

}  // namespace

int main() {
  Result<sandglass::Runtime> vm = sandglass::Runtime::create();
  if (!vm) return std::fprintf(stderr, "%s\n", describe(vm.error()).c_str()), 1;
  const auto network = std::make_shared<Network>();
  const auto fetch = [=](Context& c, std::string url) { return network->fetch(c, url); };
  const auto again = [=](Context& c, std::string url) { return retry(network, c, url); };
  if (!vm->set("fetch", fetch) || !vm->set("retry", again)) return 1;

  std::vector<Result<sandglass::Value>> promises;
  for (const char* script :
       {"(async () => (await Promise.all(['/a', '/b'].map(fetch))).map(r => r.body).join(', '))()",
        "retry('/flaky').then(r => r.status + ' ' + r.body)",
        "fetch('/down').catch(e => `${e.name} ${e.code}: ${e.message}`)"}) {
    promises.push_back(vm->eval(script));  // asks, and waits for nothing
  }
  for (const Result<sandglass::Value>& promise : promises) {
    const auto text = promise ? vm->await<std::string>(*promise) : std::unexpected(promise.error());
    if (!text) return std::fprintf(stderr, "%s\n", describe(text.error()).c_str()), 1;
    std::printf("%s\n", text->c_str());
  }
}
