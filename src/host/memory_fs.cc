// Files in memory.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/file_path.h"

namespace sandglass {
namespace host {
namespace {

constexpr std::uint32_t kUmask = 022;

struct Node {
  FileKind kind = FileKind::file;
  std::uint32_t mode = 0;
  std::uint64_t id = 0;
  bool named = true;  // in a directory, or the root
  std::uint64_t handles = 0;
  std::vector<std::byte> bytes;
  std::map<std::string, std::shared_ptr<Node>, std::less<>> children;

  [[nodiscard]] bool is_directory() const noexcept { return kind == FileKind::directory; }
};

FileStatus status_of(const Node& node) {
  return {.kind = node.kind,
          .bytes = node.bytes.size(),
          .mode = node.mode,
          .id = node.id,
          .links = node.named ? 1u : 0u};
}

}  // namespace

/// The files and what they take, all under one lock.
struct MemoryTree {
  explicit MemoryTree(const FileQuota& limits) : quota(limits) {}
  MemoryTree(const MemoryTree&) = delete;
  MemoryTree& operator=(const MemoryTree&) = delete;

  // A directory may lie deeper than a stack of destructors may.
  ~MemoryTree() {
    std::vector<std::shared_ptr<Node>> left = {std::move(root)};
    while (!left.empty()) {
      const std::shared_ptr<Node> node = std::move(left.back());
      left.pop_back();
      for (auto& [name, child] : node->children) left.push_back(std::move(child));
    }
  }

  FileResult<std::shared_ptr<Node>> find(std::string_view path) const {
    if (auto checked = check_path(path, quota.path_bytes); !checked) {
      return std::unexpected(checked.error());
    }
    std::shared_ptr<Node> node = root;
    int number = 0;
    for_each_name(path, [&](std::string_view name) {
      const auto child = node->children.find(name);
      if (!node->is_directory()) {
        number = ENOTDIR;
      } else if (child == node->children.end()) {
        number = ENOENT;
      } else {
        node = child->second;
      }
      return number == 0;
    });
    if (number != 0) return fail(number);
    return node;
  }

  FileResult<std::shared_ptr<Node>> find_parent(std::string_view path) const {
    if (auto checked = check_path(path, quota.path_bytes); !checked) {
      return std::unexpected(checked.error());
    }
    auto parent = find(split(path).directory);
    if (parent && !(*parent)->is_directory()) return fail(ENOTDIR);
    return parent;
  }

  FileResult<std::shared_ptr<Node>> make(std::string_view path, FileKind kind, std::uint32_t mode) {
    const auto parent = find_parent(path);
    if (!parent) return parent;
    if (files >= quota.files) return fail(ENOSPC);
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->mode = mode & 0777u & ~kUmask;
    node->id = ++last_id;
    (*parent)->children.emplace(split(path).name, node);
    ++files;
    return node;
  }

  void remove(Node& parent, std::string_view name) {
    const auto at = parent.children.find(name);
    const std::shared_ptr<Node> node = std::move(at->second);
    parent.children.erase(at);
    node->named = false;
    --files;
    release_if_gone(*node);
  }

  // What is still open takes memory.
  void release_if_gone(Node& node) {
    if (node.named || node.handles != 0) return;
    bytes -= node.bytes.size();
    node.bytes = {};
  }

  FileResult<void> resize(Node& node, std::uint64_t size) {
    const std::uint64_t before = node.bytes.size();
    if (size > before) {
      if (size > quota.file_bytes) return fail(EFBIG);
      if (size - before > quota.bytes - bytes) return fail(ENOSPC);
    }
    node.bytes.resize(size);
    bytes = bytes - before + size;
    return {};
  }

  const FileQuota quota;
  std::mutex mutex;
  std::uint64_t bytes = 0;
  std::uint64_t written = 0;
  std::uint64_t files = 0;
  std::uint64_t open_files = 0;
  std::uint64_t last_id = 1;
  std::shared_ptr<Node> root =
      std::make_shared<Node>(Node{.kind = FileKind::directory, .mode = 0755, .id = 1});
};

namespace {

class MemoryFile final : public File {
 public:
  // The tree is locked.
  MemoryFile(std::shared_ptr<MemoryTree> tree, std::shared_ptr<Node> node, FileOpening how)
      : tree_(std::move(tree)), node_(std::move(node)), how_(how) {
    ++tree_->open_files;
    ++node_->handles;
  }
  ~MemoryFile() override {
    const std::lock_guard lock(tree_->mutex);
    --tree_->open_files;
    --node_->handles;
    tree_->release_if_gone(*node_);
  }

  FileResult<std::size_t> read(std::span<std::byte> into, std::uint64_t offset) override {
    if (!how_.read) return fail(EBADF);
    if (node_->is_directory()) return fail(EISDIR);
    const std::lock_guard lock(tree_->mutex);
    const std::uint64_t size = node_->bytes.size();
    const std::uint64_t count = std::min<std::uint64_t>(into.size(), size - std::min(offset, size));
    if (count != 0) std::memcpy(into.data(), node_->bytes.data() + offset, count);
    return count;
  }

  FileResult<std::size_t> write(std::span<const std::byte> from, std::uint64_t offset) override {
    if (!how_.write) return fail(EBADF);
    if (from.empty()) return 0;
    const std::lock_guard lock(tree_->mutex);
    const std::uint64_t size = node_->bytes.size();
    const std::uint64_t begin = how_.append ? size : offset;
    if (begin > std::numeric_limits<std::uint64_t>::max() - from.size()) return fail(EFBIG);
    const auto& most = tree_->quota.written_bytes;
    if (most && from.size() > *most - tree_->written) return fail(ENOSPC);
    if (auto sized = tree_->resize(*node_, std::max(size, begin + from.size())); !sized) {
      return std::unexpected(sized.error());
    }
    std::memcpy(node_->bytes.data() + begin, from.data(), from.size());
    tree_->written += from.size();
    return from.size();
  }

  FileResult<void> resize(std::uint64_t bytes) override {
    if (!how_.write) return fail(EINVAL);
    const std::lock_guard lock(tree_->mutex);
    return tree_->resize(*node_, bytes);
  }

  FileResult<FileStatus> status() override {
    const std::lock_guard lock(tree_->mutex);
    return status_of(*node_);
  }

 private:
  std::shared_ptr<MemoryTree> tree_;
  std::shared_ptr<Node> node_;
  FileOpening how_;
};

// Why `from` may not take the place of `to`; 0: it may.
int find_misfit(const Node& from, const Node& to) {
  if (from.is_directory() && !to.is_directory()) return ENOTDIR;
  if (!from.is_directory() && to.is_directory()) return EISDIR;
  return to.children.empty() ? 0 : ENOTEMPTY;
}

}  // namespace
}  // namespace host

using host::fail;
using host::MemoryFile;
using host::MemoryTree;

MemoryFs::MemoryFs(std::shared_ptr<MemoryTree> tree) noexcept : tree_(std::move(tree)) {}

MemoryFs::~MemoryFs() = default;

Result<std::shared_ptr<MemoryFs>> MemoryFs::create(FileQuota quota) {
  if (auto invalid = host::find_invalid(quota)) return std::unexpected(*invalid);
  return std::shared_ptr<MemoryFs>(new MemoryFs(std::make_shared<MemoryTree>(quota)));
}

FileResult<FileStatus> MemoryFs::status(std::string_view path, bool /*follow*/) {
  const std::lock_guard lock(tree_->mutex);
  const auto node = tree_->find(path);
  if (!node) return std::unexpected(node.error());
  return host::status_of(**node);
}

FileResult<void> MemoryFs::access(std::string_view path, FileAccess wanted) {
  const auto found = status(path, true);
  if (!found) return std::unexpected(found.error());
  const std::uint32_t bits =
      (wanted.read ? 0400u : 0u) | (wanted.write ? 0200u : 0u) | (wanted.execute ? 0100u : 0u);
  if ((found->mode & bits) != bits) return fail(EACCES);
  return {};
}

FileResult<std::unique_ptr<File>> MemoryFs::open(std::string_view path, const FileOpening& how) {
  if (!how.read && !how.write) return fail(EINVAL);
  const std::lock_guard lock(tree_->mutex);
  auto node = tree_->find(path);
  const bool creates = how.write && how.create;
  if (node && creates && how.exclusive) return fail(EEXIST);
  if (node && how.write && (*node)->is_directory()) return fail(EISDIR);
  if (tree_->open_files >= tree_->quota.open_files) return fail(EMFILE);
  if (!node && creates && node.error() == std::errc::no_such_file_or_directory) {
    node = tree_->make(path, FileKind::file, how.mode);
  }
  if (!node) return std::unexpected(node.error());
  if (how.write && how.truncate) {
    if (auto emptied = tree_->resize(**node, 0); !emptied) return std::unexpected(emptied.error());
  }
  return std::make_unique<MemoryFile>(tree_, *node, how);
}

FileResult<void> MemoryFs::list(std::string_view path, const Visitor& visit) {
  std::vector<std::pair<std::string, FileKind>> entries;
  {
    const std::lock_guard lock(tree_->mutex);
    const auto node = tree_->find(path);
    if (!node) return std::unexpected(node.error());
    if (!(*node)->is_directory()) return fail(ENOTDIR);
    entries.reserve((*node)->children.size());
    for (const auto& [name, child] : (*node)->children) entries.emplace_back(name, child->kind);
  }
  // The visitor may use this file system.
  for (const auto& [name, kind] : entries) {
    if (!visit(name, kind)) break;
  }
  return {};
}

FileResult<void> MemoryFs::make_directory(std::string_view path, std::uint32_t mode) {
  const std::lock_guard lock(tree_->mutex);
  const auto there = tree_->find(path);
  if (there) return fail(EEXIST);
  if (there.error() != std::errc::no_such_file_or_directory) {
    return std::unexpected(there.error());
  }
  const auto made = tree_->make(path, FileKind::directory, mode);
  if (!made) return std::unexpected(made.error());
  return {};
}

FileResult<void> MemoryFs::remove_file(std::string_view path) {
  const std::lock_guard lock(tree_->mutex);
  const auto node = tree_->find(path);
  if (!node) return std::unexpected(node.error());
  if ((*node)->is_directory()) return fail(EISDIR);
  const auto parent = tree_->find_parent(path);
  if (!parent) return std::unexpected(parent.error());
  tree_->remove(**parent, host::split(path).name);
  return {};
}

FileResult<void> MemoryFs::remove_directory(std::string_view path) {
  const std::lock_guard lock(tree_->mutex);
  const auto node = tree_->find(path);
  if (!node) return std::unexpected(node.error());
  if (path == "/") return fail(EBUSY);
  if (!(*node)->is_directory()) return fail(ENOTDIR);
  if (!(*node)->children.empty()) return fail(ENOTEMPTY);
  const auto parent = tree_->find_parent(path);
  if (!parent) return std::unexpected(parent.error());
  tree_->remove(**parent, host::split(path).name);
  return {};
}

FileResult<void> MemoryFs::rename(std::string_view from, std::string_view to) {
  const std::lock_guard lock(tree_->mutex);
  if (from == "/" || to == "/") return fail(EBUSY);
  const auto node = tree_->find(from);
  if (!node) return std::unexpected(node.error());
  const auto target_parent = tree_->find_parent(to);
  if (!target_parent) return std::unexpected(target_parent.error());
  if (from == to) return {};
  if (host::is_within(to, from)) return fail(EINVAL);
  if (host::is_within(from, to)) return fail(ENOTEMPTY);
  const std::string_view name = host::split(to).name;
  auto& siblings = (*target_parent)->children;
  if (const auto replaced = siblings.find(name); replaced != siblings.end()) {
    if (const int number = host::find_misfit(**node, *replaced->second); number != 0) {
      return fail(number);
    }
    tree_->remove(**target_parent, name);
  }
  const auto source_parent = tree_->find_parent(from);
  if (!source_parent) return std::unexpected(source_parent.error());
  siblings.emplace(name, *node);
  auto& children = (*source_parent)->children;
  children.erase(children.find(host::split(from).name));
  return {};
}

FileResult<std::string> MemoryFs::real_path(std::string_view path) {
  const auto found = status(path, true);
  if (!found) return std::unexpected(found.error());
  return std::string(path);
}

}  // namespace sandglass
