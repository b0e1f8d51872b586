// Regular expressions: tokens, captures, replace with a function, look-around, back-references, sticky and Unicode.
(() => {
  'use strict';

  let log = '';
  for (let i = 0; i < 9000; i++) {
    const day = String((i % 28) + 1).padStart(2, '0');
    const level = ['info', 'warn', 'error', 'debug'][i % 4];
    log += `2024-03-${day}T10:${String(i % 60).padStart(2, '0')}:00Z [${level}] host${i % 13}.example GET /item/${i * 17}`;
    log += `?q=${((i * 2654435761) % 99991).toString(36)} "agent ${i % 5}" ${200 + (i % 3) * 100} ${i * 31}ms\n`;
  }

  function fields() {
    const line =
      /^(?<date>\d{4}-\d\d-\d\d)T(\d\d):(\d\d):\d\dZ \[(?<level>\w+)\] (\S+) (GET|POST) (\S+) "([^"]*)" (\d{3}) (\d+)ms$/gm;
    let total = 0;
    const levels = {};
    for (const m of log.matchAll(line)) {
      total += Number(m[10]) + m.groups.date.length;
      levels[m.groups.level] = (levels[m.groups.level] ?? 0) + 1;
    }
    return total + JSON.stringify(levels).length;
  }

  function rewrite() {
    const swapped = log.replace(/(\d+)-(\d+)-(\d+)/g, '$3/$2/$1');
    const masked = swapped.replace(/host(\d+)\.(\w+)/g, (_, n, zone) => `${zone}-${n * 3}`);
    return masked.replace(/\b(?:info|debug)\b/gi, '').length;
  }

  // A lexer in the usual style: one sticky alternation, moved along by lastIndex.
  function tokens(source) {
    const token = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_$][\w$]*)|("(?:[^"\\]|\\.)*")|([-+*\/=<>!&|]+)|([(){}\[\];,.?:]))/y;
    const counts = [0, 0, 0, 0, 0];
    while (token.lastIndex < source.length) {
      const m = token.exec(source);
      if (m === null) break;
      for (let k = 0; k < 5; k++) if (m[k + 1] !== undefined) counts[k]++;
    }
    return counts.join(',');
  }

  function lookaround() {
    const doubled = log.match(/(\w)\1/g).length;
    const thousands = '9876543210123456789'.repeat(12).replace(/\B(?=(?:\d{3})+$)/g, ',').length;
    const prices = log.match(/(?<=item\/)\d+(?!\d*7)/g).length;
    return doubled + thousands + prices;
  }

  function unicode() {
    const text = 'Größe Ωμέγα каша 漢字かな \u{1F600} x1 '.repeat(300);
    return text.match(/\p{Lu}\p{Ll}+/gu).length + text.match(/\p{Script=Han}+/gu).length + text.split(/\P{L}+/u).length;
  }

  function addresses() {
    const address = /^[\w.+-]+@(?:[a-z\d-]+\.)+[a-z]{2,}$/i;
    let good = 0;
    for (let i = 0; i < 9000; i++) {
      if (address.test(i % 3 ? `user.${i}+tag@mail-${i % 9}.example.org` : `user ${i}@@example`)) good++;
    }
    return good;
  }

  const source =
    'function add(a, b) { return a + b * 3.5; } let s = "a\\"b" ; if (x >= 10 && y != 2) { z[0] = s.length; }\n';
  return [fields(), rewrite(), tokens(source.repeat(300)), lookaround(), unicode(), addresses()].join(' ');
})();
