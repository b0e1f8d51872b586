// Training: numbers. Arithmetic loops, Math, formatting, fractions and keys in BigInt, primes, matrices, statistics.
(() => {
  'use strict';

  function bodies(steps) {
    const all = [
      { x: 0, y: 0, z: 0, u: 0, v: 0, w: 0, m: 40 },
      { x: 5, y: -1, z: 0.1, u: 0.6, v: 2.8, w: -0.02, m: 0.04 },
      { x: 8, y: 4, z: -0.4, u: -1.0, v: 1.8, w: 0.008, m: 0.01 },
      { x: -12, y: 9, z: 0.3, u: -1.2, v: 1.1, w: 0.004, m: 0.002 },
    ];
    for (let s = 0; s < steps; s++) {
      for (let i = 0; i < all.length; i++) {
        const a = all[i];
        for (let j = i + 1; j < all.length; j++) {
          const b = all[j];
          const dx = a.x - b.x,
            dy = a.y - b.y,
            dz = a.z - b.z;
          const d2 = dx * dx + dy * dy + dz * dz;
          const f = 0.005 / (d2 * Math.sqrt(d2));
          a.u -= dx * b.m * f;
          a.v -= dy * b.m * f;
          a.w -= dz * b.m * f;
          b.u += dx * a.m * f;
          b.v += dy * a.m * f;
          b.w += dz * a.m * f;
        }
      }
      for (const a of all) {
        a.x += 0.005 * a.u;
        a.y += 0.005 * a.v;
        a.z += 0.005 * a.w;
      }
    }
    return all.map((a) => a.x.toFixed(4)).join();
  }

  class Fraction {
    constructor(top, bottom = 1n) {
      let [a, b] = [top < 0n ? -top : top, bottom];
      while (b) [a, b] = [b, a % b];
      this.top = top / a;
      this.bottom = bottom / a;
    }
    plus(o) {
      return new Fraction(this.top * o.bottom + o.top * this.bottom, this.bottom * o.bottom);
    }
    toString() {
      return `${this.top}/${this.bottom}`;
    }
  }
  const harmonic = (n) => {
    let sum = new Fraction(0n, 1n);
    for (let i = 1n; i <= n; i++) sum = sum.plus(new Fraction(1n, i));
    return sum;
  };

  function probablePrime(n) {
    if (n % 2n === 0n) return n === 2n;
    let d = n - 1n;
    let r = 0;
    while ((d & 1n) === 0n) ((d >>= 1n), r++);
    witness: for (const a of [2n, 3n, 5n, 7n, 11n]) {
      if (a % n === 0n) continue;
      let x = 1n;
      for (let b = a, e = d; e; e >>= 1n, b = (b * b) % n) if (e & 1n) x = (x * b) % n;
      if (x === 1n || x === n - 1n) continue;
      for (let i = 1; i < r; i++) if ((x = (x * x) % n) === n - 1n) continue witness;
      return false;
    }
    return true;
  }

  function keys() {
    let [p, q] = [(1n << 89n) - 1n, (1n << 107n) - 1n];
    const n = p * q;
    const phi = (p - 1n) * (q - 1n);
    let [a, b, x, y] = [65537n, phi, 1n, 0n];
    while (b) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
    const secret = ((x % phi) + phi) % phi;
    const power = (base, e) => {
      let out = 1n;
      for (; e; e >>= 1n, base = (base * base) % n) if (e & 1n) out = (out * base) % n;
      return out;
    };
    return power(power(123456789n, 65537n), secret);
  }

  function statistics(count) {
    const values = Array.from({ length: count }, (_, i) => Math.sin(i) * 50 + (i % 13) ** 1.5);
    const mean = values.reduce((a, b) => a + b) / count;
    const deviation = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (count - 1));
    const sorted = values.toSorted((a, b) => a - b);
    const histogram = new Array(10).fill(0);
    for (const v of values) histogram[Math.min(9, Math.floor(((v - sorted[0]) / (sorted.at(-1) - sorted[0])) * 10))]++;
    return `${mean.toPrecision(5)} ${deviation.toExponential(2)} ${sorted[count >> 1].toFixed(3)} ${histogram}`;
  }

  function roman(n) {
    const marks = [
      ['M', 1000],
      ['CM', 900],
      ['D', 500],
      ['CD', 400],
      ['C', 100],
      ['XC', 90],
      ['L', 50],
      ['XL', 40],
      ['X', 10],
      ['IX', 9],
      ['V', 5],
      ['IV', 4],
      ['I', 1],
    ];
    return marks.reduce((out, [mark, worth]) => {
      while (n >= worth) ((out += mark), (n -= worth));
      return out;
    }, '');
  }

  function formats(count) {
    let length = 0;
    for (let i = 1; i <= count; i++) {
      const n = i * 1234.5678 - 1e6 / i;
      length += String(n).length + n.toFixed(2).length + (i * 97).toString(16).length + i.toString(2).length;
      length += parseInt((i * 31).toString(36), 36) === i * 31 ? 1 : 0;
      length += parseFloat(n.toPrecision(6)) > 0 ? 1 : 0;
      length +=
        (Math.round(n) +
          Math.trunc(-n) +
          (~~n ^ (i << 3)) +
          Math.clz32(i) +
          Math.max(i, 3, n) -
          Math.hypot(3, 4) +
          (i % -7)) |
        0;
    }
    return length;
  }

  function solve(size) {
    const m = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size + 1 }, (_, j) => (i === j ? size : 1 / (i + j + 1))),
    );
    for (let c = 0; c < size; c++) {
      let pivot = c;
      for (let r = c + 1; r < size; r++) if (Math.abs(m[r][c]) > Math.abs(m[pivot][c])) pivot = r;
      [m[c], m[pivot]] = [m[pivot], m[c]];
      for (let r = 0; r < size; r++) {
        if (r === c) continue;
        const k = m[r][c] / m[c][c];
        for (let j = c; j <= size; j++) m[r][j] -= k * m[c][j];
      }
    }
    return m
      .map((row, i) => row[size] / row[i])
      .reduce((a, b) => a + b)
      .toFixed(6);
  }

  let out = [];
  for (let i = 0; i < 18; i++) {
    let primes = 0;
    for (let n = 10n ** 12n + 1n; n < 10n ** 12n + 120n; n += 2n) if (probablePrime(n)) primes++;
    let marks = 0;
    for (let n = 1; n < 1200; n++) marks += roman(n).length;
    out = [bodies(1100), harmonic(120n), primes, keys(), statistics(2500), marks, formats(2500), solve(26)];
  }
  return out.join('|');
})();
