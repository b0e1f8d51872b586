// What the host does most simply in JavaScript.
//
// Everything it needs later it takes now, before any script can replace it.
(shared) => {
  'use strict';
  const { apply, ownKeys } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor, create } = Object;
  const { Map, Set, Symbol } = globalThis;
  const { forEach: mapForEach, set: mapSet } = Map.prototype;
  const { forEach: setForEach, add: setAdd } = Set.prototype;
  const { getTime } = Date.prototype;
  const { iterator: iteratorSymbol, asyncIterator: asyncIteratorSymbol, toStringTag } = Symbol;
  const getters = (prototype) =>
    ['buffer', 'byteOffset', 'byteLength'].map((name) => getOwnPropertyDescriptor(prototype, name).get);
  const [viewBuffer, viewOffset, viewLength] = getters(DataView.prototype);
  const [arrayBuffer, arrayOffset, arrayLength] = getters(Reflect.getPrototypeOf(Uint8Array.prototype));
  const iteratorPrototype = Reflect.getPrototypeOf(Reflect.getPrototypeOf([][iteratorSymbol]()));
  const done = Symbol('done');
  // Not push(): a script may have replaced it, or put a setter on Array.prototype.
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const append = (list, value) =>
    defineProperty(list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });

  function mapFrom(flat) {
    const map = new Map();
    for (let i = 0; i + 1 < flat.length; i += 2) apply(mapSet, map, [flat[i], flat[i + 1]]);
    return map;
  }
  function mapEntries(map) {
    const flat = [];
    apply(mapForEach, map, [(value, key) => { append(flat, key); append(flat, value); }]);
    return flat;
  }
  function setFrom(list) {
    const set = new Set();
    for (let i = 0; i < list.length; i++) apply(setAdd, set, [list[i]]);
    return set;
  }
  function setElements(set) {
    const list = [];
    apply(setForEach, set, [(value) => { append(list, value); }]);
    return list;
  }
  function openIterator(iterable) {
    const iterator = apply(iterable[iteratorSymbol], iterable, []);
    const { next } = iterator;
    return (close) => {
      if (close) {
        const end = iterator.return;
        if (end !== undefined && end !== null) apply(end, iterator, []);
        return done;
      }
      const step = apply(next, iterator, []);
      if (!isObject(step)) throw new TypeError('iterator result is not an object');
      return step.done ? done : step.value;
    };
  }
  // Like a generator, but one that is closed before its first element lets go of it as well.
  class RangeIterator {
    #pull;
    #close;
    #running = false;
    constructor(pull, close) {
      this.#pull = pull;
      this.#close = close;
    }
    #end() {
      const close = this.#close;
      this.#pull = this.#close = undefined;
      if (close !== undefined) close();
    }
    #begin() {
      if (this.#running) throw new TypeError('the iterator is running already');
      this.#running = true;
    }
    next() {
      this.#begin();
      let value = done;
      try {
        const pull = this.#pull;
        if (pull !== undefined) value = pull();
      } finally {
        if (value === done) this.#end();
        this.#running = false;
      }
      return value === done ? { value: undefined, done: true } : { value, done: false };
    }
    #finish() {
      this.#begin();
      try {
        this.#end();
      } finally {
        this.#running = false;
      }
    }
    return(value) {
      this.#finish();
      return { value, done: true };
    }
    throw(error) {
      this.#finish();
      throw error;
    }
  }
  delete RangeIterator.prototype.constructor;
  Reflect.setPrototypeOf(RangeIterator.prototype, iteratorPrototype);
  function makeChannel(receive, send, close) {
    const step = async () => {
      const value = await receive();
      return value === done ? { value: undefined, done: true } : { value, done: false };
    };
    const end = async (value) => ({ value, done: true });
    return {
      __proto__: null,
      send,
      close,
      receive: async () => {
        const value = await receive();
        return value === done ? undefined : value;
      },
      [asyncIteratorSymbol]() {
        return { next: step, return: end, [asyncIteratorSymbol]() { return this; } };
      },
      [toStringTag]: 'Channel',
    };
  }
  function makeClass(name, length, construct) {
    const made = { [name]: class { constructor() { return apply(construct, new.target, arguments); } } }[name];
    defineProperty(made, 'length', { __proto__: null, value: length, configurable: true });
    return made;
  }
  // Error.prepareStackTrace would be given the functions of these files, among them what makes objects of private state.
  Error.prepareStackTrace = (error, frames) => frames;
  const frames = new Error().stack;
  delete Reflect.getPrototypeOf(frames[0]).getFunction;
  Error.prepareStackTrace = undefined;
  // Else a script could add modules by names on Object.prototype.
  Reflect.setPrototypeOf(shared.modules, null);
  shared.functions = {
    __proto__: null,
    mapFrom,
    mapEntries,
    setFrom,
    setElements,
    dateTime: (date) => apply(getTime, date, []),
    viewParts: (data, isArray) => isArray
      ? [apply(arrayBuffer, data, []), apply(arrayOffset, data, []), apply(arrayLength, data, [])]
      : [apply(viewBuffer, data, []), apply(viewOffset, data, []), apply(viewLength, data, [])],
    openIterator,
    makeIterator: (pull, close) => new RangeIterator(pull, close),
    makeChannel,
    makeClass,
    symbol: (name) => Symbol[name],
    ownKeys,
    done,
    error: Error,
    typeError: TypeError,
    rangeError: RangeError,
    syntaxError: SyntaxError,
    referenceError: ReferenceError,
    evalError: EvalError,
    uriError: URIError,
    internalError: typeof InternalError === 'function' ? InternalError : Error,
    opaquePrototype: create(null, { [toStringTag]: { value: 'HostObject' } }),
    builtinModule: (name) => shared.modules[name],
  };
}
