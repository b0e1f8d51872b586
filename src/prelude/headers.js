// Headers, as the Fetch standard has them.
(shared) => {
  'use strict';
  const { apply, ownKeys } = Reflect;
  const { getOwnPropertyDescriptor, defineProperty } = Object;
  const { TypeError } = globalThis;
  const { iterator: iteratorSymbol } = Symbol;
  const { charCodeAt, slice, toLowerCase } = String.prototype;
  const { list, need, expose, isObject, byteString, makeIteratorClass, addBrand, showPairs, sortPairs } = shared.web;
  const { openIterator, done } = shared.functions;

  const isTokenCode = (code) =>
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x5e && code <= 0x7a) ||
    code === 0x21 || (code >= 0x23 && code <= 0x27) || code === 0x2a || code === 0x2b || code === 0x2d ||
    code === 0x2e || code === 0x7c || code === 0x7e;
  function isToken(text) {
    for (let i = 0; i < text.length; i++) {
      if (!isTokenCode(apply(charCodeAt, text, [i]))) return false;
    }
    return text.length > 0;
  }
  shared.web.isToken = isToken;

  function nameOf(value) {
    const name = byteString(value);
    if (!isToken(name)) throw new TypeError("'" + name + "' is no header name");
    return apply(toLowerCase, name, []);
  }
  const isSpace = (code) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
  function valueOf(value) {
    const text = byteString(value);
    let begin = 0;
    let end = text.length;
    while (begin < end && isSpace(apply(charCodeAt, text, [begin]))) begin++;
    while (end > begin && isSpace(apply(charCodeAt, text, [end - 1]))) end--;
    const trimmed = apply(slice, text, [begin, end]);
    for (let i = 0; i < trimmed.length; i++) {
      const code = apply(charCodeAt, trimmed, [i]);
      if (code === 0 || code === 0x0a || code === 0x0d) throw new TypeError('a header value has a line break or NUL in it');
    }
    return trimmed;
  }

  let flatOf;
  let guard;
  let iterated;

  class Headers {
    #pairs = list();  // name, value, in the order in which they came
    #sorted = null;   // as iteration gives them
    #immutable = false;
    static {
      addBrand((value) => #pairs in value);
      shared.web.isHeaders = (value) => isObject(value) && #pairs in value;
      flatOf = (headers) => headers.#pairs;
      iterated = (headers) => headers.#iterated();
      guard = (headers) => { headers.#immutable = true; };
    }
    constructor(init = undefined) {
      if (init === undefined) return;
      if (!isObject(init)) throw new TypeError('headers are made of pairs or of an object');
      if (#pairs in init) {
        for (let i = 0; i < init.#pairs.length; i++) this.#pairs[i] = init.#pairs[i];
        return;
      }
      const method = init[iteratorSymbol];
      if (method !== undefined && method !== null) {
        this.#fillFromPairs(init);
        return;
      }
      for (let i = 0, names = ownKeys(init); i < names.length; i++) {
        const descriptor = getOwnPropertyDescriptor(init, names[i]);
        if (descriptor === undefined || !descriptor.enumerable) continue;
        this.#add(nameOf(names[i]), valueOf(init[names[i]]));
      }
    }
    #fillFromPairs(init) {
      if (typeof init[iteratorSymbol] !== 'function') throw new TypeError('the argument is not iterable');
      const next = openIterator(init);
      for (let element = next(false); element !== done; element = next(false)) {
        if (!isObject(element) || typeof element[iteratorSymbol] !== 'function') {
          throw new TypeError('each header is a pair of a name and a value');
        }
        const pair = list();
        const nextPart = openIterator(element);
        for (let part = nextPart(false); part !== done; part = nextPart(false)) {
          if (pair.length === 2) throw new TypeError('each header is a pair of a name and a value');
          pair[pair.length] = part;
        }
        if (pair.length !== 2) throw new TypeError('each header is a pair of a name and a value');
        this.#add(nameOf(pair[0]), valueOf(pair[1]));
      }
    }
    #add(name, value) {
      this.#pairs[this.#pairs.length] = name;
      this.#pairs[this.#pairs.length] = value;
      this.#sorted = null;
    }
    #write() {
      if (this.#immutable) throw new TypeError('these headers cannot be changed');
    }
    #get(name) {
      let found = null;
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] === name) found = found === null ? this.#pairs[i + 1] : '' + found + (name === 'cookie' ? '; ' : ', ') + this.#pairs[i + 1];
      }
      return found;
    }
    #without(name, replacement) {
      const rest = list();
      let open = replacement !== undefined;
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] === name) {
          if (!open) continue;
          open = false;
          rest[rest.length] = name;
          rest[rest.length] = replacement;
          continue;
        }
        rest[rest.length] = this.#pairs[i];
        rest[rest.length] = this.#pairs[i + 1];
      }
      if (open) {
        rest[rest.length] = name;
        rest[rest.length] = replacement;
      }
      this.#pairs = rest;
      this.#sorted = null;
    }
    // Sorted by name; values of one name are joined, but for set-cookie.
    #iterated() {
      if (this.#sorted !== null) return this.#sorted;
      const pairs = sortPairs(this.#pairs);
      const joined = list();
      for (let i = 0; i < pairs.length; i += 2) {
        const name = pairs[i];
        const last = joined.length - 2;
        if (name !== 'set-cookie' && last >= 0 && joined[last] === name) {
          joined[last + 1] = '' + joined[last + 1] + (name === 'cookie' ? '; ' : ', ') + pairs[i + 1];
          continue;
        }
        joined[joined.length] = name;
        joined[joined.length] = pairs[i + 1];
      }
      this.#sorted = joined;
      return joined;
    }
    append(name, value) {
      need(arguments.length, 2, 'Headers.append');
      const added = nameOf(name);
      const text = valueOf(value);
      this.#write();
      this.#add(added, text);
    }
    delete(name) {
      need(arguments.length, 1, 'Headers.delete');
      const removed = nameOf(name);
      this.#write();
      this.#without(removed, undefined);
    }
    get(name) {
      need(arguments.length, 1, 'Headers.get');
      return this.#get(nameOf(name));
    }
    has(name) {
      need(arguments.length, 1, 'Headers.has');
      return this.#get(nameOf(name)) !== null;
    }
    set(name, value) {
      need(arguments.length, 2, 'Headers.set');
      const wanted = nameOf(name);
      const text = valueOf(value);
      this.#write();
      this.#without(wanted, text);
    }
    getSetCookie() {
      const found = [];
      for (let i = 0; i < this.#pairs.length; i += 2) {
        if (this.#pairs[i] !== 'set-cookie') continue;
        defineProperty(found, found.length,
          { __proto__: null, value: this.#pairs[i + 1], writable: true, enumerable: true, configurable: true });
      }
      return found;
    }
    keys() {
      this.#iterated();
      return new HeadersIterator({ __proto__: null, headers: this, at: 0, kind: 0 });
    }
    values() {
      this.#iterated();
      return new HeadersIterator({ __proto__: null, headers: this, at: 0, kind: 1 });
    }
    entries() {
      this.#iterated();
      return new HeadersIterator({ __proto__: null, headers: this, at: 0, kind: 2 });
    }
    forEach(callback, self = undefined) {
      need(arguments.length, 1, 'Headers.forEach');
      if (typeof callback !== 'function') throw new TypeError('the argument is no function');
      for (let i = 0; i < this.#iterated().length; i += 2) {
        const pairs = this.#iterated();
        apply(callback, self, [pairs[i + 1], pairs[i], this]);
      }
    }
  }
  const HeadersIterator = makeIteratorClass('Headers Iterator', (state) => {
    const pairs = iterated(state.headers);
    const { at, kind } = state;
    if (at >= pairs.length) return done;
    state.at = at + 2;
    return kind === 2 ? [pairs[at], pairs[at + 1]] : pairs[at + kind];
  });
  defineProperty(Headers.prototype, iteratorSymbol,
    { __proto__: null, value: Headers.prototype.entries, writable: true, configurable: true });
  expose(Headers, 'Headers');
  showPairs(shared.web.isHeaders, iterated, false);
  shared.web.Headers = Headers;
  shared.web.headerPairs = (headers) => flatOf(headers);
  shared.web.freezeHeaders = (headers) => guard(headers);
}
