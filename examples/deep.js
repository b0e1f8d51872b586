// Endless recursion, survived: sandglass run --stack 256KiB examples/deep.js
//
// The script sees a RangeError and may catch it. The run still ends with exit code 6, so that the
// one who set the limit learns that it was reached.

let frames = 0;

function descend() {
  frames++;
  descend();
}

try {
  descend();
} catch (error) {
  console.log(`${error.name} after ${frames} frames: ${error.message}`);
}
