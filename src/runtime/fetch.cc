// fetch(): between the prelude, which knows Request and Response, and the embedder's Fetcher.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "runtime/handles.h"
#include "runtime/host_error.h"
#include "runtime/text_encoding.h"
#include "sandglass/fetcher.h"

namespace sandglass::runtime {

namespace {

constexpr std::size_t kMaxFetches = 32;
constexpr std::size_t kMaxHeaders = 128;
constexpr std::size_t kMaxHeaderBytes = std::size_t{32} << 10;
constexpr std::size_t kMaxUrlBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxMethodBytes = 64;

Error refused(std::string message) {
  return {.code = Errc::threw, .message = std::move(message), .name = "TypeError"};
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kOthers.contains(c);
  });
}

// What frames a message, names its target, or speaks to proxies is not the script's to say.
bool is_reserved(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "connection", "content-length",    "expect",  "host",          "keep-alive", "te",
      "trailer",    "transfer-encoding", "upgrade", "http2-settings"};
  return std::ranges::find(kNames, name) != kNames.end() || name.starts_with("proxy-");
}

// The engine gives each character up to U+00FF as UTF-8; headers are bytes.
std::optional<std::string> latin1_of(std::u16string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char16_t c : text) {
    if (c > 0xff) return std::nullopt;
    bytes += static_cast<char>(c);
  }
  return bytes;
}

std::u16string latin1_text(std::string_view bytes) {
  return decode(std::as_bytes(std::span(bytes)), TextEncoding::latin1);
}

std::optional<Error> find_invalid(const FetchRequest& request) {
  if (!is_token(request.method) || request.method.size() > kMaxMethodBytes) {
    return refused("the method of the request is none");
  }
  for (const std::string_view method : {"CONNECT", "TRACE", "TRACK"}) {
    const bool same = std::ranges::equal(request.method, method, [](char a, char b) {
      return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
    if (same) return refused(fmt::format("the HTTP method '{}' is not allowed", method));
  }
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://")) {
    const std::string_view url = request.url;
    return refused(fmt::format("fetch knows URLs of http: and https: only, not of {}",
                               url.substr(0, std::min<std::size_t>(url.find(':'), 32) + 1)));
  }
  if (request.url.size() > kMaxUrlBytes) return refused("the URL of the request is too long");
  if (!std::ranges::all_of(request.url, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; })) {
    return refused("the URL of the request has characters in it that belong into no URL");
  }
  std::size_t bytes = 0;
  for (const HttpHeader& header : request.headers) {
    bytes += header.name.size() + header.value.size();
    if (!is_token(header.name)) return refused("a header of the request has no valid name");
    if (is_reserved(header.name)) {
      return refused(fmt::format("the header '{}' is not for scripts to set", header.name));
    }
    if (header.value.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) {
      return refused("a header of the request has a line break or NUL in it");
    }
  }
  if (bytes > kMaxHeaderBytes) {
    return refused(
        fmt::format("the headers of the request have more than {} bytes", kMaxHeaderBytes));
  }
  return std::nullopt;
}

}  // namespace

// What the prelude hands over is looked at as if the script had written it.
Result<FetchRequest> Vm::read_fetch(std::span<const JsValue> arguments) {
  const Error broken = refused("fetch was called with something that is no request");
  if (arguments.size() < 5) return std::unexpected(broken);
  const auto text = [&](JsValue value) -> std::optional<std::string> {
    if (!value.is_string()) return std::nullopt;
    const auto utf16 = engine_->utf16_of(value);
    return utf16 ? latin1_of(*utf16) : std::nullopt;
  };
  const auto method = text(arguments[0]);
  const auto url = text(arguments[1]);
  const auto redirect = text(arguments[2]);
  const auto length = engine_->length(arguments[3]);
  if (!method || !url || !redirect || !length) return std::unexpected(broken);
  if (*length > 2 * kMaxHeaders) {
    return std::unexpected(
        refused(fmt::format("the request has more than {} headers", kMaxHeaders)));
  }
  FetchRequest request = {.method = *method, .url = *url};
  for (std::uint64_t i = 0; i + 1 < *length; i += 2) {
    std::array<JsValue, 2> pair;
    if (engine_->get_elements(arguments[3], i, pair) != 2) return std::unexpected(broken);
    auto name = text(pair[0]);
    auto value = text(pair[1]);
    engine_->free_all(pair);
    if (!name || !value) return std::unexpected(broken);
    request.headers.push_back({std::move(*name), std::move(*value)});
  }
  if (*redirect == "error") request.redirect = FetchRequest::Redirect::error;
  if (*redirect == "manual") request.redirect = FetchRequest::Redirect::manual;
  if (const auto body = engine_->bytes_of(arguments[4])) {
    // SAFETY: copied before the guest runs again.
    request.body.assign(reinterpret_cast<const char*>(body->bytes.data()), body->bytes.size());
    request.has_body = true;
  }
  request.max_response_bytes = options_.limits.memory_bytes;
  request.deadline = wall_deadline_;
  if (auto invalid = find_invalid(request)) return std::unexpected(std::move(*invalid));
  return request;
}

std::optional<Error> Vm::admit_fetch(const FetchRequest& request) {
  std::erase_if(fetches_, [](const auto& entry) { return entry.second.settler.expired(); });
  if (fetches_.size() >= kMaxFetches) {
    return refused(fmt::format("more than {} requests are under way", kMaxFetches));
  }
  std::uint64_t bytes = request.body.size();
  for (const auto& [id, pending] : fetches_) bytes += pending.body_bytes;
  if (bytes > options_.limits.memory_bytes) {
    return refused("the bodies of the requests under way are larger than the memory of the VM");
  }
  return std::nullopt;
}

engine::JsValue Vm::fetch(std::span<const JsValue> arguments) noexcept {
  try {
    if (!options_.grants.fetcher) {
      return throw_error(refused(
          "fetch needs the grant 'fetcher' (Grants::fetcher), which this VM does not have"));
    }
    auto request = read_fetch(arguments);
    if (!request) return throw_error(request.error());
    if (auto error = admit_fetch(*request)) return throw_error(*error);
    const auto id = open_promise("fetch", true);
    if (!id) return JsValue::exception();
    auto settler = std::make_shared<detail::Settler>(inbox_, *id);
    const JsValue promise = engine_->duplicate_plain(kept_.pending[*id].promise);
    PendingFetch& pending = fetches_[*id];
    pending.settler = settler;
    pending.body_bytes = request->body.size();
    Fetcher::Done done = [settler, id = *id](Result<FetchResponse> response) {
      auto kept = std::make_shared<Result<FetchResponse>>(std::move(response));
      settler->settle([kept, id](Context& context) -> Result<Value> {
        Vm* vm = detail::Access::vm(context).vm();
        if (vm == nullptr) return std::unexpected(closed_handle());
        return vm->finish_fetch(id, *kept);
      });
    };
    settler.reset();
    const std::stop_token stop = pending.stop.get_token();
    const std::shared_ptr<Fetcher> fetcher = options_.grants.fetcher;
    try {
      fetcher->fetch(std::move(*request), stop, done);
    } catch (...) {
      done(std::unexpected(current_exception_error()));
    }
    return engine_->make_array(std::array{JsValue::number(static_cast<double>(*id)), promise});
  } catch (...) {
    return throw_error(current_exception_error());
  }
}

Result<Value> Vm::finish_fetch(std::uint64_t id, const Result<FetchResponse>& response) {
  fetches_.erase(id);
  if (!response) return std::unexpected(response.error());
  if (response->body.size() > options_.limits.memory_bytes) {
    return std::unexpected(refused("the response is larger than the memory of the VM"));
  }
  return act([&]() -> std::optional<Value> {
    std::vector<JsValue> headers;
    headers.reserve(2 * response->headers.size());
    for (const HttpHeader& header : response->headers) {
      headers.push_back(engine_->make_string(std::u16string_view(latin1_text(header.name))));
      headers.push_back(engine_->make_string(std::u16string_view(latin1_text(header.value))));
    }
    const std::array parts = {
        JsValue::integer(response->status),
        engine_->make_string(std::u16string_view(latin1_text(response->status_text))),
        engine_->make_string(std::u16string_view(latin1_text(response->url))),
        JsValue::boolean(response->redirected),
        engine_->make_array(headers),
        engine_->make_array_buffer(std::as_bytes(std::span(response->body)))};
    return adopt_result(engine_->make_array(parts));
  });
}

engine::JsValue Vm::abort_fetch(std::span<const JsValue> arguments) noexcept {
  if (arguments.empty() || !arguments[0].is_integer()) return JsValue::undefined();
  const auto at = fetches_.find(static_cast<std::uint64_t>(arguments[0].as_integer()));
  if (at == fetches_.end()) return JsValue::undefined();
  PendingFetch pending = std::move(at->second);
  fetches_.erase(at);
  pending.stop.request_stop();
  // Whether or not the Fetcher heeds it: nothing waits for it any more.
  if (const auto settler = pending.settler.lock()) {
    settler->settle([](Context&) -> Result<Value> {
      return std::unexpected(refused("the request was aborted"));
    });
  }
  return JsValue::undefined();
}

void Vm::stop_fetches() noexcept {
  for (auto& [id, pending] : std::exchange(fetches_, {})) pending.stop.request_stop();
}

}  // namespace sandglass::runtime
