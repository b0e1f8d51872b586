// The first script to run: sandglass run examples/hello.js
//
// It can compute and print. That is all it can do.

const who = scriptArgs[0] ?? 'world';
console.log(`Hello, ${who}, from inside the sandbox.`);

const primes = [];
for (let n = 2; primes.length < 10; n++) {
  if (primes.every((p) => n % p !== 0)) primes.push(n);
}
console.log('Ten primes:', primes);

for (const name of ['require', 'process', 'fetch', 'WebAssembly']) {
  console.log(`${name} is ${typeof globalThis[name]}.`);
}
