// expect: stack_limit|ok
// then: usable

// The hook itself makes errors. Engines may guard against re-entry.
Error.prepareStackTrace = () => new Error('again').stack;
new Error('first').stack;
