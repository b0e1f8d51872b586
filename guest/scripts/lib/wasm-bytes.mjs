// The primitive encodings of the WebAssembly binary format: LEB128 integers, names, byte runs.

import { BuildError } from './build-error.mjs';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Reads forward through a byte array. Reading past the end or a malformed integer is a BuildError. */
export class ByteReader {
  constructor(bytes, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get atEnd() {
    return this.position >= this.bytes.length;
  }

  u8() {
    if (this.atEnd) {
      throw new BuildError('malformed WebAssembly: unexpected end');
    }
    return this.bytes[this.position++];
  }

  u32() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new BuildError('malformed WebAssembly: integer too long');
  }

  s32() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        const signBits = shift + 7 < 32 && byte & 0x40 ? -1 << (shift + 7) : 0;
        return value | signBits;
      }
    }
    throw new BuildError('malformed WebAssembly: integer too long');
  }

  run(length) {
    const end = this.position + length;
    if (end > this.bytes.length) {
      throw new BuildError('malformed WebAssembly: unexpected end');
    }
    const bytes = this.bytes.subarray(this.position, end);
    this.position = end;
    return bytes;
  }

  name() {
    return decoder.decode(this.run(this.u32()));
  }

  /** Reads a vector: a count, then `readItem()` that many times. */
  vector(readItem) {
    const items = [];
    for (let count = this.u32(); count > 0; count--) {
      items.push(readItem());
    }
    return items;
  }
}

/** Collects bytes. Every method returns the writer. */
export class ByteWriter {
  #parts = [];

  u8(value) {
    return this.run([value]);
  }

  u32(value) {
    const bytes = [];
    let rest = value;
    do {
      const more = rest >= 0x80;
      bytes.push((rest % 0x80) | (more ? 0x80 : 0));
      rest = Math.floor(rest / 0x80);
    } while (rest > 0);
    return this.run(bytes);
  }

  s32(value) {
    const bytes = [];
    for (let rest = value | 0; ; rest >>= 7) {
      const low = rest & 0x7f;
      const done = (rest >> 6 === 0) || (rest >> 6 === -1);
      bytes.push(done ? low : low | 0x80);
      if (done) {
        return this.run(bytes);
      }
    }
  }

  run(bytes) {
    this.#parts.push(Buffer.from(bytes));
    return this;
  }

  name(text) {
    const bytes = encoder.encode(text);
    return this.u32(bytes.length).run(bytes);
  }

  /** Writes a vector: the count, then `writeItem(item)` for each. */
  vector(items, writeItem) {
    this.u32(items.length);
    items.forEach((item) => writeItem(item));
    return this;
  }

  finish() {
    return Buffer.concat(this.#parts);
  }
}
