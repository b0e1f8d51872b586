// expect: memory_limit
// then: usable

// The matcher saves a state for every character.
(() => {
  const text = 'abc'.repeat(5e6);
  /^(?:(a)|(b)|(c))*$/.exec(text);
})();
