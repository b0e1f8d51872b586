// expect: time_limit
// then: usable

// The end of a run must not be an error that a script can catch.
try {
  while (true) {}
} catch {
  'caught';
}
