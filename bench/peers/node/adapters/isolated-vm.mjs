// isolated-vm: an isolate and a context for each VM. V8, with its JIT.

import { createRequire } from 'node:module';
import ivm from 'isolated-vm';

const { version } = createRequire(import.meta.url)('isolated-vm/package.json');
export const versions = { 'isolated-vm': version, v8: process.versions.v8, node: process.version };

export const noReset = 'it has no way back to the start';

// V8's stack is the process's own; it has no size of its own.
export async function create({ memory_bytes, time_ms }) {
  const isolate = new ivm.Isolate({ memoryLimit: memory_bytes >> 20 });
  const context = isolate.createContextSync();
  return {
    async eval(source) {
      return String(context.evalSync(source, { timeout: time_ms }));
    },
    addHost() {
      context.global.setSync('host', new ivm.Callback((x) => x + 1));
    },
    take(source) {
      const taken = context.evalSync(source, { reference: true });
      return (x) => taken.applySync(undefined, [x], { timeout: time_ms });
    },
    drop() {
      if (isolate.isDisposed) return; // out of memory does that
      context.release();
      isolate.dispose();
    },
  };
}
