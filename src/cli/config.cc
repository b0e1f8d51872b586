#include "cli/config.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/grant_options.h"
#include "cli/limit_options.h"
#include "cli/source.h"
#include "cli/suggest.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace sandglass::cli {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;

Result<void> refuse(const toml::source_region& place, std::string_view file,
                    const std::string& message) {
  return std::unexpected(Error{
      .code = Errc::invalid_argument,
      .message = fmt::format("{}:{}:{}: {}", file, place.begin.line, place.begin.column, message)});
}

// The value as the option of the same name takes it; none if it is of a type that no option has.
std::optional<std::string> as_option_text(const toml::node& value) {
  if (const auto* text = value.as_string()) {
    return text->get();
  }
  if (const auto* number = value.as_integer()) {
    return std::to_string(number->get());
  }
  return std::nullopt;
}

// [limits]: the names of the options, without "--".
Result<void> apply_limits(const toml::table& table, Command& command) {
  std::vector<std::string_view> names;
  names.reserve(limit_options().size());
  for (const LimitOption& limit : limit_options()) {
    names.push_back(limit.name);
  }
  for (const auto& [key, value] : table) {
    const LimitOption* const limit = find_limit_option(key.str());
    if (limit == nullptr) {
      return refuse(
          key.source(), command.config,
          fmt::format("unknown key '{}' in [limits]{}", key.str(), suggestion(key.str(), names)));
    }
    const std::optional<std::string> text = as_option_text(value);
    if (!text) {
      return refuse(
          value.source(), command.config,
          fmt::format("{}: write the value as a string, as for --{}", limit->name, limit->name));
    }
    // Read in any case: a file is right or wrong whatever the command line says.
    Limits limits = command.limits;
    if (const auto done = limit->set(limits, *text); !done) {
      return refuse(value.source(), command.config,
                    fmt::format("{}: {}", limit->name, done.error()));
    }
    if (!command.given_limits.contains(limit->name)) {
      command.limits = limits;
      command.given_limits.emplace(limit->name);
    }
  }
  return {};
}

const GrantOption* find_grant_option(std::string_view key) {
  const auto at = std::ranges::find(grant_options(), key, &GrantOption::key);
  return key.empty() || at == grant_options().end() ? nullptr : &*at;
}

// One value of a grant, as its option takes it: `true` is an option without value.
std::expected<void, std::string> read_grant(const GrantOption& grant, const toml::node& value,
                                            GrantRequest& request) {
  const auto* const flag = value.as_boolean();
  if (flag != nullptr && grant.value == GrantValue::optional) {
    return flag->get() ? grant.set(request, "") : std::expected<void, std::string>();
  }
  const std::optional<std::string> text = as_option_text(value);
  if (!text || (text->empty() && grant.value == GrantValue::optional)) {
    return std::unexpected(fmt::format(
        "write the value as {}, as for --{}",
        grant.value == GrantValue::list ? "an array of strings" : "a string", grant.name));
  }
  return grant.set(request, *text);
}

// [grants]: the names of the options, without "--" and "allow-".
Result<void> apply_grants(const toml::table& table, Command& command) {
  std::vector<std::string_view> names;
  for (const GrantOption& grant : grant_options()) {
    if (!grant.key.empty()) {
      names.push_back(grant.key);
    }
  }
  GrantRequest file;
  for (const auto& [key, value] : table) {
    const GrantOption* const grant = find_grant_option(key.str());
    if (grant == nullptr) {
      return refuse(
          key.source(), command.config,
          fmt::format("unknown key '{}' in [grants]{}", key.str(), suggestion(key.str(), names)));
    }
    const toml::array* const list = grant->value == GrantValue::list ? value.as_array() : nullptr;
    if (list == nullptr) {
      if (const auto done = read_grant(*grant, value, file); !done) {
        return refuse(value.source(), command.config,
                      fmt::format("{}: {}", grant->key, done.error()));
      }
      continue;
    }
    for (const toml::node& element : *list) {
      if (const auto done = read_grant(*grant, element, file); !done) {
        return refuse(element.source(), command.config,
                      fmt::format("{}: {}", grant->key, done.error()));
      }
    }
  }
  add_grants(command.grants, file);
  return {};
}

struct Section {
  std::string_view name;
  Result<void> (*apply)(const toml::table& table, Command& command);
};

constexpr std::array kSections{Section{"limits", apply_limits}, Section{"grants", apply_grants}};

}  // namespace

Result<void> apply_config(Command& command) {
  if (command.config.empty()) {
    return {};
  }
  const Result<Source> file = read_source(command.config, kMaxBytes);
  if (!file) {
    return std::unexpected(file.error());
  }
  const toml::parse_result parsed = toml::parse(file->text, command.config);
  if (!parsed) {
    return refuse(parsed.error().source(), command.config,
                  std::string(parsed.error().description()));
  }
  std::vector<std::string_view> names;
  names.reserve(kSections.size());
  for (const Section& section : kSections) {
    names.push_back(section.name);
  }
  for (const auto& [key, value] : parsed.table()) {
    const auto* section = std::ranges::find(kSections, key.str(), &Section::name);
    if (section == kSections.end()) {
      return refuse(key.source(), command.config,
                    fmt::format("unknown {} '{}'{}", value.is_table() ? "table" : "key", key.str(),
                                suggestion(key.str(), names)));
    }
    if (!value.is_table()) {
      return refuse(value.source(), command.config, fmt::format("{} is a table", key.str()));
    }
    if (auto done = section->apply(*value.as_table(), command); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace sandglass::cli
