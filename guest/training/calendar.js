// Training: Date in UTC, formatting, parsing, recurrence, calendars, durations, tagged templates and plural forms.
(() => {
  'use strict';

  const day = 86400000;
  const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  const two = (n) => String(n).padStart(2, '0');

  function format(date, pattern) {
    const parts = {
      YYYY: date.getUTCFullYear(),
      MMM: months[date.getUTCMonth()],
      MM: two(date.getUTCMonth() + 1),
      DD: two(date.getUTCDate()),
      dddd: names[date.getUTCDay()],
      HH: two(date.getUTCHours()),
      mm: two(date.getUTCMinutes()),
      ss: two(date.getUTCSeconds()),
    };
    return pattern.replace(/YYYY|MMM|MM|DD|dddd|HH|mm|ss/g, (key) => parts[key]);
  }

  function week(date) {
    const thursday = new Date(date);
    thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
    const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
    return Math.ceil(((thursday - first) / day + 1) / 7);
  }

  function easter(year) {
    const a = year % 19,
      b = Math.floor(year / 100),
      c = year % 100;
    const h = (19 * a + b - (b >> 2) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
    const l = (32 + 2 * (b % 4) + 2 * (c >> 2) - h - (c % 4)) % 7;
    const m = Math.floor((a + 11 * h + 22 * l) / 451);
    const n = h + l - 7 * m + 114;
    return new Date(Date.UTC(year, Math.floor(n / 31) - 1, (n % 31) + 1));
  }

  function sheet(year, month) {
    const first = new Date(Date.UTC(year, month, 1));
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const cells = [
      ...Array(first.getUTCDay()).fill('  '),
      ...Array.from({ length }, (_, i) => String(i + 1).padStart(2)),
    ];
    const rows = [];
    while (cells.length) rows.push(cells.splice(0, 7).join(' '));
    return `${months[month]} ${year}\n${rows.join('\n')}`;
  }

  function* every(start, { days = 0, months: step = 0, count, skip = () => false }) {
    const at = new Date(start);
    while (count > 0) {
      if (!skip(at)) {
        count--;
        yield new Date(at);
      }
      at.setUTCMonth(at.getUTCMonth() + step, at.getUTCDate() + days);
    }
  }

  function duration(milliseconds) {
    const units = [
      ['day', day],
      ['hour', 3600000],
      ['minute', 60000],
      ['second', 1000],
    ];
    const out = [];
    for (const [name, size] of units) {
      const n = Math.floor(milliseconds / size);
      milliseconds %= size;
      if (n) out.push(plural`${n} ${name}`);
    }
    return out.length > 1 ? `${out.slice(0, -1).join(', ')} and ${out.at(-1)}` : (out[0] ?? 'now');
  }

  function plural(strings, n, word) {
    return strings.raw[0] + n + strings[1] + word + (n === 1 ? '' : 's') + strings[2];
  }

  function parse(text) {
    const iso = Date.parse(text);
    if (!Number.isNaN(iso)) return iso;
    const [, d, name, y] = /^(\d+)\. (\w+) (\d+)$/.exec(text) ?? [];
    return name ? Date.UTC(+y, months.indexOf(name), +d) : NaN;
  }

  function overlaps(events) {
    const edges = events
      .flatMap(([from, to]) => [
        [+from, 1],
        [+to, -1],
      ])
      .sort(([a, s], [b, t]) => a - b || s - t);
    let [now, most] = [0, 0];
    for (const [, step] of edges) most = Math.max(most, (now += step));
    return most;
  }

  let h = 0;
  let sample = '';
  for (let i = 0; i < 13000; i++) {
    const date = new Date(Date.UTC(2000, 0, 1) + i * day * 3.37);
    sample = format(date, 'dddd, DD MMM YYYY (MM) HH:mm:ss');
    h = (h * 31 + week(date) + sample.length) | 0;
    h ^= Date.parse(date.toISOString()) === +date ? 1 : 0;
    h += new Date(date.toJSON()).getUTCMilliseconds() + easter(1990 + (i % 60)).getUTCDate();
    h += (duration(i * 987654).length + parse(`${(i % 28) + 1}. ${months[i % 12]} 2011`) / day) | 0;
    if (i % 8 === 0) {
      const weekdays = [...every(date, { days: 1, count: 9, skip: (d) => d.getUTCDay() % 6 === 0 })];
      const monthly = [...every(date, { months: 1, count: 5 })];
      h = (h + sheet(2000 + (i % 30), i % 12).length + weekdays.at(-1).getUTCDay() + monthly[4].getUTCMonth()) | 0;
      h += overlaps(weekdays.map((d, k) => [d, new Date(+d + day * (k % 4) + 1)]));
    }
  }
  return h + '|' + sample;
})();
