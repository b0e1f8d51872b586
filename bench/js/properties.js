// Property access: plain objects, prototype chains, accessors, private fields, computed and missing keys.
(() => {
  'use strict';

  class Counter {
    #value = 0;
    #step;
    static created = 0;

    constructor(step) {
      this.#step = step;
      Counter.created++;
    }
    tick() {
      this.#value = (this.#value + this.#step) | 0;
      return this;
    }
    get value() {
      return this.#value;
    }
    set value(v) {
      this.#value = v | 0;
    }
  }

  class Doubling extends Counter {
    tick() {
      super.tick();
      this.value = this.value * 2 + 1;
      return this;
    }
  }

  function plain(rounds) {
    const p = { x: 1, y: 2, z: 3, w: 4 };
    for (let i = 0; i < rounds; i++) {
      p.x = (p.y + i) & 0xffff;
      p.y = p.z ^ p.w;
      p.z = p.x + p.w;
      p.w = (p.w + 7) & 0xff;
    }
    return p.x + p.y + p.z + p.w;
  }

  // The property read lies `depth` objects up the prototype chain.
  function inherited(rounds, depth) {
    let object = { base: 3, bump(n) { return n + this.base; } };
    for (let i = 0; i < depth; i++) {
      object = Object.create(object);
      object['own' + i] = i;
    }
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum = (sum + object.bump(i)) | 0;
    return sum;
  }

  function methods(rounds) {
    const counters = [new Counter(3), new Doubling(5), new Counter(7), new Doubling(11)];
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum ^= counters[i & 3].tick().value;
    return sum + Counter.created;
  }

  function computed(rounds) {
    const keys = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta'];
    const bag = {};
    let missing = 0;
    for (let i = 0; i < rounds; i++) {
      const key = keys[i % 7];
      bag[key] = (bag[key] ?? 0) + i;
      if (bag.theta === undefined) missing++;
      if (!(key in bag)) missing = -1;
    }
    return Object.values(bag).reduce((a, b) => a + b, missing);
  }

  // A shape that grows and shrinks leaves the fast path.
  function reshaped(rounds) {
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const o = { a: i };
      o.b = i + 1;
      o.c = o.a + o.b;
      delete o.b;
      o.d = 'b' in o ? 1 : 2;
      sum = (sum + o.c + o.d) | 0;
    }
    return sum;
  }

  Counter.created = 0;
  return [plain(220000), inherited(160000, 6), methods(80000), computed(90000), reshaped(30000)].join(' ');
})();
