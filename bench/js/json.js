// JSON: parse and stringify of nested documents, numbers and escapes, with reviver, replacer and indentation.
(() => {
  'use strict';

  const hash = (text) => {
    let h = 17;
    for (let i = 0; i < text.length; i += 3) h = (Math.imul(h, 33) ^ text.charCodeAt(i)) | 0;
    return h >>> 0;
  };

  function document(count) {
    const items = [];
    for (let i = 0; i < count; i++) {
      items.push({
        id: i,
        name: `item "${i}" \u00e9\u4e2d\n`,
        price: i * 1.25 + 0.1,
        tags: ['red', 'green', 'blue'].slice(0, i % 4),
        size: { w: i % 17, h: -i, unit: null },
        sold: i % 3 === 0,
        note: i % 5 ? undefined : 'x'.repeat(i % 40),
      });
    }
    return { version: 2, items };
  }

  function roundTrips(rounds) {
    let text = JSON.stringify(document(350));
    for (let i = 0; i < rounds; i++) {
      const copy = JSON.parse(text);
      copy.items[i].id += 1000;
      copy.version++;
      text = JSON.stringify(copy);
    }
    return hash(text) + text.length;
  }

  function hooks() {
    const source = document(250);
    const text = JSON.stringify(
      source,
      (key, value) => (key === 'note' ? undefined : typeof value === 'number' ? value * 2 : value),
      2,
    );
    const back = JSON.parse(text, (key, value) => (key === 'tags' ? value.length : value));
    const picked = JSON.stringify(back, ['version', 'items', 'id', 'tags']);
    return hash(text) ^ hash(picked);
  }

  function dates(count) {
    class Point {
      constructor(x, y) {
        this.x = x;
        this.y = y;
      }
      toJSON() {
        return `${this.x}:${this.y}`;
      }
    }
    const points = [];
    for (let i = 0; i < count; i++) points.push(new Point(i, i * i));
    return hash(JSON.stringify({ points }));
  }

  function numbers(count) {
    const values = [];
    for (let i = 1; i <= count; i++) values.push(i, i / 7, -i * 1e10, i * 1e-9);
    const text = JSON.stringify(values);
    const back = JSON.parse(text);
    return back.every((v, i) => v === values[i]) ? hash(text) : 'lost a digit';
  }

  return [roundTrips(28), hooks(), dates(6000), numbers(4000)].join(' ');
})();
