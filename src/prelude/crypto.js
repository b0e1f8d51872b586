// crypto is the engine's side module (mbedTLS); here are the checks and the errors that the standard wants of it.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { getPrototypeOf, getOwnPropertyNames, defineProperty } = Object;
  const { TypeError, Error, DOMException, ArrayBuffer } = globalThis;
  const { isView } = ArrayBuffer;
  const { indexOf } = String.prototype;
  const { toStringTag } = Symbol;
  const { need, error, byteLength, bytesOf, isObject } = shared.web;
  const native = globalThis.crypto;
  if (native === undefined) return;
  const arrayName = Object.getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), toStringTag).get;
  const cryptoPrototype = getPrototypeOf(native);
  const subtlePrototype = getPrototypeOf(native.subtle);
  const { getRandomValues: nativeRandomValues } = cryptoPrototype;
  const integers = { __proto__: null };
  for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
    'Uint32Array', 'BigInt64Array', 'BigUint64Array']) {
    integers[name] = true;
  }
  const replace = (target, name, value) =>
    defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });

  const { getRandomValues } = {
    getRandomValues(array) {
      need(arguments.length, 1, 'getRandomValues');
      if (!isView(array)) throw new TypeError('the argument is no view of an ArrayBuffer');
      const name = apply(arrayName, array, []);
      if (name === undefined || integers[name] === undefined) {
        throw error('TypeMismatchError', 'the argument is no typed array of integers');
      }
      const bytes = bytesOf(array);
      if (byteLength(bytes) > 65536) {
        throw error('QuotaExceededError', `more than 65536 random bytes are asked for: ${byteLength(bytes)}`);
      }
      apply(nativeRandomValues, this, [bytes]);
      return array;
    },
  };
  replace(cryptoPrototype, 'getRandomValues', getRandomValues);

  // The side module throws plain Errors. Which one it is, its text tells.
  const has = (text, part) => apply(indexOf, text, [part]) >= 0;
  function translate(reason) {
    if (!isObject(reason) || getPrototypeOf(reason) !== Error.prototype) return reason;
    const text = `${reason.message}`;
    let name = 'OperationError';
    if (has(text, 'nsupported') || has(text, 'Unrecognized')) name = 'NotSupportedError';
    else if (has(text, 'not extractable') || has(text, 'usage')) name = 'InvalidAccessError';
    else if (has(text, 'Invalid key data') || has(text, 'mport')) name = 'DataError';
    return new DOMException(text, name);
  }
  for (const name of getOwnPropertyNames(subtlePrototype)) {
    const method = subtlePrototype[name];
    if (name === 'constructor' || typeof method !== 'function') continue;
    const wrapped = {
      async [name]() {
        try {
          return await apply(method, this, arguments);
        } catch (reason) {
          throw translate(reason);
        }
      },
    }[name];
    defineProperty(wrapped, 'length', { __proto__: null, value: method.length, configurable: true });
    replace(subtlePrototype, name, wrapped);
  }
}
