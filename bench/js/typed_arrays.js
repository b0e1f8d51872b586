// Typed arrays: matrix product, Mandelbrot set, SHA-256, sieve, box blur and DataView.
(() => {
  'use strict';

  function matrices(n) {
    const a = new Float64Array(n * n).map((_, i) => (i % 7) - 3);
    const b = new Float64Array(n * n).map((_, i) => (i % 5) * 0.5);
    const c = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
        c[i * n + j] = sum;
      }
    }
    return c.reduce((s, v, i) => s + v * (i % 11), 0);
  }

  function mandelbrot(size, limit) {
    const counts = new Uint8Array(size * size);
    for (let py = 0; py < size; py++) {
      for (let px = 0; px < size; px++) {
        const cx = (px / size) * 3 - 2;
        const cy = (py / size) * 2 - 1;
        let x = 0;
        let y = 0;
        let n = 0;
        while (n < limit && x * x + y * y < 4) {
          const t = x * x - y * y + cx;
          y = 2 * x * y + cy;
          x = t;
          n++;
        }
        counts[py * size + px] = n;
      }
    }
    return counts.reduce((s, v) => s + v, 0);
  }

  // The constants are the first 32 bits of the fractional parts of roots of the first primes.
  function sha256(bytes) {
    const k = new Uint32Array(64);
    const h = new Uint32Array(8);
    const fraction = (x) => ((x - Math.floor(x)) * 0x100000000) >>> 0;
    for (let n = 2, i = 0; i < 64; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
      if (!prime) continue;
      if (i < 8) h[i] = fraction(Math.sqrt(n));
      k[i++] = fraction(Math.cbrt(n));
    }
    const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 4, bytes.length * 8);
    const w = new Uint32Array(64);
    const rotate = (x, n) => (x >>> n) | (x << (32 - n));
    for (let block = 0; block < padded.length; block += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getUint32(block + i * 4);
      for (let i = 16; i < 64; i++) {
        const s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        const s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, last] = h;
      for (let i = 0; i < 64; i++) {
        const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const t1 = (last + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        last = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      [a, b, c, d, e, f, g, last].forEach((v, i) => (h[i] += v));
    }
    return Array.from(h, (v) => v.toString(16).padStart(8, '0')).join('');
  }

  function sieve(limit) {
    const composite = new Uint8Array(limit + 1);
    let count = 0;
    for (let n = 2; n <= limit; n++) {
      if (composite[n]) continue;
      count++;
      for (let m = n * n; m <= limit; m += n) composite[m] = 1;
    }
    return count;
  }

  function blur(width, height) {
    const from = new Uint8ClampedArray(width * height).map((_, i) => (i * 37) & 255);
    const to = new Uint8ClampedArray(width * height);
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        let sum = 0;
        for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += from[(y + dy) * width + x + dx];
        to[y * width + x] = sum / 9;
      }
    }
    return to.reduce((s, v) => (s * 31 + v) | 0, 0);
  }

  return [matrices(68), mandelbrot(96, 60), sha256(new Uint8Array(24000).fill(97)), sieve(120000), blur(100, 100)].join(' ');
})();
