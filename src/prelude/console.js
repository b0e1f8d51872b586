// The console. The host formats, counts and prints; what outlives a call is kept here: counts, timers, groups.
(shared) => {
  'use strict';
  const { log, info, debug, warn, error, trace, dir, table, assert, label } = shared.host;
  const { apply } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { now } = Date;
  const { floor, min } = Math;
  const { toFixed } = Number.prototype;
  const { padStart } = String.prototype;
  const { Map } = globalThis;
  const { get, set, has, delete: remove } = Map.prototype;
  const { get: size } = getOwnPropertyDescriptor(Map.prototype, 'size');
  const own = (value) => ({ __proto__: null, value, writable: true, enumerable: true, configurable: true });

  const mostLabels = 1000;
  const deepestIndentation = 200;
  const counts = new Map();
  const timers = new Map();
  let groups = 0;
  const state = [0];
  shared.functions.consoleState = state;

  const indent = () => { state[0] = min(2 * groups, deepestIndentation); };
  const isFull = (labels, name, method) => {
    if (apply(has, labels, [name]) || apply(size, labels, []) < mostLabels) return false;
    warn('Warning: console.' + method + '() keeps no more than ' + mostLabels + ' labels');
    return true;
  };

  // As Node writes durations.
  const twoDigits = (number) => apply(padStart, '' + number, [2, '0']);
  function duration(milliseconds) {
    if (milliseconds < 1000) return +apply(toFixed, milliseconds, [3]) + 'ms';
    if (milliseconds < 60_000) return apply(toFixed, milliseconds / 1000, [3]) + 's';
    const minutes = floor(milliseconds / 60_000);
    const seconds = apply(padStart, apply(toFixed, (milliseconds % 60_000) / 1000, [3]), [6, '0']);
    if (minutes < 60) return minutes + ':' + seconds + ' (m:ss.mmm)';
    return floor(minutes / 60) + ':' + twoDigits(minutes % 60) + ':' + seconds + ' (h:mm:ss.mmm)';
  }
  function tellTime(name, method, data) {
    const begin = apply(get, timers, [name]);
    if (begin === undefined) {
      warn("Warning: No such label '" + name + "' for console." + method + '()');
      return;
    }
    const list = ['%s: %s', name, duration(now() - begin)];
    for (let i = 1; i < data.length; i++) defineProperty(list, list.length, own(data[i]));
    apply(log, undefined, list);
  }

  const console = {
    log, warn, dir, info, debug, error, dirxml: undefined, trace, table, assert,
    time(name) {
      name = label(name);
      if (apply(has, timers, [name])) {
        warn("Warning: Label '" + name + "' already exists for console.time()");
      } else if (!isFull(timers, name, 'time')) {
        apply(set, timers, [name, now()]);
      }
    },
    timeEnd(name) {
      name = label(name);
      tellTime(name, 'timeEnd', []);
      apply(remove, timers, [name]);
    },
    timeLog(name) {
      tellTime(label(name), 'timeLog', arguments);
    },
    count(name) {
      name = label(name);
      if (isFull(counts, name, 'count')) return;
      const count = (apply(get, counts, [name]) ?? 0) + 1;
      apply(set, counts, [name, count]);
      log(name + ': ' + count);
    },
    countReset(name) {
      name = label(name);
      if (!apply(remove, counts, [name])) warn("Warning: Count for '" + name + "' does not exist");
    },
    group() {
      if (arguments.length > 0) apply(log, undefined, arguments);
      groups++;
      indent();
    },
    groupEnd() {
      if (groups > 0) groups--;
      indent();
    },
    groupCollapsed: undefined,
    // There is no terminal to clear.
    clear() {},
  };
  console.dirxml = log;
  console.groupCollapsed = console.group;
  defineProperty(console, Symbol.toStringTag, { __proto__: null, value: 'console', configurable: true });
  defineProperty(globalThis, 'console', { __proto__: null, value: console, writable: true, configurable: true });
}
