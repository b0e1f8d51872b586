// Strings: building, slicing, searching, splitting and joining, code points, case and padding.
(() => {
  'use strict';

  const hash = (text) => {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    return h >>> 0;
  };

  function build(count) {
    let text = '';
    for (let i = 0; i < count; i++) text += String.fromCharCode(97 + (i * 7) % 26) + (i % 10);
    return text;
  }

  function slices(text, rounds) {
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      const at = (i * 37) % (text.length - 16);
      const part = text.slice(at, at + 12);
      if (part.startsWith('a')) sum++;
      if (part.includes('z9')) sum += 2;
      sum += part.indexOf('m') + part.substring(2, 5).lastIndexOf('3');
      if (part.at(-1) === text[at + 11]) sum++;
    }
    return sum;
  }

  function words(rounds) {
    const line = 'the quick brown fox jumps over the lazy dog while seven wizards box jovial quartz';
    let out = '';
    for (let i = 0; i < rounds; i++) {
      const parts = line.split(' ');
      parts.push(parts.shift());
      out = parts
        .map((w, k) => (k & 1 ? w.toUpperCase() : w[0].toUpperCase() + w.slice(1)))
        .join(i & 1 ? '-' : '_');
      out = out.replaceAll('e', String(i % 7)).padEnd(90, '.').trimEnd();
    }
    return hash(out);
  }

  // Letters outside the basic plane take two code units.
  function codepoints(rounds) {
    const text = 'naïve Ωmega 漢字 \u{1F600}\u{1F680} \u{10FFFF} end';
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      for (const letter of text) sum = (sum + letter.codePointAt(0)) | 0;
      sum += [...text].length + text.length + text.normalize('NFD').length;
    }
    return sum;
  }

  function reversed(text) {
    let out = '';
    for (let i = text.length; i-- > 0; ) out += text[i];
    return hash(out);
  }

  function palindromes(text) {
    let best = 0;
    for (let i = 0; i < text.length; i++) {
      for (let odd = 0; odd < 2; odd++) {
        let lo = i - 1;
        let hi = i + odd;
        while (lo >= 0 && hi < text.length && text[lo] === text[hi]) lo--, hi++;
        if (hi - lo - 1 > best) best = hi - lo - 1;
      }
    }
    return best;
  }

  const text = build(14000);
  const dna = Array.from(text, (c, i) => 'acgt'[(c.charCodeAt(0) * i) % 4]).join('');
  return [hash(text), slices(text, 50000), words(1200), codepoints(1800), reversed(text), palindromes(dna)].join(' ');
})();
