// Closures and generators: captured variables, currying, composition, memoisation, lazy pipelines, iterators.
(() => {
  'use strict';

  function counters(rounds) {
    const make = (start, step) => {
      let value = start;
      return { next: () => (value = (value + step) | 0), reset: () => (value = start) };
    };
    const all = [make(0, 1), make(10, 3), make(-5, 7)];
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      sum = (sum + all[i % 3].next()) | 0;
      if (i % 1000 === 0) all[0].reset();
    }
    return sum;
  }

  function composition(rounds) {
    const compose = (...fs) => (x) => fs.reduce((value, f) => f(value), x);
    const add = (a) => (b) => (a + b) | 0;
    const pipeline = compose(add(3), (x) => x ^ 21, add(-8), (x) => Math.imul(x, 5), (x) => x & 0xfffff);
    let value = 1;
    for (let i = 0; i < rounds; i++) value = pipeline(value + i);
    return value;
  }

  function memoised(limit) {
    const memo = (f) => {
      const seen = new Map();
      return (n) => {
        if (!seen.has(n)) seen.set(n, f(n));
        return seen.get(n);
      };
    };
    const steps = memo((n) => (n === 1 ? 0 : 1 + steps(n % 2 ? 3 * n + 1 : n / 2)));
    let longest = 0;
    for (let n = 1; n < limit; n++) longest = Math.max(longest, steps(n));
    return longest;
  }

  function* naturals() {
    for (let n = 2; ; n++) yield n;
  }
  function* keep(source, test) {
    for (const value of source) if (test(value)) yield value;
  }
  function* take(source, count) {
    if (count > 0) for (const value of source) {
      yield value;
      if (--count === 0) return;
    }
  }

  function sieve(count) {
    const primes = [];
    const prime = (n) => {
      for (const p of primes) {
        if (p * p > n) return true;
        if (n % p === 0) return false;
      }
      return true;
    };
    for (const p of take(keep(naturals(), prime), count)) primes.push(p);
    return primes.at(-1);
  }

  // In-order walk by delegation: one generator a level.
  function tree(size) {
    const build = (lo, hi) => {
      if (lo > hi) return null;
      const mid = (lo + hi) >> 1;
      return { key: mid, left: build(lo, mid - 1), right: build(mid + 1, hi) };
    };
    function* walk(node) {
      if (node === null) return;
      yield* walk(node.left);
      yield node.key;
      yield* walk(node.right);
    }
    let h = 0;
    for (const key of walk(build(1, size))) h = (Math.imul(h, 31) + key) | 0;
    return h;
  }

  function perLoopBinding(rounds) {
    let sum = 0;
    for (let r = 0; r < rounds; r++) {
      const thunks = [];
      for (let i = 0; i < 50; i++) thunks.push(() => i * r);
      for (const thunk of thunks) sum = (sum + thunk()) | 0;
    }
    return sum;
  }

  return [counters(90000), composition(16000), memoised(5000), sieve(2500), tree(6000), perLoopBinding(600)].join(' ');
})();
