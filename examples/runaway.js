// A script that will not end, and tries to hold on: sandglass run --time 100ms examples/runaway.js
//
// The end that the time limit brings cannot be caught: neither catch nor finally sees it.

console.log('Running until I am stopped.');

for (;;) {
  try {
    for (;;);
  } catch {
    console.log('never printed');
  } finally {
    continue;
  }
}
