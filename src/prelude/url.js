// URL and URLSearchParams. Parsing is the engine's side module; what it lacks is here: searchParams, URL.parse, and
// URLSearchParams that follow their URL.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { getOwnPropertyDescriptor, defineProperty } = Object;
  const { TypeError, Uint8Array } = globalThis;
  const { iterator: iteratorSymbol } = Symbol;
  const { charCodeAt, slice, indexOf } = String.prototype;
  const { fromCharCode } = String;
  const { ownKeys } = Reflect;
  const { list, need, expose, isObject, usvString, makeIteratorClass, addBrand, showGetters, showPairs, byteLength, bufferOf, utf8Encode,
    utf8DecodeAll } = shared.web;
  const { openIterator, done } = shared.functions;
  const NativeURL = globalThis.URL;
  const { canParse } = NativeURL;
  const native = (name) => getOwnPropertyDescriptor(NativeURL.prototype, name);
  const hrefOf = native('href').get;
  const setHref = native('href').set;
  const searchOf = native('search').get;
  const setSearch = native('search').set;

  // application/x-www-form-urlencoded.

  const hex = '0123456789ABCDEF';
  const isPlainByte = (code) =>
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) ||
    code === 0x2a || code === 0x2d || code === 0x2e || code === 0x5f;

  function encodePart(text) {
    let plain = true;
    for (let i = 0; i < text.length && plain; i++) plain = isPlainByte(apply(charCodeAt, text, [i]));
    if (plain) return text;
    const bytes = utf8Encode(text);
    let out = '';
    for (let i = 0, length = byteLength(bytes); i < length; i++) {
      const byte = bytes[i];
      if (byte === 0x20) out += '+';
      else if (isPlainByte(byte)) out += fromCharCode(byte);
      else out += '%' + hex[byte >> 4] + hex[byte & 15];
    }
    return out;
  }
  function hexDigit(code) {
    if (code >= 0x30 && code <= 0x39) return code - 0x30;
    const letter = code | 0x20;
    return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
  }
  function decodePart(text) {
    if (apply(indexOf, text, ['%']) < 0 && apply(indexOf, text, ['+']) < 0) return text;
    const bytes = utf8Encode(text);
    const length = byteLength(bytes);
    const out = new Uint8Array(length);
    let size = 0;
    for (let i = 0; i < length; i++) {
      let byte = bytes[i];
      if (byte === 0x2b) {
        byte = 0x20;
      } else if (byte === 0x25 && i + 2 < length) {
        const high = hexDigit(bytes[i + 1]);
        const low = hexDigit(bytes[i + 2]);
        if (high >= 0 && low >= 0) {
          byte = high * 16 + low;
          i += 2;
        }
      }
      out[size++] = byte;
    }
    return utf8DecodeAll(new Uint8Array(bufferOf(out), 0, size));
  }
  // Pairs lie flat in a list: name, value, name, value.
  function parsePairs(text) {
    const pairs = list();
    let equals = -1;
    for (let at = 0; at <= text.length;) {
      let end = apply(indexOf, text, ['&', at]);
      if (end < 0) end = text.length;
      if (end > at) {
        // Looked for again only once it was passed: each part of the text is searched once.
        if (equals < at) {
          equals = apply(indexOf, text, ['=', at]);
          if (equals < 0) equals = text.length;
        }
        const split = equals > end ? end : equals;
        pairs[pairs.length] = decodePart(apply(slice, text, [at, split]));
        pairs[pairs.length] = split < end ? decodePart(apply(slice, text, [split + 1, end])) : '';
      }
      at = end + 1;
    }
    return pairs;
  }
  function serialize(pairs) {
    let out = '';
    for (let i = 0; i < pairs.length; i += 2) {
      out += '' + (i === 0 ? '' : '&') + encodePart(pairs[i]) + '=' + encodePart(pairs[i + 1]);
    }
    return out;
  }

  function pairOf(element) {
    if (!isObject(element) || typeof element[iteratorSymbol] !== 'function') {
      throw new TypeError('each pair must be an iterable of a name and a value');
    }
    const pair = list();
    const next = openIterator(element);
    for (let part = next(false); part !== done; part = next(false)) {
      if (pair.length === 2) {
        next(true);
        throw new TypeError('each pair must be an iterable of a name and a value');
      }
      pair[pair.length] = usvString(part);
    }
    if (pair.length !== 2) throw new TypeError('each pair must be an iterable of a name and a value');
    return pair;
  }
  function pairsFrom(init) {
    if (!isObject(init)) {
      const text = usvString(init);
      return parsePairs(text[0] === '?' ? apply(slice, text, [1]) : text);
    }
    const pairs = list();
    const method = init[iteratorSymbol];
    if (method !== undefined && method !== null) {
      if (typeof method !== 'function') throw new TypeError('the argument is not iterable');
      const next = openIterator(init);
      for (let element = next(false); element !== done; element = next(false)) {
        const pair = pairOf(element);
        pairs[pairs.length] = pair[0];
        pairs[pairs.length] = pair[1];
      }
      return pairs;
    }
    for (let i = 0, names = ownKeys(init); i < names.length; i++) {
      const descriptor = getOwnPropertyDescriptor(init, names[i]);
      if (descriptor === undefined || !descriptor.enumerable) continue;
      const name = usvString(names[i]);
      const value = usvString(init[names[i]]);
      // A lone surrogate and U+FFFD are the same name in the end: the later one counts.
      let at = 0;
      while (at < pairs.length && pairs[at] !== name) at += 2;
      pairs[at] = name;
      pairs[at + 1] = value;
    }
    return pairs;
  }

  let attach;
  let pairsNow;

  class URLSearchParams {
    #pairs = list();
    #url = null;
    #search = '';  // of #url, as it was when #pairs were read from it
    static {
      addBrand((value) => #pairs in value);
      shared.web.isSearchParams = (value) => isObject(value) && #pairs in value;
      attach = (params, url) => { params.#url = url; };
      pairsNow = (params) => params.#read();
    }
    constructor(init = undefined) {
      if (init !== undefined) this.#pairs = pairsFrom(init);
    }
    // The URL may have changed since: also while an argument was converted, so that it is read again after that. The first
    // read tells whether `this` is one at all.
    #read() {
      if (this.#url !== null) {
        const search = apply(searchOf, this.#url, []);
        if (search !== this.#search) {
          this.#search = search;
          this.#pairs = parsePairs(apply(slice, search, [1]));
        }
      }
      return this.#pairs;
    }
    #changed() {
      if (this.#url === null) return;
      apply(setSearch, this.#url, [serialize(this.#pairs)]);
      this.#search = apply(searchOf, this.#url, []);
    }
    #without(name, value) {
      const rest = list();
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] === name && (value === undefined || this.#pairs[i + 1] === value)) continue;
        rest[rest.length] = this.#pairs[i];
        rest[rest.length] = this.#pairs[i + 1];
      }
      this.#pairs = rest;
    }
    append(name, value) {
      this.#read();
      need(arguments.length, 2, 'URLSearchParams.append');
      const added = usvString(name);
      const text = usvString(value);
      const pairs = this.#read();
      pairs[pairs.length] = added;
      pairs[pairs.length] = text;
      this.#changed();
    }
    delete(name, value = undefined) {
      this.#read();
      need(arguments.length, 1, 'URLSearchParams.delete');
      const removed = usvString(name);
      const text = value === undefined ? undefined : usvString(value);
      this.#read();
      this.#without(removed, text);
      this.#changed();
    }
    get(name) {
      this.#read();
      need(arguments.length, 1, 'URLSearchParams.get');
      const wanted = usvString(name);
      const pairs = this.#read();
      for (let i = 0; i < pairs.length; i += 2) {
        if (pairs[i] === wanted) return pairs[i + 1];
      }
      return null;
    }
    getAll(name) {
      this.#read();
      need(arguments.length, 1, 'URLSearchParams.getAll');
      const wanted = usvString(name);
      const pairs = this.#read();
      const found = [];
      for (let i = 0; i < pairs.length; i += 2) {
        if (pairs[i] === wanted) {
          defineProperty(found, found.length,
            { __proto__: null, value: pairs[i + 1], writable: true, enumerable: true, configurable: true });
        }
      }
      return found;
    }
    has(name, value = undefined) {
      this.#read();
      need(arguments.length, 1, 'URLSearchParams.has');
      const wanted = usvString(name);
      const text = value === undefined ? undefined : usvString(value);
      const pairs = this.#read();
      for (let i = 0; i < pairs.length; i += 2) {
        if (pairs[i] === wanted && (text === undefined || pairs[i + 1] === text)) return true;
      }
      return false;
    }
    set(name, value) {
      this.#read();
      need(arguments.length, 2, 'URLSearchParams.set');
      const wanted = usvString(name);
      const text = usvString(value);
      const pairs = this.#read();
      const rest = list();
      let found = false;
      for (let i = 0; i < pairs.length; i += 2) {
        if (pairs[i] !== wanted) {
          rest[rest.length] = pairs[i];
          rest[rest.length] = pairs[i + 1];
        } else if (!found) {
          found = true;
          rest[rest.length] = wanted;
          rest[rest.length] = text;
        }
      }
      if (!found) {
        rest[rest.length] = wanted;
        rest[rest.length] = text;
      }
      this.#pairs = rest;
      this.#changed();
    }
    // A stable merge sort by code units of the names.
    sort() {
      this.#pairs = shared.web.sortPairs(this.#read());
      this.#changed();
    }
    entries() { return new ParamsIterator({ __proto__: null, params: this, at: 0, kind: 2, check: this.#pairs }); }
    forEach(callback, self = undefined) {
      need(arguments.length, 1, 'URLSearchParams.forEach');
      if (typeof callback !== 'function') throw new TypeError('the argument is no function');
      for (let i = 0; i < this.#read().length; i += 2) {
        apply(callback, self, [this.#pairs[i + 1], this.#pairs[i], this]);
      }
    }
    keys() { return new ParamsIterator({ __proto__: null, params: this, at: 0, kind: 0, check: this.#pairs }); }
    values() { return new ParamsIterator({ __proto__: null, params: this, at: 0, kind: 1, check: this.#pairs }); }
    get size() { return this.#read().length / 2; }
    toString() { return serialize(this.#read()); }
  }
  const ParamsIterator = makeIteratorClass('URLSearchParams Iterator', (state) => {
    const pairs = pairsNow(state.params);
    const { at, kind } = state;
    if (at >= pairs.length) return done;
    state.at = at + 2;
    return kind === 2 ? [pairs[at], pairs[at + 1]] : pairs[at + kind];
  });
  shared.web.sortPairs = (pairs) => {
    let from = pairs;
    const { length } = pairs;
    for (let width = 2; width < length; width *= 2) {
      const to = list();
      for (let begin = 0; begin < length; begin += 2 * width) {
        const middle = begin + width < length ? begin + width : length;
        const end = begin + 2 * width < length ? begin + 2 * width : length;
        let left = begin;
        let right = middle;
        while (left < middle || right < end) {
          const takeLeft = right >= end || (left < middle && from[left] <= from[right]);
          const at = takeLeft ? left : right;
          to[to.length] = from[at];
          to[to.length] = from[at + 1];
          if (takeLeft) left += 2;
          else right += 2;
        }
      }
      from = to;
    }
    return from;
  };
  defineProperty(URLSearchParams.prototype, iteratorSymbol,
    { __proto__: null, value: URLSearchParams.prototype.entries, writable: true, configurable: true });

  function parse(url, base) {
    try {
      return base === undefined ? new NativeURL(url) : new NativeURL(url, base);
    } catch {
      const failure = new TypeError('Invalid URL');
      const put = (name, value) =>
        defineProperty(failure, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      put('code', 'ERR_INVALID_URL');
      put('input', url);
      if (base !== undefined) put('base', base);
      throw failure;
    }
  }
  const isValid = (url, base) =>
    base === undefined ? apply(canParse, NativeURL, [url]) : apply(canParse, NativeURL, [url, base]);

  class URL {
    #native;
    #params = null;
    static {
      addBrand((value) => #native in value);
      shared.web.isURL = (value) => isObject(value) && #native in value;
    }
    constructor(url, base = undefined) {
      need(arguments.length, 1, 'URL');
      const text = usvString(url);
      this.#native = parse(text, base === undefined ? undefined : usvString(base));
    }
    static canParse(url, base = undefined) {
      need(arguments.length, 1, 'URL.canParse');
      const text = usvString(url);
      return isValid(text, base === undefined ? undefined : usvString(base));
    }
    static parse(url, base = undefined) {
      need(arguments.length, 1, 'URL.parse');
      const text = usvString(url);
      const against = base === undefined ? undefined : usvString(base);
      return isValid(text, against) ? new URL(text, against) : null;
    }
    toString() { return apply(hrefOf, this.#native, []); }
    toJSON() { return apply(hrefOf, this.#native, []); }
    get href() { return apply(hrefOf, this.#native, []); }
    set href(value) {
      const next = parse(usvString(value), undefined);
      apply(setHref, this.#native, [apply(hrefOf, next, [])]);
    }
    get searchParams() {
      if (this.#params === null) {
        this.#params = new URLSearchParams();
        attach(this.#params, this.#native);
      }
      return this.#params;
    }
    static {
      // The rest is passed on as it is.
      const names = ['origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
      for (let i = 0; i < names.length; i++) {
        const { get, set } = native(names[i]);
        const shape = i === 0
          ? { get [names[i]]() { return apply(get, this.#native, []); } }
          : {
            get [names[i]]() { return apply(get, this.#native, []); },
            set [names[i]](value) { apply(set, this.#native, [usvString(value)]); },
          };
        defineProperty(URL.prototype, names[i], getOwnPropertyDescriptor(shape, names[i]));
      }
    }
  }
  expose(URL, 'URL');
  expose(URLSearchParams, 'URLSearchParams');
  showGetters(shared.web.isURL, URL, [
    'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams',
    'hash',
  ]);
  showPairs(shared.web.isSearchParams, pairsNow, true);
  defineProperty(URL, 'canParse', { __proto__: null, enumerable: true });
  defineProperty(URL, 'parse', { __proto__: null, enumerable: true });
  shared.web.URL = URL;
  shared.web.URLSearchParams = URLSearchParams;
  shared.web.formText = (params) => serialize(pairsNow(params));
  // The href of a valid URL; throws as the constructor does.
  shared.web.hrefOf = (text, base) => apply(hrefOf, parse(text, base), []);
}
