// Training: promises, async functions, async generators, a scheduler of generators. The completion value is a promise
// of the checksum: pending jobs must be run.
(() => {
  'use strict';

  const later = (value) => new Promise((resolve) => resolve(value));
  const tick = async () => {};

  class Queue {
    #waiting = [];
    #items = [];
    push(item) {
      const taker = this.#waiting.shift();
      if (taker) taker(item);
      else this.#items.push(item);
    }
    take() {
      if (this.#items.length) return Promise.resolve(this.#items.shift());
      return new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  async function producers(count) {
    const queue = new Queue();
    const produce = async (id) => {
      for (let i = 0; i < count; i++) {
        await tick();
        queue.push(id * 1000 + i);
      }
    };
    const consume = async () => {
      let sum = 0;
      for (let i = 0; i < count * 3; i++) sum = (sum * 7 + (await queue.take())) % 1000003;
      return sum;
    };
    const [sum] = await Promise.all([consume(), produce(1), produce(2), produce(3)]);
    return sum;
  }

  class Limit {
    active = 0;
    peak = 0;
    line = [];
    constructor(most) {
      this.most = most;
    }
    async run(task) {
      if (this.active >= this.most) await new Promise((go) => this.line.push(go));
      this.peak = Math.max(this.peak, ++this.active);
      try {
        return await task();
      } finally {
        this.active--;
        this.line.shift()?.();
      }
    }
  }

  async function limited(count) {
    const limit = new Limit(4);
    const results = await Promise.allSettled(
      Array.from({ length: count }, (_, i) =>
        limit.run(async () => {
          await tick();
          if (i % 7 === 0) throw new Error('task ' + i);
          return i;
        }),
      ),
    );
    const failed = results.filter((r) => r.status === 'rejected');
    return `${results.length - failed.length}/${failed.length}/${failed.at(-1).reason.message}`;
  }

  async function* pages(count, size) {
    for (let page = 0; page < count; page++) {
      await tick();
      yield Array.from({ length: size }, (_, i) => page * size + i);
    }
  }
  async function* flatten(source) {
    for await (const page of source) yield* page;
  }
  async function* evens(source) {
    for await (const n of source) if (n % 2 === 0) yield n;
  }

  async function streams(count) {
    let sum = 0;
    for await (const n of evens(flatten(pages(count, 8)))) {
      sum += n;
      if (n > count * 7) break;
    }
    return sum;
  }

  async function retried(rounds) {
    let attempts = 0;
    const flaky = (n) => (n % 3 ? Promise.reject(new TypeError('try ' + n)) : later(n));
    const retry = async (start, times) => {
      for (let i = 0; ; i++) {
        try {
          attempts++;
          return await flaky(start + i);
        } catch (e) {
          if (i === times || !(e instanceof TypeError)) throw e;
        }
      }
    };
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum += await retry(i, 3);
    return `${sum}:${attempts}`;
  }

  function chains(rounds) {
    let chain = Promise.resolve(1);
    for (let i = 0; i < rounds; i++) {
      chain = chain
        .then((n) => (n * 3 + i) % 9973)
        .then((n) => {
          if (n % 5 === 0) throw n;
          return n;
        })
        .catch((n) => n + 1)
        .finally(() => {});
    }
    return chain;
  }

  async function combined(rounds) {
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      sum += await Promise.race([new Promise(() => {}), later(i), later(-1)]);
      sum += await Promise.any([Promise.reject(0), later(2)]);
      const thenable = { then: (resolve) => resolve(i & 3) };
      sum += (await Promise.all([thenable, 1, later(2)])).reduce((a, b) => a + b);
    }
    return sum;
  }

  // Generators as coroutines under a round-robin scheduler.
  function scheduler(tasks, steps) {
    const log = [];
    function* worker(id) {
      let total = 0;
      try {
        for (let i = 0; i < steps; i++) total += yield id * i;
      } finally {
        log.push(id);
      }
      return total;
    }
    const ready = Array.from({ length: tasks }, (_, id) => [worker(id), undefined]);
    let sum = 0;
    while (ready.length) {
      const [task, input] = ready.shift();
      const { value, done } = task.next(input);
      if (done) sum += value;
      else if (value > steps * tasks * 0.8) task.return();
      else ready.push([task, value % 10]);
    }
    return sum + ':' + log.length;
  }

  return (async () => {
    const parts = [];
    for (let i = 0; i < 28; i++) {
      parts.length = 0;
      parts.push(await producers(150), await limited(250), await streams(180), await retried(200));
      parts.push(await chains(500), await combined(250), scheduler(30, 40));
    }
    return parts.join('|');
  })();
})();
