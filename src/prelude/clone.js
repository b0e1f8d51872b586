// structuredClone.
(shared) => {
  'use strict';
  const { apply, setPrototypeOf } = Reflect;
  const {
    Object, Array, Map, Set, Date, RegExp, ArrayBuffer, DataView, Uint8Array, Number, String, Boolean, BigInt, DOMException,
    TypeError,
  } = globalThis;
  const { iterator: iteratorSymbol, toStringTag } = Symbol;
  const { keys, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
  const { get: mapGet, set: mapSet, has: mapHas, forEach: mapForEach } = Map.prototype;
  const { add: setAdd, forEach: setForEach } = Set.prototype;
  const { getTime } = Date.prototype;
  const { set: setBytes } = Uint8Array.prototype;
  const { transfer: transferBuffer } = ArrayBuffer.prototype;
  const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const source = getter(RegExp.prototype, 'source');
  const flags = getter(RegExp.prototype, 'flags');
  const bufferLength = getter(ArrayBuffer.prototype, 'byteLength');
  const bufferMax = getter(ArrayBuffer.prototype, 'maxByteLength');
  const isResizable = getter(ArrayBuffer.prototype, 'resizable');
  const isDetached = getter(ArrayBuffer.prototype, 'detached');
  const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
  const arrayName = getter(typedArrayPrototype, toStringTag);
  const arrayParts = ['buffer', 'byteOffset', 'length'].map((name) => getter(typedArrayPrototype, name));
  const viewParts = ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(DataView.prototype, name));
  const exceptionName = getter(DOMException.prototype, 'name');
  const exceptionMessage = getter(DOMException.prototype, 'message');
  const valueOf = [Number, String, Boolean, BigInt].map((made) => made.prototype.valueOf);
  const { list, toText, need, isObject, error, platformBrands, isBlob, makeBlob, blobBytes, blobType, isArrayBuffer } = shared.web;
  const { openIterator, done } = shared.functions;
  const { classId } = shared.host;
  const { prototype: objectPrototype } = Object;
  const { prototype: arrayPrototype } = Array;

  const errors = { __proto__: null };
  for (const name of ['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError']) {
    errors[name] = globalThis[name];
  }
  const arrays = { __proto__: null };
  for (const name of ['Uint8ClampedArray', 'Int8Array', 'Uint8Array', 'Int16Array', 'Uint16Array', 'Int32Array',
    'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array', 'Float64Array']) {
    arrays[name] = globalThis[name];
  }

  const refuse = (what) => error('DataCloneError', what + ' could not be cloned.');

  function newBuffer(buffer) {
    const length = apply(bufferLength, buffer, []);
    return apply(isResizable, buffer, [])
      ? new ArrayBuffer(length, { __proto__: null, maxByteLength: apply(bufferMax, buffer, []) })
      : new ArrayBuffer(length);
  }
  function copyBytes(from, to) {
    apply(setBytes, new Uint8Array(to), [new Uint8Array(from)]);
  }
  function remember(seen, value, made) {
    apply(mapSet, seen, [value, made]);
    return made;
  }

  // One function for each class that can be cloned, by the number that the engine has for the class.
  const cloners = { __proto__: null };

  function cloneProperties(value, made, seen) {
    const names = keys(value);
    for (let i = 0; i < names.length; i++) {
      // Gone, if a getter of an earlier one removed it.
      if (hasOwn(value, names[i])) made[names[i]] = clone(value[names[i]], seen);
    }
  }
  function cloneObject(value, seen) {
    for (let i = 0; i < platformBrands.length; i++) {
      if (platformBrands[i](value)) throw refuse('An object of a Web API');
    }
    if (isBlob(value)) return remember(seen, value, makeBlob(blobBytes(value), blobType(value)));
    const made = remember(seen, value, { __proto__: null });
    cloneProperties(value, made, seen);
    setPrototypeOf(made, objectPrototype);
    return made;
  }
  function cloneArray(value, seen) {
    const made = remember(seen, value, list());
    made.length = value.length;
    cloneProperties(value, made, seen);
    setPrototypeOf(made, arrayPrototype);
    return made;
  }
  function cloneMap(value, seen) {
    const made = remember(seen, value, new Map());
    const pairs = list();
    apply(mapForEach, value, [(element, key) => {
      pairs[pairs.length] = key;
      pairs[pairs.length] = element;
    }]);
    for (let i = 0; i < pairs.length; i += 2) apply(mapSet, made, [clone(pairs[i], seen), clone(pairs[i + 1], seen)]);
    return made;
  }
  function cloneSet(value, seen) {
    const made = remember(seen, value, new Set());
    const elements = list();
    apply(setForEach, value, [(element) => { elements[elements.length] = element; }]);
    for (let i = 0; i < elements.length; i++) apply(setAdd, made, [clone(elements[i], seen)]);
    return made;
  }
  function cloneBuffer(value, seen) {
    if (apply(isDetached, value, [])) throw refuse('A detached ArrayBuffer');
    const made = newBuffer(value);
    copyBytes(value, made);
    return remember(seen, value, made);
  }
  function cloneView(value, seen) {
    const name = apply(arrayName, value, []);
    const parts = name === undefined ? viewParts : arrayParts;
    const buffer = apply(parts[0], value, []);
    if (!isArrayBuffer(buffer) || apply(isDetached, buffer, [])) throw refuse('A view of a buffer that is shared or detached');
    const copy = clone(buffer, seen);
    const made = name === undefined ? DataView : arrays[name];
    return remember(seen, value, new made(copy, apply(parts[1], value, []), apply(parts[2], value, [])));
  }
  function cloneError(value, seen) {
    let name = value.name;
    name = name === undefined ? 'Error' : toText(name);
    const made = remember(seen, value, new (errors[name] === undefined ? errors.Error : errors[name])());
    const put = (property, text) => {
      defineProperty(made, property, { __proto__: null, value: text, writable: true, configurable: true });
    };
    const message = getOwnPropertyDescriptor(value, 'message');
    if (message !== undefined && hasOwn(message, 'value')) put('message', toText(message.value));
    put('stack', toText(value.stack));
    if (hasOwn(value, 'cause')) put('cause', clone(value.cause, seen));
    return made;
  }
  const boxed = (i) => (value, seen) => remember(seen, value, Object(apply(valueOf[i], value, [])));

  const learn = (sample, cloner) => { cloners[classId(sample)] = cloner; };
  learn({}, cloneObject);
  learn((function () { return arguments; })(), cloneObject);
  learn((function (a) { 'use strict'; return arguments; })(), cloneObject);
  learn([], cloneArray);
  learn(new Map(), cloneMap);
  learn(new Set(), cloneSet);
  learn(new Date(0), (value, seen) => remember(seen, value, new Date(apply(getTime, value, []))));
  learn(/x/, (value, seen) => remember(seen, value, new RegExp(apply(source, value, []), apply(flags, value, []))));
  learn(new ArrayBuffer(0), cloneBuffer);
  learn(new DataView(new ArrayBuffer(0)), cloneView);
  for (const name of Reflect.ownKeys(arrays)) learn(new arrays[name](0), cloneView);
  learn(new Error(), cloneError);
  learn(Object(1), boxed(0));
  learn(Object('a'), boxed(1));
  learn(Object(true), boxed(2));
  learn(Object(1n), boxed(3));
  const exceptionClass = classId(new DOMException());
  if (exceptionClass !== classId(new Error())) {
    learn(new DOMException(), (value, seen) => remember(seen, value,
      new DOMException(apply(exceptionMessage, value, []), apply(exceptionName, value, []))));
  }

  function clone(value, seen) {
    if (!isObject(value)) {
      if (typeof value === 'symbol') throw refuse('A symbol');
      return value;
    }
    const known = apply(mapGet, seen, [value]);
    if (known !== undefined) return known;
    const cloner = cloners[classId(value)];
    if (cloner === undefined) throw refuse(typeof value === 'function' ? 'A function' : 'The object');
    return cloner(value, seen);
  }

  // Buffers whose bytes move: each is in `seen` before anything is cloned, as an empty one of its size. What it holds
  // is taken at the end, when nothing can fail any more.
  function takeTransfers(transfer, seen) {
    const moved = list();
    if (!isObject(transfer) || typeof transfer[iteratorSymbol] !== 'function') {
      throw new TypeError('the buffers to transfer are iterable');
    }
    const next = openIterator(transfer);
    for (let buffer = next(false); buffer !== done; buffer = next(false)) {
      if (!isObject(buffer) || !isArrayBuffer(buffer)) throw error('DataCloneError', 'Value not transferable');
      if (apply(mapHas, seen, [buffer])) throw error('DataCloneError', 'An ArrayBuffer is transferred twice');
      if (apply(isDetached, buffer, [])) throw error('DataCloneError', 'An ArrayBuffer to transfer is detached');
      remember(seen, buffer, newBuffer(buffer));
      moved[moved.length] = buffer;
    }
    return moved;
  }

  // In an object literal, since it is no constructor.
  const { structuredClone } = {
    structuredClone(value, options = undefined) {
      need(arguments.length, 1, 'structuredClone');
      if (!isObject(value) && typeof value !== 'symbol' && !isObject(options)) return value;
      const seen = new Map();
      let moved = list();
      if (options !== undefined && options !== null) {
        if (!isObject(options)) throw new TypeError('the options of structuredClone are an object');
        const { transfer } = options;
        if (transfer !== undefined) moved = takeTransfers(transfer, seen);
      }
      const made = clone(value, seen);
      for (let i = 0; i < moved.length; i++) {
        if (apply(isDetached, moved[i], [])) throw error('DataCloneError', 'An ArrayBuffer to transfer is detached');
      }
      for (let i = 0; i < moved.length; i++) {
        const copy = apply(mapGet, seen, [moved[i]]);
        if (apply(bufferLength, moved[i], []) === apply(bufferLength, copy, [])) copyBytes(moved[i], copy);
        apply(transferBuffer, moved[i], [0]);
      }
      return made;
    },
  };
  defineProperty(globalThis, 'structuredClone',
    { __proto__: null, value: structuredClone, writable: true, enumerable: true, configurable: true });
}
