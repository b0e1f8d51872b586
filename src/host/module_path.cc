#include "host/module_path.h"

#include <algorithm>
#include <array>
#include <expected>
#include <utility>

#include <fmt/format.h>

#include "runtime/utf8.h"

namespace sandglass::host {
namespace {

// With the longest ending it stays below PATH_MAX. The segments are those of NAME_MAX.
constexpr std::size_t kMaxPathBytes = 4000;
constexpr std::size_t kMaxSegmentBytes = 255;
constexpr std::size_t kMaxPrintableBytes = 240;

struct Ending {
  std::string_view text;
  bool index;  // of a file in the folder
  bool json;
};
constexpr std::array kEndings{
    Ending{".js", false, false},       Ending{".mjs", false, false},
    Ending{".json", false, true},      Ending{"/index.js", true, false},
    Ending{"/index.mjs", true, false},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

// What follows the scheme of RFC 3986 and its colon, or `text` itself if there is no scheme.
std::string_view skip_scheme(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return text;
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  if (end == text.end() || *end != ':') return text;
  return {end + 1, text.end()};
}

bool has_scheme(std::string_view text) {
  return skip_scheme(text).size() != text.size();
}

// A script may go by any name, "job:7" too; that does not make it a URL.
bool is_url(std::string_view importer) {
  return has_scheme(importer) && skip_scheme(importer).starts_with('/');
}

bool is_percent_encoded(std::string_view text) {
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    if (at + 2 < text.size() && is_hex_digit(text[at + 1]) && is_hex_digit(text[at + 2])) {
      return true;
    }
  }
  return false;
}

// What is wrong with the characters of a path; empty if nothing.
std::string_view find_fault(std::string_view path) {
  if (path.empty()) return "it is empty";
  if (path.size() > kMaxPathBytes) return "it is too long";
  if (std::ranges::any_of(path, is_control)) return "it has a control character";
  if (runtime::find_invalid_utf8(path)) return "it is not UTF-8";
  if (path.contains('\\')) return "it has a backslash; separate folders with '/'";
  if (is_percent_encoded(path)) return "it is percent-encoded; write the name as it is";
  return {};
}

// Splits at each '/', which gives at least one segment.
template <class Visit>
void for_each_segment(std::string_view path, Visit visit) {
  for (;;) {
    const std::size_t end = path.find('/');
    visit(path.substr(0, end));
    if (end == path.npos) return;
    path.remove_prefix(end + 1);
  }
}

// Goes from one folder to another; `path` has no "." or "..". False if it leads above the root.
bool walk(std::string& path, std::string_view way) {
  bool beneath = true;
  for_each_segment(way, [&](std::string_view segment) {
    if (segment.empty() || segment == ".") return;
    if (segment == "..") {
      beneath = beneath && !path.empty();
      const std::size_t slash = path.rfind('/');
      path.resize(slash == path.npos ? 0 : slash);
    } else {
      if (!path.empty()) path += '/';
      path += segment;
    }
  });
  return beneath;
}

bool names_folder(std::string_view specifier) {
  const std::size_t slash = specifier.rfind('/');
  const std::string_view last = slash == specifier.npos ? specifier : specifier.substr(slash + 1);
  return last.empty() || last == "." || last == "..";
}

bool is_relative(std::string_view specifier) {
  return specifier == "." || specifier == ".." || specifier.starts_with("./") ||
         specifier.starts_with("../");
}

// What is wrong with a normalised path, to which the importer's folder has added its own; empty if
// nothing.
std::string_view find_path_fault(std::string_view path) {
  if (path.size() > kMaxPathBytes) return "the path that it leads to is too long";
  if (std::ranges::any_of(path, is_control) || runtime::find_invalid_utf8(path)) {
    return "the name of its importer has a control character or is not UTF-8";
  }
  bool fits = true;
  for_each_segment(
      path, [&](std::string_view segment) { fits = fits && segment.size() <= kMaxSegmentBytes; });
  return fits ? "" : "a name in it is longer than 255 bytes";
}

struct Refusal {
  Errc code;
  std::string_view why;
};

std::unexpected<Refusal> malformed(std::string_view why) {
  return std::unexpected(Refusal{Errc::invalid_argument, why});
}

std::unexpected<Refusal> not_a_path(std::string_view why) {
  return std::unexpected(Refusal{Errc::module_not_found, why});
}

std::expected<ModulePath, Refusal> follow(std::string_view specifier, std::string_view importer) {
  if (has_scheme(specifier.substr(0, kMaxPathBytes))) {
    return not_a_path("a specifier with a scheme is not a path");
  }
  if (const auto fault = find_fault(specifier); !fault.empty()) return malformed(fault);
  ModulePath found{.path = {}, .folder = names_folder(specifier)};
  if (is_relative(specifier)) {
    if (importer.size() > kMaxPathBytes) return malformed("the name of its importer is too long");
    if (is_url(importer)) return not_a_path("the name of the importer is not a path");
    const std::size_t slash = importer.rfind('/');
    if (slash != importer.npos && !walk(found.path, importer.substr(0, slash))) {
      return malformed("its importer lies above the root");
    }
  }
  if (!walk(found.path, specifier)) return malformed("it leads above the root");
  if (const auto fault = find_path_fault(found.path); !fault.empty()) return malformed(fault);
  return found;
}

std::string imported_by(const ModuleRequest& request) {
  if (request.importer.empty()) return {};
  return fmt::format(" imported by '{}'", to_printable(request.importer));
}

// Where `text` may be cut without cutting a character, at `at` or before.
std::size_t cut_before(std::string_view text, std::size_t at) {
  for (int step = 0; step < 3 && at > 0; ++step, --at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) break;
  }
  return at;
}

void append_printable(std::string& to, std::string_view text) {
  while (!text.empty()) {
    const std::size_t valid = runtime::find_invalid_utf8(text).value_or(text.size());
    for (const char c : text.substr(0, valid)) {
      if (is_control(c)) {
        to += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        to += c;
      }
    }
    text.remove_prefix(valid);
    if (!text.empty()) {
      to += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    }
  }
}

}  // namespace

Result<ModulePath> find_path(const ModuleRequest& request) {
  if (!request.type.empty() && request.type != "json") {
    return std::unexpected(
        Error{.code = Errc::invalid_argument,
              .message = fmt::format("bad type '{}' of module '{}'{}: only 'json' is known",
                                     to_printable(request.type), to_printable(request.specifier),
                                     imported_by(request))});
  }
  auto found = follow(request.specifier, request.importer);
  if (found) return std::move(*found);
  const auto [code, why] = found.error();
  std::string message =
      code == Errc::module_not_found
          ? fmt::format("{}; {}", headline(request), why)
          : fmt::format("bad module specifier '{}'{}: {}", to_printable(request.specifier),
                        imported_by(request), why);
  return std::unexpected(Error{.code = code, .message = std::move(message)});
}

std::vector<std::string> list_candidates(const ModulePath& path, std::string_view type) {
  std::vector<std::string> candidates;
  if (!path.folder) candidates.push_back(path.path);
  for (const Ending& ending : kEndings) {
    if ((path.folder && !ending.index) || (type == "json" && !ending.json)) continue;
    const bool at_root = path.path.empty();
    candidates.push_back(path.path + std::string(ending.text.substr(at_root ? 1 : 0)));
  }
  return candidates;
}

Result<std::string> to_canonical(std::string_view name) {
  auto found = follow(name, {});
  if (found && !found->folder) return std::move(found->path);
  return std::unexpected(
      Error{.code = Errc::invalid_argument,
            .message = fmt::format("bad module name '{}': {}", to_printable(name),
                                   found ? "it names a folder" : found.error().why)});
}

ModuleFormat format_of(std::string_view name) {
  return name.ends_with(".json") ? ModuleFormat::json : ModuleFormat::javascript;
}

std::string to_printable(std::string_view text) {
  std::string printable;
  if (text.size() <= kMaxPrintableBytes) {
    append_printable(printable, text);
    return printable;
  }
  append_printable(printable, text.substr(0, cut_before(text, kMaxPrintableBytes / 2)));
  printable += "...";
  append_printable(printable, text.substr(cut_before(text, text.size() - kMaxPrintableBytes / 2)));
  return printable;
}

std::string headline(const ModuleRequest& request) {
  return fmt::format("cannot find module '{}'{}", to_printable(request.specifier),
                     imported_by(request));
}

Error not_found(const ModuleRequest& request, const std::vector<std::string>& candidates) {
  std::string message = headline(request);
  std::string_view separator = "; tried ";
  for (const std::string& candidate : candidates) {
    message += separator;
    message += to_printable(candidate);
    separator = ", ";
  }
  return {.code = Errc::module_not_found, .message = std::move(message)};
}

}  // namespace sandglass::host
