// A small interpreter: lexer, precedence parser, compiler to stack code, and a loop with a switch that runs it.
(() => {
  'use strict';

  const program = `
    let n = 2; let count = 0; let sum = 0;
    while (n < 700) {
      let d = 2; let prime = 1;
      while (d * d <= n) { if (n % d == 0) { prime = 0; d = n; } else { d = d + 1; } }
      if (prime) { count = count + 1; sum = (sum * 31 + n) % 1000003; }
      n = n + 1;
    }
    let a = 0; let b = 1; let i = 0;
    while (i < 900) { let t = (a + b) % 65521; a = b; b = t; i = i + 1; }
    print count; print sum; print a;
  `;

  function lex(text) {
    const tokens = [];
    for (let i = 0; i < text.length; ) {
      const c = text[i];
      if (c === ' ' || c === '\n') {
        i++;
      } else if (c >= '0' && c <= '9') {
        let end = i;
        while (text[end] >= '0' && text[end] <= '9') end++;
        tokens.push({ kind: 'number', value: Number(text.slice(i, end)) });
        i = end;
      } else if (c >= 'a' && c <= 'z') {
        let end = i;
        while (text[end] >= 'a' && text[end] <= 'z') end++;
        const word = text.slice(i, end);
        tokens.push({ kind: ['let', 'while', 'if', 'else', 'print'].includes(word) ? word : 'name', value: word });
        i = end;
      } else {
        const two = text.slice(i, i + 2);
        const kind = two === '<=' || two === '==' ? two : c;
        tokens.push({ kind, value: kind });
        i += kind.length;
      }
    }
    tokens.push({ kind: 'end', value: null });
    return tokens;
  }

  const binding = { '==': 1, '<': 2, '<=': 2, '+': 3, '-': 3, '*': 4, '/': 4, '%': 4 };

  class Compiler {
    constructor(text) {
      this.tokens = lex(text);
      this.at = 0;
      this.slots = new Map();
      this.code = [];
    }
    peek() {
      return this.tokens[this.at].kind;
    }
    take(kind) {
      const token = this.tokens[this.at++];
      if (token.kind !== kind) throw new SyntaxError(`wanted ${kind}, found ${token.kind}`);
      return token.value;
    }
    slot(name) {
      if (!this.slots.has(name)) this.slots.set(name, this.slots.size);
      return this.slots.get(name);
    }
    emit(...parts) {
      this.code.push(...parts);
      return this.code.length - 1;
    }
    primary() {
      if (this.peek() === 'number') return void this.emit('push', this.take('number'));
      if (this.peek() === 'name') return void this.emit('load', this.slot(this.take('name')));
      this.take('(');
      this.expression(0);
      this.take(')');
    }
    expression(floor) {
      this.primary();
      while (binding[this.peek()] > floor) {
        const operator = this.take(this.peek());
        this.expression(binding[operator]);
        this.emit(operator, 0);
      }
    }
    block() {
      this.take('{');
      while (this.peek() !== '}') this.statement();
      this.take('}');
    }
    statement() {
      switch (this.peek()) {
        case 'print':
          this.take('print');
          this.expression(0);
          this.emit('print', 0);
          this.take(';');
          break;
        case 'while': {
          this.take('while');
          const top = this.code.length;
          this.expression(0);
          const exit = this.emit('unless', 0);
          this.block();
          this.emit('jump', top);
          this.code[exit] = this.code.length;
          break;
        }
        case 'if': {
          this.take('if');
          this.expression(0);
          const otherwise = this.emit('unless', 0);
          this.block();
          if (this.peek() === 'else') {
            this.take('else');
            const done = this.emit('jump', 0);
            this.code[otherwise] = this.code.length;
            this.block();
            this.code[done] = this.code.length;
          } else {
            this.code[otherwise] = this.code.length;
          }
          break;
        }
        default: {
          if (this.peek() === 'let') this.take('let');
          const name = this.take('name');
          this.take('=');
          this.expression(0);
          this.emit('store', this.slot(name));
          this.take(';');
        }
      }
    }
    compile() {
      while (this.peek() !== 'end') this.statement();
      return this.code;
    }
  }

  function run(code) {
    const stack = [];
    const slots = [];
    const printed = [];
    let steps = 0;
    for (let pc = 0; pc < code.length; steps++) {
      const operation = code[pc];
      const operand = code[pc + 1];
      pc += 2;
      switch (operation) {
        case 'push': stack.push(operand); break;
        case 'load': stack.push(slots[operand]); break;
        case 'store': slots[operand] = stack.pop(); break;
        case 'jump': pc = operand; break;
        case 'unless': if (!stack.pop()) pc = operand; break;
        case 'print': printed.push(stack.pop()); break;
        default: {
          const b = stack.pop();
          const a = stack.pop();
          switch (operation) {
            case '+': stack.push(a + b); break;
            case '-': stack.push(a - b); break;
            case '*': stack.push(a * b); break;
            case '/': stack.push(Math.trunc(a / b)); break;
            case '%': stack.push(a % b); break;
            case '<': stack.push(a < b ? 1 : 0); break;
            case '<=': stack.push(a <= b ? 1 : 0); break;
            case '==': stack.push(a === b ? 1 : 0); break;
          }
        }
      }
    }
    return `${printed.join(',')} in ${steps}`;
  }

  let result = '';
  for (let i = 0; i < 5; i++) result = run(new Compiler(program).compile());
  return result;
})();
