// Training: text processing. Markdown, CSV, templates, word counts, edit distance, diff, wrapping, slugs, ciphers.
(() => {
  'use strict';

  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const escape = (text) => text.replace(/[&<>"]/g, (c) => escapes[c]);

  function markdown(source) {
    const inline = (line) =>
      escape(line)
        .replace(/\*\*(.+?)\*\*/g, '<b>$1</b>')
        .replace(/_([^_]+)_/g, '<i>$1</i>')
        .replace(/`([^`]+)`/g, '<code>$1</code>')
        .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>');
    const out = [];
    let list = false;
    for (const line of source.split('\n')) {
      const item = /^[-*] (.*)/.exec(line);
      if (list !== Boolean(item)) out.push(item ? '<ul>' : '</ul>');
      list = Boolean(item);
      const heading = /^(#{1,6})\s+(.*)/.exec(line);
      if (item) out.push(`<li>${inline(item[1])}</li>`);
      else if (heading) out.push(`<h${heading[1].length}>${inline(heading[2])}</h${heading[1].length}>`);
      else if (line.trim()) out.push('<p>' + inline(line) + '</p>');
    }
    return out.join('');
  }

  function csv(text) {
    const rows = [[]];
    let field = '';
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (quoted) {
        if (c !== '"') field += c;
        else if (text[i + 1] === '"') field += text[++i];
        else quoted = false;
      } else if (c === '"') quoted = true;
      else if (c === ',' || c === '\n') {
        rows.at(-1).push(field);
        field = '';
        if (c === '\n') rows.push([]);
      } else field += c;
    }
    rows.at(-1).push(field);
    const [names, ...data] = rows;
    return data.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])));
  }

  function render(template, view) {
    return template
      .replace(/{{#(\w+)}}([\s\S]*?){{\/\1}}/g, (_, key, body) =>
        []
          .concat(view[key] ?? [])
          .map((v) => render(body, { ...view, ...v }))
          .join(''),
      )
      .replace(/{{(\w+)(?:\|(\w+))?}}/g, (_, key, filter) => {
        const value = String(view[key] ?? '');
        return filter === 'upper' ? value.toUpperCase() : filter === 'trim' ? value.trim() : escape(value);
      });
  }

  function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      }
      row = next;
    }
    return row[b.length];
  }

  function diff(before, after) {
    const [a, b] = [before.split(' '), after.split(' ')];
    const table = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
      }
    }
    const out = [];
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      if (i < a.length && j < b.length && a[i] === b[j]) (i++, j++);
      else if (j < b.length && (i === a.length || table[i][j + 1] >= table[i + 1][j])) out.push('+' + b[j++]);
      else out.push('-' + a[i++]);
    }
    return out.join(' ');
  }

  function wrap(text, width) {
    const lines = [''];
    for (const word of text.split(/\s+/)) {
      const line = lines[lines.length - 1];
      if (line.length + word.length + 1 > width) lines.push(word);
      else lines[lines.length - 1] = line ? `${line} ${word}` : word;
    }
    return lines.map((line) => line.padEnd(width) + '|').join('\n');
  }

  const slug = (title) =>
    title
      .normalize('NFD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
  const rot13 = (text) =>
    text.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < 'n' ? 13 : -13)));
  const title = (text) =>
    text
      .split(' ')
      .map((w) => w.charAt(0).toUpperCase() + w.substring(1).toLowerCase())
      .join(' ');

  function frequencies(text) {
    const counts = {};
    for (const word of text.toLowerCase().match(/[a-z']+/g)) counts[word] = (counts[word] || 0) + 1;
    return Object.entries(counts)
      .sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
      .slice(0, 5)
      .map(([word, n]) => `${word}=${n}`)
      .join();
  }

  const prose =
    'It was a small harbour, and the boats that lay there were smaller still; yet every morning the boats went out, and every evening the boats that had gone came home with the tide.';
  const page =
    '# Tides & boats\n\nA **small** harbour with _old_ boats.\n- one `rope`\n- two [charts](sea/chart)\n* three <nets>\n\n## Notes\n' +
    prose;
  const table = 'name,port,length\n"Ann, the ""old"" one",North,12\nBess,South,9\n"Cora\nII",East,21';
  let out = [];
  for (let i = 0; i < 550; i++) {
    const rows = csv(table + '\nDora,West,' + i);
    out = [
      markdown(page).length,
      render('<{{title|upper}}>{{#rows}}{{name}}@{{port|trim}}:{{length}};{{/rows}}', {
        title: slug(`Été à la mer ${i}`),
        rows,
      }),
      distance('harbour master ' + i, 'barbarian matter'),
      diff(prose, prose.replace('small', 'large').replace(/boats/g, 'ships')),
      wrap(prose, 30 + (i % 20)).length,
      title(rot13(prose)).slice(0, 12),
      frequencies(prose + ' ' + i),
    ];
  }
  return out.join('|');
})();
