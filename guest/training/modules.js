// Training: many small programs. eval, Function, immediately run modules, a require by hand, plug-ins, rule engines.
(() => {
  // Direct and indirect eval of short texts: parser and compiler, not the loop, take the time.
  function snippets(rounds) {
    const texts = [
      'n + 1',
      'const a = [n, 2, 3]; a.map((x) => x * 2).join("-")',
      '({ n, get double() { return n * 2; } }).double',
      'function f(x = 1, ...rest) { return x + rest.length; } f(n, 2, 3)',
      'class P { #v = n; get v() { return this.#v; } static make() { return new P(); } } P.make().v',
      'let t = 0; for (let i = 0; i < 5; i++) { if (i === n % 5) continue; t += i; } t',
      'try { null.x } catch ({ name }) { name } finally { n }',
      'switch (n % 3) { case 0: "zero"; break; case 1: "one"; break; default: "two" }',
      '`${n}:${[...new Set([1, 1, n])].length}:${typeof n}`',
      '(({ a, b: [c, d = 4], ...rest }) => a + c + d + Object.keys(rest).length)({ a: n, b: [2], x: 1, y: 2 })',
      'var g = function* () { const x = yield 1; yield x ?? n; }; [...g()].join()',
      'label: for (const x of [1, 2, 3]) { for (const y in { p: 1 }) { if (x > 1) break label; } } n ? /a+/g.test("caat") : void 0',
    ];
    let length = 0;
    for (let i = 0; i < rounds; i++) {
      const n = i;
      length += String(eval(texts[i % texts.length])).length;
    }
    return length;
  }

  function compiled(rounds) {
    const globalEval = eval;
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const weights = [i % 7, 3, 5];
      const body = 'return ' + weights.map((w, k) => `${w} * v[${k}]`).join(' + ');
      const score = new Function('v', body);
      sum += score([1, i, 2]) + score.length + globalEval('(' + ((x) => x * 3).toString() + ')')(i);
      sum += Function('a', 'b', '"use strict"; return a ** b')(i % 9, 2);
    }
    return sum;
  }

  const files = {
    'math/add': 'exports.add = (a, b) => a + b;',
    'math/index': "const { add } = require('math/add'); exports.add = add; exports.sum = (...ns) => ns.reduce(add, 0);",
    'text/pad': "module.exports = function pad(text, width) { return String(text).padStart(width, '.'); };",
    'text/table': "const pad = require('text/pad'); exports.row = (cells) => cells.map((c) => pad(c, 6)).join('|');",
    'store/index': `
      const listeners = new Set();
      let state = { items: [], next: 1 };
      exports.dispatch = (action) => {
        switch (action.type) {
          case 'add': state = { ...state, items: [...state.items, { id: state.next, text: action.text }], next: state.next + 1 }; break;
          case 'drop': state = { ...state, items: state.items.filter(({ id }) => id !== action.id) }; break;
        }
        for (const l of listeners) l(state);
      };
      exports.subscribe = (l) => { listeners.add(l); return () => listeners.delete(l); };`,
    main: `
      const { sum } = require('math/index');
      const { row } = require('text/table');
      const store = require('store/index');
      let seen = 0;
      const stop = store.subscribe((state) => { seen = sum(seen, state.items.length); });
      for (let i = 0; i < 10; i++) store.dispatch({ type: 'add', text: 't' + i });
      store.dispatch({ type: 'drop', id: 4 });
      stop();
      module.exports = row([seen, sum(1, 2, 3), require('math/add') === require('math/add')]);`,
  };

  function bundle() {
    const cache = new Map();
    const require = (name) => {
      if (!cache.has(name)) {
        const module = { exports: {} };
        cache.set(name, module);
        new Function('module', 'exports', 'require', files[name])(module, module.exports, require);
      }
      return cache.get(name).exports;
    };
    return require('main');
  }

  const Registry = (function () {
    const plugins = Object.create(null);
    return {
      define(name, needs, factory) {
        plugins[name] = { needs, factory, made: undefined };
      },
      use(name) {
        const plugin = plugins[name];
        return (plugin.made ??= plugin.factory(...plugin.needs.map((n) => Registry.use(n))));
      },
    };
  })();

  function plugins(rounds) {
    let text = '';
    for (let i = 0; i < rounds; i++) {
      Registry.define('config', [], () => ({ level: i % 3 }));
      Registry.define(
        'log',
        ['config'],
        ({ level }) =>
          (m) =>
            level ? m.toUpperCase() : m,
      );
      Registry.define('app', ['config', 'log'], (config, log) => ({ run: () => log(`level ${config.level}`) }));
      text = Registry.use('app').run();
    }
    return text;
  }

  // Rules arrive as text and are compiled once.
  function rules(rounds) {
    const texts = [
      'age >= 18 && country === "NO"',
      'total > 100 || coupon !== null',
      'name.startsWith("A") ? age < 40 : total % 2 === 0',
      '!(items.length > 2)',
    ];
    const compiledRules = texts.map((text) => new Function('facts', `with (facts) { return ${text}; }`));
    let hits = 0;
    for (let i = 0; i < rounds; i++) {
      const facts = {
        age: i % 60,
        country: i % 2 ? 'NO' : 'SE',
        total: i % 150,
        coupon: i % 5 ? null : 'X',
        name: i % 3 ? 'Ann' : 'Bo',
        items: [1, 2, 3].slice(i % 4),
      };
      for (const rule of compiledRules) if (rule(facts)) hits++;
    }
    return hits;
  }

  let out = [];
  for (let i = 0; i < 7; i++) {
    let printed = '';
    for (let k = 0; k < 50; k++) printed = bundle();
    out = [snippets(3000), compiled(1100), printed, plugins(1200), rules(2500)];
  }
  return out.join('|');
})();
