#include "runtime/host_table.h"

#include <utility>

namespace sandglass::runtime {
namespace {

constexpr std::uint32_t kMaxEntries = (1u << 24) - 2;

std::uint32_t index_of(std::uint32_t id) {
  return (id >> 8) - 1;
}

}  // namespace

HostEntry* HostTable::take_place(std::uint32_t& id) {
  std::uint32_t index = 0;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else if (entries_.size() < kMaxEntries) {
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    return nullptr;
  }
  HostEntry& entry = entries_[index];
  entry.live = true;
  id = (index + 1) << 8 | entry.generation;
  return &entry;
}

std::uint32_t HostTable::add(std::shared_ptr<detail::HostFunction> function,
                             std::string_view name) {
  std::uint32_t id = 0;
  if (HostEntry* entry = take_place(id)) {
    entry->function = std::move(function);
    entry->name = name;
    ++functions_;
  }
  return id;
}

std::uint32_t HostTable::add(std::shared_ptr<void> object, const std::type_info& type) {
  std::uint32_t id = 0;
  const void* address = object.get();
  if (HostEntry* entry = take_place(id)) {
    entry->object = std::move(object);
    entry->type = &type;
    ++objects_;
    objects_by_address_[{address, type}] = index_of(id);
  }
  return id;
}

HostEntry* HostTable::find(std::uint32_t id) noexcept {
  if (id < kFirstId || index_of(id) >= entries_.size()) return nullptr;
  HostEntry& entry = entries_[index_of(id)];
  return entry.live && !entry.released && entry.generation == (id & 0xff) ? &entry : nullptr;
}

HostEntry* HostTable::find_object(const void* object, const std::type_info& type) noexcept {
  const auto at = objects_by_address_.find({object, type});
  if (at == objects_by_address_.end()) return nullptr;
  HostEntry& entry = entries_[at->second];
  return entry.live && !entry.released && entry.type != nullptr && *entry.type == type ? &entry
                                                                                       : nullptr;
}

void HostTable::release(std::uint32_t id) noexcept {
  HostEntry* entry = find(id);
  if (entry == nullptr) return;
  entry->released = true;
  released_.push_back(index_of(id));
}

void HostTable::collect() noexcept {
  // Destructors may use the VM, and with it come here again: those calls leave it to this one.
  if (collecting_) return;
  collecting_ = true;
  std::vector<std::uint32_t> in_use;
  while (!released_.empty()) {
    for (const std::uint32_t index : std::exchange(released_, {})) {
      if (entries_[index].active != 0) {
        in_use.push_back(index);
      } else {
        destroy(index);
      }
    }
  }
  released_ = std::move(in_use);
  collecting_ = false;
}

void HostTable::destroy(std::uint32_t index) noexcept {
  HostEntry& entry = entries_[index];
  auto function = std::move(entry.function);
  auto object = std::move(entry.object);
  if (function != nullptr) --functions_;
  if (entry.type != nullptr) {
    --objects_;
    const auto at = objects_by_address_.find({object.get(), *entry.type});
    if (at != objects_by_address_.end() && at->second == index) objects_by_address_.erase(at);
  }
  const auto next_generation = static_cast<std::uint8_t>(entry.generation + 1);
  entry = HostEntry();
  entry.generation = next_generation;
  free_.push_back(index);
  // The embedder's destructors run as the locals go, with the table in order.
}

void HostTable::clear() noexcept {
  for (std::uint32_t index = 0; index < entries_.size(); ++index) {
    if (entries_[index].live) destroy(index);
  }
  released_.clear();
}

std::shared_ptr<const HostTable::Saved> HostTable::save() const {
  auto saved = std::make_shared<Saved>();
  saved->entries.assign(entries_.begin(), entries_.end());
  saved->free = free_;
  saved->objects_by_address = objects_by_address_;
  saved->functions = functions_;
  saved->objects = objects_;
  return saved;
}

void HostTable::restore(const Saved* saved) noexcept {
  static const Saved nothing;
  if (saved == nullptr) saved = &nothing;
  const std::size_t kept = saved->entries.size();
  // Destructors of the embedder run while the table is in order.
  for (std::size_t index = kept; index < entries_.size(); ++index) {
    if (entries_[index].live) destroy(static_cast<std::uint32_t>(index));
  }
  entries_.resize(kept);
  for (std::size_t index = 0; index < kept; ++index) {
    HostEntry& entry = entries_[index];
    const HostEntry& before = saved->entries[index];
    const bool same = entry.live == before.live && entry.generation == before.generation &&
                      !entry.released && entry.function == before.function &&
                      entry.object == before.object && entry.type == before.type &&
                      entry.wrapper == before.wrapper && entry.constant == before.constant;
    if (!same) {
      const HostEntry dropped = std::exchange(entry, before);
    }
  }
  free_ = saved->free;
  released_.clear();
  objects_by_address_ = saved->objects_by_address;
  functions_ = saved->functions;
  objects_ = saved->objects;
}

}  // namespace sandglass::runtime
