// Training: error handling and destructuring. Results, retries, validation, clean-up, error chains, optional chaining.
(() => {
  'use strict';

  class AppError extends Error {
    static wrap(cause, message) {
      return new this(message, { cause });
    }
    get name() {
      return this.constructor.name;
    }
  }
  class NotFound extends AppError {}
  class Invalid extends AppError {
    constructor(message, { field = 'unknown', ...options } = {}) {
      super(message, options);
      this.field = field;
    }
  }

  const ok = (value) => ({ ok: true, value });
  const fail = (error) => ({ ok: false, error });
  const attempt = (f, ...values) => {
    try {
      return ok(f(...values));
    } catch (e) {
      return fail(e);
    }
  };

  function settings({
    server: { host = 'localhost', port = 80, ...server } = {},
    paths: [root = '/', ...more] = [],
    mode = port === 80 ? 'plain' : 'other',
  } = {}) {
    if (typeof port !== 'number') throw new Invalid('port must be a number', { field: 'server.port' });
    if (port < 0) throw new RangeError(`port ${port}`);
    return `${mode}://${host}:${port}${root}${more.length}${Object.keys(server)}`;
  }

  function load(store, key) {
    const entry = store[key];
    if (!entry) throw new NotFound(`no ${key}`);
    try {
      return JSON.parse(entry);
    } catch (cause) {
      throw AppError.wrap(cause, `bad entry ${key}`);
    }
  }

  function configured(rounds) {
    const inputs = [
      undefined,
      {},
      { server: { port: 8080, tls: true } },
      { server: { port: 'x' } },
      { paths: ['/a', '/b'] },
      { server: null },
      { server: { port: -1 } },
    ];
    const tally = {};
    for (let i = 0; i < rounds; i++) {
      const { ok: good, value, error: { name = 'none', field } = {} } = attempt(settings, inputs[i % inputs.length]);
      const kind = good ? value.length : `${name}${field ?? ''}`;
      tally[kind] = (tally[kind] ?? 0) + 1;
    }
    return JSON.stringify(tally);
  }

  function chains(rounds) {
    const store = { good: '{"a":1}', bad: '{a:1}' };
    let text = 0;
    for (let i = 0; i < rounds; i++) {
      try {
        text += load(store, ['good', 'bad', 'missing'][i % 3]).a;
      } catch (e) {
        for (let at = e; at; at = at.cause) text += at.name.length + at.message.length;
        if (e instanceof NotFound === (e.cause !== undefined)) return 'wrong';
      }
    }
    return text;
  }

  // Clean-up runs whatever happens, in the reverse order.
  function resources(rounds) {
    const log = [];
    const use = (name) => ({ name, close: () => log.push(name) });
    const work = (i) => {
      const open = [];
      try {
        open.push(use('a'));
        if (i % 4 === 1) throw new TypeError('one');
        open.push(use('b'));
        for (const x of [1, 2, 3]) {
          try {
            if (x === i % 4) return x;
            if (x === 3) break;
          } finally {
            log.push('x');
          }
        }
        return 0;
      } catch {
        return -1;
      } finally {
        while (open.length) open.pop().close();
      }
    };
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      log.length = 0;
      sum += work(i) * 3 + log.length;
    }
    return sum + log.join('');
  }

  function retries(rounds) {
    let calls = 0;
    const unstable = (n) => {
      calls++;
      if (n % 4) throw Object.assign(new Error('unstable'), { code: n % 4, retry: n % 4 !== 3 });
      return n;
    };
    const retry = (f, n, left = 5) => {
      try {
        return f(n);
      } catch ({ code, retry: again, message }) {
        if (!again || left === 0) return -code - message.length;
        return retry(f, n + 1, left - 1);
      }
    };
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum += retry(unstable, i);
    return `${sum}/${calls}`;
  }

  function chaining(rounds) {
    const users = [
      null,
      {},
      { profile: {} },
      { profile: { mail: 'a@b' } },
      {
        profile: {
          send() {
            return this.mail?.length;
          },
          mail: 'xyz',
        },
      },
    ];
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const user = users[i % 5];
      sum += user?.profile?.mail?.length ?? 1;
      sum += user?.profile?.send?.() ?? 2;
      sum += user?.['profile']?.mail?.[0] === 'a' ? 5 : 0;
      const local = { n: i % 3 };
      local.n ||= 7;
      local.m ??= 2;
      local.n &&= local.n + 1;
      sum += local.n + local.m;
    }
    return sum;
  }

  function stacks(rounds) {
    let lines = 0;
    const inner = (depth) => (depth ? inner(depth - 1) : new Error('here').stack);
    for (let i = 0; i < rounds; i++)
      lines += inner(i % 8)
        .split('\n')
        .filter((l) => l.includes('inner')).length;
    return lines > rounds;
  }

  function aggregates(rounds) {
    const checks = [
      ({ name }) => name?.trim() || 'name',
      ({ age }) => (age >= 0 && age < 150) || 'age',
      ({ mail = '' }) => /^\S+@\S+$/.test(mail) || 'mail',
    ];
    let messages = 0;
    for (let i = 0; i < rounds; i++) {
      const form = { name: i % 2 ? ' ' : 'Ann', age: (i * 37) % 200, mail: i % 3 ? 'a@b' : undefined };
      const errors = checks
        .map((check) => check(form))
        .filter((r) => ['name', 'age', 'mail'].includes(r))
        .map((f) => new Invalid('bad ' + f, { field: f }));
      try {
        if (errors.length) throw new AggregateError(errors, `${errors.length} errors`);
      } catch ({ errors: all, message }) {
        messages += message.length + all.map(({ field }) => field).join().length;
      }
    }
    return messages;
  }

  return [
    configured(20000),
    chains(14000),
    resources(40000),
    retries(15000),
    chaining(60000),
    stacks(7000),
    aggregates(12000),
  ].join('|');
})();
