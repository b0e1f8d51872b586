// Objects of bound classes: iteration, as parameters and results, identity of wrappers, and types
// that are not bound.

#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "classes.h"

namespace sandglass::test {
namespace {

using ClassIterator = Classes;
using ObjectParameter = Classes;
using ObjectIdentity = Classes;
using ObjectOpaque = Classes;

// Iterators of classes.

struct Box : Counted<Box> {
  std::vector<int> items = {1, 2, 3};
};

TEST_F(ClassIterator, GoesThroughARangeByValue) {
  bind(Class<Box>("Box").constructor<>().iterator(
      [](Box& box) { return std::vector<int>(box.items); }));
  attempt(
      {{"[...new Box()]", "1,2,3"},
       {"Array.from(new Box(), x => x * 2)", "2,4,6"},
       {"Math.max(...new Box())", "3"},
       {"new Set(new Box()).size", "3"},
       {"(([a, ...b]) => a + '|' + b)(new Box())", "1|2,3"},
       {"Box.prototype[Symbol.iterator].call({})", "TypeError: this: expected Box, got object"}});
  EXPECT_TRUE(gives(vm_, "const b = new Box(); [...b].length + [...b].length", "6"))
      << "each loop gets an iterator of its own";
}

TEST_F(ClassIterator, GoesThroughAView) {
  bind(Class<Box>("Box").constructor<>().iterator(
      [](Box& box) { return box.items | std::views::transform([](int i) { return i * 10; }); }));
  EXPECT_TRUE(
      gives(vm_, "const box = new Box(); let s = ''; for (const i of box) s += i; s", "102030"));
}

TEST_F(ClassIterator, KeepsItsObjectAliveForAView) {
  Box::reset_counts();
  bind(Class<Box>("Box").constructor<>().iterator(
      [](Box& box) { return std::views::all(box.items); }));
  run("globalThis.it = new Box()[Symbol.iterator](); 0");
  collect();
  ASSERT_EQ(Box::alive(), 1) << "its view refers to it: the next element would be read from freed "
                                "memory";
  EXPECT_TRUE(gives(vm_, "[...it].join()", "1,2,3"));
  run("it = null");
  collect();
  EXPECT_EQ(Box::alive(), 0);
}

TEST_F(ClassIterator, KeepsItsObjectAliveUntilItsRangeIsGone) {
  Box::reset_counts();
  std::vector<int> alive_at_end;
  const auto bind_to = [&](Runtime& vm) {
    return vm.set("Box", Class<Box>("Box").constructor<>().iterator([&](Box& box) {
      // What a range does at its end may need the object too.
      const std::shared_ptr<int> guard(new int(0), [&](const int* number) {
        alive_at_end.push_back(Box::alive());
        delete number;
      });
      return box.items | std::views::transform([guard](int i) { return i + *guard; });
    }));
  };
  ASSERT_TRUE(bind_to(vm_));
  run("const it = new Box()[Symbol.iterator](); it.next(); it.return()");
  collect();
  run("{ const forgotten = new Box()[Symbol.iterator](); forgotten.next() }");
  run("new Box()[Symbol.iterator](); 0");
  collect();
  EXPECT_EQ(alive_at_end, (std::vector<int>{1, 1, 1})) << "closed, forgotten, never started";
  run("globalThis.kept = new Box()[Symbol.iterator](); kept.next()");
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(alive_at_end, (std::vector<int>{1, 1, 1, 1})) << "at reset";
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(bind_to(vm));
    ASSERT_TRUE(vm.eval("globalThis.kept = new Box()[Symbol.iterator](); kept.next()"));
  }
  EXPECT_EQ(alive_at_end, (std::vector<int>{1, 1, 1, 1, 1})) << "at the end of the VM";
  EXPECT_EQ(Box::alive(), 0);
}

// Parameters and results.

TEST_F(ObjectParameter, ReferencesAndSharedPointersAreTheObject) {
  bind(counter_class());
  set("byRef", [](Counter& c) { return c.inc(); });
  set("byConstRef", [](const Counter& c) { return c.count(); });
  set("byShared", [](std::shared_ptr<Counter> c) { return c ? c->inc() : -1; });
  set("bySharedRef", [](const std::shared_ptr<Counter>& c) { return c ? c->inc() : -1; });
  set("byConstShared", [](std::shared_ptr<const Counter> c) { return c ? c->count() : -1; });
  set("byOptional",
      [](std::optional<std::shared_ptr<Counter>> c) { return c ? (*c)->count() : -1; });
  set("byList", [](const std::vector<std::shared_ptr<Counter>>& list) { return list.size(); });
  set("byRest", [](Rest<std::shared_ptr<Counter>> list) { return list.size(); });
  run("globalThis.c = new Counter(1)");
  attempt({{"byRef(c)", "2"},
           {"byConstRef(c)", "2"},
           {"byShared(c)", "3"},
           {"bySharedRef(c)", "4"},
           {"byConstShared(c)", "4"},
           {"byOptional(c)", "4"},
           {"byOptional()", "-1"},
           {"byList([c, c])", "2"},
           {"byRest(c, c, c)", "3"},
           {"c.count", "4"},
           {"byShared(null)", "-1"},
           {"byConstShared(null)", "-1"}});
}

TEST_F(ObjectParameter, WhatIsNoneIsRefusedByTheNameOfTheClass) {
  bind(counter_class());
  set("byRef", [](Counter& c) { return c.inc(); });
  set("byConstRef", [](int, const Counter& c) { return c.count(); });
  set("byShared", [](std::shared_ptr<Counter> c) { return c->inc(); });
  set("byList", [](const std::vector<std::shared_ptr<Counter>>& list) { return list.size(); });
  EXPECT_TRUE(gives(vm_,
                    "[byRef, byShared].map(f => attempt(() => f()).startsWith('TypeError: argument "
                    "1: expected Counter, got undefined')).join()",
                    "true,true"));
  attempt(
      {{"byRef(null)", "TypeError: argument 1: expected Counter, got null"},
       {"byRef({})", "TypeError: argument 1: expected Counter, got object"},
       {"byConstRef(1, 'x')", "TypeError: argument 2: expected Counter, got string"},
       {"byShared(5)", "TypeError: argument 1: expected Counter, got number"},
       {"byShared(undefined)", "TypeError: argument 1: expected Counter, got undefined"},
       {"byList([new Counter(1), {}])", "TypeError: argument 1[1]: expected Counter, got object"},
       {"byList([Counter])", "TypeError: argument 1[0]: expected Counter, got function"}});
}

TEST_F(ObjectParameter, TheSameObjectTwiceIsTheSame) {
  bind(counter_class());
  run("globalThis.c = new Counter(4)");
  attempt({{"c.plus(c)", "8"}, {"(c.takeFrom(c), c.count)", "4"}});
}

TEST_F(ObjectParameter, ResultsOfEveryPointerKind) {
  bind(counter_class());
  const auto kept = std::make_shared<Counter>(7);
  set("shared", [&] { return kept; });
  set("sharedConst", [&]() -> std::shared_ptr<const Counter> { return kept; });
  set("reference", [&]() -> const std::shared_ptr<Counter>& { return kept; });
  set("unique", [](int n) { return std::make_unique<Counter>(n); });
  set("result", [&](bool fail) -> Result<std::shared_ptr<Counter>> {
    if (fail) return std::unexpected(Error{.message = "failed"});
    return kept;
  });
  set("none", [] { return std::shared_ptr<Counter>(); });
  set("noUnique", [] { return std::unique_ptr<Counter>(); });
  set("list", [&] { return std::vector<std::shared_ptr<Counter>>{kept, nullptr, kept}; });
  set("maybe", [&](bool yes) { return yes ? std::optional(kept) : std::nullopt; });
  attempt({{"shared().inc()", "8"},
           {"sharedConst() === shared()", "true"},
           {"reference() === shared()", "true"},
           {"unique(3).inc()", "4"},
           {"unique(3) === unique(3)", "false"},
           {"result(false) === shared()", "true"},
           {"result(true)", "Error: failed"},
           {"none()", "null"},
           {"noUnique()", "null"},
           {"(l => [l.length, l[0] === l[2], l[1], l[0] === shared()])(list())", "3,true,,true"},
           {"maybe(true) === shared()", "true"},
           {"maybe(false)", "undefined"}});
  EXPECT_EQ(kept->count(), 8);
}

TEST_F(ObjectParameter, ConstObjectsAreLookedAtAndNotChanged) {
  bind(counter_class());
  const auto kept = std::make_shared<Counter>(7);
  set("constant", [&]() -> std::shared_ptr<const Counter> { return kept; });
  set("changeable", [&] { return kept; });
  set("look", [](const Counter& c) { return c.count(); });
  set("share", [](const std::shared_ptr<const Counter>& c) { return c->count(); });
  set("change", [](Counter& c) { return c.inc(); });
  set("changeShared", [](const std::shared_ptr<Counter>& c) { return c->inc(); });
  const std::string refused = "expected a Counter to change, got a const object";
  run("const c = constant()");
  attempt({{"c === constant()", "true"},
           {"c.count + look(c) + share(c)", "21"},
           {"change(c)", "TypeError: argument 1: " + refused},
           {"changeShared(c)", "TypeError: argument 1: " + refused},
           {"c.inc()", "TypeError: this: " + refused}});
  EXPECT_EQ(kept->count(), 7);
  // It is one object with one wrapper: who hands it over to be changed says so for all.
  attempt({{"changeable() === c", "true"}, {"c.inc()", "8"}, {"constant().inc()", "9"}});
}

TEST_F(ObjectParameter, ObjectsGoFromCppToCppThroughValues) {
  bind(counter_class());
  const Value value = vm_.make(std::make_shared<Counter>(3)).value();
  EXPECT_EQ(value.as<std::shared_ptr<Counter>>().value()->count(), 3);
  EXPECT_EQ(value.as<std::shared_ptr<const Counter>>().value()->count(), 3);
  EXPECT_EQ(value.invoke<int>("inc").value_or(0), 4);
  EXPECT_EQ(value.get<int>("count").value_or(0), 4);
  const Error error = error_of(vm_.object()->as<std::shared_ptr<Counter>>("it"));
  EXPECT_EQ(describe(error), "conversion: it: expected Counter, got object");
  ASSERT_TRUE(vm_.set("c", std::make_unique<Counter>(9)));
  EXPECT_TRUE(gives(vm_, "c.inc()", "10"));
}

// Identity.

TEST_F(ObjectIdentity, OneObjectHasOneWrapper) {
  bind(counter_class());
  const auto object = std::make_shared<Counter>(1);
  set("a", object);
  set("b", object);
  set("give", [&] { return object; });
  run("a.mark = 'm'");
  EXPECT_TRUE(gives(vm_, "[a === b, a === give(), give().mark].join()", "true,true,m"));
  EXPECT_EQ(vm_.stats().host_objects, 1U);
  set("c", std::make_shared<Counter>(1));
  EXPECT_TRUE(gives(vm_, "a === c", "false"));
  EXPECT_EQ(vm_.stats().host_objects, 2U);
}

TEST_F(ObjectIdentity, TheWayBackGivesTheSamePointer) {
  bind(counter_class());
  const auto object = std::make_shared<Counter>(1);
  std::shared_ptr<Counter> back;
  set("keep", [&](std::shared_ptr<Counter> c) { back = std::move(c); });
  set("c", object);
  run("keep(c)");
  EXPECT_EQ(back, object);
  run("globalThis.d = new Counter(5); keep(d)");
  const std::shared_ptr<Counter> made = back;
  set("give", [&] { return made; });
  EXPECT_TRUE(gives(vm_, "give() === d", "true")) << "made by the script, it has one wrapper too";
}

TEST_F(ObjectIdentity, AfterTheWrapperWasCollectedThereIsANewOne) {
  bind(counter_class());
  const auto object = std::make_shared<Counter>(1);
  set("give", [&] { return object; });
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(gives(vm_, "give().inc() - " + std::to_string(i), "2"));
    if (i % 10 == 0) collect();
    EXPECT_EQ(vm_.stats().host_objects, 0U);
  }
  EXPECT_EQ(object.use_count(), 1);
  run("globalThis.kept = give()");
  collect();
  EXPECT_TRUE(gives(vm_, "give() === kept", "true"));
  EXPECT_EQ(vm_.stats().host_objects, 1U);
}

TEST_F(ObjectIdentity, WithinOneRunToo) {
  bind(counter_class());
  const auto object = std::make_shared<Counter>(0);
  set("give", [&] { return object; });
  EXPECT_TRUE(gives(vm_,
                    "let wrong = 0; for (let i = 0; i < 10000; i++) { const g = give(); if "
                    "(give() !== g || g.mark) wrong++; g.mark = 1; g.inc() } wrong + ',' + "
                    "give().count",
                    "0,10000"));
  EXPECT_EQ(vm_.stats().host_objects, 0U);
}

TEST_F(ObjectIdentity, WeakReferencesFollowTheWrapper) {
  bind(counter_class());
  const auto object = std::make_shared<Counter>(1);
  set("give", [&] { return object; });
  run("globalThis.weak = new WeakRef(give()); globalThis.map = new WeakMap([[give(), 1]]); 0");
  collect();
  EXPECT_TRUE(
      gives(vm_, "const back = weak.deref(); back === undefined || back === give()", "true"));
  EXPECT_TRUE(gives(vm_, "globalThis.kept = give(); map.set(kept, 2); map.get(give())", "2"));
}

struct Part {
  int value = 5;
};
/// Its first member lies where it lies itself.
struct Whole {
  Part part;
  int rest = 6;
};

TEST_F(ObjectIdentity, ObjectsAtOneAddressAreToldApartByType) {
  bind(Class<Whole>("Whole").property("rest", &Whole::rest));
  bind(Class<Part>("Part").property("value", &Part::value));
  const auto whole = std::make_shared<Whole>();
  const std::shared_ptr<Part> part(whole, &whole->part);
  ASSERT_EQ(static_cast<void*>(whole.get()), static_cast<void*>(part.get()));
  set("whole", whole);
  set("part", part);
  set("giveWhole", [&] { return whole; });
  set("givePart", [&] { return part; });
  EXPECT_TRUE(gives(vm_, "[whole.rest, part.value, whole === part].join()", "6,5,false"));
  EXPECT_TRUE(gives(vm_, "part === givePart()", "true"));
  EXPECT_TRUE(gives(vm_, "whole === giveWhole()", "true"));
  run("part = null");
  collect();
  EXPECT_TRUE(gives(vm_, "whole === giveWhole()", "true"));
}

TEST_F(ObjectIdentity, WrapperOfADerivedStaysTheOneOfItsObject) {
  bind(Class<Shape>("Shape").method("kind", &Shape::kind));
  bind(Class<Square>("Square").base<Shape>().method("area", &Square::area));
  const auto square = std::make_shared<Square>(2.0);
  set("first", square);
  set("base", std::shared_ptr<Shape>(square));
  set("second", square);
  EXPECT_TRUE(gives(vm_, "[first.area(), base.kind(), second.area()].join()", "4,square,4"));
  EXPECT_TRUE(gives(vm_, "first === second", "true"));
}

// Objects of types that are not bound.

struct Handle : Counted<Handle> {
  int value = 3;
};

TEST_F(ObjectOpaque, CanBeHeldAndHandedBackAndNothingElse) {
  Handle::reset_counts();
  auto handle = std::make_shared<Handle>();
  set("h", handle);
  set("same", [&](const std::shared_ptr<Handle>& h) { return h == handle; });
  set("value", [](const Handle& h) { return h.value; });
  set("change", [](Handle& h, int n) { h.value = n; });
  set("make", [] { return std::make_unique<Handle>(); });
  EXPECT_TRUE(gives(vm_,
                    "[typeof h, Object.prototype.toString.call(h), Object.keys(h).length, "
                    "Reflect.ownKeys(h).length].join()",
                    "object,[object HostObject],0,0"));
  attempt({{"same(h)", "true"},
           {"value(h)", "3"},
           {"(change(h, 9), value(h))", "9"},
           {"value(make())", "3"},
           {"JSON.stringify(h)", "{}"},
           {"(h.own = 5, h.own)", "5"}});
  EXPECT_EQ(handle->value, 9);
  EXPECT_EQ(vm_.get("h")->brand(), Brand::host_object);
  ASSERT_TRUE(vm_.unset("h"));
  collect();
  EXPECT_EQ(Handle::alive(), 1);
  handle.reset();
  EXPECT_EQ(Handle::alive(), 0);
}

TEST_F(ObjectOpaque, IsCheckedByItsTypeAndNamedByItInErrors) {
  set("h", std::make_shared<Handle>());
  set("value", [](const Handle& h) { return h.value; });
  set("count", [](const Counter& c) { return c.count(); });
  EXPECT_TRUE(gives(vm_, "attempt(() => value({})).includes('Handle, got object')", "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => count(h)).includes('Counter, got host object')", "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => value(new Proxy(h, {}))).includes('got proxy')", "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => value(Object.create(h))).includes('got object')", "true"));
}

TEST_F(ObjectOpaque, BecomesAnObjectOfItsClassOnceThatIsBound) {
  const auto counter = std::make_shared<Counter>(1);
  set("give", [&] { return counter; });
  EXPECT_TRUE(gives(vm_, "typeof give().inc", "undefined"));
  bind(counter_class());
  EXPECT_TRUE(gives(vm_, "give().inc()", "2"));
}

}  // namespace
}  // namespace sandglass::test
