// Training: regular expressions in daily use. Addresses, dates, query strings, colours, versions, highlighting, globs.
(() => {
  'use strict';

  const link =
    /^(?<scheme>[a-z][a-z\d+.-]*):\/\/(?:(?<user>[^:@\/]+)(?::([^@\/]*))?@)?(?<host>\[[^\]]+\]|[^:\/?#]+)(?::(?<port>\d+))?(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?(?:#(.*))?$/i;

  function links(i) {
    const m = link.exec(`https://user${i}:pw@shop.example.org:80${i % 10}/a/b${i}/c.html?x=${i}&y=%20z&flag#top`);
    const query = Object.fromEntries(
      m.groups.query.split('&').map((pair) => pair.split('=').map((s) => decodeURIComponent(s ?? ''))),
    );
    return m.groups.host.length + Number(m.groups.port) + Object.keys(query).length + query.y.length;
  }

  function dates(i) {
    const text = `on 2021-0${(i % 9) + 1}-1${i % 10} at 09:3${i % 6}, then 3/4/22, then Mar 5, 2020 and 12.11.1999.`;
    const found = text.match(
      /\b(?:\d{4}-\d\d-\d\d|\d{1,2}\/\d{1,2}\/\d\d|(?:Jan|Feb|Mar|Apr) \d{1,2}, \d{4}|\d\d\.\d\d\.\d{4})\b/g,
    );
    return found.length + text.replace(/(\d{4})-(\d\d)-(\d\d)/, '$3.$2.$1').indexOf('.');
  }

  function colours(i) {
    const hex = ((i * 2654435761) >>> 8).toString(16).padStart(6, '0').slice(-6);
    const [, r, g, b] = /^#?([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec('#' + hex);
    const back = `rgb(${parseInt(r, 16)}, ${parseInt(g, 16)},${parseInt(b, 16)})`;
    return back
      .match(/\d+/g)
      .map(Number)
      .reduce((x, y) => x + y);
  }

  function versions(i) {
    const pattern = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\da-z-]+(?:\.[\da-z-]+)*))?(?:\+[\w.-]+)?$/;
    return [`v1.${i % 30}.3`, '2.0.0-rc.1+build.5', '01.2.3', `3.${i}.x`, '10.20.30-alpha'].filter((v) =>
      pattern.test(v),
    ).length;
  }

  const glob = (text) =>
    new RegExp(
      '^' +
        text
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replace(/\*\*|\*|\?/g, (c) => ({ '**': '.*', '*': '[^/]*', '?': '[^/]' })[c]) +
        '$',
    );
  const globs = ['src/**.js', '*.md', 'lib/?at/*.ts', 'docs/**'].map(glob);
  function files(i) {
    const names = [`src/a/b${i}.js`, 'README.md', 'lib/cat/x.ts', 'docs/deep/er/page', 'other', `lib/${i}/y.ts`];
    return names.map((name) => globs.findIndex((g) => g.test(name))).join('');
  }

  // A highlighter: one pattern, the kind of token is the name of the group.
  function highlight(code) {
    const token =
      /(?<comment>\/\/.*|\/\*[\s\S]*?\*\/)|(?<string>'(?:\\.|[^'\\])*'|`[^`]*`)|(?<keyword>\b(?:const|let|return|if|else|for|of|function)\b)|(?<number>\b\d[\d_.]*\b)/g;
    return code.replace(token, (...found) => {
      const groups = found.at(-1);
      const kind = Object.keys(groups).find((k) => groups[k] !== undefined);
      return `<${kind}>${found[0]}</${kind}>`;
    });
  }

  function camel(name) {
    const kebab = name.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase();
    return kebab.replace(/-(\w)/g, (_, c) => c.toUpperCase()) + kebab.replace(/\W/g, '_');
  }

  function trimmed(text) {
    return text
      .replace(/^\s+|\s+$/g, '')
      .replace(/\s{2,}/g, ' ')
      .split(/\s*[,;]\s*/).length;
  }

  function headers(text) {
    const out = {};
    for (const [, name, value] of text.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)$/gm))
      out[name.toLowerCase()] = value.replace(/\n\s+/g, ' ');
    return Object.keys(out).join().length + out.accept.length;
  }

  function scan(text) {
    const word = /[\p{L}\p{M}']+/uy;
    const gap = /[^\p{L}\p{M}']+/uy;
    let count = 0;
    for (let at = 0; at < text.length;) {
      const pattern = count & 1 ? gap : word;
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      count++;
      if (found) at = pattern.lastIndex;
    }
    return count;
  }

  const code = `// add up\nconst sum = (xs) => { let t = 0; for (const x of xs) t += x * 1_000; return t; }; /* done */ 'it\\'s' + \`tpl\``;
  const mail = 'Host: mail.example\nAccept: text/plain,\n  text/html\nX-Count: 3\nSubject: hello: world';
  let sums = [0, 0, 0, 0, 0, 0, 0, 0];
  let last = '';
  for (let i = 0; i < 3500; i++) {
    const parts = [
      links(i),
      dates(i),
      colours(i),
      versions(i),
      highlight(code).length,
      trimmed(`  a ,b;  c   d${i} ; `),
      headers(mail),
      scan("L'été dernier, свобода и мир 42 fin"),
    ];
    sums = sums.map((s, k) => s + parts[k]);
    last = files(i) + camel('someVeryLongName' + i);
  }
  return sums.join() + last;
})();
