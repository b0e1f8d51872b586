#include <algorithm>
#include <charconv>
#include <expected>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "host/module_path.h"
#include "sandglass/module_loader.h"

namespace sandglass {
namespace {

/// A name of a ModuleChain, taken apart.
struct OwnedName {
  std::string_view name;  ///< As the owner gave it.
  std::size_t owner = 0;  ///< Index of the loader.
};

// The last '#' counts. What has none is the first loader's.
std::optional<OwnedName> parse_owned(std::string_view name) {
  const std::size_t mark = name.rfind('#');
  if (mark == name.npos) return OwnedName{name};
  OwnedName owned{name.substr(0, mark)};
  const char* const end = name.data() + name.size();
  const auto [parsed_to, error] = std::from_chars(name.data() + mark + 1, end, owned.owner);
  if (error != std::errc{} || parsed_to != end) return std::nullopt;
  return owned;
}

std::string to_owned(std::string name, std::size_t owner) {
  if (owner == 0 && !name.contains('#')) return name;
  return fmt::format("{}#{}", name, owner);
}

// Joins the reports of loaders that did not find a module. Those that begin alike say so once.
class Reports {
 public:
  explicit Reports(std::string headline) : headline_(std::move(headline)) {}

  void add(std::string_view message) {
    if (message.starts_with(headline_)) {
      message.remove_prefix(headline_.size());
      if (message.starts_with("; ")) message.remove_prefix(2);
    }
    if (!message.empty() && std::ranges::find(parts_, message) == parts_.end()) {
      parts_.emplace_back(message);
    }
  }

  [[nodiscard]] Error join() && {
    for (const std::string& part : parts_) headline_ += "; " + part;
    return {.code = Errc::module_not_found, .message = std::move(headline_)};
  }

 private:
  std::string headline_;
  std::vector<std::string> parts_;
};

}  // namespace

ModuleChain::ModuleChain(std::vector<std::shared_ptr<ModuleLoader>> loaders)
    : loaders_(std::move(loaders)) {}

Result<std::string> ModuleChain::resolve(const ModuleRequest& request) {
  ModuleRequest inner = request;
  // The file name of a script need not be one of ours.
  if (const auto importer = parse_owned(request.importer)) inner.importer = importer->name;
  Reports reports(host::headline(inner));
  for (std::size_t index = 0; index < loaders_.size(); ++index) {
    if (loaders_[index] == nullptr) continue;
    auto name = loaders_[index]->resolve(inner);
    if (name) return to_owned(std::move(*name), index);
    if (name.error().code != Errc::module_not_found) return name;
    reports.add(name.error().message);
  }
  return std::unexpected(std::move(reports).join());
}

Result<ModuleSource> ModuleChain::load(std::string_view name) {
  const auto owned = parse_owned(name);
  if (!owned || owned->owner >= loaders_.size() || loaders_[owned->owner] == nullptr) {
    return std::unexpected(Error{
        .code = Errc::invalid_argument,
        .message = fmt::format("'{}' is not a module of this chain", host::to_printable(name))});
  }
  auto source = loaders_[owned->owner]->load(owned->name);
  if (source && source->url.empty()) source->url = owned->name;
  return source;
}

}  // namespace sandglass
