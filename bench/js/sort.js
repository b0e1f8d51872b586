// Sorting: numbers, strings and records with the built-in sort, and quick, heap and merge sort written in the script.
(() => {
  'use strict';

  let seed = 12345;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff);

  const hash = (values) => values.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);

  function numbers(count) {
    const values = Array.from({ length: count }, random);
    const up = values.slice().sort((a, b) => a - b);
    const down = values.toSorted((a, b) => b - a);
    return hash(up) ^ hash(down);
  }

  function strings(count) {
    const words = [];
    for (let i = 0; i < count; i++) words.push('key' + (random() % 5000).toString(36) + 'abc'[i % 3]);
    words.sort();
    return hash(words.map((w) => w.length * 131 + w.charCodeAt(3)));
  }

  // Equal grades keep their order: the sort is stable.
  function records(count) {
    const rows = [];
    for (let id = 0; id < count; id++) rows.push({ id, grade: random() % 10, name: 'n' + (random() % 100) });
    rows.sort((a, b) => a.grade - b.grade || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return hash(rows.map((r) => r.id));
  }

  function quick(a, lo, hi) {
    while (lo < hi) {
      const pivot = a[(lo + hi) >> 1];
      let i = lo;
      let j = hi;
      while (i <= j) {
        while (a[i] < pivot) i++;
        while (a[j] > pivot) j--;
        if (i <= j) {
          const t = a[i];
          a[i++] = a[j];
          a[j--] = t;
        }
      }
      if (j - lo < hi - i) {
        quick(a, lo, j);
        lo = i;
      } else {
        quick(a, i, hi);
        hi = j;
      }
    }
  }

  function heap(a) {
    const sift = (root, end) => {
      for (let child = root * 2 + 1; child < end; child = root * 2 + 1) {
        if (child + 1 < end && a[child] < a[child + 1]) child++;
        if (a[root] >= a[child]) return;
        [a[root], a[child]] = [a[child], a[root]];
        root = child;
      }
    };
    for (let i = a.length >> 1; i-- > 0; ) sift(i, a.length);
    for (let end = a.length - 1; end > 0; end--) {
      [a[0], a[end]] = [a[end], a[0]];
      sift(0, end);
    }
  }

  function merge(a) {
    if (a.length < 2) return a;
    const left = merge(a.slice(0, a.length >> 1));
    const right = merge(a.slice(a.length >> 1));
    const out = [];
    let i = 0;
    let j = 0;
    while (i < left.length && j < right.length) out.push(left[i] <= right[j] ? left[i++] : right[j++]);
    while (i < left.length) out.push(left[i++]);
    while (j < right.length) out.push(right[j++]);
    return out;
  }

  function scripted(count) {
    const values = Array.from({ length: count }, random);
    const a = values.slice();
    const b = values.slice();
    quick(a, 0, a.length - 1);
    heap(b);
    const c = merge(values);
    return hash(a) === hash(b) && hash(b) === hash(c) ? hash(a) : 'wrong order';
  }

  return [numbers(15000), strings(15000), records(9000), scripted(9000)].join(' ');
})();
