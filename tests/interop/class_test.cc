// Bound classes: members, brands, inheritance on both sides, identity of wrappers, and when the C++
// object is let go of.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "types.h"

namespace sandglass::test {
namespace {

/// `attempt(() => ...)`: what it came to, or what it threw, as text.
inline constexpr std::string_view kAttempt = R"js(
  function attempt(body) {
    try { return String(body()); }
    catch (e) { return e instanceof Error ? e.name + ': ' + e.message : 'threw ' + typeof e; }
  })js";

using Cases = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Counts its objects, so that each can be seen to go exactly once.
template <class Self>
struct Counted {
  static inline int made = 0;
  static inline int destroyed = 0;
  static int alive() { return made - destroyed; }
  static void reset_counts() { made = destroyed = 0; }

  Counted() { ++made; }
  Counted(const Counted&) { ++made; }
  Counted(Counted&&) noexcept { ++made; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { ++destroyed; }
};

class Counter : public Counted<Counter> {
 public:
  explicit Counter(int start) : count_(start) {}

  int inc() { return ++count_; }
  int add(int n) { return count_ += n; }
  double add(double n) { return count_ + n; }
  [[nodiscard]] int count() const noexcept { return count_; }
  void set_count(int count) noexcept { count_ = count; }
  [[nodiscard]] int plus(const Counter& other) const { return count_ + other.count_; }
  void take_from(Counter& other) { count_ += std::exchange(other.count_, 0); }
  [[nodiscard]] std::shared_ptr<Counter> copy() const { return std::make_shared<Counter>(count_); }
  void fail() const { throw std::out_of_range("counter"); }

 private:
  int count_;
};

/// What is bound in most tests.
Class<Counter> counter_class() {
  return Class<Counter>("Counter")
      .constructor<int>()
      .method("inc", &Counter::inc)
      .method("add", static_cast<int (Counter::*)(int)>(&Counter::add))
      .method("addDouble", static_cast<double (Counter::*)(double)>(&Counter::add))
      .method("plus", &Counter::plus)
      .method("takeFrom", &Counter::take_from)
      .method("copy", &Counter::copy)
      .method("fail", &Counter::fail)
      .property("count", &Counter::count, &Counter::set_count)
      .static_method("zero", [] { return std::make_shared<Counter>(0); })
      .static_value("limit", 1000);
}

class Classes : public ::testing::Test {
 protected:
  void SetUp() override {
    Counter::reset_counts();
    ASSERT_TRUE(vm_.eval(kAttempt));
  }

  template <class T>
  void bind(const Class<T>& definition) {
    const Result<void> done = vm_.set(definition.definition()->name, definition);
    ASSERT_TRUE(done) << describe(done.error());
  }
  template <class T>
  void set(std::string_view name, T value) {
    const Result<void> done = vm_.set(name, std::move(value));
    ASSERT_TRUE(done) << describe(done.error());
  }
  void run(std::string_view source) {
    const Result<Value> result = vm_.eval(source);
    ASSERT_TRUE(result) << source << ": " << describe(result.error());
  }
  void attempt(Cases cases) {
    for (const auto& [source, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => ({}))", source), expected));
    }
  }
  void collect() { ASSERT_TRUE(vm_.collect_garbage()); }

  Runtime vm_ = make_runtime();
};
using ClassConstructor = Classes;
using ClassMember = Classes;
using ClassShape = Classes;
using ClassBrand = Classes;
using ClassSubclass = Classes;
using ClassBase = Classes;
using ClassIterator = Classes;
using ObjectParameter = Classes;
using ObjectIdentity = Classes;
using ObjectOpaque = Classes;
using ObjectLifetime = Classes;

// Constructors.

TEST_F(ClassConstructor, TakesTheArgumentsOfTheCppConstructor) {
  bind(counter_class());
  attempt(
      {{"new Counter(5).count", "5"},
       {"new Counter(5, 'more').count", "5"},
       {"new Counter()", "TypeError: argument 1: expected int32, got undefined (it is missing)"},
       {"new Counter('5')", "TypeError: argument 1: expected int32, got string"},
       {"new Counter(1.5)", "RangeError: argument 1: 1.5 is not an int32"},
       {"Counter(5)", "TypeError: class constructors must be invoked with 'new'"},
       {"Counter.call(new Counter(1), 5)",
        "TypeError: class constructors must be invoked with 'new'"}});
  collect();
  EXPECT_EQ(Counter::alive(), 0);
}

struct Named : Counted<Named> {
  std::string name = "none";
  int size = -1;
  std::optional<int> extra;
  Named() = default;
  Named(const std::string& text, int n, std::optional<int> more)
      : name(text), size(n), extra(more) {}
};

TEST_F(ClassConstructor, MayHaveNoParametersManyAndOptionalOnes) {
  bind(Class<Named>("Named")
           .constructor<const std::string&, int, std::optional<int>>()
           .property("name", &Named::name)
           .property("size", &Named::size)
           .property("extra", &Named::extra));
  attempt(
      {{"new Named('a', 1).name", "a"},
       {"new Named('a', 1).extra", "undefined"},
       {"new Named('a', 1, 2).extra", "2"},
       {"new Named('a')", "TypeError: argument 2: expected int32, got undefined (it is missing)"},
       {"Named.length", "2"}});
  Runtime other = make_runtime();
  ASSERT_TRUE(
      other.set("Named", Class<Named>("Named").constructor<>().property("name", &Named::name)));
  EXPECT_TRUE(gives(other, "new Named().name + new Named('ignored').name", "nonenone"));
}

TEST_F(ClassConstructor, FactoryMayReturnTheObjectOrAPointerToIt) {
  const auto counts = [&](auto make) {
    Counter::reset_counts();
    Runtime vm = make_runtime();
    EXPECT_TRUE(
        vm.set("C", Class<Counter>("C").constructor(make).property("count", &Counter::count)));
    return outcome(
        vm.eval("attempt = f => { try { return f() } catch (e) { return String(e) } };"
                "[new C(3).count, attempt(() => new C(-1).count), C.length].join('|')"));
  };
  EXPECT_EQ(counts([](int n) { return Counter(n); }), "3|-1|1");
  EXPECT_EQ(counts([](int n) { return std::make_shared<Counter>(n); }), "3|-1|1");
  EXPECT_EQ(counts([](int n) { return std::make_unique<Counter>(n); }), "3|-1|1");
  EXPECT_EQ(Counter::alive(), 0);
}

TEST_F(ClassConstructor, FactoryMayFail) {
  const auto counts = [&](auto make) {
    Runtime vm = make_runtime();
    EXPECT_TRUE(
        vm.set("C", Class<Counter>("C").constructor(make).property("count", &Counter::count)));
    std::string said =
        outcome(vm.eval("attempt = f => { try { return f() } catch (e) { return String(e) } };"
                        "[new C(3).count, attempt(() => new C(-1).count)].join('|')"));
    EXPECT_TRUE(works(vm));
    return said;
  };
  const Error error = {.message = "negative", .name = "RangeError"};
  EXPECT_EQ(counts([&](int n) -> Result<Counter> {
              if (n < 0) return std::unexpected(error);
              return Counter(n);
            }),
            "3|RangeError: negative");
  EXPECT_EQ(counts([&](int n) -> Result<std::shared_ptr<Counter>> {
              if (n < 0) return std::unexpected(error);
              return std::make_shared<Counter>(n);
            }),
            "3|RangeError: negative");
  EXPECT_EQ(counts([&](int n) -> Result<std::unique_ptr<Counter>> {
              if (n < 0) return std::unexpected(error);
              return std::make_unique<Counter>(n);
            }),
            "3|RangeError: negative");
  EXPECT_EQ(counts([](int n) {
              if (n < 0) throw std::invalid_argument("negative");
              return Counter(n);
            }),
            "3|TypeError: negative");
  const std::string nothing = counts(
      [](int n) { return n < 0 ? std::shared_ptr<Counter>() : std::make_shared<Counter>(n); });
  EXPECT_TRUE(nothing.starts_with("3|RangeError")) << nothing;
  EXPECT_EQ(Counter::alive(), 0);
}

TEST_F(ClassConstructor, WithoutOneAScriptCannotMakeObjects) {
  bind(Class<Counter>("Counter").method("inc", &Counter::inc).static_method("make", [] {
    return std::make_shared<Counter>(1);
  }));
  attempt(
      {{"new Counter(1)", "TypeError: Counter cannot be constructed by a script"},
       {"new (class extends Counter {})", "TypeError: Counter cannot be constructed by a script"},
       {"Reflect.construct(Counter, [])", "TypeError: Counter cannot be constructed by a script"},
       {"Reflect.construct(Object, [], Counter).inc()",
        "TypeError: this: expected Counter, got object"},
       {"Counter.make().inc()", "2"},
       {"Counter.make() instanceof Counter", "true"}});
}

TEST_F(ClassConstructor, MayUseTheVmAndThrowFromDeepInside) {
  bind(Class<Counter>("Counter")
           .constructor([](Context context, Function<int(int)> f, int n) -> Result<Counter> {
             if (auto done = context.eval("made = true"); !done)
               return std::unexpected(done.error());
             const Result<int> count = f(n);
             if (!count) return std::unexpected(count.error());
             return Counter(*count);
           })
           .property("count", &Counter::count));
  EXPECT_TRUE(
      gives(vm_, "var made = false; new Counter(x => x * 2, 21).count + '' + made", "42true"));
  EXPECT_TRUE(gives(vm_,
                    "const mine = {}; try { new Counter(() => { throw mine }, 1) } catch (e) { "
                    "String(e === mine) }",
                    "true"));
}

// Members.

TEST_F(ClassMember, MethodsOfEveryForm) {
  bind(
      Class<Counter>("Counter")
          .constructor<int>()
          .method("plain", &Counter::inc)
          .method("constNoexcept", &Counter::count)
          .method("overloadInt", static_cast<int (Counter::*)(int)>(&Counter::add))
          .method("overloadDouble", static_cast<double (Counter::*)(double)>(&Counter::add))
          .method("lambda", [](Counter& c, int a, int b) { return c.add(a * b); })
          .method("constLambda", [](const Counter& c) { return c.count() * 100; })
          .method(
              "pointer", +[](Counter& c) { return c.inc(); })
          .method("noexcept", [](Counter& c) noexcept { c.set_count(0); })
          .method("rest",
                  [](const Counter& c, Rest<int> rest) { return c.count() + int(rest.size()); })
          .method("fails",
                  [](Counter&) -> Result<int> {
                    return std::unexpected(Error{.message = "no", .name = "RangeError"});
                  })
          .method("context", [](Counter&, Context context) { return context.eval<int>("1 + 1"); }));
  run("globalThis.c = new Counter(1)");
  attempt({{"c.plain()", "2"},
           {"c.constNoexcept()", "2"},
           {"c.overloadInt(3)", "5"},
           {"c.overloadDouble(0.5)", "5.5"},
           {"c.lambda(2, 3)", "11"},
           {"c.constLambda()", "1100"},
           {"c.pointer()", "12"},
           {"c.rest(1, 2, 3)", "15"},
           {"c.rest()", "12"},
           {"c.noexcept()", "undefined"},
           {"c.constNoexcept()", "0"},
           {"c.fails()", "RangeError: no"},
           {"c.context()", "2"},
           {"c.lambda(2)", "TypeError: argument 2: expected int32, got undefined (it is missing)"},
           {"c.overloadInt('x')", "TypeError: argument 1: expected int32, got string"}});
  EXPECT_TRUE(gives(vm_,
                    "[c.plain, c.overloadInt, c.lambda, c.rest, c.context].map(f => f.name + "
                    "f.length).join()",
                    "plain0,overloadInt1,lambda2,rest0,context0"));
}

struct Fields : Counted<Fields> {
  int number = 1;
  const int fixed = 7;
  std::string text = "t";
  std::vector<int> list = {1, 2};
  std::optional<double> maybe;
  Colour colour = Colour::red;
  std::shared_ptr<Counter> counter;
};

struct MoreFields : Fields {
  int more = 9;
};

TEST_F(ClassMember, DataMembersAreReadAndWritten) {
  bind(counter_class());
  bind(Class<Fields>("Fields")
           .constructor<>()
           .property("number", &Fields::number)
           .property("fixed", &Fields::fixed)
           .property("text", &Fields::text)
           .property("list", &Fields::list)
           .property("maybe", &Fields::maybe)
           .property("colour", &Fields::colour)
           .property("counter", &Fields::counter));
  run("globalThis.f = new Fields()");
  attempt({{"[f.number, f.fixed, f.text, f.list, f.maybe, f.colour, f.counter].join('|')",
            "1|7|t|1,2||red|"},
           {"(f.number = 5, f.number)", "5"},
           {"(f.text = 'é', f.text)", "é"},
           {"(f.list = [3], f.list)", "3"},
           {"(f.list.push(4), f.list)", "3"},
           {"(f.maybe = 0.5, f.maybe)", "0.5"},
           {"(f.maybe = undefined, f.maybe)", "undefined"},
           {"(f.colour = 'blue', f.colour)", "blue"},
           {"(f.counter = new Counter(4), f.counter.inc())", "5"},
           {"f.counter === f.counter", "true"},
           {"(f.counter = null, f.counter)", "null"}});
  EXPECT_TRUE(gives(vm_, "attempt(() => f.number = 'x').startsWith('TypeError: ')", "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => f.number = 2 ** 40).startsWith('RangeError: ')", "true"));
  EXPECT_TRUE(
      gives(vm_, "attempt(() => f.counter = {}).includes('expected Counter, got object')", "true"));
  EXPECT_TRUE(gives(vm_, "f.fixed = 8; f.fixed", "7")) << "const, in sloppy code";
  EXPECT_TRUE(gives(vm_, "'use strict'; attempt(() => { 'use strict'; f.fixed = 8 }).split(':')[0]",
                    "TypeError"));
  EXPECT_TRUE(gives(vm_, "typeof Object.getOwnPropertyDescriptor(Fields.prototype, 'fixed').set",
                    "undefined"));
}

TEST_F(ClassMember, DataMembersOfACppBaseAreMembersToo) {
  bind(Class<MoreFields>("MoreFields")
           .constructor<>()
           .property("number", &MoreFields::number)
           .property("more", &MoreFields::more));
  EXPECT_TRUE(gives(vm_, "const m = new MoreFields(); m.number = 3; m.number + m.more", "12"));
}

TEST_F(ClassMember, GetterReadsAndSetterWritesWhateverTheyAreGiven) {
  bind(Class<Fields>("Fields").constructor<>().property("number", &Fields::number));
  run("const {get, set} = Object.getOwnPropertyDescriptor(Fields.prototype, 'number');"
      "globalThis.f = new Fields()");
  EXPECT_TRUE(gives(vm_, "get.call(f, 99) + ',' + f.number", "1,1")) << "a getter does not write";
  EXPECT_TRUE(gives(vm_, "set.call(f, 5); f.number", "5"));
  EXPECT_TRUE(gives(vm_, "attempt(() => set.call(f)).split(':')[0] + f.number", "TypeError5"))
      << "a setter without a value does not read";
}

TEST_F(ClassMember, PropertiesByFunctions) {
  bind(Class<Counter>("Counter")
           .constructor<int>()
           .property("readOnly", &Counter::count)
           .property("doubled", [](const Counter& c) { return c.count() * 2; })
           .property("count", &Counter::count, &Counter::set_count)
           .property(
               "checked", [](const Counter& c) { return c.count(); },
               [](Counter& c, int value) -> Result<void> {
                 if (value < 0) {
                   return std::unexpected(Error{.message = "negative", .name = "RangeError"});
                 }
                 c.set_count(value);
                 return {};
               })
           .property("bad", [](const Counter&) -> int { throw std::runtime_error("bad"); }));
  run("globalThis.c = new Counter(3)");
  attempt({{"c.readOnly", "3"},
           {"c.doubled", "6"},
           {"(c.count = 4, c.count)", "4"},
           {"(c.checked = 5, c.checked)", "5"},
           {"c.checked = -1", "RangeError: negative"},
           {"c.checked", "5"},
           {"c.bad", "Error: bad"},
           {"c.count = 'x'", "TypeError: argument 1: expected int32, got string"},
           {"(() => { 'use strict'; c.readOnly = 1 })()", "TypeError: no setter for property"}});
  EXPECT_TRUE(gives(vm_,
                    "const d = Object.getOwnPropertyDescriptor(Counter.prototype, 'count'); "
                    "[typeof d.get, typeof d.set, d.enumerable, d.configurable].join()",
                    "function,function,false,true"));
}

TEST_F(ClassMember, Statics) {
  bind(counter_class()
           .static_method("sum", [](Rest<int> n) { return n.size(); })
           .static_value("names", std::vector<std::string>{"a", "b"})
           .static_value("origin", "text"));
  attempt({{"Counter.zero().count", "0"},
           {"Counter.zero() instanceof Counter", "true"},
           {"Counter.limit", "1000"},
           {"Counter.sum(1, 2, 3)", "3"},
           {"Counter.names", "a,b"},
           {"Counter.origin", "text"},
           {"typeof new Counter(1).zero", "undefined"},
           {"Counter.zero.name + Counter.zero.length", "zero0"}});
}

TEST_F(ClassMember, StaticsKeepNamesThatAClassHasAnyway) {
  bind(Class<Counter>("Counter")
           .constructor<int>()
           .static_value("name", "its own")
           .static_method("length", [] { return 3; }));
  attempt({{"Counter.name", "its own"}, {"Counter.length()", "3"}});
}

TEST_F(ClassMember, StackOfAnErrorNamesTheMethod) {
  bind(counter_class());
  const std::string stack = outcome(vm_.eval(
      "function caller() { new Counter(1).fail() } try { caller() } catch (e) { e.stack }"));
  EXPECT_NE(stack.find("fail"), std::string::npos) << stack;
  EXPECT_LT(stack.find("fail"), stack.find("caller")) << stack;
  attempt({{"new Counter(1).fail()", "RangeError: counter"}});
}

TEST_F(ClassMember, ObjectStaysWhileItsMethodRuns) {
  int alive_inside = -1;
  bind(
      Class<Counter>("Counter").constructor<int>().method("drop", [&](Counter& c, Context context) {
        static_cast<void>(context.eval("globalThis.c = null; const o = {}; o.o = o"));
        static_cast<void>(vm_.collect_garbage());
        alive_inside = Counter::alive();
        return c.count();
      }));
  EXPECT_TRUE(gives(vm_, "globalThis.c = new Counter(8); c.drop()", "8"));
  EXPECT_EQ(alive_inside, 1);
  EXPECT_EQ(Counter::alive(), 0);
}

// What the class looks like.

TEST_F(ClassShape, IsAClassLikeThoseOfTheLanguage) {
  bind(counter_class());
  EXPECT_TRUE(gives(vm_,
                    "[typeof Counter, Counter.name, Counter.length, Counter.prototype.constructor "
                    "=== Counter, Object.keys(new Counter(1)).length].join()",
                    "function,Counter,1,true,0"));
  EXPECT_TRUE(gives(vm_,
                    "const c = new Counter(1); [c instanceof Counter, Object.getPrototypeOf(c) === "
                    "Counter.prototype, c.constructor === Counter, typeof c].join()",
                    "true,true,true,object"));
  EXPECT_TRUE(gives(vm_,
                    "const m = Object.getOwnPropertyDescriptor(Counter.prototype, 'inc'); "
                    "[m.enumerable, m.writable, m.configurable].join()",
                    "false,true,true"));
  EXPECT_TRUE(gives(vm_, "for (const key in new Counter(1)) throw key; 'nothing enumerable'",
                    "nothing enumerable"));
  const Value object = vm_.eval("new Counter(1)").value();
  EXPECT_EQ(object.brand(), Brand::host_object);
  EXPECT_EQ(object.type(), Type::object);
  EXPECT_TRUE(vm_.get("Counter")->is_constructor());
  EXPECT_EQ(vm_.get("Counter")->construct(4)->get<int>("count").value_or(0), 4);
}

TEST_F(ClassShape, ToStringTagIsTheName) {
  bind(counter_class());
  EXPECT_TRUE(gives(vm_, "String(new Counter(1)) + Object.prototype.toString.call(new Counter(1))",
                    "[object Counter][object Counter]"));
  EXPECT_TRUE(gives(vm_, "`${new Counter(1)}` + ('' + new Counter(1))",
                    "[object Counter][object Counter]"));
  EXPECT_TRUE(gives(vm_, "JSON.stringify(new Counter(1))", "{}"));
}

TEST_F(ClassShape, ObjectsTakePropertiesOfTheirOwn) {
  bind(counter_class());
  run("globalThis.c = new Counter(1); c.own = 5; c.inc = () => 'mine'");
  EXPECT_TRUE(gives(vm_, "[c.own, c.inc(), Counter.prototype.inc.call(c), Object.keys(c)].join()",
                    "5,mine,2,own,inc"));
  EXPECT_TRUE(gives(vm_, "Object.freeze(c); c.count = 9; c.count", "9"))
      << "accessors of a frozen object work on";
}

TEST_F(ClassShape, MembersCanBeReplacedByTheScriptOnlyForItself) {
  bind(counter_class());
  run("Counter.prototype.inc = () => 'patched'; delete Counter.prototype.add");
  EXPECT_TRUE(gives(vm_, "new Counter(1).inc() + typeof new Counter(1).add", "patchedundefined"));
  Runtime other = make_runtime();
  ASSERT_TRUE(other.set("Counter", counter_class()));
  EXPECT_TRUE(gives(other, "new Counter(1).inc()", "2"));
}

TEST_F(ClassShape, OneDefinitionServesManyVms) {
  const Class<Counter> definition = counter_class();
  Runtime other = make_runtime();
  ASSERT_TRUE(vm_.set("Counter", definition));
  ASSERT_TRUE(other.set("Counter", definition));
  EXPECT_TRUE(gives(vm_, "new Counter(1).inc()", "2"));
  EXPECT_TRUE(gives(other, "new Counter(5).inc()", "6"));
  const auto shared = std::make_shared<Counter>(10);
  ASSERT_TRUE(vm_.set("c", shared));
  ASSERT_TRUE(other.set("c", shared));
  EXPECT_TRUE(gives(vm_, "c.inc()", "11"));
  EXPECT_TRUE(gives(other, "c.inc()", "12"));
  EXPECT_EQ(shared->count(), 12);
}

TEST_F(ClassShape, MayBeBoundAgainAndObjectsOfTheFirstStayObjects) {
  bind(counter_class());
  run("globalThis.old = new Counter(1); globalThis.First = Counter");
  bind(counter_class());
  EXPECT_TRUE(gives(vm_, "First === Counter", "false"));
  EXPECT_TRUE(gives(vm_,
                    "[old.inc(), Counter.prototype.inc.call(old), new Counter(5).plus(old)].join()",
                    "2,3,8"));
  EXPECT_TRUE(gives(vm_, "[old instanceof First, old instanceof Counter].join()", "true,false"));
}

TEST_F(ClassShape, MayHaveAnyNameAndBeFoundAnywhere) {
  ASSERT_TRUE(vm_.set("Shown", counter_class()));
  EXPECT_TRUE(gives(vm_, "Shown.name + new Shown(1)", "Counter[object Counter]"));
  const Value holder = vm_.object().value();
  ASSERT_TRUE(holder.set("Inner", Class<Named>("Naïve Name").constructor<>()));
  ASSERT_TRUE(vm_.set("holder", holder));
  EXPECT_TRUE(gives(vm_, "holder.Inner.name + new holder.Inner", "Naïve Name[object Naïve Name]"));
}

TEST_F(ClassShape, FailedDefinitionLeavesNothingBehind) {
  const Result<void> done =
      vm_.set("Counter", counter_class().static_value("bad", std::string("\xff")));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::conversion);
  EXPECT_NE(describe(done.error()).find("bad"), std::string::npos);
  EXPECT_TRUE(gives(vm_, "typeof Counter", "undefined"));
  collect();
  collect();
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  bind(counter_class());
  EXPECT_TRUE(gives(vm_, "new Counter(1).inc()", "2"));
}

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
      {"structuredClone(c)", "object"},
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

struct Shape : Counted<Shape> {
  int sides = 0;
  Shape() = default;
  explicit Shape(int n) : sides(n) {}
  Shape(const Shape&) = default;
  Shape& operator=(const Shape&) = default;
  virtual ~Shape() = default;
  [[nodiscard]] virtual std::string kind() const { return "shape"; }
  [[nodiscard]] int count_sides() const { return sides; }
};
struct Tagged {
  std::string tag = "untagged";
  std::array<char, 64> padding = {};
  [[nodiscard]] std::string get_tag() const { return tag; }
  void set_tag(const std::string& text) { tag = text; }
};
/// Its Tagged is not where its Shape is: pointers must be adjusted.
struct Square : Shape, Tagged {
  double length = 1;
  explicit Square(double size) : Shape(4), length(size) {}
  [[nodiscard]] std::string kind() const override { return "square"; }
  [[nodiscard]] double area() const { return length * length; }
};
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

// Lifetime.

TEST_F(ObjectLifetime, GoesWithItsWrapper) {
  bind(counter_class());
  run("new Counter(1); 0");
  EXPECT_EQ(Counter::made, 1);
  EXPECT_EQ(Counter::destroyed, 1);
  run("globalThis.c = new Counter(1); globalThis.list = [c, new Counter(2)]; 0");
  EXPECT_EQ(Counter::alive(), 2);
  EXPECT_EQ(vm_.stats().host_objects, 2U);
  run("c = null");
  EXPECT_EQ(Counter::alive(), 2);
  run("list = null");
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_EQ(vm_.stats().host_objects, 0U);
}

TEST_F(ObjectLifetime, InCyclesOfTheScriptGoesWithTheCollector) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 64 * kMiB;  // not by itself
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  ASSERT_TRUE(vm.eval("for (let i = 0; i < 100; i++) { const c = new Counter(i); c.self = c } 0"));
  EXPECT_EQ(Counter::alive(), 100);
  EXPECT_EQ(vm.stats().host_objects, 100U);
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_EQ(Counter::destroyed, 100);
  EXPECT_EQ(vm.stats().host_objects, 0U);
}

TEST_F(ObjectLifetime, GoesAtResetAndAtTheEndOfTheVm) {
  bind(counter_class());
  const auto shared = std::make_shared<Counter>(0);
  set("s", shared);
  run("globalThis.list = Array.from({length: 100}, (_, i) => new Counter(i)); 0");
  const Value held = vm_.eval("list[0]").value();
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(Counter::alive(), 1);
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_EQ(vm_.stats().host_objects, 0U);
  EXPECT_EQ(error_of(held.as<std::shared_ptr<Counter>>()).code, Errc::closed);
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("Counter", counter_class()));
    ASSERT_TRUE(
        vm.eval("globalThis.list = Array.from({length: 100}, (_, i) => new Counter(i)); 0"));
    EXPECT_EQ(Counter::alive(), 101);
  }
  EXPECT_EQ(Counter::alive(), 1);
}

TEST_F(ObjectLifetime, IsHeldByCppAfterTheVmIsGone) {
  std::shared_ptr<Counter> kept;
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("Counter", counter_class()));
    kept = vm.eval<std::shared_ptr<Counter>>("new Counter(42)").value();
  }
  EXPECT_EQ(kept->count(), 42);
  EXPECT_EQ(Counter::alive(), 1);
}

TEST_F(ObjectLifetime, GoesOnceAfterAHardCut) {
  for (const bool reset : {true, false}) {
    Counter::reset_counts();
    {
      Limits limits;
      limits.wall_time = milliseconds{100};
      limits.grace = milliseconds{0};
      Runtime vm = make_runtime(limits);
      ASSERT_TRUE(vm.set("Counter", counter_class()));
      const Error error = error_of(vm.eval(
          "const kept = [new Counter(1)]; new Counter(2); const c = new Counter(3); c.c = c;"
          "new Array(2 ** 32 - 1).join('')"));
      EXPECT_EQ(error.code, Errc::time_limit);
      EXPECT_FALSE(error.vm_usable);
      EXPECT_EQ(Counter::made, 3);
      EXPECT_FALSE(vm.collect_garbage());
      if (reset) {
        ASSERT_TRUE(vm.reset());
        EXPECT_EQ(Counter::destroyed, 3);
        EXPECT_TRUE(works(vm));
      }
    }
    EXPECT_EQ(Counter::destroyed, 3);
  }
}

TEST_F(ObjectLifetime, GoesOnceWhenACutComesAnywhere) {
  // Many objects in cycles, collected all the time, and a cut somewhere in that.
  int made = 0;
  for (int i = 0; i < scaled(50, 5); ++i) {
    Counter::reset_counts();
    {
      Options options;
      options.limits.wall_time = milliseconds{1 + i % 5};
      options.limits.grace = milliseconds{0};
      options.gc_threshold_bytes = 16 * kKiB;
      Runtime vm = make_runtime(std::move(options));
      if (!vm.set("Counter", counter_class())) continue;  // a busy machine
      EXPECT_TRUE(fails(vm,
                        "for (;;) { const c = new Counter(1); c.self = [c]; c.inc(); "
                        "c.plus(Counter.zero()); c.text = Array(100).join('x') }",
                        Errc::time_limit));
      EXPECT_GE(Counter::alive(), 0);
      if (i % 2 == 0) {
        EXPECT_TRUE(vm.reset());
        EXPECT_EQ(Counter::alive(), 0);
      }
    }
    EXPECT_EQ(Counter::alive(), 0);
    made += Counter::made;
  }
  EXPECT_GT(made, 0);
}

TEST_F(ObjectLifetime, SurvivesWhatItsConstructorThrows) {
  bind(Class<Counter>("Counter").constructor([](int n) {
    auto counter = std::make_shared<Counter>(n);
    if (n < 0) throw std::runtime_error("late");
    return counter;
  }));
  attempt({{"new Counter(-1)", "Error: late"}, {"typeof new Counter(1)", "object"}});
  collect();
  EXPECT_EQ(Counter::made, 2);
  EXPECT_EQ(Counter::destroyed, 2);
}

TEST_F(ObjectLifetime, WithoutRoomForAWrapperTheObjectGoes) {
  Limits limits = roomy();
  limits.memory_bytes = 3 * kMiB;
  Runtime vm = make_runtime(limits);
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  EXPECT_TRUE(fails(vm, "const all = []; for (;;) all.push(new Counter(1))", Errc::memory_limit));
  ASSERT_TRUE(vm.reset());
  EXPECT_GT(Counter::made, 1000);
  EXPECT_EQ(Counter::alive(), 0);
}

/// An object whose destructor does something.
struct AtEnd {
  std::function<void()> then;
  explicit AtEnd(std::function<void()> what) : then(std::move(what)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() {
    if (then) then();
  }
};

TEST_F(ObjectLifetime, DestructorMayUseTheVm) {
  std::string said;
  int destroyed = 0;
  set("o", std::make_shared<AtEnd>([&] {
        ++destroyed;
        said = outcome(vm_.eval("[typeof o, 1 + 1].join()"));
        static_cast<void>(vm_.set("left", 5));
        said += outcome(vm_.get("left"));
      }));
  run("globalThis.o = 'gone'");
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(said, "string,25");
  EXPECT_TRUE(gives(vm_, "left", "5"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(ObjectLifetime, DestructorsMayMakeAndDropMoreObjects) {
  int destroyed = 0;
  std::function<void(int)> make = [&](int left) {
    static_cast<void>(vm_.set("o", std::make_shared<AtEnd>([&, left] {
                                ++destroyed;
                                if (left > 0) make(left - 1);
                              })));
  };
  make(20);
  for (int i = 0; i < 21; ++i) {
    ASSERT_TRUE(vm_.unset("o"));
    EXPECT_EQ(destroyed, i + 1);
  }
  EXPECT_EQ(vm_.stats().host_objects, 0U);
  EXPECT_TRUE(works(vm_));
}

TEST_F(ObjectLifetime, ManyDestructorsThatUseTheVm) {
  int destroyed = 0;
  int failed = 0;
  set("make", [&] {
    return std::make_shared<AtEnd>([&] {
      ++destroyed;
      failed += vm_.eval("1 + 1") ? 0 : 1;
    });
  });
  run("globalThis.all = Array.from({length: 100}, make); 0");
  run("all = null");
  EXPECT_EQ(destroyed, 100);
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(gives(vm_, "for (let i = 0; i < 5000; i++) make(); 'done'", "done"))
      << "in the middle of a run, once there are many";
  EXPECT_EQ(destroyed, 5100);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(vm_.stats().host_objects, 0U);
}

TEST_F(ObjectLifetime, DestructorAtTheEndFindsTheVmClosed) {
  std::vector<Errc> codes;
  const auto ask = [&codes](const Context& context) {
    return std::make_shared<AtEnd>(
        [&codes, context] { codes.push_back(error_of(context.eval("1")).code); });
  };
  set("o", ask(vm_));
  ASSERT_TRUE(vm_.reset());
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("o", ask(vm)));
  }
  EXPECT_EQ(codes, (std::vector<Errc>{Errc::closed, Errc::closed}));
}

TEST_F(ObjectLifetime, DestructorMayDropTheRuntime) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("o", std::make_shared<AtEnd>([&] { vm.reset(); })));
  EXPECT_TRUE(vm->eval("o = null; 1"));
  EXPECT_FALSE(vm.has_value());
}

// Objects that hold values of their VM.

struct Node : Counted<Node> {
  Value held;
  std::optional<Function<int()>> callback;
  void hold(Value value) { held = std::move(value); }
  [[nodiscard]] Value get() const { return held.clone(); }
};

Class<Node> node_class() {
  return Class<Node>("Node")
      .constructor<>()
      .method("hold", &Node::hold)
      .method("get", &Node::get)
      .method("listen", [](Node& node, Function<int()> f) { node.callback.emplace(std::move(f)); })
      .method("fire", [](const Node& node) -> Result<int> {
        return node.callback ? (*node.callback)() : Result<int>(-1);
      });
}

TEST_F(ObjectLifetime, MayHoldValuesAndFunctionsOfTheScript) {
  bind(node_class());
  EXPECT_TRUE(gives(vm_,
                    "const n = new Node(), o = {x: 1}; n.hold(o); n.listen(() => o.x++); "
                    "[n.get() === o, n.fire(), n.fire(), o.x].join()",
                    "true,1,2,3"));
}

TEST_F(ObjectLifetime, ChainThroughCppComesApartLinkByLink) {
  Node::reset_counts();
  bind(node_class());
  run("let chain = new Node(); for (let i = 0; i < 9; i++) { const n = new Node(); n.hold(chain); "
      "chain = n } globalThis.chain = chain; 0");
  EXPECT_EQ(Node::alive(), 10);
  collect();
  EXPECT_EQ(Node::alive(), 10);
  run("chain = globalThis.chain = null");
  // Each object that goes drops a Value, which the next run frees.
  for (int i = 0; i < 10; ++i) collect();
  EXPECT_EQ(Node::alive(), 0);
  EXPECT_EQ(Node::destroyed, 10);
}

TEST_F(ObjectLifetime, LongChainThroughCppNeedsNoDeepStack) {
  Node::reset_counts();
  bind(node_class());
  const int count = scaled(20'000);
  run(
      fmt::format("globalThis.chain = new Node(); for (let i = 1; i < {}; i++) {{ const n = new "
                  "Node(); n.hold(chain); chain = n }} 0",
                  count));
  EXPECT_EQ(Node::alive(), count);
  run("chain = null");
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(Node::alive(), 0);
  EXPECT_EQ(Node::destroyed, count);
}

TEST_F(ObjectLifetime, CycleThroughCppLivesUntilTheVmEnds) {
  // The engine's collector does not see what C++ holds: such a cycle is a leak until then.
  Node::reset_counts();
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("Node", node_class()));
    ASSERT_TRUE(
        vm.eval("{ const n = new Node(); n.hold(n) } { const a = new Node(), b = new Node(); "
                "a.hold(b); b.hold({a}) } { const n = new Node(); n.listen(() => n.fire()) "
                "} 0"));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(vm.collect_garbage());
    EXPECT_EQ(Node::alive(), 4);
    EXPECT_EQ(vm.stats().host_objects, 4U);
    EXPECT_TRUE(works(vm));
    ASSERT_TRUE(vm.reset());
    EXPECT_EQ(Node::alive(), 0);
    ASSERT_TRUE(vm.set("Node", node_class()));
    ASSERT_TRUE(vm.eval("{ const n = new Node(); n.hold(n) } 0"));
  }
  EXPECT_EQ(Node::alive(), 0);
  EXPECT_EQ(Node::destroyed, Node::made);
}

TEST_F(ObjectLifetime, CycleThroughCppCanBeBrokenFromEitherSide) {
  Node::reset_counts();
  bind(node_class());
  run("globalThis.n = new Node(); n.hold(n); n.hold(undefined); n = null");
  collect();
  EXPECT_EQ(Node::alive(), 0);
}

TEST_F(ObjectLifetime, HundredThousandObjectsLeaveNothingBehind) {
  bind(counter_class());
  const auto loop = [&](int count) {
    return gives(vm_,
                 fmt::format("(() => {{ let s = 0; for (let i = 0; i < {}; i++) {{ const c = new "
                             "Counter(i); s += c.inc() - i; c.copy(); if (i % 100 == 0) c.self = c "
                             "}} return s }})()",
                             count),
                 std::to_string(count));
  };
  const auto from_host = [&](int count) {
    int failures = 0;
    for (int i = 0; i < count; ++i) failures += vm_.make(std::make_shared<Counter>(i)) ? 0 : 1;
    return failures;
  };
  ASSERT_TRUE(loop(5000));
  ASSERT_EQ(from_host(5000), 0);
  collect();
  const Stats before = vm_.stats();
  const int count = scaled(100'000);
  EXPECT_TRUE(loop(count));
  EXPECT_EQ(from_host(count), 0);
  collect();
  const Stats after = vm_.stats();
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_EQ(after.host_objects, 0U);
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

TEST_F(ObjectLifetime, ObjectsInTheMiddleOfALongRunGoOnceThereAreMany) {
  bind(counter_class());
  int most = 0;
  set("look", [&] { most = std::max(most, Counter::alive()); });
  run("for (let i = 0; i < 50000; i++) { new Counter(i); if (i % 100 == 0) look() } 0");
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_LT(most, 10'000);
}

TEST_F(ObjectLifetime, FailuresLeaveNothingBehind) {
  bind(counter_class());
  run(R"js(
    const c = new Counter(1), {inc} = Counter.prototype;
    const calls = [
      () => new Counter(), () => new Counter({}), () => Counter(1), () => inc.call({}), () => inc(),
      () => c.plus({}), () => c.plus(c, new Counter(2), null.x), () => c.fail(), () => c.count = 'x',
      () => Reflect.construct(Counter, [1], new Proxy(function() {}, {get() { throw 1 }})),
      () => new (class extends Counter { constructor() { super('x') } }),
      () => new (class extends Counter { constructor() { super(1); throw 1 } })];
    function loop(n) {
      let caught = 0;
      for (let i = 0; i < n; i++) for (const call of calls) try { call() } catch { caught++ }
      return caught;
    }
    loop(100);)js");
  collect();
  const Stats before = vm_.stats();
  const int count = scaled(10'000);
  EXPECT_TRUE(gives(vm_, fmt::format("loop({})", count), std::to_string(12 * count)));
  collect();
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_objects, 1U);
  EXPECT_EQ(Counter::alive(), 1);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

TEST_F(ObjectLifetime, AllIsRightWithACollectionAtEveryAllocation) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 0;
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  const auto kept = std::make_shared<Counter>(100);
  ASSERT_TRUE(vm.set("give", [&] { return kept; }));
  EXPECT_TRUE(gives(vm, R"js(
    let wrong = 0;
    class Sub extends Counter { field = {} }
    for (let i = 0; i < 200; i++) {
      const c = new Counter(i), s = new Sub(i);
      c.self = c; s.other = [c, s];
      if (c.inc() !== i + 1 || s.plus(c) !== 2 * i + 1 || c.copy().count !== i + 1) wrong++;
      if (give() !== give() || give().count !== 100 + i) wrong++;
      give().inc();
      try { c.plus({}) } catch { continue }
      wrong++;
    }
    wrong)js",
                    "0"));
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_EQ(kept->count(), 300);
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(Counter::alive(), 1);
}

TEST_F(ClassShape, OfAVmThatIsCutOffOrGoneIsClosed) {
  std::optional<Runtime> vm = make_runtime();
  const Context context = *vm;
  vm.reset();
  EXPECT_EQ(error_of(context.set("Counter", counter_class())).code, Errc::closed);
  EXPECT_EQ(error_of(context.make(std::make_shared<Counter>(1))).code, Errc::closed);
  EXPECT_EQ(Counter::alive(), 0);
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
