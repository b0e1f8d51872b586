// BigInt: digits of pi, factorials, modular powers, Fibonacci, square roots, 64-bit wrap-around and text conversion.
(() => {
  'use strict';

  // Gibbons' unbounded spigot.
  function pi(digits) {
    let [q, r, t, k, n, l] = [1n, 0n, 1n, 1n, 3n, 3n];
    let out = '';
    while (out.length < digits) {
      if (4n * q + r - t < n * t) {
        out += n;
        const next = 10n * (r - n * t);
        n = (10n * (3n * q + r)) / t - 10n * n;
        q *= 10n;
        r = next;
      } else {
        const next = (2n * q + r) * l;
        n = (q * (7n * k) + 2n + r * l) / (t * l);
        q *= k;
        t *= l;
        l += 2n;
        k += 1n;
        r = next;
      }
    }
    return out;
  }

  function factorial(n) {
    let f = 1n;
    for (let i = 2n; i <= n; i++) f *= i;
    return f;
  }

  function power(base, exponent, modulus) {
    let result = 1n;
    base %= modulus;
    for (; exponent > 0n; exponent >>= 1n) {
      if (exponent & 1n) result = (result * base) % modulus;
      base = (base * base) % modulus;
    }
    return result;
  }

  function fibonacci(n) {
    let a = 0n;
    let b = 1n;
    for (let i = 0; i < n; i++) [a, b] = [b, a + b];
    return a;
  }

  function root(n) {
    let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
    for (;;) {
      const y = (x + n / x) >> 1n;
      if (y >= x) return x;
      x = y;
    }
  }

  function xorshift(rounds) {
    let s = 0x9e3779b97f4a7c15n;
    for (let i = 0; i < rounds; i++) {
      s ^= BigInt.asUintN(64, s << 13n);
      s ^= s >> 7n;
      s ^= BigInt.asUintN(64, s << 17n);
    }
    return s;
  }

  const tail = (n) => (n % 1000000007n).toString();
  const mersenne = (1n << 1279n) - 1n;

  return [
    pi(800).slice(-12),
    tail(factorial(2500n)),
    tail(power(3n, mersenne - 1n, mersenne)),
    tail(fibonacci(16000)),
    tail(root(10n ** 4000n * 2n)),
    xorshift(90000).toString(16),
    tail(BigInt(factorial(1500n).toString())),
  ].join(' ');
})();
