// expect: memory_limit
// then: usable

(() => {
  '\u0149'.repeat(1e7).normalize('NFKD');
})();
