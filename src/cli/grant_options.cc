#include "cli/grant_options.h"

#include <array>
#include <charconv>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include "cli/instant.h"
#include "cli/units.h"

namespace sandglass::cli {
namespace {

using Set = std::expected<void, std::string>;

constexpr DurationRange kResolutionRange{std::chrono::microseconds{1}, std::chrono::hours{1}};

// Calls `add` with each word of a list with commas until one is refused. None may be empty.
template <class Add>
Set for_each_word(std::string_view list, Add add) {
  for (;;) {
    const std::size_t end = list.find(',');
    const std::string_view word = list.substr(0, end);
    if (word.empty()) {
      return std::unexpected(std::string("a name in the list is empty"));
    }
    if (Set done = add(word); !done) {
      return done;
    }
    if (end == list.npos) {
      return {};
    }
    list.remove_prefix(end + 1);
  }
}

Set add_directories(GrantRequest& request, std::string_view list, bool writable) {
  return for_each_word(list, [&](std::string_view word) -> Set {
    const std::size_t colon = word.rfind(':');
    DirectoryGrant grant{
        .host = std::string(word.substr(0, colon)), .guest = {}, .writable = writable};
    if (colon != word.npos) {
      grant.guest = word.substr(colon + 1);
      if (!grant.guest.starts_with('/')) {
        return std::unexpected(
            fmt::format("'{}': what follows the colon is the path that the "
                        "script sees, and begins with /",
                        word));
      }
    }
    if (grant.host.empty()) {
      return std::unexpected(fmt::format("'{}' names no directory", word));
    }
    request.directories.push_back(std::move(grant));
    return {};
  });
}

Set add_variables(GrantRequest& request, std::string_view list) {
  return for_each_word(list, [&](std::string_view word) -> Set {
    if (word.contains('=') || word.contains('*')) {
      return std::unexpected(
          fmt::format("'{}' is no name of a variable: name each one, its value is copied", word));
    }
    request.environment.emplace_back(word);
    return {};
  });
}

Set add_origins(GrantRequest& request, std::string_view list) {
  return for_each_word(list, [&](std::string_view word) -> Set {
    request.origins.emplace_back(word);
    return {};
  });
}

Set set_private_net(GrantRequest& request, std::string_view text) {
  if (!text.empty()) {
    return std::unexpected(
        fmt::format("'{}' is one value too many; --allow-net takes the origins", text));
  }
  request.private_net = true;
  return {};
}

Set set_quota(GrantRequest& request, std::string_view text) {
  const Parsed<std::uint64_t> size = parse_size(text, {});
  if (!size) {
    return std::unexpected(size.error());
  }
  request.file_quota = *size;
  return {};
}

Set set_resolution(GrantRequest& request, std::string_view text) {
  const auto resolution = parse_duration(text, kResolutionRange);
  if (!resolution) {
    return std::unexpected(resolution.error());
  }
  request.clock = Clock::coarse(*resolution);
  return {};
}

Set set_clock(GrantRequest& request, std::string_view text) {
  if (text == "none") {
    request.clock = Clock::none();
  } else if (text == "virtual") {
    request.clock = Clock::simulated();
  } else if (text == "system") {
    request.clock = Clock::system();
  } else if (set_resolution(request, text)) {
    return {};
  } else if (const auto time = parse_instant(text)) {
    request.clock = Clock::fixed(*time);
  } else {
    return std::unexpected(
        fmt::format("'{}' is no clock: use none, virtual, system, a resolution such as 1ms, "
                    "or a time as 2024-02-29T12:30:00Z",
                    text));
  }
  return {};
}

Set set_system_clock(GrantRequest& request, std::string_view text) {
  if (!text.empty()) {
    return set_resolution(request, text);
  }
  request.clock = Clock::system();
  return {};
}

Set set_time_zone(GrantRequest& request, std::string_view text) {
  request.time_zone = text;
  return {};
}

Set set_system_random(GrantRequest& request, std::string_view text) {
  if (!text.empty()) {
    return std::unexpected(fmt::format("'{}' is one value too many; --seed takes a number", text));
  }
  request.random = Random::system();
  return {};
}

Set set_seed(GrantRequest& request, std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (failure != std::errc{} || end != text.data() + text.size()) {
    return std::unexpected(
        fmt::format("'{}' is no seed: write a whole number, 0 to 18446744073709551615", text));
  }
  request.random = Random::seeded(seed);
  return {};
}

Set set_deterministic(GrantRequest& request, std::string_view text) {
  request.deterministic = true;
  return text.empty() ? Set{} : set_seed(request, text);
}

// deterministic comes before what may contradict its seed, so that the contradiction is seen.
constexpr std::array<GrantOption, 12> kOptions{{
    {"allow-read", "read", "DIR[:GUEST]", "Let it read this directory, and import from it",
     GrantValue::list, "",
     [](GrantRequest& request, std::string_view text) {
       return add_directories(request, text, false);
     }},
    {"allow-write", "write", "DIR[:GUEST]", "Let it read and change this directory",
     GrantValue::list, "",
     [](GrantRequest& request, std::string_view text) {
       return add_directories(request, text, true);
     }},
    {"file-quota", "file-quota", "SIZE", "Bytes it may write to each directory", GrantValue::one,
     "", set_quota},
    {"allow-env", "env", "NAMES", "Copy these variables to process.env", GrantValue::list, "",
     add_variables},
    {"allow-net", "net", "ORIGINS", "Let fetch() ask these, as https://example.com",
     GrantValue::list, "", add_origins},
    {"allow-private-net", "private-net", "", "Those origins may be on this machine or near it",
     GrantValue::optional, "", set_private_net},
    {"deterministic", "deterministic", "[=SEED]", "The same run everywhere; fuel in place of time",
     GrantValue::optional, "", set_deterministic},
    {"allow-clock", "", "[=RESOLUTION]", "The system's clock, or in steps as of 1ms",
     GrantValue::optional, "clock", set_system_clock},
    {"clock", "clock", "CLOCK", "none, virtual, system, a resolution, or a time", GrantValue::one,
     "", set_clock},
    {"time-zone", "time-zone", "NAME", "Time zone of dates, as Europe/Berlin", GrantValue::one, "",
     set_time_zone},
    {"allow-random", "random", "", "The system's random numbers", GrantValue::optional, "seed",
     set_system_random},
    {"seed", "seed", "NUMBER", "Random numbers that are the same for each seed", GrantValue::one,
     "", set_seed},
}};

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

template <class T>
void fill(std::optional<T>& to, const std::optional<T>& from) {
  if (!to) {
    to = from;
  }
}

}  // namespace

std::span<const GrantOption> grant_options() {
  return kOptions;
}

void add_grants(GrantRequest& request, const GrantRequest& file) {
  append(request.directories, file.directories);
  append(request.environment, file.environment);
  append(request.origins, file.origins);
  request.private_net = request.private_net || file.private_net;
  fill(request.file_quota, file.file_quota);
  fill(request.clock, file.clock);
  fill(request.time_zone, file.time_zone);
  fill(request.random, file.random);
  request.deterministic = request.deterministic || file.deterministic;
}

}  // namespace sandglass::cli
