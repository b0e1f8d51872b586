// A module, with await at its top level: sandglass run --json examples/module.mjs
//
// With --json, what it exports is the value of the run.

const pause = () => new Promise((resolve) => Promise.resolve().then(resolve));

export const squares = [];
for (let n = 1; n <= 5; n++) {
  await pause();
  squares.push(n * n);
}

export default squares.reduce((sum, square) => sum + square, 0);
