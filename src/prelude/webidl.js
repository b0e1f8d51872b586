// What the files of the Web APIs share: conversions as Web IDL has them, and how a class is shown to scripts.
(shared) => {
  'use strict';
  const { apply, ownKeys } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Object;
  const { ArrayBuffer, Uint8Array, DOMException, TypeError, String } = globalThis;
  const { toWellFormed, charCodeAt } = String.prototype;
  const { toStringTag } = Symbol;
  const { isView } = ArrayBuffer;
  const getterOf = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
  const typedArrayName = getterOf(typedArrayPrototype, toStringTag);
  const typedArrayBuffer = getterOf(typedArrayPrototype, 'buffer');
  const typedArrayOffset = getterOf(typedArrayPrototype, 'byteOffset');
  const typedArrayLength = getterOf(typedArrayPrototype, 'byteLength');
  const dataViewBuffer = getterOf(DataView.prototype, 'buffer');
  const dataViewOffset = getterOf(DataView.prototype, 'byteOffset');
  const dataViewLength = getterOf(DataView.prototype, 'byteLength');
  const arrayBufferLength = getterOf(ArrayBuffer.prototype, 'byteLength');

  // An array that inherits nothing: an element can be assigned, whatever a script did to Array.prototype.
  const list = () => setPrototypeOf([], null);

  // The engine makes calls of String.prototype.concat of template literals: there is none in these files.
  function toText(value) {
    if (typeof value === 'symbol') throw new TypeError('a symbol is no text');
    return String(value);
  }
  function isArrayBuffer(value) {
    try {
      apply(arrayBufferLength, value, []);
      return true;
    } catch {
      return false;
    }
  }

  shared.web = {
    __proto__: null,
    list,
    toText,
    isObject: (value) => (typeof value === 'object' && value !== null) || typeof value === 'function',
    isArrayBuffer,
    isBytes: (value) => isView(value) || isArrayBuffer(value),
    // The bytes of an ArrayBuffer or a view, not copied.
    bytesOf(value) {
      if (!isView(value)) return new Uint8Array(value);
      if (apply(typedArrayName, value, []) === undefined) {
        return new Uint8Array(apply(dataViewBuffer, value, []), apply(dataViewOffset, value, []),
          apply(dataViewLength, value, []));
      }
      return new Uint8Array(apply(typedArrayBuffer, value, []), apply(typedArrayOffset, value, []),
        apply(typedArrayLength, value, []));
    },
    byteLength: (bytes) => apply(typedArrayLength, bytes, []),
    byteOffset: (bytes) => apply(typedArrayOffset, bytes, []),
    bufferOf: (bytes) => apply(typedArrayBuffer, bytes, []),
    // USVString: no lone surrogates.
    usvString: (value) => apply(toWellFormed, toText(value), []),
    byteString(value) {
      const text = toText(value);
      for (let i = 0; i < text.length; i++) {
        if (apply(charCodeAt, text, [i]) > 255) throw new TypeError('the text has a character above U+00FF');
      }
      return text;
    },
    need(given, wanted, what) {
      if (given < wanted) throw new TypeError(what + ': ' + wanted + ' argument' + (wanted === 1 ? '' : 's') + ' needed, ' + given + ' given');
    },
    error: (name, message) => new DOMException(message, name),
    // Makes a class what Web IDL says: members are enumerable, instances tell their class, the global is not enumerable.
    expose(made, name) {
      const { prototype } = made;
      for (let i = 0, names = ownKeys(prototype); i < names.length; i++) {
        if (names[i] === 'constructor' || typeof names[i] === 'symbol') continue;
        const descriptor = getOwnPropertyDescriptor(prototype, names[i]);
        descriptor.enumerable = true;
        defineProperty(prototype, names[i], descriptor);
      }
      defineProperty(prototype, toStringTag, { __proto__: null, value: name, configurable: true });
      defineProperty(globalThis, name, { __proto__: null, value: made, writable: true, configurable: true });
    },
    constants(made, values) {
      for (let i = 0, names = ownKeys(values); i < names.length; i++) {
        const descriptor = { __proto__: null, value: values[names[i]], enumerable: true };
        defineProperty(made, names[i], descriptor);
        defineProperty(made.prototype, names[i], descriptor);
      }
    },
    // Iterators of a kind: `next(state)` gives the next value or `done`.
    makeIteratorClass(name, next) {
      const { iterator } = Symbol;
      const iteratorPrototype = getPrototypeOf(getPrototypeOf([][iterator]()));
      class PairIterator {
        #state;
        constructor(state) {
          this.#state = state;
        }
        next() {
          const value = next(this.#state);
          return value === shared.functions.done ? { value: undefined, done: true } : { value, done: false };
        }
      }
      delete PairIterator.prototype.constructor;
      setPrototypeOf(PairIterator.prototype, iteratorPrototype);
      defineProperty(PairIterator.prototype, 'next', { __proto__: null, enumerable: true });
      defineProperty(PairIterator.prototype, toStringTag, { __proto__: null, value: name, configurable: true });
      return PairIterator;
    },
    // Whether a value is an object of these classes, which no structured clone can be made of.
    platformBrands: list(),
  };
  // What the console shows of objects of a class, which are those for which `test` holds, besides properties that a script
  // gave them: the values of these getters, as they are now, or pairs, as a Map's or as properties.
  const shown = list();
  shared.web.showGetters = (test, made, names) => {
    const getters = list();
    for (let i = 0; i < names.length; i++) getters[i] = getterOf(made.prototype, names[i]);
    shown[shown.length] = {
      __proto__: null, test, isMap: false,
      pairs(object) {
        const pairs = list();
        for (let i = 0; i < names.length; i++) {
          pairs[2 * i] = names[i];
          pairs[2 * i + 1] = apply(getters[i], object, []);
        }
        return pairs;
      },
    };
  };
  shared.web.showPairs = (test, pairs, isMap) => {
    shown[shown.length] = { __proto__: null, test, isMap, pairs };
  };
  shared.functions.shownParts = (object, most) => {
    for (let i = 0; i < shown.length; i++) {
      const { test, isMap, pairs } = shown[i];
      if (!test(object)) continue;
      const all = pairs(object);
      const parts = list();
      parts[0] = isMap;
      parts[1] = all.length / 2;
      for (let at = 0; at < all.length && at < 2 * most; at++) parts[at + 2] = all[at];
      return parts;
    }
    return undefined;
  };
  shared.web.addBrand = (test) => {
    const { platformBrands } = shared.web;
    platformBrands[platformBrands.length] = test;
  };
}
