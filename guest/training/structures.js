// Training: algorithms over Map, Set, arrays and heaps. Shortest paths, tries, union-find, scheduling, memo tables.
(() => {
  'use strict';

  let seed = 7;
  const random = (n) => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) % n;
  };

  class Heap {
    #items = [];
    constructor(before) {
      this.before = before;
    }
    get size() {
      return this.#items.length;
    }
    push(item) {
      const items = this.#items;
      let at = items.push(item) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!this.before(item, items[parent])) break;
        items[at] = items[parent];
        at = parent;
      }
      items[at] = item;
    }
    pop() {
      const items = this.#items;
      const top = items[0];
      const last = items.pop();
      if (items.length > 0) {
        let at = 0;
        for (;;) {
          let child = 2 * at + 1;
          if (child >= items.length) break;
          if (child + 1 < items.length && this.before(items[child + 1], items[child])) child++;
          if (!this.before(items[child], last)) break;
          items[at] = items[child];
          at = child;
        }
        items[at] = last;
      }
      return top;
    }
  }

  function paths(count) {
    const roads = new Map();
    const connect = (a, b, length) => {
      if (!roads.has(a)) roads.set(a, []);
      roads.get(a).push([b, length]);
    };
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < 4; k++) {
        const j = random(count);
        const length = 1 + random(20);
        connect('t' + i, 't' + j, length);
        connect('t' + j, 't' + i, length);
      }
    }
    const best = new Map([['t0', 0]]);
    const heap = new Heap((a, b) => a[1] < b[1]);
    heap.push(['t0', 0]);
    const done = new Set();
    while (heap.size) {
      const [town, so] = heap.pop();
      if (done.has(town)) continue;
      done.add(town);
      for (const [to, length] of roads.get(town) ?? []) {
        if (so + length < (best.get(to) ?? Infinity)) {
          best.set(to, so + length);
          heap.push([to, so + length]);
        }
      }
    }
    return [...best.values()].reduce((a, b) => a + b);
  }

  function trie(words) {
    const root = { next: new Map(), end: false };
    for (const word of words) {
      let node = root;
      for (const c of word) {
        let next = node.next.get(c);
        if (!next) node.next.set(c, (next = { next: new Map(), end: false }));
        node = next;
      }
      node.end = true;
    }
    const starting = (prefix) => {
      let node = root;
      for (const c of prefix) if (!(node = node.next.get(c))) return [];
      const out = [];
      (function walk(at, text) {
        if (at.end) out.push(text);
        at.next.forEach((child, c) => walk(child, text + c));
      })(node, prefix);
      return out.sort();
    };
    return starting('ba').length * 1000 + starting('c').join('').length;
  }

  function islands(count, links) {
    const parent = new Int32Array(count).map((_, i) => i);
    const find = (i) => {
      while (parent[i] !== i) i = parent[i] = parent[parent[i]];
      return i;
    };
    for (let i = 0; i < links; i++) parent[find(random(count))] = find(random(count));
    return new Set(Array.from(parent, (_, i) => find(i))).size;
  }

  function order(tasks) {
    const needs = new Map(tasks.map(([name, ...before]) => [name, new Set(before)]));
    const out = [];
    while (needs.size) {
      const free = [...needs].filter(([, before]) => [...before].every((b) => !needs.has(b))).map(([name]) => name);
      if (!free.length) throw new Error('cycle');
      free.sort().forEach((name) => needs.delete(name));
      out.push(...free);
    }
    return out.join('');
  }

  function knapsack(items, room) {
    const best = new Array(room + 1).fill(0);
    for (const { weight, value } of items) {
      for (let w = room; w >= weight; w--) best[w] = Math.max(best[w], best[w - weight] + value);
    }
    return best[room];
  }

  function editor(rounds) {
    const [undo, redo] = [[], []];
    let text = '';
    for (let i = 0; i < rounds; i++) {
      if (i % 5 === 3 && undo.length) (redo.push(text), (text = undo.pop()));
      else if (i % 7 === 4 && redo.length) (undo.push(text), (text = redo.pop()));
      else (undo.push(text), (text = (text + i.toString(36)).slice(-40)), (redo.length = 0));
      if (undo.length > 50) undo.shift();
    }
    return text;
  }

  function wordSquares(words) {
    const seen = new WeakMap();
    const boxes = words.map((word) => ({ word }));
    boxes.forEach((box) => seen.set(box, [...box.word].reverse().join('')));
    const index = new Set(words);
    return boxes.filter((box) => index.has(seen.get(box))).length;
  }

  function subsets(items, want) {
    let count = 0;
    (function choose(i, left) {
      if (left === 0) count++;
      if (left <= 0) return;
      for (let k = i; k < items.length; k++) choose(k + 1, left - items[k]);
    })(0, want);
    return count;
  }

  const consonants = 'bcdfgl';
  const vowels = 'aeiou';
  const word = () =>
    Array.from({ length: 3 + random(4) }, (_, i) => (i % 2 ? vowels[random(5)] : consonants[random(6)])).join('');
  let out = [];
  for (let i = 0; i < 40; i++) {
    const words = Array.from({ length: 500 }, word);
    const items = Array.from({ length: 30 }, () => ({ weight: 1 + random(20), value: random(50) }));
    out = [
      paths(300),
      trie(words),
      islands(1500, 1400),
      order([['d', 'b', 'c'], ['b', 'a'], ['c', 'a'], ['a'], ['e', 'd', 'a'], ['f']]),
      knapsack(items, 200),
      editor(1500),
      wordSquares(words),
      subsets([3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41], 60),
    ];
  }
  return out.join('|');
})();
