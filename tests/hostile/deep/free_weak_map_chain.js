// expect: ok
// then: usable

// Each key lives only as long as the entry before it.
const weak = new WeakMap();
let key = {};
const first = [key];
for (let i = 0; i < 50000; i++) {
  const next = {};
  weak.set(key, next);
  key = next;
}
first.pop();
key = null;
'freed';
