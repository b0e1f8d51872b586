// After a reset no byte of the guest differs from its image, whichever way it was done and whatever
// ran before; and nothing of the host's is in an image.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "machine/image.h"
#include "machine/machine.h"
#include "runtime/snapshot.h"
#include "runtime/vm.h"

namespace sandglass::runtime {
namespace {

using machine::Machine;

std::shared_ptr<Vm> make_vm(Options options, std::shared_ptr<const SnapshotState> from = nullptr) {
  auto vm = Vm::create(std::move(options), std::move(from));
  if (!vm) {
    ADD_FAILURE() << describe(vm.error());
    std::abort();
  }
  return *vm;
}

// The instance without the host's addresses in it.
machine::Instance clean(const Machine& machine) {
  machine::Instance instance = machine.instance();
  instance.Z_env_instance = nullptr;
  instance.Z_wasi_snapshot_preview1_instance = nullptr;
  instance.w2c_memory.data = nullptr;
  return instance;
}

// Where the linear memories of two machines first differ, in words; empty if nowhere.
std::string difference(const Machine& a, const Machine& b) {
  if (a.pages() != b.pages()) return fmt::format("{} and {} pages", a.pages(), b.pages());
  const machine::Instance one = clean(a);
  const machine::Instance other = clean(b);
  if (std::memcmp(&one, &other, sizeof one) != 0) return "the instances differ";
  const auto& guard = a.stack_layout().guard;
  const std::uint64_t bytes = a.pages() * machine::kWasmPageBytes;
  for (std::uint64_t page = 0; page < bytes; page += 4096) {
    if (page >= guard.begin && page < guard.end) continue;
    if (std::memcmp(a.slot().memory() + page, b.slot().memory() + page, 4096) != 0) {
      return fmt::format("the page at {:#x} differs", page);
    }
  }
  return {};
}

// A script of a few statements that write to all kinds of places.
std::string random_script(std::mt19937& random) {
  static constexpr std::array<std::string_view, 22> kStatements = {
      "globalThis['k' + {0}] = {{a: {0}, b: [1, 2, {0}]}};",
      "for (let i = 0; i < {0}; i++) globalThis.list = [...(globalThis.list ?? []).slice(-20), i];",
      "Array.prototype.extra{1} = {0};",
      "Object.freeze(Array.prototype);",
      "globalThis.text = 'x'.repeat({0}) + {1};",
      "new Uint8Array({0} * 1000).fill({1});",
      "globalThis.map = new Map(Array.from({{length: {0}}}, (_, i) => [i, {{}}]));",
      "Promise.resolve({0}).then((x) => {{ globalThis.later = x; }});",
      "globalThis.never = new Promise(() => {{}});",
      "try {{ null.x }} catch (e) {{ globalThis.error = e; }}",
      "throw new Error('thrown ' + {0});",
      "(function f(n) {{ return n ? f(n - 1) + 1 : 0 }})({0});",
      "(function f() {{ f() }})();",
      "globalThis.big = 3n ** {0}n;",
      "'{0}'.replace(/\\d/g, (d) => d + d);",
      "globalThis.symbol = Symbol.for('s{0}');",
      "class C{1} {{ #x = {0}; get x() {{ return this.#x }} }}; globalThis.c = new C{1};",
      "JSON.stringify(JSON.parse('[' + '{0},'.repeat({1}) + '1]'));",
      "delete globalThis.Map; globalThis.Array = null;",
      "eval('var evaluated{1} = {0}');",
      "host({0});",
      "globalThis.weak = new WeakRef({{}}); globalThis.gen = (function* () {{ yield {0} }})();"};
  std::uniform_int_distribution<std::size_t> which(0, kStatements.size() - 1);
  std::uniform_int_distribution<int> number(0, 400);
  std::string script;
  for (int i = 0, n = number(random) % 8 + 1; i < n; ++i) {
    script += fmt::format(fmt::runtime(kStatements[which(random)]), number(random), i);
  }
  return script;
}

class ResetWays : public ::testing::TestWithParam<Machine::ResetWay> {};

Options small_options() {
  Options options;
  options.limits.memory_bytes = 16 << 20;
  options.limits.stack_bytes = 128 << 10;
  return options;
}

TEST_P(ResetWays, LeavesNoByteThatDiffersFromTheImage) {
  const std::shared_ptr<Vm> fresh = make_vm(small_options());
  const std::shared_ptr<Vm> vm = make_vm(small_options());
  std::mt19937 random(20261124);
  for (int i = 0; i < 1000; ++i) {
    const std::string script = random_script(random);
    static_cast<void>(vm->eval(script, {}));
    ASSERT_FALSE(vm->engine().machine().reset(GetParam()));
    ASSERT_EQ(difference(vm->engine().machine(), fresh->engine().machine()), "") << script;
    ASSERT_TRUE(vm->reset());
    ASSERT_EQ(difference(vm->engine().machine(), fresh->engine().machine()), "") << script;
  }
}

TEST_P(ResetWays, GoesBackToASnapshotToo) {
  const std::shared_ptr<Vm> warmed = make_vm(small_options());
  ASSERT_TRUE(
      warmed->eval("globalThis.table = Array.from({length: 5000}, (_, i) => ({i})); 0", {}));
  const auto snapshot = warmed->snapshot();
  ASSERT_TRUE(snapshot);
  const std::shared_ptr<Vm> fresh = make_vm(small_options(), *snapshot);
  const std::shared_ptr<Vm> vm = make_vm(small_options(), *snapshot);
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    const std::string script = "for (const t of table) t.i++; " + random_script(random);
    static_cast<void>(vm->eval(i % 2 == 0 ? script : random_script(random), {}));
    ASSERT_FALSE(vm->engine().machine().reset(GetParam()));
    ASSERT_EQ(difference(vm->engine().machine(), fresh->engine().machine()), "") << script;
    ASSERT_TRUE(vm->reset());
  }
}

TEST_P(ResetWays, AfterKillsMemoryLimitsAndOverflows) {
  Options options = small_options();
  options.limits.wall_time = std::chrono::milliseconds{5};
  options.limits.grace = std::chrono::milliseconds{1};
  const std::shared_ptr<Vm> fresh = make_vm(options);
  const std::shared_ptr<Vm> vm = make_vm(options);
  for (int i = 0; i < 5; ++i) {
    for (const std::string_view script :
         {"new Array(2**32 - 1).join('')", "const l = []; for (;;) l.push(new Uint8Array(65536))",
          "const l = []; for (;;) l.push('x'.repeat(1e6) + l.length)", "(function f() { f() })()",
          "for (;;);", "'a'.repeat(3e6).indexOf('b'.repeat(1000) + 'a')"}) {
      static_cast<void>(vm->eval(script, {}));
      ASSERT_FALSE(vm->engine().machine().reset(GetParam()));
      ASSERT_EQ(difference(vm->engine().machine(), fresh->engine().machine()), "") << script;
      ASSERT_TRUE(vm->reset());
      ASSERT_TRUE(vm->usable());
    }
  }
}

TEST_P(ResetWays, OfAStackInItsOwnRegion) {
  Options options = small_options();
  options.limits.stack_bytes = 2 << 20;
  const std::shared_ptr<Vm> fresh = make_vm(options);
  const std::shared_ptr<Vm> vm = make_vm(options);
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(vm->eval(i % 2 == 0 ? "(function f() { f() })()" : "let x = [1]; x + 1", {}));
    ASSERT_FALSE(vm->engine().machine().reset(GetParam()));
    ASSERT_EQ(difference(vm->engine().machine(), fresh->engine().machine()), "");
    ASSERT_TRUE(vm->reset());
  }
}

INSTANTIATE_TEST_SUITE_P(All, ResetWays,
                         ::testing::Values(Machine::ResetWay::best,
                                           Machine::ResetWay::copy_by_ioctl,
                                           Machine::ResetWay::copy_by_pagemap,
                                           Machine::ResetWay::drop));

std::uint64_t private_bytes(const Machine& machine) {
  std::uint64_t bytes = 0;
  for (const machine::GuestRange& range : machine.written_pages()) bytes += range.size();
  return bytes;
}

TEST(Reset, PagesThatOneBigRunLeftAreDroppedInTime) {
  const std::shared_ptr<Vm> vm = make_vm({});
  ASSERT_FALSE(vm->eval("(function f() { f() })()", {}));  // goes through all of the stack
  ASSERT_TRUE(vm->reset());
  const std::uint64_t after_big = private_bytes(vm->engine().machine());
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(vm->eval("1 + 1", {}));
    ASSERT_TRUE(vm->reset());
  }
  EXPECT_GT(after_big, 500'000U);
  EXPECT_LE(private_bytes(vm->engine().machine()), 300'000U);
}

TEST(Reset, VmsThatEndedLeaveNothingToTheNextOne) {
  const std::shared_ptr<Vm> fresh = make_vm(small_options());
  std::mt19937 random(99);
  for (int i = 0; i < 500; ++i) {
    const std::string script = random_script(random);
    {
      const std::shared_ptr<Vm> vm = make_vm(small_options());
      ASSERT_TRUE(vm->usable());
      static_cast<void>(vm->eval(script, {}));
    }
    const std::shared_ptr<Vm> next = make_vm(small_options());
    ASSERT_EQ(difference(next->engine().machine(), fresh->engine().machine()), "") << script;
  }
}

TEST(ResetMemory, OfABigRunGoesBackToTheSystem) {
  Options options;
  options.limits.memory_bytes = 256 << 20;
  const std::shared_ptr<Vm> vm = make_vm(options);
  ASSERT_TRUE(vm->eval(
      "globalThis.a = Array.from({length: 100}, () => new Uint8Array(1e6).fill(1)); 0", {}));
  EXPECT_GT(vm->engine().machine().pages(), 1500U);
  ASSERT_TRUE(vm->reset());
  // The collector has been at every object of the image.
  EXPECT_LE(private_bytes(vm->engine().machine()), 1U << 20);
}

// Words of `image` that look like an address inside of one of this process's mappings of `what`.
std::size_t addresses_in(std::span<const std::byte> image, std::uintptr_t begin,
                         std::uintptr_t end) {
  std::size_t found = 0;
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= image.size(); ++at) {
    std::uint64_t word = 0;
    std::memcpy(&word, image.data() + at, sizeof word);
    found += word >= begin && word < end;
  }
  return found;
}

TEST(SnapshotImage, HoldsNothingOfTheHost) {
  Options options;
  options.arguments = {"argument of the script"};
  const std::shared_ptr<Vm> vm = make_vm(options);
  const Context context = vm->eval("({})", {})->context();
  ASSERT_TRUE(context.set("f", [](int x) { return x; }));
  ASSERT_TRUE(vm->eval("globalThis.f1 = f(1); console.log('x'); 0", {}));
  const auto snapshot = vm->snapshot();
  ASSERT_TRUE(snapshot);
  const std::span<const std::byte> image = (*snapshot)->prepared->image->view();
  const Machine& machine = vm->engine().machine();
  const auto slot = reinterpret_cast<std::uintptr_t>(machine.slot().begin());
  // Of what is mapped: in all of the slot's 4 GiB a word may lie by chance.
  EXPECT_EQ(addresses_in(image, slot, slot + image.size()), 0U) << "of the VM's memory";
  const auto table = reinterpret_cast<std::uintptr_t>(machine.module().table().data);
  EXPECT_EQ(addresses_in(image, table, table + (1 << 16)), 0U) << "of the function table";
  const auto object = reinterpret_cast<std::uintptr_t>(vm.get());
  EXPECT_EQ(addresses_in(image, object & ~0xffffffULL, (object | 0xffffffULL) + 1), 0U) << "heap";
  const auto code = reinterpret_cast<std::uintptr_t>(&Z_guestZ_malloc);
  EXPECT_EQ(addresses_in(image, code & ~0xffffffULL, (code | 0xffffffULL) + 1), 0U) << "code";
  int local = 0;
  const auto stack = reinterpret_cast<std::uintptr_t>(&local);
  EXPECT_EQ(addresses_in(image, stack - (1 << 20), stack + (1 << 16)), 0U) << "stack";
  const std::string_view text(reinterpret_cast<const char*>(image.data()), image.size());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (variable.size() < 12) continue;
    EXPECT_EQ(text.find(variable), std::string_view::npos) << variable;
  }
}

}  // namespace
}  // namespace sandglass::runtime
