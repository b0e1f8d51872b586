// Training: small languages. A Lisp evaluated over lists, arithmetic compiled to closures, a tape machine, a Forth.
(() => {
  'use strict';

  // --- Lisp ---
  const read = (text) => {
    const words = text.replace(/[()']/g, ' $& ').trim().split(/\s+/);
    let at = 0;
    const form = () => {
      const word = words[at++];
      if (word === "'") return ['quote', form()];
      if (word !== '(') return Number.isNaN(+word) ? word : +word;
      const list = [];
      while (words[at] !== ')') list.push(form());
      at++;
      return list;
    };
    const all = [];
    while (at < words.length) all.push(form());
    return all;
  };

  class Scope {
    constructor(names, values, outer) {
      this.slots = Object.create(null);
      this.outer = outer;
      names.forEach((name, i) => (this.slots[name] = values[i]));
    }
    find(name) {
      for (let scope = this; scope; scope = scope.outer) if (name in scope.slots) return scope.slots;
      throw new ReferenceError(`unbound ${name}`);
    }
  }

  const builtins = {
    '+': (...ns) => ns.reduce((a, b) => a + b),
    '-': (a, b) => (b === undefined ? -a : a - b),
    '*': (...ns) => ns.reduce((a, b) => a * b),
    '<': (a, b) => a < b,
    '=': (a, b) => a === b,
    mod: (a, b) => a % b,
    list: (...all) => all,
    cons: (head, tail) => [head, ...tail],
    car: ([head]) => head,
    cdr: ([, ...tail]) => tail,
    'null?': (list) => list.length === 0,
  };

  function evaluate(form, scope) {
    for (;;) {
      if (typeof form === 'string') return scope.find(form)[form];
      if (!Array.isArray(form)) return form;
      const [head, ...rest] = form;
      switch (head) {
        case 'quote':
          return rest[0];
        case 'if':
          form = evaluate(rest[0], scope) ? rest[1] : rest[2];
          continue;
        case 'define':
          return (scope.slots[rest[0]] = evaluate(rest[1], scope));
        case 'lambda':
          return { names: rest[0], body: rest[1], scope };
        case 'let':
          scope = new Scope(
            rest[0].map(([n]) => n),
            rest[0].map(([, v]) => evaluate(v, scope)),
            scope,
          );
          form = rest[1];
          continue;
      }
      const callee = evaluate(head, scope);
      const values = rest.map((part) => evaluate(part, scope));
      if (typeof callee === 'function') return callee(...values);
      scope = new Scope(callee.names, values, callee.scope);
      form = callee.body;
    }
  }

  function lisp(rounds) {
    const program = read(`
      (define range (lambda (a b) (if (< a b) (cons a (range (+ a 1) b)) '())))
      (define fold (lambda (f seed xs) (if (null? xs) seed (fold f (f seed (car xs)) (cdr xs)))))
      (define map (lambda (f xs) (if (null? xs) '() (cons (f (car xs)) (map f (cdr xs))))))
      (define gcd (lambda (a b) (if (= b 0) a (gcd b (mod a b)))))
      (let ((xs (range 1 25))) (fold + 0 (map (lambda (x) (* x (gcd x 12))) xs)))`);
    let last;
    for (let i = 0; i < rounds; i++) {
      const scope = new Scope(Object.keys(builtins), Object.values(builtins), null);
      for (const form of program) last = evaluate(form, scope);
    }
    return last;
  }

  // --- Arithmetic, compiled to closures ---
  function compile(text) {
    let rest = text;
    const next = (pattern) => {
      const found = rest.match(pattern);
      if (found) rest = rest.slice(found[0].length).trimStart();
      return found && found[0];
    };
    const atom = () => {
      const number = next(/^\d+(\.\d+)?/);
      if (number) return () => parseFloat(number);
      const name = next(/^[a-z]+/);
      if (name) {
        if (!next(/^\(/)) return (env) => env[name];
        const argument = sum();
        next(/^\)/);
        return (env) => Math[name](argument(env));
      }
      next(/^\(/);
      const inner = sum();
      next(/^\)/);
      return inner;
    };
    const level = (below, pattern, combine) => () => {
      let left = below();
      for (let sign; (sign = next(pattern));) left = combine(sign, left, below());
      return left;
    };
    const product = level(atom, /^[*\/]/, (sign, l, r) =>
      sign === '*' ? (env) => l(env) * r(env) : (env) => l(env) / r(env),
    );
    const sum = level(product, /^[-+]/, (sign, l, r) =>
      sign === '+' ? (env) => l(env) + r(env) : (env) => l(env) - r(env),
    );
    return sum();
  }

  function formulas(rounds) {
    const texts = ['x*x + 3*y - 2', '(x + y) * (x - y) / 4', 'sqrt(abs(x*y)) + floor(x/3)', 'max(x) + min(y) * 0.5'];
    let total = 0;
    for (let i = 0; i < rounds; i++) {
      const f = compile(texts[i % texts.length]);
      for (let x = 0; x < 20; x++) total += f({ x, y: i % 17 });
    }
    return Math.round(total);
  }

  // --- A tape machine with eight instructions ---
  function tape(source) {
    const jumps = [];
    const open = [];
    [...source].forEach((c, i) => {
      if (c === '[') open.push(i);
      if (c === ']') jumps[(jumps[i] = open.pop())] = i;
    });
    const cells = new Uint8Array(256);
    let out = '';
    for (let pc = 0, at = 0; pc < source.length; pc++) {
      switch (source.charAt(pc)) {
        case '>':
          at++;
          break;
        case '<':
          at--;
          break;
        case '+':
          cells[at]++;
          break;
        case '-':
          cells[at]--;
          break;
        case '.':
          out += String.fromCharCode(cells[at]);
          break;
        case '[':
          if (!cells[at]) pc = jumps[pc];
          break;
        case ']':
          if (cells[at]) pc = jumps[pc];
          break;
      }
    }
    return out;
  }

  // --- Forth: words are arrays of functions ---
  function forth(text) {
    const stack = [];
    const pop = () => stack.pop();
    const words = new Map([
      ['+', () => stack.push(pop() + pop())],
      ['*', () => stack.push(pop() * pop())],
      ['dup', () => stack.push(stack.at(-1))],
      ['drop', pop],
      ['swap', () => stack.push(...stack.splice(-2).reverse())],
      ['over', () => stack.push(stack.at(-2))],
      ['mod', () => stack.push(stack.splice(-2).reduce((a, b) => a % b))],
    ]);
    const input = text.split(/\s+/).values();
    const translate = (word) => words.get(word) ?? (() => stack.push(Number(word)));
    for (const word of input) {
      if (word !== ':') {
        translate(word)();
        continue;
      }
      const name = input.next().value;
      const body = [];
      for (let w = input.next().value; w !== ';'; w = input.next().value) body.push(translate(w));
      words.set(name, () => body.forEach((step) => step()));
    }
    return stack.join(' ');
  }

  const hello =
    '++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.';
  const out = [lisp(80), formulas(2500)];
  for (let i = 0; i < 120; i++) out[2] = tape(hello).trim();
  for (let i = 0; i < 1000; i++)
    out[3] = forth(': square dup * ; : sum3 + + ; 3 square 4 square 5 square sum3 7 mod ' + i + ' over swap');
  return out.join('|');
})();
