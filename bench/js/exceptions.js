// Exceptions: throw and catch at depth, finally, custom errors, causes, errors of the engine, iterator closing.
(() => {
  'use strict';

  class ParseError extends Error {
    constructor(message, at, options) {
      super(message, options);
      this.name = 'ParseError';
      this.at = at;
    }
  }

  function deep(depth, code) {
    if (depth === 0) throw code;
    return deep(depth - 1, code) + 1;
  }

  function unwinding(rounds) {
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      try {
        deep(i % 24, i);
      } catch (code) {
        sum = (sum + code) | 0;
      }
    }
    return sum;
  }

  function parse(text) {
    try {
      const value = Number(text);
      if (Number.isNaN(value)) throw new TypeError(`not a number: ${text}`);
      return value;
    } catch (cause) {
      throw new ParseError('bad field', text.length, { cause });
    }
  }

  function errors(rounds) {
    let good = 0;
    let bad = 0;
    for (let i = 0; i < rounds; i++) {
      try {
        good += parse(i % 2 ? String(i) : 'x' + i);
      } catch (e) {
        if (!(e instanceof ParseError) || !(e.cause instanceof TypeError)) throw e;
        bad += e.at + e.message.length + e.cause.message.length;
      }
    }
    return `${good}/${bad}`;
  }

  // A return or break passes through finally; the last word wins.
  function finals(rounds) {
    let trail = 0;
    const once = (i) => {
      for (;;) {
        try {
          if (i % 3 === 0) return i;
          if (i % 3 === 1) break;
          throw i;
        } catch (e) {
          trail ^= e;
          return -e;
        } finally {
          trail = (trail + 1) | 0;
        }
      }
      return 0;
    };
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum += once(i);
    return sum + trail;
  }

  function engine(rounds) {
    const faults = [
      () => null.x,
      () => undefinedName,
      () => (0)(),
      () => new Array(-1),
      () => 'a'.repeat(-1),
      () => BigInt(1.5),
      () => JSON.parse('{'),
      () => Object.freeze([]).push(1),
    ];
    const kinds = {};
    for (let i = 0; i < rounds; i++) {
      try {
        faults[i % faults.length]();
      } catch (e) {
        kinds[e.name] = (kinds[e.name] ?? 0) + 1;
      }
    }
    return Object.keys(kinds).sort().map((k) => k + kinds[k]).join();
  }

  function closing(rounds) {
    let closed = 0;
    function* numbers() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed++;
      }
    }
    let sum = 0;
    for (let r = 0; r < rounds; r++) {
      try {
        for (const n of numbers()) {
          if (n > 5) throw new RangeError('enough');
          sum += n;
        }
      } catch (e) {
        sum += e.message.length;
      }
    }
    return sum + closed;
  }

  return [unwinding(9000), errors(9000), finals(40000), engine(10000), closing(5000)].join(' ');
})();
