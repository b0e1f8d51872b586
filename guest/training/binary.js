// Training: bytes. Typed arrays, DataView, UTF-8, base64, checksums, compression, a Fourier transform, images, bit sets.
(() => {
  'use strict';

  function utf8(text) {
    const out = [];
    for (const c of text) {
      const p = c.codePointAt(0);
      if (p < 0x80) out.push(p);
      else if (p < 0x800) out.push(0xc0 | (p >> 6), 0x80 | (p & 63));
      else if (p < 0x10000) out.push(0xe0 | (p >> 12), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
      else out.push(0xf0 | (p >> 18), 0x80 | ((p >> 12) & 63), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
    }
    return Uint8Array.from(out);
  }

  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  function base64(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const n = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
      out += digits[n >> 18] + digits[(n >> 12) & 63];
      out += (i + 1 < bytes.length ? digits[(n >> 6) & 63] : '=') + (i + 2 < bytes.length ? digits[n & 63] : '=');
    }
    return out;
  }

  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  function crc(bytes) {
    let c = 0xffffffff;
    for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  }
  function adler(bytes) {
    let [a, b] = [1, 0];
    for (let i = 0; i < bytes.length; i++) {
      a = (a + bytes[i]) % 65521;
      b = (b + a) % 65521;
    }
    return ((b << 16) | a) >>> 0;
  }

  // Dictionary compression: codes of 16 bits, the dictionary is rebuilt on the way back.
  function pack(bytes) {
    const codes = new Map();
    for (let i = 0; i < 256; i++) codes.set(String.fromCharCode(i), i);
    const out = [];
    let run = '';
    for (const byte of bytes) {
      const c = String.fromCharCode(byte);
      if (codes.has(run + c)) {
        run += c;
        continue;
      }
      out.push(codes.get(run));
      codes.set(run + c, codes.size);
      run = c;
    }
    if (run) out.push(codes.get(run));
    return new Uint16Array(out);
  }
  function unpack(codes) {
    const words = Array.from({ length: 256 }, (_, i) => [i]);
    const out = [];
    let last = null;
    for (const code of codes) {
      const word = words[code] ?? [...last, last[0]];
      out.push(...word);
      if (last) words.push([...last, word[0]]);
      last = word;
    }
    return new Uint8Array(out);
  }

  function fourier(size) {
    const re = new Float64Array(size).map((_, i) => Math.sin(i * 0.3) + (i % 5));
    const im = new Float64Array(size);
    for (let i = 1, j = 0; i < size; i++) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) [re[i], re[j]] = [re[j], re[i]];
    }
    for (let span = 2; span <= size; span <<= 1) {
      const step = (-2 * Math.PI) / span;
      for (let from = 0; from < size; from += span) {
        for (let k = 0; k < span / 2; k++) {
          const [c, s] = [Math.cos(step * k), Math.sin(step * k)];
          const [a, b] = [from + k, from + k + span / 2];
          const x = re[b] * c - im[b] * s;
          const y = re[b] * s + im[b] * c;
          re[b] = re[a] - x;
          im[b] = im[a] - y;
          re[a] += x;
          im[a] += y;
        }
      }
    }
    return re.reduce((best, v, i) => (Math.hypot(v, im[i]) > Math.hypot(re[best], im[best]) ? i : best), 1);
  }

  function record(count) {
    const view = new DataView(new ArrayBuffer(count * 24));
    for (let i = 0; i < count; i++) {
      const at = i * 24;
      view.setUint16(at, i, true);
      view.setInt32(at + 4, -i * 1000);
      view.setFloat64(at + 8, i / 3, true);
      view.setBigUint64(at + 16, BigInt(i) << 40n);
    }
    let sum = 0;
    for (let at = 0; at < view.byteLength; at += 24) {
      sum +=
        view.getUint16(at, true) +
        view.getInt32(at + 4) +
        view.getFloat64(at + 8, true) +
        Number(view.getBigUint64(at + 16) >> 40n);
    }
    return Math.round(sum);
  }

  function image(size) {
    const pixels = new Uint8ClampedArray(size * size * 4);
    for (let y = 0, p = 0; y < size; y++) {
      for (let x = 0; x < size; x++, p += 4) {
        pixels[p] = x * 5;
        pixels[p + 1] = y * 3 - 20;
        pixels[p + 2] = (x ^ y) & 255;
        pixels[p + 3] = 255;
      }
    }
    const words = new Uint32Array(pixels.buffer);
    const row = words.slice(size, size * 2).reverse();
    words.set(row, size * 3);
    words.copyWithin(0, size * 5, size * 6);
    let grey = 0;
    for (let p = 0; p < pixels.length; p += 4) grey += (pixels[p] * 77 + pixels[p + 1] * 150 + pixels[p + 2] * 29) >> 8;
    return grey + words.subarray(3, 9).indexOf(words[5]) + crc(pixels.subarray(0, 64));
  }

  function bits(count) {
    const set = new Int32Array((count + 31) >> 5);
    for (let i = 0; i < count; i += 3) set[i >> 5] |= 1 << (i & 31);
    let ones = 0;
    for (let v of set) for (; v; v &= v - 1) ones++;
    return ones;
  }

  const text = 'Bytes, bytes and more bytes: größer, 漢字, \u{1F600}. '.repeat(12);
  let out = [];
  for (let i = 0; i < 160; i++) {
    const bytes = utf8(text + i);
    const packed = pack(bytes);
    const back = unpack(packed);
    out = [
      crc(bytes).toString(16),
      adler(bytes),
      base64(bytes).length,
      packed.length,
      crc(back) === crc(bytes),
      fourier(256),
      record(150),
      image(28),
      bits(4000),
    ];
  }
  return out.join('|');
})();
