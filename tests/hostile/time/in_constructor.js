// expect: time_limit
// then: usable

class A {
  #x = (() => {
    for (;;);
  })();
}
new A();
