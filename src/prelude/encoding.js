// TextDecoder for one more encoding than the engine's side module has, TextEncoder, atob and btoa.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { RangeError, TypeError } = globalThis;
  const { toLowerCase, slice, charCodeAt } = String.prototype;
  const { fromCharCode } = String;
  const arrayName = Object.getOwnPropertyDescriptor(Reflect.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
  const { need, toText, expose, isObject, isBytes, bytesOf, byteLength, addBrand, showGetters } = shared.web;
  const NativeDecoder = globalThis.TextDecoder;
  const NativeEncoder = globalThis.TextEncoder;
  const nativeDecode = NativeDecoder.prototype.decode;
  const nativeEncode = NativeEncoder.prototype.encode;
  const nativeEncodeInto = NativeEncoder.prototype.encodeInto;

  const isUint8Array = (value) => isObject(value) && apply(arrayName, value, []) === 'Uint8Array';

  const labels = { __proto__: null };
  const learn = (encoding, text) => {
    const all = text.split(' ');
    for (let i = 0; i < all.length; i++) labels[all[i]] = encoding;
  };
  learn('utf-8', 'unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8');
  learn('utf-16le', 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le');
  learn('utf-16be', 'unicodefffe utf-16be');
  learn('windows-1252', 'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 ' +
    'iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252');
  // What windows-1252 has at 0x80 to 0x9f.
  const special = '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
    '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

  const isSpace = (code) => code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b);
  function encodingOf(label) {
    const text = toText(label);
    let begin = 0;
    let end = text.length;
    while (begin < end && isSpace(apply(charCodeAt, text, [begin]))) begin++;
    while (end > begin && isSpace(apply(charCodeAt, text, [end - 1]))) end--;
    const encoding = labels[apply(toLowerCase, apply(slice, text, [begin, end]), [])];
    if (encoding !== undefined) return encoding;
    const failure = new RangeError('The "' + text + '" encoding is not supported');
    failure.code = 'ERR_ENCODING_NOT_SUPPORTED';
    throw failure;
  }
  function decodeBytes(bytes) {
    const length = byteLength(bytes);
    let text = '';
    for (let i = 0; i < length; i++) {
      const byte = bytes[i];
      text += byte >= 0x80 && byte <= 0x9f ? special[byte - 0x80] : fromCharCode(byte);
    }
    return text;
  }

  let isDecoder;

  class TextDecoder {
    #encoding;
    #fatal = false;
    #ignoreBOM = false;
    #native = null;
    static {
      isDecoder = (value) => #native in value;
      addBrand(isDecoder);
    }
    constructor(label = 'utf-8', options = undefined) {
      this.#encoding = encodingOf(label);
      if (options !== undefined && options !== null) {
        if (!isObject(options)) throw new TypeError('the options of a TextDecoder are an object');
        this.#fatal = !!options.fatal;
        this.#ignoreBOM = !!options.ignoreBOM;
      }
      if (this.#encoding !== 'windows-1252') {
        this.#native = new NativeDecoder(this.#encoding,
          { __proto__: null, fatal: this.#fatal, ignoreBOM: this.#ignoreBOM });
      }
    }
    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }
    decode(input = undefined, options = undefined) {
      const encoding = this.#encoding;
      let stream = false;
      if (options !== undefined && options !== null) {
        if (!isObject(options)) throw new TypeError('the options of decode() are an object');
        stream = !!options.stream;
      }
      if (input !== undefined && !isBytes(input)) throw new TypeError('the input is no ArrayBuffer and no view of one');
      if (encoding === 'windows-1252') return input === undefined ? '' : decodeBytes(bytesOf(input));
      const settings = { __proto__: null, stream };
      return input === undefined
        ? apply(nativeDecode, this.#native, [undefined, settings])
        : apply(nativeDecode, this.#native, [bytesOf(input), settings]);
    }
  }

  class TextEncoder {
    #native = new NativeEncoder();
    static {
      addBrand((value) => #native in value);
    }
    get encoding() {
      return #native in this ? 'utf-8' : undefined;
    }
    encode(input = '') {
      const encoder = this.#native;
      return apply(nativeEncode, encoder, [toText(input)]);
    }
    encodeInto(source, destination) {
      need(arguments.length, 2, 'TextEncoder.encodeInto');
      const text = toText(source);
      // A view of its own: the engine writes to one of a buffer that was cut as if it were as long as before.
      const exact = isUint8Array(destination) ? bytesOf(destination) : destination;
      return apply(nativeEncodeInto, this.#native, [text, exact]);
    }
  }
  expose(TextDecoder, 'TextDecoder');
  showGetters(isDecoder, TextDecoder, ['encoding', 'fatal', 'ignoreBOM']);
  expose(TextEncoder, 'TextEncoder');

  // For the other files: UTF-8. utf8DecodeAll() keeps a byte order mark.
  const encoder = new NativeEncoder();
  shared.web.utf8Encode = (text) => apply(nativeEncode, encoder, [text]);
  const decoder = new NativeDecoder();
  shared.web.utf8Decode = (bytes) => apply(nativeDecode, decoder, [bytes]);
  const exactDecoder = new NativeDecoder('utf-8', { ignoreBOM: true });
  shared.web.utf8DecodeAll = (bytes) => apply(nativeDecode, exactDecoder, [bytes]);

  // The engine's own, which take a missing argument for 'undefined'.
  const { atob: nativeDecode64, btoa: nativeEncode64 } = globalThis;
  const replacements = {
    atob(data) {
      need(arguments.length, 1, 'atob');
      return nativeDecode64(toText(data));
    },
    btoa(data) {
      need(arguments.length, 1, 'btoa');
      return nativeEncode64(toText(data));
    },
  };
  for (const name of ['atob', 'btoa']) {
    Object.defineProperty(globalThis, name,
      { __proto__: null, value: replacements[name], writable: true, enumerable: true, configurable: true });
  }
}
