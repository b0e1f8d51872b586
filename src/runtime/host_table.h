// What the guest holds of the host: functions and objects, by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

#include "engine/js_value.h"
#include "sandglass/detail/host_function.h"

namespace sandglass::runtime {

/// One thing that the guest knows by a number: a function, or an object of a C++ type.
struct HostEntry {
  std::shared_ptr<detail::HostFunction> function;  // shared by VMs of one snapshot
  std::string name;                                // of `function`, in snapshot files
  std::shared_ptr<void> object;
  const std::type_info* type = nullptr;  // of `object`
  engine::JsValue wrapper;               // of `object`; a reference that is not counted
  std::uint8_t generation = 0;
  bool live = false;
  bool constant = false;     // `object` may be looked at, not changed
  bool released = false;     // by the guest, and not destroyed yet
  std::uint32_t active = 0;  // calls of `function` that are going on
};

/// The guest holds numbers, never addresses: an index and a generation, both checked here. All that
/// a guest in control of its memory can reach by making numbers up are things that were handed to
/// this very VM.
///
/// What the guest lets go of is destroyed later, by collect(): the guest says so from inside its
/// collector, where no code of the embedder may run.
///
/// Thread: that of the VM.
class HostTable {
 public:
  /// Numbers below are the built-in functions of the image.
  static constexpr std::uint32_t kFirstId = 256;

  /// 0: the table is full (16 million entries).
  [[nodiscard]] std::uint32_t add(std::shared_ptr<detail::HostFunction> function,
                                  std::string_view name);
  [[nodiscard]] std::uint32_t add(std::shared_ptr<void> object, const std::type_info& type);
  /// Null for a number that denotes nothing.
  [[nodiscard]] HostEntry* find(std::uint32_t id) noexcept;
  /// The live wrapper of `object` as `type`, if there is one.
  [[nodiscard]] HostEntry* find_object(const void* object, const std::type_info& type) noexcept;

  /// The guest is done with `id`. Numbers that denote nothing are passed over. Never destroys.
  void release(std::uint32_t id) noexcept;
  /// Destroys what was released and is not in use. Runs destructors of the embedder.
  void collect() noexcept;
  [[nodiscard]] std::size_t uncollected() const noexcept { return released_.size(); }
  /// Everything at once, when the VM ends.
  void clear() noexcept;

  /// The present state, to be shared by any number of tables. Nothing may be in use.
  struct Saved;
  [[nodiscard]] std::shared_ptr<const Saved> save() const;
  /// Makes this table what `saved` was; null: empty. What came later is destroyed. O(entries).
  void restore(const Saved* saved) noexcept;

  [[nodiscard]] std::size_t functions() const noexcept { return functions_; }
  [[nodiscard]] std::size_t objects() const noexcept { return objects_; }

 private:
  [[nodiscard]] HostEntry* take_place(std::uint32_t& id);
  void destroy(std::uint32_t index) noexcept;

  // By type too: a member may lie where its object does.
  using ObjectMap = std::map<std::pair<const void*, std::type_index>, std::uint32_t>;

  std::deque<HostEntry> entries_;  // addresses stay
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> released_;
  ObjectMap objects_by_address_;
  bool collecting_ = false;
  std::size_t functions_ = 0;
  std::size_t objects_ = 0;
};

struct HostTable::Saved {
  std::vector<HostEntry> entries;
  std::vector<std::uint32_t> free;
  ObjectMap objects_by_address;
  std::size_t functions = 0;
  std::size_t objects = 0;
};

}  // namespace sandglass::runtime
