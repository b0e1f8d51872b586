// navigator: what runs the script.
(shared) => {
  'use strict';
  const { defineProperty } = Object;
  const userAgent = 'sandglass/' + shared.version;
  const prototype = { get userAgent() { return userAgent; } };
  defineProperty(prototype, Symbol.toStringTag, { __proto__: null, value: 'Navigator', configurable: true });
  defineProperty(globalThis, 'navigator',
    { __proto__: null, value: Object.create(prototype), writable: true, enumerable: true, configurable: true });
}
