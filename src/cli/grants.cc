#include "cli/grants.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#ifdef SANDGLASS_CLI_FETCH
#include "sandglass/curl_fetcher.h"
#endif

namespace sandglass::cli {
namespace {

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

std::string_view option_of(const DirectoryGrant& grant) {
  return grant.writable ? "--allow-write" : "--allow-read";
}

Result<DirectoryGrant> resolve(DirectoryGrant grant) {
  std::error_code failure;
  const std::filesystem::path host = std::filesystem::canonical(grant.host, failure);
  if (failure) {
    return refuse(fmt::format("{}: {}: {}", option_of(grant), grant.host, failure.message()));
  }
  if (!std::filesystem::is_directory(host, failure)) {
    return refuse(fmt::format("{}: {}: is not a directory", option_of(grant), grant.host));
  }
  grant.host = host.string();
  if (grant.guest.empty()) {
    grant.guest = grant.host;
  }
  return grant;
}

// The same directory to read and to write is one to write; two others at one path are a mistake.
Result<std::vector<DirectoryGrant>> resolve_all(const std::vector<DirectoryGrant>& wanted) {
  std::vector<DirectoryGrant> result;
  for (const DirectoryGrant& one : wanted) {
    Result<DirectoryGrant> grant = resolve(one);
    if (!grant) {
      return std::unexpected(std::move(grant.error()));
    }
    const auto same = std::ranges::find(result, grant->guest, &DirectoryGrant::guest);
    if (same == result.end()) {
      result.push_back(std::move(*grant));
    } else if (same->host == grant->host) {
      same->writable = same->writable || grant->writable;
    } else {
      return refuse(fmt::format("{}: {} and {} would both be {} for the script", option_of(*grant),
                                same->host, grant->host, grant->guest));
    }
  }
  return result;
}

FileQuota quota_of(const GrantRequest& request) {
  FileQuota quota;
  if (request.file_quota) {
    quota.bytes = *request.file_quota;
    quota.written_bytes = request.file_quota;
    quota.file_bytes = std::max(quota.file_bytes, *request.file_quota);
  }
  return quota;
}

Result<std::shared_ptr<FileSystem>> mount(const std::vector<DirectoryGrant>& directories,
                                          const GrantRequest& request, const Clock& clock) {
  if (directories.empty()) {
    return nullptr;
  }
  std::map<std::string, std::shared_ptr<FileSystem>> mounts;
  for (const DirectoryGrant& grant : directories) {
    // Who may write would read the clock by the times of what was written.
    auto opened = DirectoryMount::open(
        grant.host, {.writable = grant.writable,
                     .quota = quota_of(request),
                     .real_times = clock.runs() || !(grant.writable || request.deterministic)});
    if (!opened) {
      return refuse(
          fmt::format("{}: {}: {}", option_of(grant), grant.host, opened.error().message));
    }
    mounts[grant.guest] = std::move(*opened);
  }
  auto tree = Mounts::create(std::move(mounts));
  if (!tree) {
    return refuse(fmt::format("a directory cannot be granted: {}", tree.error().message));
  }
  return std::move(*tree);
}

Result<std::shared_ptr<Fetcher>> make_fetcher(const GrantRequest& request) {
  if (request.origins.empty()) {
    if (request.private_net) {
      return refuse("--allow-private-net: no origin is granted with --allow-net");
    }
    return nullptr;
  }
#ifdef SANDGLASS_CLI_FETCH
  auto fetcher = CurlFetcher::create({.origins = request.origins,
                                      .allow_loopback = request.private_net,
                                      .allow_private = request.private_net});
  if (!fetcher) {
    return refuse(fmt::format("--allow-net: {}", fetcher.error().message));
  }
  return std::move(*fetcher);
#else
  return refuse("--allow-net: this sandglass was built without network access (SANDGLASS_FETCH)");
#endif
}

}  // namespace

Result<ReadyGrants> prepare_grants(const GrantRequest& request) {
  ReadyGrants ready;
  ready.grants.clock = request.clock.value_or(ready.grants.clock);
  ready.grants.time_zone = request.time_zone.value_or(ready.grants.time_zone);
  ready.grants.random = request.random.value_or(ready.grants.random);
  for (const std::string& name : request.environment) {
    if (const char* const value = std::getenv(name.c_str())) {
      ready.grants.environment[name] = value;
    }
  }
  auto directories = resolve_all(request.directories);
  if (!directories) {
    return std::unexpected(std::move(directories.error()));
  }
  auto files = mount(*directories, request, ready.grants.clock);
  if (!files) {
    return std::unexpected(std::move(files.error()));
  }
  auto fetcher = make_fetcher(request);
  if (!fetcher) {
    return std::unexpected(std::move(fetcher.error()));
  }
  ready.directories = std::move(*directories);
  ready.grants.files = std::move(*files);
  ready.grants.fetcher = std::move(*fetcher);
  return ready;
}

}  // namespace sandglass::cli
