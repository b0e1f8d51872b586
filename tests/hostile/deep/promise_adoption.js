// expect: ok
// then: usable

// Each promise waits for the one before; the settling passes through all.
let settle;
let p = new Promise((resolve) => (settle = resolve));
for (let i = 0; i < 20000; i++) {
  const before = p;
  p = new Promise((resolve) => resolve(before));
}
settle(1);
'queued';
