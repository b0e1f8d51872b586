// Takes all memory that it can get: sandglass run --memory 16MiB examples/hungry.js

const hoard = [];

try {
  for (;;) hoard.push('x'.repeat(100_000) + hoard.length);
} catch (error) {
  const strings = hoard.length;
  hoard.length = 0;  // room again, to be able to say something
  console.log(`${error?.name ?? error} after ${strings} strings of 100 kB`);
}
