#include "host/ledger.h"

#include <algorithm>
#include <cerrno>

#include "host/file_path.h"

namespace sandglass::host {

FileResult<void> Ledger::may_write(std::uint64_t size, std::uint64_t new_size,
                                   std::uint64_t written) const {
  if (new_size > size) {
    if (new_size > quota_.file_bytes) return fail(EFBIG);
    if (new_size - size > quota_.bytes - std::min(bytes_, quota_.bytes)) {
      return fail(ENOSPC);
    }
  }
  if (quota_.written_bytes && written > *quota_.written_bytes - written_) {
    return fail(ENOSPC);
  }
  return {};
}

void Ledger::wrote(FileId file, std::uint64_t size, std::uint64_t new_size, std::uint64_t written) {
  written_ += written;
  const auto entry = entries_.try_emplace(file).first;
  if (new_size > size) {
    entry->second.bytes += new_size - size;
    bytes_ += new_size - size;
  } else {
    const std::uint64_t returned = std::min(entry->second.bytes, size - new_size);
    entry->second.bytes -= returned;
    bytes_ -= returned;
  }
  forget_if_idle(entry);
}

FileResult<void> Ledger::may_make() const {
  if (files_ >= quota_.files) return fail(ENOSPC);
  return {};
}

void Ledger::made(FileId file) {
  Entry& entry = entries_[file];
  if (!entry.made) ++files_;
  bytes_ -= entry.bytes;
  entry = {.bytes = 0, .handles = entry.handles, .made = true, .removed = false};
}

void Ledger::removed(FileId file) {
  const auto entry = entries_.find(file);
  if (entry == entries_.end()) return;
  if (entry->second.made) --files_;
  entry->second.made = false;
  entry->second.removed = true;
  forget_if_idle(entry);
}

void Ledger::closed(FileId file) {
  const auto entry = entries_.find(file);
  if (entry == entries_.end()) return;
  --entry->second.handles;
  forget_if_idle(entry);
}

void Ledger::forget_if_idle(Entries::iterator entry) {
  if (entry->second.handles != 0 || entry->second.made) return;
  if (entry->second.removed) {
    bytes_ -= entry->second.bytes;
    entry->second.bytes = 0;
  }
  if (entry->second.bytes == 0) entries_.erase(entry);
}

}  // namespace sandglass::host
