// Snapshots as bytes: what comes back, what is refused, and that nothing else happens.

#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

using Bytes = std::vector<std::byte>;

struct Point {
  explicit Point(int start) : x(start) {}
  int x;
  int move(int by) { return x += by; }
};

Class<Point> point_class() {
  return std::move(Class<Point>("Point")
                       .constructor<int>()
                       .method("move", &Point::move)
                       .property("x", &Point::x)
                       .static_method("zero", [] { return std::make_shared<Point>(0); }));
}

int twice(int x) {
  return 2 * x;
}

Runtime bound_vm() {
  Runtime vm = make_runtime();
  EXPECT_TRUE(vm.set("twice", &twice));
  EXPECT_TRUE(vm.set("Point", point_class()));
  EXPECT_TRUE(
      vm.eval("globalThis.data = Array.from({length: 100}, (_, i) => ({i})); "
              "globalThis.run = (x) => twice(x) + new Point(x).move(1) + data.length; 0"));
  return vm;
}

Bindings bindings() {
  Bindings all;
  all.function("twice", &twice).bind(point_class());
  return all;
}

Bytes saved(Runtime& vm, const SnapshotSaveOptions& options = {}) {
  const Result<Bytes> bytes = vm.snapshot()->save(options);
  EXPECT_TRUE(bytes) << describe(bytes.error());
  return bytes.value_or(Bytes());
}

Bytes key(int byte) {
  return Bytes(32, static_cast<std::byte>(byte));
}

TEST(SnapshotFile, ComesBackWithItsBindings) {
  Runtime vm = bound_vm();
  const Bytes bytes = saved(vm);
  const Result<Snapshot> loaded = Snapshot::load(bytes, bindings());
  ASSERT_TRUE(loaded) << describe(loaded.error());
  for (int i = 0; i < 2; ++i) {
    Runtime copy = Runtime::from(*loaded).value();
    EXPECT_TRUE(gives(copy, "run(5)", "116"));
    EXPECT_TRUE(gives(copy, "Point.zero().move(3)", "3"));
    EXPECT_TRUE(gives(copy, "new Point(1) instanceof Point", "true"));
    ASSERT_TRUE(copy.reset());
    EXPECT_TRUE(gives(copy, "run(5)", "116"));
    EXPECT_TRUE(copy.tainted()) << "no key vouched for it";
  }
}

TEST(SnapshotFile, KeepsLimitsAndStacks) {
  for (const std::uint64_t stack : {128 * kKiB, 4 * kMiB}) {
    Options options;
    options.limits.memory_bytes = 24 * kMiB;
    options.limits.stack_bytes = stack;
    options.limits.fuel = 1000;
    options.limits.wall_time = std::nullopt;
    Runtime vm = make_runtime(std::move(options));
    ASSERT_TRUE(vm.eval("globalThis.x = 'kept'; 0"));
    const Snapshot loaded = Snapshot::load(saved(vm)).value();
    EXPECT_EQ(loaded.options().limits.memory_bytes, 24 * kMiB);
    EXPECT_EQ(loaded.options().limits.stack_bytes, stack);
    EXPECT_EQ(loaded.options().limits.fuel, 1000U);
    EXPECT_EQ(loaded.options().limits.wall_time, std::nullopt);
    Runtime copy = Runtime::from(loaded).value();
    EXPECT_TRUE(gives(copy, "x", "kept"));
    EXPECT_TRUE(fails(copy, "(function f() { f() })()", Errc::stack_limit));
    EXPECT_TRUE(fails(copy, "for (;;);", Errc::fuel_limit));
  }
}

TEST(SnapshotFile, IsTheSameEachTimeItIsSaved) {
  Runtime vm = bound_vm();
  const Snapshot snapshot = vm.snapshot().value();
  const Bytes bytes = snapshot.save().value();
  EXPECT_EQ(bytes, snapshot.save().value());
  EXPECT_EQ(bytes, saved(vm)) << "of the same state";
  const Snapshot loaded = Snapshot::load(bytes, bindings()).value();
  Runtime copy = Runtime::from(loaded).value();
  EXPECT_TRUE(gives(copy, "run(5)", "116"));
}

TEST(SnapshotFile, TellsAllThatIsMissing) {
  Runtime vm = bound_vm();
  const Bytes bytes = saved(vm);
  const Error error = error_of(Snapshot::load(bytes));
  EXPECT_EQ(error.code, Errc::invalid_argument);
  for (const std::string_view name :
       {"twice", "new Point", "Point.move", "get Point.x", "static Point.zero", "class Point"}) {
    EXPECT_NE(error.message.find(name), std::string::npos) << name << ": " << error.message;
  }
  Bindings some;
  some.bind(point_class());
  EXPECT_EQ(error_of(Snapshot::load(bytes, some)).message,
            "the snapshot is bound to what is missing here: twice");
}

TEST(SnapshotFile, WhatHasNoNameIsToldBeforeItIsSaved) {
  Runtime vm = bound_vm();
  ASSERT_TRUE(vm.set("object", std::make_shared<Point>(1)));
  ASSERT_TRUE(vm.set("nameless", vm.function("", [] { return 1; }).value()));
  ASSERT_TRUE(vm.set("other", vm.function("twice", [] { return 1; }).value()));
  const Error error = error_of(vm.snapshot()->save());
  EXPECT_EQ(error.code, Errc::invalid_argument);
  for (const std::string_view part :
       {"an object of the host", "a function without a name", "two functions called 'twice'"}) {
    EXPECT_NE(error.message.find(part), std::string::npos) << part << ": " << error.message;
  }
}

TEST(SnapshotFile, ModulesAndPromisesComeBack) {
  Options options;
  options.modules = MemoryModules::create({{"lib.js", "export let n = 5;"}}).value();
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(
      vm.eval("import './lib.js'; globalThis.later = Promise.resolve(7).then((x) => x + 1);",
              {.kind = SourceKind::module}));
  const Deferred<int> pending = vm.deferred<int>("answer").value();
  ASSERT_TRUE(vm.set("pending", pending));
  SnapshotLoadOptions load;
  load.modules = MemoryModules::create({{"lib.js", "throw 1"}}).value();
  Runtime copy = Runtime::from(Snapshot::load(saved(vm), load).value()).value();
  EXPECT_TRUE(gives(copy, "(await import('lib.js')).n", "5", {.top_level_await = true}));
  EXPECT_TRUE(gives(copy, "await later", "8", {.top_level_await = true}));
  const Error error = error_of(copy.eval("await pending", {.top_level_await = true}));
  EXPECT_NE(error.message.find("answer"), std::string::npos) << describe(error);
}

TEST(SnapshotFile, OnlyTheRightKeyVouches) {
  Runtime vm = bound_vm();
  const Bytes right = key(1);
  const Bytes wrong = key(2);
  const Bytes bytes = saved(vm, {.mac_key = right});
  EXPECT_FALSE(Snapshot::load(bytes, bindings(), {.mac_key = right})->tainted());
  EXPECT_TRUE(Snapshot::load(bytes, bindings())->tainted());
  EXPECT_EQ(error_of(Snapshot::load(bytes, bindings(), {.mac_key = wrong})).message,
            "snapshot is not authenticated: its MAC was not made with this key");
  EXPECT_EQ(error_of(Snapshot::load(saved(vm), bindings(), {.mac_key = right})).message,
            "snapshot is not authenticated: a key was given, but it has no MAC");
  EXPECT_EQ(error_of(vm.snapshot()->save({.mac_key = std::span(right).first(5)})).code,
            Errc::invalid_argument);
}

TEST(SnapshotFile, DamageIsFoundAtEveryPlace) {
  Runtime vm = make_runtime();
  const Bytes bytes = saved(vm, {.compression_level = 9});
  std::mt19937 random(1);
  for (int i = 0; i < scaled(300); ++i) {
    Bytes damaged = bytes;
    const std::size_t at = i < 60 ? static_cast<std::size_t>(i) : random() % bytes.size();
    damaged[at] ^= std::byte{static_cast<unsigned char>(1 + random() % 255)};
    EXPECT_EQ(error_of(Snapshot::load(damaged)).code, Errc::invalid_argument) << at;
  }
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{9}, std::size_t{40}, std::size_t{59},
        std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_EQ(error_of(Snapshot::load(std::span(bytes).first(length))).code, Errc::invalid_argument)
        << length;
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(error_of(Snapshot::load(longer)).code, Errc::invalid_argument);
}

// A snapshot has the prelude in it, and calls the host by the numbers of its builtins: the hash of
// the engine alone would let one of another release in.
TEST(SnapshotFile, IsBoundToMoreThanTheEngine) {
  constexpr std::size_t kHash = 12;
  Runtime vm = make_runtime();
  const auto hash_in = [](const Bytes& bytes) {
    std::string digits;
    for (const std::byte byte : std::span(bytes).subspan(kHash, 32)) {
      digits += fmt::format("{:02x}", byte);
    }
    return digits;
  };
  EXPECT_EQ(hash_in(vm.compile("1").value()), guest_hash());
  EXPECT_NE(hash_in(saved(vm)), guest_hash());
  Runtime other = make_runtime();
  EXPECT_EQ(hash_in(saved(vm)), hash_in(saved(other)));
}

TEST(SnapshotFile, OtherFilesAndNewerFormatsAreTold) {
  Runtime vm = make_runtime();
  EXPECT_EQ(error_of(Snapshot::load(vm.compile("1").value())).message, "not sandglass snapshot");
  Bytes newer = saved(vm);
  newer[8] = std::byte{9};
  EXPECT_EQ(error_of(Snapshot::load(newer)).message,
            "snapshot is of a newer format: 9, this library knows 2");
  EXPECT_EQ(error_of(vm.snapshot()->save({.compression_level = 0})).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(Snapshot::load(saved(vm), {.max_bytes = 1000})).code, Errc::invalid_argument);
  // What is zero takes no room in the file, but memory in a VM.
  ASSERT_TRUE(vm.eval("globalThis.zeros = new Uint8Array(16 << 20); 0"));
  const Error error = error_of(Snapshot::load(saved(vm), {.max_bytes = 8 << 20}));
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_NE(error.message.find("more than max_bytes (8 MiB)"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace sandglass::test
