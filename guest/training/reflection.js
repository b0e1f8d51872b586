// Training: Proxy, Reflect, descriptors, symbols, getters by definition, observable state, mocks, lazy values, binding.
(() => {
  'use strict';

  // Reactive state: effects run again when what they read has changed.
  let running = null;
  function reactive(target) {
    const readers = new Map();
    return new Proxy(target, {
      get(object, key, receiver) {
        if (running && typeof key === 'string') {
          if (!readers.has(key)) readers.set(key, new Set());
          readers.get(key).add(running);
        }
        return Reflect.get(object, key, receiver);
      },
      set(object, key, value, receiver) {
        const changed = object[key] !== value;
        const done = Reflect.set(object, key, value, receiver);
        if (changed) readers.get(key)?.forEach((effect) => effect());
        return done;
      },
    });
  }
  function watch(effect) {
    const run = () => {
      running = run;
      try {
        effect();
      } finally {
        running = null;
      }
    };
    run();
  }

  function observed(rounds) {
    const cart = reactive({ price: 2, count: 3, total: 0, label: '' });
    let runs = 0;
    watch(() => {
      cart.total = cart.price * cart.count;
      runs++;
    });
    watch(() => (cart.label = `${cart.count} for ${cart.price}`));
    for (let i = 0; i < rounds; i++) {
      cart.price = i % 10;
      if (i % 3 === 0) cart.count++;
    }
    return `${runs} ${cart.label}`;
  }

  function guarded(rounds) {
    const log = [];
    const handler = {
      has: (t, k) => !String(k).startsWith('_') && k in t,
      ownKeys: (t) => Reflect.ownKeys(t).filter((k) => typeof k === 'symbol' || !k.startsWith('_')),
      getOwnPropertyDescriptor: (t, k) => Reflect.getOwnPropertyDescriptor(t, k),
      deleteProperty(t, k) {
        if (k === 'id') return false;
        return Reflect.deleteProperty(t, k);
      },
      defineProperty(t, k, d) {
        log.push(k);
        return Reflect.defineProperty(t, k, d);
      },
    };
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const p = new Proxy({ id: i, _secret: 1, name: 'n', [Symbol.for('tag')]: 2 }, handler);
      sum += Object.keys(p).length + ('_secret' in p ? 100 : 1) + Reflect.ownKeys(p).length;
      sum += Reflect.deleteProperty(p, 'id') ? 100 : Reflect.deleteProperty(p, 'name') ? 1 : 50;
      p.fresh = i;
      for (const key in p) sum += key.length;
    }
    return sum + log.length;
  }

  function negativeIndexes(rounds) {
    const list = new Proxy([1, 2, 3, 4, 5], {
      get(t, k, r) {
        const n = typeof k === 'string' ? Number(k) : NaN;
        return n < 0 ? t[t.length + n] : Reflect.get(t, k, r);
      },
    });
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum += list[-1 - (i % 5)] + list.length + list.slice(1, 2)[0];
    return sum;
  }

  function descriptors(rounds) {
    const lazy = (object, name, make) =>
      Object.defineProperty(object, name, {
        configurable: true,
        enumerable: true,
        get() {
          const value = make();
          Object.defineProperty(this, name, { value, writable: false, enumerable: true });
          return value;
        },
      });
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const o = lazy({ a: 1 }, 'big', () => i * 2);
      sum += o.big + o.big;
      const copy = Object.create(Object.getPrototypeOf(o), Object.getOwnPropertyDescriptors(o));
      sum += Object.isSealed(Object.seal(copy)) ? 1 : 0;
      sum += Object.getOwnPropertyNames(copy).length + Object.entries(copy).flat().length;
    }
    return sum;
  }

  // Every method call is counted; unknown ones answer with their name.
  function mocks(rounds) {
    const calls = {};
    const service = new Proxy(function () {}, {
      get:
        (_, name) =>
        (...values) => {
          calls[name] = (calls[name] ?? 0) + 1;
          return name + values.length;
        },
      apply: (_, self, values) => values.length,
      construct: (_, values, target) => Object.create(target.prototype ?? {}, { size: { value: values.length } }),
    });
    let text = 0;
    for (let i = 0; i < rounds; i++)
      text += service['m' + (i % 4)](1, 2).length + service(1, 2, 3) + new service(1).size;
    return text + JSON.stringify(calls);
  }

  const timed = (f, stats) =>
    function wrapped(...values) {
      stats[f.name] = (stats[f.name] ?? 0) + 1;
      return Reflect.apply(f, this, values);
    };

  function decorated(rounds) {
    class Service {
      constructor(base) {
        this.base = base;
      }
      add(n) {
        return this.base + n;
      }
      twice(n) {
        return this.add(this.add(n));
      }
    }
    const stats = {};
    for (const key of Reflect.ownKeys(Service.prototype)) {
      if (key !== 'constructor') Service.prototype[key] = timed(Service.prototype[key], stats);
    }
    let sum = 0;
    const bound = Service.prototype.add.bind(new Service(5), 2);
    for (let i = 0; i < rounds; i++) {
      const service = Reflect.construct(Service, [i]);
      sum += service.twice(1) + bound() + Service.prototype.add.call({ base: 3 }, 4);
    }
    return sum + JSON.stringify(stats);
  }

  function symbols(rounds) {
    class Money {
      constructor(amount) {
        this.amount = amount;
      }
      [Symbol.toPrimitive](hint) {
        return hint === 'string' ? `${this.amount} EUR` : this.amount;
      }
      static [Symbol.hasInstance](value) {
        return 'amount' in value;
      }
    }
    class Stack extends Array {
      static get [Symbol.species]() {
        return Array;
      }
    }
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const money = new Money(i);
      sum += +money + `${money}`.length + (money > 3 ? 1 : 0) + ({ amount: 1 } instanceof Money ? 1 : 0);
      sum += Stack.of(1, 2, 3).map((x) => x).constructor === Array ? 1 : 0;
    }
    return sum;
  }

  return [
    observed(24000),
    guarded(8000),
    negativeIndexes(40000),
    descriptors(12000),
    mocks(24000),
    decorated(24000),
    symbols(20000),
  ].join('|');
})();
