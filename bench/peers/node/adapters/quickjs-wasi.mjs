// quickjs-wasi: one compiled module, an instance for each VM.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { QuickJS } from 'quickjs-wasi';

const module = await WebAssembly.compile(
  await readFile(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm')),
);

const first = await QuickJS.create({ wasm: module });
export const versions = { ...first.versions, node: process.version };
first.dispose();

export const noReset = 'a snapshot is restored into a new VM';

export async function create({ memory_bytes, stack_bytes, time_ms }) {
  let deadline = Infinity;
  const vm = await QuickJS.create({
    wasm: module,
    memoryLimit: memory_bytes,
    maxStackSize: stack_bytes,
    interruptHandler: () => performance.now() > deadline,
  });
  return {
    async eval(source) {
      deadline = performance.now() + time_ms;
      const value = vm.evalCode(source);
      vm.executePendingJobs();
      const result = value.toString();
      value.dispose();
      return result;
    },
    addHost() {
      const host = vm.newFunction('host', (x) => vm.newNumber(x.toNumber() + 1));
      vm.setProp(vm.global, 'host', host);
      host.dispose();
    },
    take(source) {
      const taken = vm.evalCode(source);
      return (x) => {
        deadline = performance.now() + time_ms;
        const argument = vm.newNumber(x);
        const value = vm.callFunction(taken, vm.undefined, argument);
        const result = value.toNumber();
        value.dispose();
        argument.dispose();
        return result;
      };
    },
    drop: () => vm.dispose(),
  };
}
