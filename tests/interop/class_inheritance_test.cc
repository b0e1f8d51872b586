// Bound classes: brands, and inheritance on both sides.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "classes.h"

namespace sandglass::test {
namespace {

using ClassBrand = Classes;
using ClassSubclass = Classes;

// Brands.

TEST_F(ClassBrand, OnlyRealObjectsPass) {
  bind(counter_class());
  bind(Class<Named>("Named").constructor<>().property("name", &Named::name));
  run("globalThis.c = new Counter(1); const {inc} = Counter.prototype;"
      "const read = Object.getOwnPropertyDescriptor(Counter.prototype, 'count').get");
  const std::pair<std::string_view, std::string_view> fakes[] = {
      {"{}", "object"},
      {"{count: 1, inc() {}}", "object"},
      {"Object.create(c)", "object"},
      {"Object.create(Counter.prototype)", "object"},
      {"Object.setPrototypeOf({}, c)", "object"},
      {"Object.assign(Object.create(Counter.prototype), c)", "object"},
      {"Counter.prototype", "object"},
      {"JSON.parse(JSON.stringify(c))", "object"},
      {"{...c}", "object"},
      {"{[Symbol.toStringTag]: 'Counter'}", "object"},
      {"{__proto__: c}", "object"},
      {"Counter", "function"},
      {"new Proxy(c, {})", "proxy"},
      {"new Proxy(new Proxy(c, {}), {})", "proxy"},
      {"[c]", "array"},
      {"new Date()", "Date"},
      {"undefined", "undefined"},
      {"null", "null"},
      {"5", "number"},
      {"'Counter'", "string"},
      {"Symbol.for('Counter')", "symbol"}};
  for (const auto& [fake, kind] : fakes) {
    const std::string expected = fmt::format("TypeError: this: expected Counter, got {}", kind);
    EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => inc.call({}))", fake), expected));
    EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => read.call({}))", fake), expected));
    EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => c.plus({}))", fake),
                      fmt::format("TypeError: argument 1: expected Counter, got {}", kind)));
  }
  EXPECT_TRUE(gives(vm_, "attempt(() => structuredClone(c))",
                    "DataCloneError: The object could not be cloned."));
  EXPECT_TRUE(gives(vm_, "c.count", "1"));
}

TEST_F(ClassBrand, ObjectsOfOtherClassesAreRefusedByName) {
  bind(counter_class());
  bind(Class<Named>("Named").constructor<>().method("size", [](const Named& n) { return n.size; }));
  attempt({{"Counter.prototype.inc.call(new Named())",
            "TypeError: this: expected Counter, got host object"},
           {"new Counter(1).plus(new Named())",
            "TypeError: argument 1: expected Counter, got host object"},
           {"Named.prototype.size.call(new Counter(1))",
            "TypeError: this: expected Named, got host object"}});
}

TEST_F(ClassBrand, PrototypeIsNoBrand) {
  bind(counter_class());
  bind(Class<Named>("Named").constructor<>().property("name", &Named::name));
  EXPECT_TRUE(gives(vm_,
                    "const c = Object.setPrototypeOf(new Counter(4), null); "
                    "Counter.prototype.inc.call(c)",
                    "5"))
      << "an object stays what it is";
  attempt({{"Object.setPrototypeOf(new Named(), Counter.prototype).inc()",
            "TypeError: this: expected Counter, got host object"},
           {"Object.setPrototypeOf(new Counter(1), Named.prototype).name",
            "TypeError: this: expected Named, got host object"},
           {"Object.setPrototypeOf(new Counter(1), Array.prototype).length", "0"}});
  EXPECT_TRUE(gives(vm_,
                    "Object.defineProperty(Counter, Symbol.hasInstance, {value: () => true}); "
                    "attempt(() => ({}) instanceof Counter) + attempt(() => "
                    "Counter.prototype.inc.call({}))",
                    "trueTypeError: this: expected Counter, got object"));
  const Value faked =
      vm_.eval(
             "const x = new Counter(1); Object.defineProperty(x, Symbol.toStringTag, "
             "{value: 'Array'}); Object.setPrototypeOf(x, Array.prototype)")
          .value();
  EXPECT_EQ(faked.brand(), Brand::host_object);
}

TEST_F(ClassBrand, MethodsOnPrimitivesAndThroughReflect) {
  bind(counter_class());
  run("Number.prototype.inc = String.prototype.inc = Counter.prototype.inc");
  attempt({{"(5).inc()", "TypeError: this: expected Counter, got number"},
           {"'s'.inc()", "TypeError: this: expected Counter, got string"},
           {"Reflect.get(Counter.prototype, 'count', {})",
            "TypeError: this: expected Counter, got object"},
           {"Reflect.get(Counter.prototype, 'count', new Counter(3))", "3"},
           {"Reflect.set(Counter.prototype, 'count', 1, {})",
            "TypeError: this: expected Counter, got object"},
           {"(0, new Counter(1).inc)()", "TypeError: this: expected Counter, got undefined"},
           {"Counter.prototype.count", "TypeError: this: expected Counter, got object"}});
}

TEST_F(ClassBrand, ObjectOfAnotherVmIsRefused) {
  bind(counter_class());
  Runtime other = make_runtime();
  ASSERT_TRUE(other.set("Counter", counter_class()));
  const Value theirs = other.eval("new Counter(1)").value();
  const Value plus = vm_.eval("x => new Counter(1).plus(x)").value();
  EXPECT_EQ(error_of(plus.call(theirs)).code, Errc::invalid_argument);
  EXPECT_EQ(theirs.as<std::shared_ptr<Counter>>().value()->count(), 1);
}

// Classes of the script that derive.

TEST_F(ClassSubclass, SuperFieldsOverridesAndNewTarget) {
  bind(counter_class());
  run(R"js(
    class Loud extends Counter {
      label = 'loud';
      #secret = 100;
      static made = 0;
      constructor(n) { super(n + 1); Loud.made++; this.target = new.target.name }
      inc() { return super.inc() + '!' }
      get count() { return -super.count }
      set count(n) { super.count = n * 2 }
      secret() { return this.#secret + super.count }
      static zero() { return 'own ' + super.zero().count }
    }
    class Louder extends Loud { inc() { return super.inc() + '!' } }
    globalThis.Loud = Loud; globalThis.Louder = Louder;)js");
  EXPECT_TRUE(gives(vm_,
                    "const l = new Loud(1); [l.inc(), l.count, l.label, l.secret(), l.target, "
                    "Loud.made, Loud.zero(), Loud.limit].join('|')",
                    "3!|-3|loud|103|Loud|1|own 0|1000"));
  EXPECT_TRUE(gives(vm_, "l.count = 5; [l.count, l.add(1)].join()", "-10,11"));
  EXPECT_TRUE(
      gives(vm_,
            "const r = new Louder(1); [r.inc(), r.target, r instanceof Louder, r instanceof "
            "Loud, r instanceof Counter, r.constructor.name].join()",
            "3!!,Louder,true,true,true,Louder"));
  EXPECT_TRUE(gives(vm_, "new Counter(1).plus(new Louder(1))", "3")) << "it is a Counter";
  EXPECT_TRUE(gives(vm_, "String(new Louder(1))", "[object Counter]"));
}

TEST_F(ClassSubclass, SuperMustBeCalledOnce) {
  bind(counter_class());
  EXPECT_TRUE(gives(vm_,
                    "attempt(() => new (class extends Counter { constructor() {} })).split(':')[0]",
                    "ReferenceError"));
  EXPECT_TRUE(gives(vm_,
                    "attempt(() => new (class extends Counter { constructor() { super(1); super(2) "
                    "} })).split(':')[0]",
                    "ReferenceError"));
  attempt(
      {{"new (class extends Counter {})('x')", "TypeError: argument 1: expected int32, got string"},
       {"new (class extends Counter { constructor() { super() } })",
        "TypeError: argument 1: expected int32, got undefined (it is missing)"}});
  collect();
  EXPECT_EQ(Counter::alive(), 0);
}

TEST_F(ClassSubclass, ReflectConstructAndForeignNewTargets) {
  bind(counter_class());
  EXPECT_TRUE(gives(vm_,
                    "const a = Reflect.construct(Counter, [3], Array); [a instanceof Array, "
                    "Array.isArray(a), Counter.prototype.inc.call(a)].join()",
                    "true,false,4"));
  EXPECT_TRUE(gives(vm_,
                    "const b = Reflect.construct(Counter, [3], function() {}.bind()); "
                    "Object.getPrototypeOf(b) === Counter.prototype && b.inc()",
                    "4"));
  EXPECT_TRUE(gives(vm_,
                    "const p = new Proxy(Counter, {}); const c = new p(6); [c instanceof Counter, "
                    "c.inc()].join()",
                    "true,7"));
  attempt(
      {{"Reflect.construct(Counter, [1], new Proxy(class {}, {get() { throw new EvalError('trap') "
        "}}))",
        "EvalError: trap"},
       {"Reflect.construct(Counter, [1], {})", "TypeError: not a constructor"},
       {"Reflect.construct(Counter, [1], () => {})", "TypeError: not a constructor"}});
  run("delete globalThis.a; delete globalThis.b; 0");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ClassSubclass, ObjectPassedThroughCppKeepsItsClassAndFields) {
  bind(counter_class());
  std::shared_ptr<Counter> kept;
  set("keep", [&](std::shared_ptr<Counter> c) { kept = std::move(c); });
  set("give", [&] { return kept; });
  run("class Sub extends Counter { field = 'f' } globalThis.s = new Sub(2); keep(s)");
  EXPECT_TRUE(gives(vm_, "give() === s && give().field", "f"));
  EXPECT_EQ(kept->count(), 2);
  run("s = null");
  collect();
  EXPECT_TRUE(
      gives(vm_, "[give().count, give().field, give() instanceof Counter].join()", "2,,true"))
      << "what the script had put on the first wrapper went with it";
}

// C++ bases.

struct BigSquare : Square {
  BigSquare() : Square(100) {}
};

class ClassBases : public Classes {
 protected:
  void SetUp() override {
    Classes::SetUp();
    Shape::reset_counts();
    bind(Class<Shape>("Shape")
             .constructor<int>()
             .method("kind", &Shape::kind)
             .method("sides", &Shape::count_sides));
    bind(Class<Tagged>("Tagged").constructor<>().property("tag", &Tagged::get_tag,
                                                          &Tagged::set_tag));
    bind(Class<Square>("Square").constructor<double>().base<Shape>().base<Tagged>().method(
        "area", &Square::area));
  }
};

TEST_F(ClassBases, MethodsOfABaseWorkOnTheDerived) {
  bind(Class<BigSquare>("BigSquare").constructor<>().base<Square>());
  EXPECT_TRUE(gives(vm_,
                    "const q = new Square(3); [q.area(), Shape.prototype.kind.call(q), "
                    "Shape.prototype.sides.call(q)].join()",
                    "9,square,4"));
  EXPECT_TRUE(gives(vm_,
                    "const b = new BigSquare(); [b.area(), b instanceof Square, "
                    "Shape.prototype.kind.call(b)].join()",
                    "10000,true,square"));
}

TEST_F(ClassBases, PointersAreAdjustedWithSeveralBases) {
  run("globalThis.q = new Square(2); Object.getOwnPropertyDescriptor(Tagged.prototype, "
      "'tag').set.call(q, 'mine')");
  EXPECT_TRUE(
      gives(vm_, "Object.getOwnPropertyDescriptor(Tagged.prototype, 'tag').get.call(q)", "mine"));
  const auto square = vm_.get<std::shared_ptr<Square>>("q");
  ASSERT_TRUE(square) << describe(square.error());
  EXPECT_EQ((*square)->tag, "mine");
  EXPECT_EQ((*square)->sides, 4);
  const auto tagged = vm_.get<std::shared_ptr<Tagged>>("q");
  ASSERT_TRUE(tagged);
  EXPECT_EQ(tagged->get(), static_cast<Tagged*>(square->get()));
  EXPECT_NE(static_cast<void*>(tagged->get()), static_cast<void*>(square->get()));
  const auto shape = vm_.get<std::shared_ptr<Shape>>("q");
  ASSERT_TRUE(shape);
  EXPECT_EQ((*shape)->kind(), "square");
}

TEST_F(ClassBases, MethodsOfEveryBaseAreFoundOnTheObject) {
  attempt({{"new Square(3).kind()", "square"},
           {"new Square(3).sides()", "4"},
           {"new Square(3).tag", "untagged"},
           {"new Square(3).area()", "9"}});
}

TEST_F(ClassBases, DerivedIsAnArgumentForItsBasesAndNotTheOtherWayRound) {
  set("kindOf", [](const Shape& s) { return s.kind(); });
  set("tagOf", [](const Tagged& t) { return t.tag; });
  set("areaOf", [](const Square& s) { return s.area(); });
  set("shared", [](std::shared_ptr<Shape> s) { return s->kind(); });
  attempt({{"kindOf(new Square(1))", "square"},
           {"tagOf(new Square(1))", "untagged"},
           {"shared(new Square(1))", "square"},
           {"areaOf(new Square(3))", "9"},
           {"kindOf(new Shape(3))", "shape"},
           {"areaOf(new Shape(3))", "TypeError: argument 1: expected Square, got host object"},
           {"tagOf(new Shape(3))", "TypeError: argument 1: expected Tagged, got host object"},
           {"kindOf(new Tagged())", "TypeError: argument 1: expected Shape, got host object"},
           {"Square.prototype.area.call(new Shape(1))",
            "TypeError: this: expected Square, got host object"}});
}

TEST_F(ClassBases, ScriptMayDeriveFromTheDerived) {
  EXPECT_TRUE(gives(vm_,
                    "class Room extends Square { area() { return super.area() * 10 } } "
                    "[new Room(2).area(), Shape.prototype.sides.call(new Room(2))].join()",
                    "40,4"));
}

TEST_F(ClassBases, BaseThatIsNotBoundIsAnError) {
  Runtime other = make_runtime();
  const Result<void> done =
      other.set("Square", Class<Square>("Square").constructor<double>().base<Shape>());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::invalid_argument);
  EXPECT_NE(done.error().message.find("Square"), std::string::npos);
  EXPECT_NE(done.error().message.find("Shape"), std::string::npos);
  EXPECT_TRUE(gives(other, "typeof Square", "undefined"));
  EXPECT_EQ(other.stats().host_functions, 0U);
  ASSERT_TRUE(other.set("Shape", Class<Shape>("Shape")));
  EXPECT_TRUE(other.set("Square", Class<Square>("Square").constructor<double>().base<Shape>()));
  ASSERT_TRUE(other.reset());
  EXPECT_FALSE(other.set("Square", Class<Square>("Square").constructor<double>().base<Shape>()))
      << "a reset forgets what was bound";
}

TEST_F(ClassBases, ObjectsOfADerivedAreDestroyedAsWhatTheyAre) {
  run("for (let i = 0; i < 10; i++) new Square(i); globalThis.kept = new Square(1)");
  collect();
  EXPECT_EQ(Shape::alive(), 1);
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(Shape::alive(), 0);
}

// Scripts that mean harm.

TEST_F(ClassBrand, MembersAreSafeFromReplacedBuiltIns) {
  run(R"js(
    const evil = () => { throw 'evil' };
    const accessor = {__proto__: null, get: evil, set: evil, configurable: true};
    const define = Object.defineProperty, {prototype} = Object;
    Reflect.apply = Reflect.construct = Function.prototype.apply = Function.prototype.call = evil;
    globalThis.Object = globalThis.Symbol = evil;
    for (const name of ['length', 'constructor', 'get', 'set', 'value', 'configurable'])
      define(prototype, name, accessor);)js");
  bind(counter_class());
  EXPECT_TRUE(gives(vm_, "const c = new Counter(3); c.inc() + c.count", "8"));
  EXPECT_TRUE(gives(vm_, "class S extends Counter {} new S(1).add(2)", "3"));
}

TEST_F(ClassBrand, ConstructorReenteredByNewTargetIsContained) {
  bind(counter_class());
  EXPECT_TRUE(gives(vm_, R"js(
    let n = 0;
    const target = new Proxy(function() {}, {get(t, name) {
      if (name === 'prototype' && n++ < 20) return Reflect.construct(Counter, [n], target);
      return Counter.prototype;
    }});
    Reflect.construct(Counter, [0], target); n > 20)js",
                    "true"));
  const Error error = error_of(vm_.eval(R"js(
    const endless = new Proxy(function() {}, {get() { return Reflect.construct(Counter, [1], endless) }});
    Reflect.construct(Counter, [0], endless))js"));
  EXPECT_NE(error.code, Errc{});
  EXPECT_TRUE(error.vm_usable) << describe(error);
  EXPECT_TRUE(works(vm_));
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(Counter::alive(), 0);
}

TEST_F(ClassBrand, ObjectsWorkAsKeysPrototypesAndProxyTargets) {
  bind(counter_class());
  EXPECT_TRUE(gives(vm_,
                    "const c = new Counter(5), m = new Map([[c, 'v']]); [m.get(c), new Set([c, "
                    "c]).size, Object.create(c) instanceof Counter].join()",
                    "v,1,true"));
  EXPECT_TRUE(gives(vm_,
                    "new Proxy(c, {get(t, k) { const v = t[k]; return typeof v === 'function' ? "
                    "v.bind(t) : v }}).inc()",
                    "6"));
  attempt({{"Object.create(c).inc()", "TypeError: this: expected Counter, got object"},
           {"Object.create(c).count", "TypeError: this: expected Counter, got object"}});
}

}  // namespace
}  // namespace sandglass::test
