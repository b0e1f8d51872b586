// Training: objects and classes. Events, mixins, accessors, statics, private members, symbols, trees, a state machine.
(() => {
  'use strict';

  class Emitter {
    #listeners = {};
    on(name, listener) {
      (this.#listeners[name] ??= []).push(listener);
      return () => {
        this.#listeners[name] = this.#listeners[name].filter((l) => l !== listener);
      };
    }
    emit(name, ...details) {
      this.#listeners[name]?.forEach((listener) => listener.apply(this, details));
    }
  }

  const Named = (Base) =>
    class extends Base {
      get label() {
        return `${this.constructor.name}#${this.id}`;
      }
      toString() {
        return this.label;
      }
    };

  class Account extends Named(Emitter) {
    static #next = 1;
    static currency = 'EUR';
    static {
      this.opened = 0;
    }
    #cents = 0;

    constructor(owner) {
      super();
      this.id = Account.#next++;
      this.owner = owner;
      Account.opened++;
    }
    static reset() {
      Account.#next = 1;
    }
    static isAccount(value) {
      return #cents in value;
    }
    get balance() {
      return this.#cents / 100;
    }
    set balance(amount) {
      this.#cents = Math.round(amount * 100);
    }
    #move(cents, kind) {
      this.#cents += cents;
      this.emit('moved', kind, cents);
    }
    deposit(amount) {
      this.#move(amount * 100, 'in');
      return this;
    }
    withdraw(amount) {
      if (amount * 100 > this.#cents) throw new RangeError('no funds');
      this.#move(-amount * 100, 'out');
      return this;
    }
  }

  class Savings extends Account {
    rate = 0.02;
    withdraw(amount) {
      return super.withdraw(amount + 1);
    }
    accrue = () => {
      this.balance *= 1 + this.rate;
    };
  }

  function bank(rounds) {
    Account.reset();
    const accounts = Array.from({ length: 12 }, (_, i) => (i % 3 ? new Account('a' + i) : new Savings('s' + i)));
    let moves = 0;
    const stops = accounts.map((account) =>
      account.on('moved', (kind, cents) => (moves += kind === 'in' ? 1 : cents < 0 ? 2 : 0)),
    );
    for (let i = 0; i < rounds; i++) {
      const [from, to] = [accounts[i % 12], accounts[(i * 5 + 1) % 12]];
      to.deposit(i % 50);
      if (from.balance > 60) from.withdraw(20);
      if (from instanceof Savings && i % 40 === 0) from.accrue();
      if (i === rounds >> 1) stops[3]();
    }
    return (
      moves +
      ':' +
      accounts
        .filter(Account.isAccount)
        .map((a) => `${a}=${a.balance.toFixed(2)}`)
        .slice(0, 3)
    );
  }

  // A search tree as an iterable with a species-free default iterator.
  class Tree {
    root = null;
    size = 0;
    add(key, value) {
      let link = { get: () => this.root, set: (n) => (this.root = n) };
      for (let node; (node = link.get());) {
        if (node.key === key) return void (node.value = value);
        const side = key < node.key ? 'left' : 'right';
        const parent = node;
        link = { get: () => parent[side], set: (n) => (parent[side] = n) };
      }
      link.set({ key, value, left: null, right: null });
      this.size++;
    }
    *[Symbol.iterator]() {
      const stack = [];
      for (let node = this.root; node || stack.length; node = node.right) {
        while (node) {
          stack.push(node);
          node = node.left;
        }
        node = stack.pop();
        yield [node.key, node.value];
      }
    }
    get [Symbol.toStringTag]() {
      return 'Tree';
    }
  }

  function trees(count) {
    const tree = new Tree();
    for (let i = 0; i < count; i++) tree.add((i * 7919) % 1009, i);
    let sum = 0;
    for (const [key, value] of tree) sum = (sum * 3 + key + value) % 1000003;
    return `${tree} ${tree.size} ${sum}`;
  }

  // Constructor functions in the old style.
  function Shape(name) {
    this.name = name;
  }
  Shape.prototype.describe = function () {
    return this.name + ' ' + this.area().toFixed(1);
  };
  function Circle(r) {
    Shape.call(this, 'circle');
    this.r = r;
  }
  Circle.prototype = Object.create(Shape.prototype, { constructor: { value: Circle, writable: true } });
  Circle.prototype.area = function () {
    return Math.PI * this.r * this.r;
  };
  function Box(w, h) {
    Shape.apply(this, ['box']);
    this.w = w;
    this.h = h;
  }
  Box.prototype = Object.setPrototypeOf(
    {
      area() {
        return this.w * this.h;
      },
    },
    Shape.prototype,
  );

  function shapes(rounds) {
    let text = 0;
    for (let i = 0; i < rounds; i++) {
      const shape = i % 2 ? new Circle(i % 9) : new Box(i % 5, i % 7);
      text += shape.describe().length + (shape instanceof Shape) + Object.keys(shape).length;
      if (shape.hasOwnProperty('r') !== Object.hasOwn(shape, 'r')) return 'wrong';
    }
    return text;
  }

  function machine(rounds) {
    const states = {
      idle: { start: 'busy', stop: 'idle' },
      busy: { done: 'idle', fail: 'broken', stop: 'idle' },
      broken: { fix: 'idle' },
    };
    const events = ['start', 'fail', 'stop', 'fix', 'start', 'done'];
    const visits = {};
    let state = 'idle';
    for (let i = 0; i < rounds; i++) {
      state = states[state][events[i % 6]] ?? state;
      visits[state] = -~visits[state];
    }
    return JSON.stringify(visits);
  }

  function immutable(rounds) {
    let state = Object.freeze({ user: { name: 'ann', tags: ['a'] }, count: 0 });
    for (let i = 0; i < rounds; i++) {
      const {
        count,
        user: { tags, ...user },
        ...rest
      } = state;
      state = Object.freeze({ ...rest, count: count + 1, user: { ...user, tags: [...tags.slice(-3), 't' + i] } });
    }
    return state.count + state.user.tags.join('');
  }

  return [bank(70000), trees(14000), shapes(35000), machine(120000), immutable(20000), Account.currency].join('|');
})();
