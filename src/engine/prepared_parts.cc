// Taking a prepared engine apart and putting it together, for files.
#include <algorithm>
#include <cstring>
#include <span>

#include "engine/prepared.h"
#include "machine/machine.h"
#include "machine/own_pages.h"

namespace sandglass::engine {
namespace {

using machine::kPageBytes;
using machine::Machine;

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

// Where a stack of its own and its guard lie: it starts as zeros, and the guard cannot be read.
bool in_own_stack(const machine::StackLayout& layout, std::uint64_t address) {
  return layout.guard.size() != 0 && address >= layout.guard.begin && address < layout.stack.end;
}

// Whether `bytes` at `page` lie inside of the memory, outside of a stack of its own.
bool fits(const machine::StackLayout& layout, const PreparedParts::Run& run, std::uint64_t memory) {
  const std::uint64_t begin = std::uint64_t{run.page} * kPageBytes;
  if (run.bytes.empty() || run.bytes.size() % kPageBytes != 0) return false;
  if (begin + run.bytes.size() > memory) return false;
  for (std::uint64_t at = begin; at < begin + run.bytes.size(); at += kPageBytes) {
    if (in_own_stack(layout, at)) return false;
  }
  return true;
}

}  // namespace

std::expected<PreparedParts, std::error_code> take_apart(const Prepared& prepared) {
  const machine::Image& image = *prepared.image;
  const machine::StackLayout& layout = image.stack_layout();
  PreparedParts parts = {.own_stack_region = layout.guard.size() != 0,
                         .memory_pages = image.pages(),
                         .runtime = prepared.runtime.address,
                         .context = prepared.context.address,
                         .interrupt_counter = prepared.interrupt_counter,
                         .random_state = prepared.random_state,
                         .host_class = prepared.host_class,
                         .transfer_block = prepared.transfer_block,
                         .global = prepared.global.bits};
  for (const JsValue value : prepared.prelude) parts.prelude.push_back(value.bits);
  const auto machine = Machine::map(prepared.image, {});
  if (!machine) return std::unexpected(machine.error());
  const auto globals = (*machine)->globals();
  parts.globals.assign(globals.begin(), globals.end());
  const std::span<const std::byte> memory = image.view().subspan(SANDGLASS_HEADER_BYTES);
  for (std::size_t at = 0; at < memory.size(); at += kPageBytes) {
    const auto bytes = memory.subspan(at, kPageBytes);
    if (in_own_stack(layout, at) || is_zero(bytes)) continue;
    const auto page = static_cast<std::uint32_t>(at / kPageBytes);
    const bool follows =
        !parts.runs.empty() &&
        parts.runs.back().page + parts.runs.back().bytes.size() / kPageBytes == page;
    if (!follows) parts.runs.push_back({page, {}});
    auto& run = parts.runs.back().bytes;
    run.insert(run.end(), bytes.begin(), bytes.end());
  }
  return parts;
}

std::expected<std::shared_ptr<const Prepared>, std::error_code> put_together(
    const PreparedParts& parts) {
  const std::unexpected<std::error_code> misfit(std::make_error_code(std::errc::invalid_argument));
  const auto found = prepared_for_stack(parts.own_stack_region ? kMaxStackInPlace + 1 : 0);
  if (!found) return std::unexpected(found.error());
  const std::shared_ptr<const Prepared>& base = *found;
  const machine::StackLayout& layout = base->image->stack_layout();
  if (parts.memory_pages < base->image->pages() || parts.memory_pages > machine::kMaxPages ||
      parts.prelude.size() != base->prelude.size()) {
    return misfit;
  }
  auto made = Machine::map(base->image, {.max_pages = machine::kMaxPages, .reserve_pages = 0});
  if (!made) return std::unexpected(made.error());
  Machine& machine = **made;
  const std::span<std::byte> globals = machine.globals();
  if (parts.globals.size() != globals.size()) return misfit;
  if (machine.grow(parts.memory_pages - base->image->pages()) == UINT32_MAX) {
    return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
  }
  const std::uint64_t memory = parts.memory_pages * machine::kWasmPageBytes;
  // What the base has and the parts do not is zero.
  std::byte* const bytes = machine.slot().memory();  // SAFETY: as much of it as grow() committed
  std::uint64_t next = 0;
  const auto clear_until = [&](std::uint64_t end) {
    for (; next < end; next += kPageBytes) {
      if (in_own_stack(layout, next) || is_zero({bytes + next, kPageBytes})) continue;
      std::memset(bytes + next, 0, kPageBytes);
    }
  };
  for (const PreparedParts::Run& run : parts.runs) {
    const std::uint64_t begin = std::uint64_t{run.page} * kPageBytes;
    if (begin < next || !fits(layout, run, memory)) return misfit;
    clear_until(begin);
    std::memcpy(bytes + begin, run.bytes.data(), run.bytes.size());
    next = begin + run.bytes.size();
  }
  clear_until(base->image->pages() * machine::kWasmPageBytes);
  std::ranges::copy(parts.globals, globals.begin());

  const std::uint32_t counter = parts.interrupt_counter;
  if (counter % alignof(std::uint32_t) != 0 ||
      machine.resolve(counter, sizeof(std::uint32_t)) == nullptr) {
    return misfit;
  }
  auto image = machine::Image::freeze(machine);
  if (!image) return std::unexpected(image.error());
  auto prepared = std::make_shared<Prepared>();
  prepared->image = std::move(*image);
  prepared->runtime = {parts.runtime};
  prepared->context = {parts.context};
  prepared->interrupt_counter = counter;
  prepared->random_state = parts.random_state;
  prepared->host_class = parts.host_class;
  prepared->transfer_block = parts.transfer_block;
  prepared->applied = parts.applied;
  prepared->empty_heap_bytes = base->empty_heap_bytes;
  prepared->global = {parts.global};
  for (std::size_t i = 0; i < parts.prelude.size(); ++i) prepared->prelude[i] = {parts.prelude[i]};
  return prepared;
}

}  // namespace sandglass::engine
