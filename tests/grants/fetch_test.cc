// fetch() as a script sees it, with Fetchers of the test's own. See curl_fetcher_test.cc for the
// real one.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait = {.top_level_await = true};

/// Hands each request to a function of the test.
class Scripted : public Fetcher {
 public:
  using Answer = std::function<void(FetchRequest, std::stop_token, Done)>;
  explicit Scripted(Answer answer) : answer_(std::move(answer)) {}
  void fetch(FetchRequest request, std::stop_token stop, Done done) override {
    answer_(std::move(request), std::move(stop), std::move(done));
  }

 private:
  Answer answer_;
};

class Fetch : public ::testing::Test {
 protected:
  static Options with(Scripted::Answer answer) {
    Options options;
    options.limits = roomy();
    options.grants.fetcher = std::make_shared<Scripted>(std::move(answer));
    return options;
  }
  static Runtime vm_with(Scripted::Answer answer) { return make_runtime(with(std::move(answer))); }
  /// Answers with what was asked.
  static Runtime echo() {
    return vm_with([](FetchRequest request, std::stop_token, Fetcher::Done done) {
      std::string body = request.method + " " + request.url;
      for (const HttpHeader& header : request.headers)
        body += "|" + header.name + "=" + header.value;
      body += "|" + request.body;
      done(FetchResponse{.status = 200, .status_text = "OK", .url = request.url, .body = body});
    });
  }
};

TEST_F(Fetch, WithoutTheGrantItRejectsAndNamesIt) {
  Runtime vm = make_runtime();
  Error error;
  ASSERT_TRUE(fails(vm, "await fetch('https://example.com/')", Errc::threw, &error, kAwait));
  EXPECT_EQ(error.name, "TypeError");
  EXPECT_NE(error.message.find("'fetcher'"), std::string::npos) << error.message;
  EXPECT_TRUE(gives(vm, "typeof fetch", "function"));
}

TEST_F(Fetch, TheHostGetsWhatTheScriptAskedFor) {
  Runtime vm = echo();
  EXPECT_TRUE(gives(vm, "await (await fetch('HTTP://a:80/b c?d#e')).text()",
                    "GET http://a/b%20c?d|", kAwait));
  EXPECT_TRUE(gives(vm,
                    "await (await fetch('http://a', {method: 'post', body: 'x', headers: {'X-A': ' "
                    "b '}})).text()",
                    "POST http://a/|x-a=b|content-type=text/plain;charset=UTF-8|x", kAwait));
  EXPECT_TRUE(gives(vm,
                    "await (await fetch(new Request('http://a', {method: 'PUT', body: new "
                    "Uint8Array([65, 66])}))).text()",
                    "PUT http://a/|AB", kAwait));
  EXPECT_TRUE(
      gives(vm, "await (await fetch(new URL('http://a/u'))).text()", "GET http://a/u|", kAwait));
}

TEST_F(Fetch, TheScriptGetsWhatTheHostAnswered) {
  Runtime vm = vm_with([](FetchRequest, std::stop_token, Fetcher::Done done) {
    done(FetchResponse{.status = 404,
                       .status_text = "Not \xe9",
                       .url = "http://a/there",
                       .redirected = true,
                       .headers = {{"Set-Cookie", "a=1"},
                                   {"set-cookie", "b=2"},
                                   {"bad name", "x"},
                                   {"x-bin", "\xff\x80"},
                                   {"x-line", "a\nb"},
                                   {"Content-Type", "application/json"}},
                       .body = R"({"n": 5})"});
  });
  EXPECT_TRUE(
      gives(vm, R"js(
    const r = await fetch('http://a');
    [r.status, r.ok, r.statusText, r.url, r.redirected, r.type, r.headers.getSetCookie().join(';'),
     [...r.headers.keys()].join(), r.headers.get('x-bin'), (await r.clone().json()).n,
     (await r.blob()).type, r.bodyUsed].join(' | ')
  )js",
            "404 | false | Not é | http://a/there | true | basic | a=1;b=2 | "
            "content-type,set-cookie,set-cookie,x-bin | ÿ\u0080 | 5 | application/json | true",
            kAwait));
  EXPECT_TRUE(fails(vm, "(await fetch('http://a')).headers.append('a', 'b')", Errc::threw, nullptr,
                    kAwait));
}

TEST_F(Fetch, OtherSchemesMethodsAndHeadersAreRefusedBeforeTheHostHears) {
  int asked = 0;
  Runtime vm = vm_with([&](FetchRequest, std::stop_token, Fetcher::Done) { ++asked; });
  for (const char* arguments :
       {"'file:///etc/passwd'",
        "'ftp://a/'",
        "'gopher://a/'",
        "'data:text/plain,x'",
        "'javascript:1'",
        "'blob:http://a/x'",
        "'about:blank'",
        "'ws://a/'",
        "'http://u:p@a/'",
        "'http://u@a/'",
        "'//a'",
        "'x'",
        "'http://a', {method: 'CONNECT'}",
        "'http://a', {method: 'trace'}",
        "'http://a', {method: 'TrAcK'}",
        "'http://a', {method: 'A\\r\\nB'}",
        "'http://a', {headers: {host: 'b'}}",
        "'http://a', {headers: {'Content-Length': '5'}}",
        "'http://a', {headers: {'transfer-encoding': 'chunked'}}",
        "'http://a', {headers: {connection: 'x'}}",
        "'http://a', {headers: {'Proxy-Authorization': 'x'}}",
        "'http://a', {headers: {upgrade: 'x'}}",
        "'http://a', {headers: {expect: 'x'}}",
        "'http://a', {headers: {a: 'b\\r\\nc: d'}}",
        "'http://a', {headers: {a: '\\0'}}",
        "'http://a', {headers: {a: 'x'.repeat(40000)}}",
        "'http://a', {headers: Array.from({length: 200}, (_, i) => ['a' + i, 'b'])}",
        "'http://a/' + 'x'.repeat(100000)"}) {
    Error error;
    ASSERT_TRUE(fails(vm, fmt::format("await fetch({})", arguments), Errc::threw, &error, kAwait))
        << arguments;
    EXPECT_EQ(error.name, "TypeError") << arguments;
  }
  EXPECT_EQ(asked, 0);
}

TEST_F(Fetch, FailuresOfTheHostAreTypeErrorsWithTheirCause) {
  Runtime vm = vm_with([](FetchRequest request, std::stop_token, Fetcher::Done done) {
    if (request.url.ends_with("/error")) done(std::unexpected(Error{.message = "no such thing"}));
    if (request.url.ends_with("/throw")) throw std::runtime_error("thrown");
    if (request.url.ends_with("/twice")) {
      done(FetchResponse{.status = 201});
      done(FetchResponse{.status = 202});
    }
  });
  const auto told = [&](const char* path) {
    return outcome(vm.eval(fmt::format("try {{ (await fetch('http://a/{}')).status }} catch (e) {{ "
                                       "`${{e.name}}: ${{e.message}} / ${{e.cause.message}}` }}",
                                       path),
                           kAwait));
  };
  EXPECT_EQ(told("error"), "TypeError: fetch failed: no such thing / no such thing");
  EXPECT_EQ(told("throw"), "TypeError: fetch failed: thrown / thrown");
  EXPECT_NE(told("drop").find("TypeError: fetch failed: "), std::string::npos);
  EXPECT_EQ(told("twice"), "201");
}

TEST_F(Fetch, ManyAreUnderWayAtOnceAndAnsweredFromOtherThreads) {
  std::mutex mutex;
  std::vector<std::thread> threads;
  Runtime vm = vm_with([&](FetchRequest request, std::stop_token, Fetcher::Done done) {
    const std::lock_guard lock(mutex);
    threads.emplace_back(
        [url = request.url, done] { done(FetchResponse{.status = 200, .body = url.substr(9)}); });
  });
  EXPECT_TRUE(
      gives(vm, R"js(
    const all = await Promise.all(Array.from({length: 32}, (_, i) => fetch('http://a/' + i).then((r) => r.text())));
    all.join()
  )js",
            "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
            kAwait));
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Fetch, OneMoreThanMayBeUnderWayIsRefused) {
  std::vector<Fetcher::Done> waiting;
  Runtime vm = vm_with([&](FetchRequest, std::stop_token, Fetcher::Done done) {
    waiting.push_back(std::move(done));
  });
  EXPECT_TRUE(gives(vm, R"js(
    globalThis.all = Array.from({length: 32}, () => fetch('http://a/'));
    let said = 'none';
    try { await fetch('http://a/') } catch (e) { said = e.message }
    said
  )js",
                    "more than 32 requests are under way", kAwait));
  for (const Fetcher::Done& done : waiting) done(FetchResponse{.status = 200});
  waiting.clear();
  EXPECT_TRUE(gives(vm, "(await Promise.all(all)).length", "32", kAwait));
  EXPECT_TRUE(gives(vm, "globalThis.last = fetch('http://a/'); 1", "1"));
  waiting.clear();  // dropped without an answer: the place is free again
  EXPECT_TRUE(gives(vm, "try { await last } catch (e) { e.name }", "TypeError", kAwait));
}

TEST_F(Fetch, BodiesUnderWayAreBounded) {
  std::vector<Fetcher::Done> waiting;
  Options options = with([&](FetchRequest, std::stop_token, Fetcher::Done done) {
    waiting.push_back(std::move(done));
  });
  options.limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(gives(vm, R"js(
    const body = new Blob([new Uint8Array(1 << 20)]);  // one in the guest, many in the host
    let refused = 'none';
    for (let i = 0; i < 12 && refused === 'none'; i++) {
      fetch('http://a/', { method: 'POST', body }).catch((e) => { refused = e.message; });
      for (let j = 0; j < 5; j++) await null;
    }
    refused
  )js",
                    "the bodies of the requests under way are larger than the memory of the VM",
                    kAwait));
}

TEST_F(Fetch, AResponseLargerThanTheVmFailsAndTheVmStaysUsable) {
  Options options = with([](FetchRequest request, std::stop_token, Fetcher::Done done) {
    done(FetchResponse{.status = 200, .body = std::string(request.max_response_bytes + 1, 'x')});
  });
  options.limits.memory_bytes = 4 * kMiB;
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(
      gives(vm, "try { await fetch('http://a') } catch (e) { e.name }", "TypeError", kAwait));
  EXPECT_TRUE(works(vm));
}

TEST_F(Fetch, AnAbortRejectsAtOnceAndTellsTheHost) {
  std::vector<std::pair<std::stop_token, Fetcher::Done>> waiting;
  Runtime vm = vm_with([&](FetchRequest, std::stop_token stop, Fetcher::Done done) {
    waiting.emplace_back(std::move(stop), std::move(done));
  });
  EXPECT_TRUE(gives(vm, R"js(
    const c = new AbortController();
    const asked = fetch('http://a', { signal: c.signal });
    c.abort('enough');
    try { await asked } catch (e) { e }
  )js",
                    "enough", kAwait));
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_TRUE(waiting[0].first.stop_requested());
  waiting[0].second(FetchResponse{.status = 200});  // too late
  EXPECT_TRUE(gives(
      vm, "try { await fetch('http://a', {signal: AbortSignal.abort()}) } catch (e) { e.name }",
      "AbortError", kAwait));
  EXPECT_EQ(waiting.size(), 1U);
}

TEST_F(Fetch, AResetAndTheEndOfTheVmTellTheHost) {
  std::vector<std::pair<std::stop_token, Fetcher::Done>> waiting;
  {
    Runtime vm = vm_with([&](FetchRequest, std::stop_token stop, Fetcher::Done done) {
      waiting.emplace_back(std::move(stop), std::move(done));
    });
    EXPECT_TRUE(gives(vm, "fetch('http://a').then(() => { globalThis.x = 1 }); 1", "1"));
    ASSERT_TRUE(vm.reset());
    EXPECT_TRUE(waiting.at(0).first.stop_requested());
    waiting[0].second(FetchResponse{.status = 200});
    EXPECT_TRUE(gives(vm, "fetch('http://a'); typeof x", "undefined"));
  }
  EXPECT_TRUE(waiting.at(1).first.stop_requested());
  waiting[1].second(FetchResponse{.status = 200});
}

TEST_F(Fetch, AWaitEndsWithTheWallTime) {
  Options options = with([](FetchRequest request, std::stop_token, Fetcher::Done done) {
    EXPECT_LT(request.deadline, Clock::now() + seconds{60});
    static std::vector<Fetcher::Done> kept;
    kept.push_back(std::move(done));
  });
  options.limits.wall_time = milliseconds{50};
  Runtime vm = make_runtime(std::move(options));
  Error error;
  EXPECT_TRUE(fails(vm, "await fetch('http://a')", Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(error.vm_usable);
}

TEST_F(Fetch, AVmFromASnapshotHasItsOwnGrants) {
  Runtime vm = echo();
  ASSERT_TRUE(vm.eval("globalThis.get = async (u) => (await fetch(u)).text()"));
  EXPECT_TRUE(gives(vm, "await get('http://a')", "GET http://a/|", kAwait));
  const auto snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  auto same = Runtime::from(*snapshot);
  ASSERT_TRUE(same);
  EXPECT_TRUE(gives(*same, "await get('http://b')", "GET http://b/|", kAwait));
  Options none;
  none.limits = roomy();
  auto without = Runtime::from(*snapshot, std::move(none));
  ASSERT_TRUE(without);
  Error error;
  EXPECT_TRUE(fails(*without, "await get('http://a')", Errc::threw, &error, kAwait));
  EXPECT_NE(error.message.find("'fetcher'"), std::string::npos);
  auto other = Runtime::from(*snapshot, with([](FetchRequest, std::stop_token, Fetcher::Done done) {
    done(FetchResponse{.status = 200, .body = "other"});
  }));
  ASSERT_TRUE(other);
  EXPECT_TRUE(gives(*other, "await get('http://a')", "other", kAwait));
}

TEST_F(Fetch, ReplacedBuiltInsChangeNothing) {
  Runtime vm = echo();
  EXPECT_TRUE(gives(vm, R"js(
    const seen = [];
    const note = (name) => { Object.defineProperty(seen, seen.length, { __proto__: null, value: name, enumerable: true }); };
    for (const name of ['0', '1', '2', '3', 'method', 'signal', 'status', 'used', 'bytes', 'headers', 'redirect']) {
      for (const target of [Array.prototype, Object.prototype]) {
        Object.defineProperty(target, name,
          { __proto__: null, get() { note('get ' + name); }, set() { note('set ' + name); }, configurable: true });
      }
    }
    Promise.prototype.then = Promise.resolve = Headers.prototype.append = Headers.prototype.get = undefined;
    Uint8Array.prototype.set = String.prototype.slice = String.prototype.indexOf = undefined;
    globalThis.Promise = globalThis.Headers = globalThis.URL = globalThis.Response = undefined;
    const r = await fetch('http://a/#x', { method: 'POST', body: 'b', headers: { x: 'y' }, redirect: 'follow', signal: null });
    const text = await r.text();
    text + ' ' + seen
  )js",
                    "POST http://a/|x=y|content-type=text/plain;charset=UTF-8|b ", kAwait));
}

TEST_F(Fetch, OptionsThatLieAreReadOnce) {
  Runtime vm = echo();
  EXPECT_TRUE(gives(vm, R"js(
    let reads = 0;
    const options = { get method() { return ['POST', 'CONNECT'][reads++]; }, get body() { return 'x'; } };
    const text = await (await fetch('http://a/', options)).text();
    const proxy = new Proxy({}, { get(target, name) { return name === 'method' ? 'PUT' : undefined; } });
    text.split(' ')[0] + reads + (await (await fetch('http://a/', proxy)).text()).split(' ')[0]
  )js",
                    "POST1PUT", kAwait));
}

}  // namespace
}  // namespace sandglass::test
