// Around one program of the Octane benchmark and the base that it needs, whose texts build.mjs puts in the place of the
// marker below, with `iterations`, `begin` and `digest`: what Octane repeats for a time is done a number of times, so
// that every engine does the same. It is the body of a function.

/* the program */

// The programs check what they compute, and throw if it is wrong; the digest is what more can be seen of it.
globalThis.run = () => {
  const random = Math.random;
  BenchmarkSuite.ResetRNG();
  begin();
  try {
    const seen = BenchmarkSuite.suites[0].benchmarks.map((benchmark) => {
      benchmark.Setup();
      for (let i = 0; i < iterations; i++) benchmark.run();
      const found = digest();
      benchmark.TearDown();
      return found;
    });
    return `done: ${seen}`;
  } finally {
    Math.random = random;
  }
};
