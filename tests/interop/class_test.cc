// Bound classes: how they are made, what their members take and give, and what the class looks
// like.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "classes.h"
#include "types.h"

namespace sandglass::test {
namespace {

using ClassConstructor = Classes;
using ClassMember = Classes;
using ClassShape = Classes;

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

TEST_F(ClassShape, OfAVmThatIsCutOffOrGoneIsClosed) {
  std::optional<Runtime> vm = make_runtime();
  const Context context = *vm;
  vm.reset();
  EXPECT_EQ(error_of(context.set("Counter", counter_class())).code, Errc::closed);
  EXPECT_EQ(error_of(context.make(std::make_shared<Counter>(1))).code, Errc::closed);
  EXPECT_EQ(Counter::alive(), 0);
}

}  // namespace
}  // namespace sandglass::test
