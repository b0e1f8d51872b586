// CurlFetcher, against servers on the loopback interface.

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <sandglass/curl_fetcher.h>
#include <sandglass/sandglass.h>

#include "../support.h"
#include "loopback_server.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait = {.top_level_await = true};

class CurlFetch : public ::testing::Test {
 protected:
  static std::shared_ptr<CurlFetcher> fetcher(CurlFetcherOptions options) {
    auto made = CurlFetcher::create(std::move(options));
    if (!made) {
      ADD_FAILURE() << describe(made.error());
      std::abort();
    }
    return *made;
  }
  static Runtime vm_with(std::shared_ptr<Fetcher> fetcher) {
    Options options;
    options.limits = roomy();
    options.grants.fetcher = std::move(fetcher);
    return make_runtime(std::move(options));
  }
  /// May ask `server` only.
  static Runtime vm_for(const LoopbackServer& server, CurlFetcherOptions options = {}) {
    options.origins.push_back(server.origin());
    options.allow_loopback = true;
    return vm_with(fetcher(std::move(options)));
  }
  /// What a script's fetch(`arguments`) says of its failure.
  static std::string refusal(Runtime& vm, const std::string& arguments) {
    return outcome(
        vm.eval(fmt::format("try {{ const r = await fetch({}); `status ${{r.status}}` }} "
                            "catch (e) {{ `${{e.name}}: ${{e.message}}` }}",
                            arguments),
                kAwait));
  }
  static std::string text(Runtime& vm, const std::string& arguments) {
    return outcome(vm.eval(fmt::format("await (await fetch({})).text()", arguments), kAwait));
  }
  static std::string quoted(const std::string& url) { return "'" + url + "'"; }
};

TEST_F(CurlFetch, GetsAndPosts) {
  const LoopbackServer server([](const std::string& request) {
    return response(request, "X-A: 1\r\nX-a: 2\r\nContent-Type: text/x\r\n", "201 Made Up");
  });
  Runtime vm = vm_for(server);
  EXPECT_TRUE(gives(vm,
                    fmt::format(R"js(
    const r = await fetch('{}/p?q#h', {{ headers: {{ 'X-Own': 'yes', 'x-empty': '' }} }});
    const sent = await r.text();
    [r.status, r.statusText, r.headers.get('x-a'), r.headers.get('content-type'), r.url.endsWith('/p?q'),
     sent.startsWith('GET /p?q HTTP/1.1\r\n'), /x-own: yes\r\n/i.test(sent), /x-empty:\s*\r\n/i.test(sent),
     /user-agent: sandglass\//i.test(sent), /cookie|expect|authorization/i.test(sent)].join()
  )js",
                                server.origin()),
                    "201,Made Up,1, 2,text/x,true,true,true,true,true,false", kAwait));
  const std::string posted =
      text(vm, quoted(server.origin()) + ", {method: 'POST', body: 'a\\0b'}");
  EXPECT_TRUE(posted.starts_with("POST / HTTP/1.1\r\n")) << posted;
  EXPECT_TRUE(posted.ends_with(std::string("\r\n\r\na\0b", 7))) << posted;
  EXPECT_NE(posted.find("text/plain;charset=UTF-8"), std::string::npos);
  EXPECT_TRUE(text(vm, quoted(server.origin()) + ", {method: 'DELETE'}").starts_with("DELETE / "));
  EXPECT_EQ(refusal(vm, quoted(server.origin()) + ", {method: 'HEAD'}"), "status 201");
}

TEST_F(CurlFetch, OtherOriginsAreRefused) {
  const LoopbackServer server([](const std::string&) { return response("x"); });
  Runtime vm = vm_for(server);
  const int port = server.port();
  for (const std::string& url :
       {std::string("http://example.com/"), fmt::format("https://127.0.0.1:{}/", port),
        fmt::format("http://localhost:{}/", port), fmt::format("http://127.0.0.2:{}/", port),
        fmt::format("http://[::1]:{}/", port), std::string("http://127.0.0.1/"),
        fmt::format("http://127.0.0.1.evil.example:{}/", port),
        fmt::format("http://[::ffff:127.0.0.1]:{}/", port)}) {
    const std::string said = refusal(vm, quoted(url));
    EXPECT_NE(said.find("is not granted"), std::string::npos) << url << " gave " << said;
  }
  // The same host, written in another way, is the same origin.
  EXPECT_EQ(refusal(vm, quoted(fmt::format("http://0x7f.1:{}/", port))), "status 200");
  for (const char* url : {"'file:///etc/passwd'", "'ftp://127.0.0.1/'", "'gopher://127.0.0.1:1/x'",
                          "'dict://127.0.0.1/'"}) {
    EXPECT_NE(refusal(vm, url).find("http: and https: only"), std::string::npos) << url;
  }
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(CurlFetch, AddressesAreLookedAtWhenTheyAreConnectedTo) {
  const LoopbackServer server([](const std::string&) { return response("x"); });
  const int port = server.port();
  Runtime vm = vm_with(fetcher(
      {.origins = {server.origin(), fmt::format("http://localhost:{}", port), "http://10.1.2.3",
                   "http://169.254.169.254", "http://[::1]", "http://0.0.0.0",
                   "http://[::ffff:127.0.0.1]", "http://100.64.0.1", "http://224.0.0.1"}}));
  for (const std::string& url :
       {server.origin(), fmt::format("http://localhost:{}/", port), std::string("http://10.1.2.3/"),
        std::string("http://169.254.169.254/latest/meta-data/"), std::string("http://[::1]/"),
        std::string("http://0.0.0.0/"), std::string("http://100.64.0.1/"),
        std::string("http://224.0.0.1/")}) {
    const std::string said = refusal(vm, quoted(url));
    EXPECT_NE(said.find("is not one of the public internet"), std::string::npos)
        << url << " gave " << said;
  }
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(CurlFetch, RedirectsAreFollowedAndHeldAgainstTheList) {
  const LoopbackServer elsewhere([](const std::string& request) { return response(request); });
  const LoopbackServer forbidden([](const std::string&) { return response("secret"); });
  const LoopbackServer server([&](const std::string& request) {
    const auto to = [](std::string_view status, const std::string& location) {
      return response("moved", "Location: " + location + "\r\n", status);
    };
    if (request.contains(" /relative ")) return to("302 Found", "end");
    if (request.contains(" /elsewhere "))
      return to("307 Temporary Redirect", elsewhere.origin() + "/there");
    if (request.contains(" /forbidden ")) return to("302 Found", forbidden.origin() + "/");
    if (request.contains(" /file ")) return to("302 Found", "file:///etc/passwd");
    if (request.contains(" /user ")) return to("302 Found", "http://u:p@127.0.0.1/");
    if (request.contains(" /loop ")) return to("302 Found", "/loop");
    if (request.contains(" /see ")) return to("303 See Other", "/end");
    return response(request);
  });
  CurlFetcherOptions options;
  options.origins = {elsewhere.origin()};
  Runtime vm = vm_for(server, options);
  const auto at = [&](const char* path) { return server.origin() + path; };
  EXPECT_TRUE(gives(
      vm,
      fmt::format(
          "const r = await fetch('{}'); [r.redirected, r.url.endsWith('/end'), r.status].join()",
          at("/relative")),
      "true,true,200", kAwait));
  EXPECT_TRUE(
      gives(vm, fmt::format("(await fetch('{}', {{redirect: 'manual'}})).status", at("/relative")),
            "302", kAwait));
  EXPECT_NE(refusal(vm, quoted(at("/relative")) + ", {redirect: 'error'}").find("is a redirect"),
            std::string::npos);
  EXPECT_NE(refusal(vm, quoted(at("/forbidden"))).find("is not granted"), std::string::npos);
  EXPECT_EQ(forbidden.requests(), 0);
  EXPECT_TRUE(refusal(vm, quoted(at("/file"))).starts_with("TypeError: fetch failed"));
  EXPECT_TRUE(refusal(vm, quoted(at("/user"))).starts_with("TypeError: fetch failed"));
  EXPECT_NE(refusal(vm, quoted(at("/loop"))).find("more than 10 redirects"), std::string::npos);
  const std::string posted = text(vm, quoted(at("/elsewhere")) +
                                          ", {method: 'POST', body: 'kept', headers: "
                                          "{authorization: 'secret', cookie: 'c', x: 'y'}}");
  EXPECT_TRUE(posted.starts_with("POST /there ")) << posted;
  EXPECT_TRUE(posted.ends_with("kept")) << posted;
  EXPECT_EQ(posted.find("secret"), std::string::npos) << posted;
  EXPECT_EQ(posted.find("cookie"), std::string::npos) << posted;
  const std::string seen =
      text(vm, quoted(at("/see")) +
                   ", {method: 'POST', body: 'dropped', headers: {authorization: 'own'}}");
  EXPECT_TRUE(seen.starts_with("GET /end ")) << seen;
  EXPECT_EQ(seen.find("dropped"), std::string::npos) << seen;
  EXPECT_NE(seen.find("own"), std::string::npos) << seen;
}

TEST_F(CurlFetch, SizesAreBounded) {
  const LoopbackServer server([](const std::string& request) {
    if (request.contains(" /body ")) return response(std::string(2000, 'x'));
    if (request.contains(" /endless ")) {
      return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + [] {
        std::string all;
        for (int i = 0; i < 100; ++i) all += "64\r\n" + std::string(100, 'x') + "\r\n";
        return all;
      }();
    }
    if (request.contains(" /headers ")) {
      std::string headers;
      for (int i = 0; i < 50; ++i) headers += fmt::format("X-{}: y\r\n", i);
      return response("x", headers);
    }
    if (request.contains(" /header "))
      return response("x", "X: " + std::string(5000, 'x') + "\r\n");
    return response(std::string(1000, 'x'));
  });
  Runtime vm = vm_for(server, {.max_request_bytes = 1000,
                               .max_response_bytes = 1000,
                               .max_headers = 20,
                               .max_header_bytes = 4096});
  const auto told = [&](const char* path) { return refusal(vm, quoted(server.origin() + path)); };
  EXPECT_EQ(told("/fits"), "status 200");
  EXPECT_NE(told("/body").find("larger than 1000 bytes"), std::string::npos);
  EXPECT_NE(told("/endless").find("larger than 1000 bytes"), std::string::npos);
  EXPECT_NE(told("/headers").find("more than 20 headers"), std::string::npos);
  EXPECT_NE(told("/header").find("larger than 4096 bytes"), std::string::npos);
  EXPECT_NE(refusal(vm, quoted(server.origin()) + ", {method: 'POST', body: 'x'.repeat(1001)}")
                .find("larger than 1000 bytes"),
            std::string::npos);
  EXPECT_EQ(refusal(vm, quoted(server.origin()) + ", {method: 'POST', body: 'x'.repeat(1000)}"),
            "status 200");
}

// 100,000 zeros in 133 bytes.
TEST_F(CurlFetch, CompressedBodiesAreBoundedAsTheyAreUnpacked) {
  const std::string packed = [] {
    std::string bytes;
    FILE* gzip = popen("head -c 100000 /dev/zero | gzip -9", "r");
    for (int c = 0; gzip != nullptr && (c = fgetc(gzip)) != EOF;) bytes += static_cast<char>(c);
    if (gzip != nullptr) pclose(gzip);
    return bytes;
  }();
  ASSERT_FALSE(packed.empty());
  const LoopbackServer server(
      [&](const std::string&) { return response(packed, "Content-Encoding: gzip\r\n"); });
  Runtime fits = vm_for(server, {.max_response_bytes = 100'000});
  EXPECT_TRUE(gives(fits,
                    fmt::format("(await (await fetch('{}')).bytes()).length", server.origin()),
                    "100000", kAwait));
  Runtime too_much = vm_for(server, {.max_response_bytes = 99'999});
  EXPECT_NE(refusal(too_much, quoted(server.origin())).find("larger than 99999 bytes"),
            std::string::npos);
}

TEST_F(CurlFetch, AServerThatNeverAnswersIsGivenUp) {
  const LoopbackServer server([](const std::string&) { return std::string(); });
  Runtime vm = vm_for(server, {.timeout = milliseconds{50}});
  EXPECT_NE(refusal(vm, quoted(server.origin())).find("took too long"), std::string::npos);
  Options options;
  options.limits = roomy();
  options.limits.wall_time = milliseconds{100};
  options.grants.fetcher = fetcher({.origins = {server.origin()}, .allow_loopback = true});
  Runtime hurried = make_runtime(std::move(options));
  Error error;
  EXPECT_TRUE(fails(hurried, fmt::format("await fetch('{}')", server.origin()), Errc::time_limit,
                    &error, kAwait));
  EXPECT_TRUE(error.vm_usable);
}

TEST_F(CurlFetch, AnAbortClosesTheConnection) {
  const LoopbackServer server([](const std::string&) { return std::string(); });
  Runtime vm = vm_for(server, {.max_concurrent = 1});
  EXPECT_TRUE(gives(vm,
                    fmt::format(R"js(
    const c = new AbortController();
    const both = ['/a', '/waits-in-the-queue'].map((path) => fetch('{}' + path, {{ signal: c.signal }}).catch((e) => e.name));
    c.abort();
    (await Promise.all(both)).join()
  )js",
                                server.origin()),
                    "AbortError,AbortError", kAwait));
}

TEST_F(CurlFetch, ManyVmsShareOne) {
  const LoopbackServer server(
      [](const std::string& request) { return response(request.substr(4, 4)); });
  const auto shared =
      fetcher({.origins = {server.origin()}, .allow_loopback = true, .max_concurrent = 3});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Runtime vm = vm_with(shared);
      EXPECT_TRUE(
          gives(vm,
                fmt::format(R"js(
        const all = await Promise.all(Array.from({{ length: 20 }}, (_, i) => fetch('{}/' + (100 + i)).then((r) => r.text())));
        all.join('')
      )js",
                            server.origin()),
                "/100/101/102/103/104/105/106/107/108/109/110/111/112/113/114/115/116/117/118/119",
                kAwait));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.requests(), 80);
}

TEST_F(CurlFetch, MoreThanMayWaitAreRefused) {
  const LoopbackServer server([](const std::string&) { return std::string(); });
  Runtime vm = vm_for(server, {.timeout = milliseconds{200}, .max_concurrent = 1, .max_queued = 1});
  EXPECT_TRUE(gives(vm,
                    fmt::format(R"js(
    const all = await Promise.all(Array.from({{ length: 10 }}, () => fetch('{}').catch((e) => e.message)));
    String(all.includes('fetch failed: too many requests wait already'))
  )js",
                                server.origin()),
                    "true", kAwait));
}

TEST_F(CurlFetch, ItsEndFailsWhatIsUnderWay) {
  const LoopbackServer server([](const std::string&) { return std::string(); });
  auto one = fetcher({.origins = {server.origin()}, .allow_loopback = true});
  std::atomic<int> failed = 0;
  const std::stop_source never;
  for (int i = 0; i < 20; ++i) {
    one->fetch({.url = server.origin() + "/"}, never.get_token(),
               [&](const Result<FetchResponse>& result) {
                 if (!result) ++failed;
               });
  }
  one.reset();
  EXPECT_EQ(failed, 20);
}

TEST_F(CurlFetch, ProxiesOfTheEnvironmentAreNotAsked) {
  const LoopbackServer proxy([](const std::string&) { return response("from the proxy"); });
  const LoopbackServer server([](const std::string&) { return response("from the server"); });
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
    setenv(name, proxy.origin().c_str(), 1);
  }
  Runtime vm = vm_for(server);
  EXPECT_EQ(text(vm, quoted(server.origin())), "from the server");
  EXPECT_EQ(proxy.requests(), 0);
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
}

TEST_F(CurlFetch, NonsenseFromTheServerIsAnError) {
  const LoopbackServer server([](const std::string& request) -> std::string {
    if (request.contains(" /nonsense ")) return "\x01\x02\x03 not http at all";
    if (request.contains(" /cut ")) return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort";
    return "HTTP/1.1 200\r\nContent-Length: 1\r\n: x\r\nX\x80: \xff\r\nSet-Cookie: "
           "a\r\n\r\nz";
  });
  Runtime vm = vm_for(server);
  EXPECT_TRUE(
      refusal(vm, quoted(server.origin() + "/nonsense")).starts_with("TypeError: fetch failed"));
  EXPECT_TRUE(refusal(vm, quoted(server.origin() + "/cut")).starts_with("TypeError: fetch failed"));
  EXPECT_EQ(refusal(vm, quoted(server.origin() + "/odd")), "status 200");
  EXPECT_TRUE(works(vm));
}

TEST_F(CurlFetch, OptionsOutOfRangeAreRefused) {
  const auto code = [](CurlFetcherOptions options) {
    const auto made = CurlFetcher::create(std::move(options));
    return made ? Errc{} : made.error().code;
  };
  EXPECT_EQ(code({.origins = {"example.com"}}), Errc::invalid_argument);
  EXPECT_EQ(code({.origins = {"*"}}), Errc::invalid_argument);
  EXPECT_EQ(code({.timeout = milliseconds{0}}), Errc::invalid_argument);
  EXPECT_EQ(code({.connect_timeout = milliseconds{-1}}), Errc::invalid_argument);
  EXPECT_EQ(code({.max_concurrent = 0}), Errc::invalid_argument);
  EXPECT_EQ(code({.max_queued = 0}), Errc::invalid_argument);
  EXPECT_EQ(code({}), Errc{});
}

}  // namespace
}  // namespace sandglass::test
