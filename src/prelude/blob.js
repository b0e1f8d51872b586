// Blob: bytes with a type, in memory. There are no streams.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { TypeError, Uint8Array } = globalThis;
  const { iterator: iteratorSymbol } = Symbol;
  const { charCodeAt, toLowerCase } = String.prototype;
  const { set: setBytes } = Uint8Array.prototype;
  const { list, toText, expose, showGetters, isObject, isBytes, bytesOf, bufferOf, byteLength, byteOffset, usvString, utf8Encode,
    utf8Decode } = shared.web;
  const { openIterator, done } = shared.functions;
  const copyOf = (bytes) => new Uint8Array(bytes);

  function typeOf(value) {
    const text = toText(value);
    for (let i = 0; i < text.length; i++) {
      const code = apply(charCodeAt, text, [i]);
      if (code < 0x20 || code > 0x7e) return '';
    }
    return apply(toLowerCase, text, []);
  }
  // An index as slice() of an array has it, in a range of `size`.
  function clamp(value, size) {
    let index = +value;
    if (index !== index) index = 0;
    if (index < 0) return size + index > 0 ? size + index - (size + index) % 1 : 0;
    return index < size ? index - index % 1 : size;
  }

  let bytesIn;
  let make;

  class Blob {
    #bytes = new Uint8Array(0);
    #type = '';
    static {
      shared.web.isBlob = (value) => isObject(value) && #bytes in value;
      bytesIn = (blob) => blob.#bytes;
      shared.web.blobType = (blob) => blob.#type;
      make = (bytes, type) => {
        const blob = new Blob();
        blob.#bytes = bytes;
        blob.#type = type;
        return blob;
      };
    }
    constructor(parts = undefined, options = undefined) {
      if (parts !== undefined) this.#bytes = Blob.#join(parts);
      if (options === undefined || options === null) return;
      if (!isObject(options)) throw new TypeError('the options of a Blob are an object');
      const { endings, type } = options;
      if (endings !== undefined) {
        const chosen = toText(endings);
        if (chosen !== 'transparent' && chosen !== 'native') throw new TypeError("'" + chosen + "' is no kind of line endings");
      }
      if (type !== undefined) this.#type = typeOf(type);
    }
    static #join(parts) {
      if (!isObject(parts) || typeof parts[iteratorSymbol] !== 'function') throw new TypeError('the parts of a Blob are iterable');
      const chunks = list();
      let size = 0;
      const next = openIterator(parts);
      for (let part = next(false); part !== done; part = next(false)) {
        let chunk;
        if (isObject(part) && #bytes in part) chunk = part.#bytes;
        else if (isBytes(part)) chunk = copyOf(bytesOf(part));
        else chunk = utf8Encode(usvString(part));
        chunks[chunks.length] = chunk;
        size += byteLength(chunk);
      }
      const bytes = new Uint8Array(size);
      let at = 0;
      for (let i = 0; i < chunks.length; i++) {
        apply(setBytes, bytes, [chunks[i], at]);
        at += byteLength(chunks[i]);
      }
      return bytes;
    }
    get size() { return byteLength(this.#bytes); }
    get type() { return this.#type; }
    slice(start = undefined, end = undefined, type = undefined) {
      const size = byteLength(this.#bytes);
      const from = start === undefined ? 0 : clamp(start, size);
      const to = end === undefined ? size : clamp(end, size);
      // What a Blob holds never changes, so a part of it may share the memory.
      const part = new Uint8Array(bufferOf(this.#bytes), byteOffset(this.#bytes) + from, to > from ? to - from : 0);
      return make(part, type === undefined ? '' : typeOf(type));
    }
    async text() { return utf8Decode(this.#bytes); }
    async arrayBuffer() { return bufferOf(copyOf(this.#bytes)); }
    async bytes() { return copyOf(this.#bytes); }
  }
  Object.defineProperty(Blob, 'length', { __proto__: null, value: 0, configurable: true });
  expose(Blob, 'Blob');
  showGetters(shared.web.isBlob, Blob, ['size', 'type']);
  shared.web.makeBlob = make;
  shared.web.blobBytes = bytesIn;
}
