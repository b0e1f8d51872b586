// What the host needs to look into objects. Nothing here runs code of the script's: each built-in
// was taken before, and is given only what it was made for.
(shared) => {
  'use strict';
  const { functions } = shared;
  const { apply, getPrototypeOf } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { Map, Set, RegExp, parseFloat, parseInt } = globalThis;
  const { slice } = String.prototype;
  const { toString: functionText } = Function.prototype;
  const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const append = (list, value) =>
    defineProperty(list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });

  // Error.prepareStackTrace is called, and an object as Error.stackTraceLimit converted, with each
  // error that the engine makes.
  const [prepare, limit] = ['prepareStackTrace', 'stackTraceLimit'].map((name) =>
    getOwnPropertyDescriptor(Error, name));
  functions.muteErrors = () => {
    const script = { __proto__: null, prepare: apply(prepare.get, Error, []), limit: apply(limit.get, Error, []) };
    if (script.prepare === undefined && typeof script.limit === 'number') return undefined;
    apply(prepare.set, Error, [undefined]);
    apply(limit.set, Error, [10]);
    return script;
  };
  functions.unmuteErrors = (script) => {
    apply(prepare.set, Error, [script.prepare]);
    apply(limit.set, Error, [script.limit]);
  };

  const mapSize = getter(Map.prototype, 'size');
  const setSize = getter(Set.prototype, 'size');
  const { entries: mapEntries } = Map.prototype;
  const { values: setValues } = Set.prototype;
  const { next: mapNext } = getPrototypeOf(new Map().entries());
  const { next: setNext } = getPrototypeOf(new Set().values());

  functions.mapPart = (map, most) => {
    const flat = [apply(mapSize, map, [])];
    const iterator = apply(mapEntries, map, []);
    for (let i = 0; i < most; i++) {
      const step = apply(mapNext, iterator, []);
      if (step.done) break;
      append(flat, step.value[0]);
      append(flat, step.value[1]);
    }
    return flat;
  };
  functions.setPart = (set, most) => {
    const list = [apply(setSize, set, [])];
    const iterator = apply(setValues, set, []);
    for (let i = 0; i < most; i++) {
      const step = apply(setNext, iterator, []);
      if (step.done) break;
      append(list, step.value);
    }
    return list;
  };

  const source = getter(RegExp.prototype, 'source');
  const flags = [];
  for (const [name, letter] of [
    ['hasIndices', 'd'], ['global', 'g'], ['ignoreCase', 'i'], ['multiline', 'm'],
    ['dotAll', 's'], ['unicode', 'u'], ['unicodeSets', 'v'], ['sticky', 'y'],
  ]) {
    flags[flags.length] = { __proto__: null, get: getter(RegExp.prototype, name), letter };
  }
  functions.regexpText = (regexp) => {
    let text = '/' + apply(source, regexp, []) + '/';
    for (let i = 0; i < flags.length; i++) {
      if (apply(flags[i].get, regexp, [])) text += flags[i].letter;
    }
    return text;
  };

  // Frames, name and message. The last two only of a DOMException, which computes them.
  const stack = getOwnPropertyDescriptor(Error.prototype, 'stack')?.get;
  const [domName, domMessage] = ['name', 'message'].map((name) =>
    typeof DOMException === 'function' ? getter(DOMException.prototype, name) : undefined);
  functions.errorParts = (error, isDom) => isDom
    ? [undefined, apply(domName, error, []), apply(domMessage, error, [])]
    : [stack === undefined ? undefined : apply(stack, error, [])];

  const { getTime, toISOString } = Date.prototype;
  functions.dateText = (date) => {
    const time = apply(getTime, date, []);
    return time !== time ? 'Invalid Date' : apply(toISOString, date, []);
  };

  const values = [Number, String, Boolean, BigInt, Symbol].map((type) => type.prototype.valueOf);
  functions.unbox = (boxed, type) => apply(values[type], boxed, []);
  functions.slice = (string, length) => apply(slice, string, [0, length]);
  // Of a function of the engine's own it would read `name`: the host asks only where that is plain.
  functions.functionText = (value, length) => apply(slice, apply(functionText, value, []), [0, length]);
  functions.parseNumber = (string, whole) => whole ? parseInt(string) : parseFloat(string);

  functions.toStringTag = Symbol.toStringTag;
  functions.objectPrototype = Object.prototype;
  functions.functionPrototype = Function.prototype;
  functions.errorPrototype = Error.prototype;
}
