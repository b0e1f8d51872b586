// expect: stack_limit
// then: usable

// Two hundred overflows in one VM, each caught.
let count = 0;
for (let i = 0; i < 200; i++) {
  try {
    (function f() {
      f();
    })();
  } catch (e) {
    if (e instanceof RangeError) count++;
  }
}
if (count !== 200) throw new Error(String(count));
count;
