// Timers. The queue is the host's: see src/runtime/timers.h.
(shared) => {
  'use strict';
  const { addTimer, addInterval, addImmediate, clearTimer, timeOrigin } = shared.host;
  const { defineProperty } = Object;
  const { Promise } = globalThis;

  // Rest parameters make an array without looking at what a script may have changed.
  const given = (rest) => (rest.length === 0 ? undefined : rest);
  function clear(id) {
    if (typeof id === 'number' || typeof id === 'string') clearTimer(+id);
  }
  const functions = {
    setTimeout(callback, delay, ...rest) {
      return addTimer(callback, +delay, given(rest));
    },
    setInterval(callback, delay, ...rest) {
      return addInterval(callback, +delay, given(rest));
    },
    setImmediate(callback, ...rest) {
      return addImmediate(callback, 0, given(rest));
    },
    clearTimeout(id) {
      clear(id);
    },
    clearInterval(id) {
      clear(id);
    },
    clearImmediate(id) {
      clear(id);
    },
  };
  for (const name in functions) {
    defineProperty(globalThis, name, {
      __proto__: null, value: functions[name], writable: true, enumerable: true, configurable: true,
    });
  }
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = functions;
  shared.modules['node:timers'] = {
    __proto__: null, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate,
    default: { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate },
  };
  const wait = (delay, value) => new Promise((resolve) => { addTimer(resolve, +delay, [value]); });
  const soon = (value) => new Promise((resolve) => { addImmediate(resolve, 0, [value]); });
  shared.modules['node:timers/promises'] = {
    __proto__: null, setTimeout: wait, setImmediate: soon,
    default: { setTimeout: wait, setImmediate: soon },
  };
  // The engine's own tells when the image was made.
  const { now } = performance;
  globalThis.performance = { now: () => now(), get timeOrigin() { return timeOrigin(); } };
}
