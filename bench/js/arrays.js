// Array methods: map, filter, reduce, flat, splice, destructuring, spread, rest, copying methods, iteration.
(() => {
  'use strict';

  const hash = (values) => values.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 1);

  function chains(rounds) {
    const base = Array.from({ length: 400 }, (_, i) => (i * 73) % 401);
    let h = 0;
    for (let r = 0; r < rounds; r++) {
      h ^= base
        .map((v) => v + r)
        .filter((v) => v % 3 !== 0)
        .map((v, i) => v * i)
        .reduce((sum, v) => (sum + v) | 0, 0);
      if (base.some((v) => v === r) && !base.every((v) => v < 400)) h += base.findIndex((v) => v === r);
    }
    return h;
  }

  function destructuring(rounds) {
    let a = 1;
    let b = 2;
    let c = 3;
    const swap = ([x, y, ...rest], { k = 4, m: { n } }) => [y, x + n, rest.length + k];
    for (let i = 0; i < rounds; i++) {
      [a, b, c] = [c, a, b];
      [a, b, c] = swap([a, b, c, i], { m: { n: i & 7 } }).map((v) => v & 0xffff);
    }
    return a * 3 + b * 5 + c * 7;
  }

  function spreading(rounds) {
    const sum = (...values) => {
      let s = 0;
      for (const v of values) s += v;
      return s;
    };
    const head = [1, 2, 3];
    const tail = [7, 8];
    const defaults = { size: 1, color: 'red', on: false };
    let total = 0;
    for (let i = 0; i < rounds; i++) {
      const joined = [...head, i & 15, ...tail];
      const options = { ...defaults, size: joined.length, on: true };
      total += sum(...joined, options.size) + Math.max(...joined);
    }
    return total;
  }

  function queue(rounds) {
    const line = [];
    let served = 0;
    for (let i = 0; i < rounds; i++) {
      line.push(i, i + 1);
      if (i % 3 === 0) line.unshift(-i);
      served = (served + line.shift()) | 0;
      if (line.length > 60) line.splice(10, 40, i);
    }
    return served + line.length;
  }

  function grids(rounds) {
    let grid = Array.from({ length: 24 }, (_, y) => Array.from({ length: 24 }, (_, x) => (x * y + x) % 3 === 0));
    for (let r = 0; r < rounds; r++) {
      grid = grid.map((row, y) =>
        row.map((alive, x) => {
          let near = 0;
          for (let dy = -1; dy <= 1; dy++) {
            for (let dx = -1; dx <= 1; dx++) if ((dx || dy) && grid[y + dy]?.[x + dx]) near++;
          }
          return near === 3 || (alive && near === 2);
        }),
      );
    }
    return hash(grid.flat().map(Number));
  }

  function copies(rounds) {
    let values = Array.from({ length: 120 }, (_, i) => i);
    let h = 0;
    for (let r = 0; r < rounds; r++) {
      values = values.toReversed().with(r % 120, r).concat(values.slice(0, 5)).toSpliced(0, 5);
      values.copyWithin(3, 50, 60).fill(r, 100, 103);
      h = (h + values.indexOf(r) + values.lastIndexOf(r) + values.at(-1)) | 0;
      for (const [i, v] of values.entries()) if (i === v) h++;
    }
    return h + hash(values);
  }

  return [chains(200), destructuring(7000), spreading(7000), queue(12000), grids(16), copies(250)].join(' ');
})();
