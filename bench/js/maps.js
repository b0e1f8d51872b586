// Map, Set and WeakMap: counting, deletion, iteration, set operations, graph search, a least-recently-used cache.
(() => {
  'use strict';

  let seed = 99;
  const random = (n) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % n;

  function counting(rounds) {
    const counts = new Map();
    for (let i = 0; i < rounds; i++) {
      const key = i & 1 ? random(400) : 'k' + random(2000);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    let h = counts.size;
    for (const [key, n] of counts) h = (h * 17 + n + (typeof key === 'string' ? key.length : key)) | 0;
    return h;
  }

  class Cache {
    #entries = new Map();
    constructor(capacity) {
      this.capacity = capacity;
      this.hits = 0;
    }
    get(key, make) {
      const entries = this.#entries;
      let value = entries.get(key);
      if (value !== undefined) {
        this.hits++;
        entries.delete(key);
      } else {
        value = make(key);
        if (entries.size >= this.capacity) entries.delete(entries.keys().next().value);
      }
      entries.set(key, value);
      return value;
    }
  }

  function cached(rounds) {
    const cache = new Cache(300);
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum = (sum + cache.get(random(20) * random(40), (k) => k * k + 1)) | 0;
    return sum + cache.hits;
  }

  function sets(count) {
    const evens = new Set();
    const threes = new Set();
    for (let i = 0; i < count; i++) {
      evens.add('n' + i * 2);
      threes.add('n' + i * 3);
    }
    const both = [...evens].filter((n) => threes.has(n));
    let only = 0;
    evens.forEach((n) => {
      if (!threes.has(n)) only += n.length;
    });
    for (const n of threes) evens.delete(n);
    return `${both.length},${only},${evens.size}`;
  }

  // Breadth-first over a grid; cells are objects, the frontier is a Set.
  function search(size) {
    const cells = Array.from({ length: size * size }, (_, i) => ({ x: i % size, y: Math.trunc(i / size) }));
    const walls = new Set();
    for (let i = 0; i < cells.length * 0.28; i++) walls.add(cells[random(cells.length - 1) + 1]);
    const distance = new Map([[cells[0], 0]]);
    let frontier = new Set([cells[0]]);
    while (frontier.size > 0) {
      const next = new Set();
      for (const cell of frontier) {
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          const x = cell.x + dx;
          const y = cell.y + dy;
          if (x < 0 || y < 0 || x >= size || y >= size) continue;
          const to = cells[y * size + x];
          if (walls.has(to) || distance.has(to)) continue;
          distance.set(to, distance.get(cell) + 1);
          next.add(to);
        }
      }
      frontier = next;
    }
    return `${distance.size}:${Math.max(...distance.values())}`;
  }

  function weak(count) {
    const notes = new WeakMap();
    const seen = new WeakSet();
    const objects = Array.from({ length: count }, (_, id) => ({ id }));
    for (const o of objects) {
      notes.set(o, o.id * 3);
      if (o.id % 2) seen.add(o);
    }
    let sum = 0;
    for (const o of objects) sum += notes.get(o) + (seen.has(o) ? 1 : 0);
    for (const o of objects) notes.delete(o);
    return sum;
  }

  return [counting(50000), cached(30000), sets(6000), search(70), weak(20000)].join(' ');
})();
