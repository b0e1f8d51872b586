// quickjs-emscripten: the default variant (release, sync); a runtime and a context for each VM, all in one module,
// as its documentation shows.

import { createRequire } from 'node:module';
import { getQuickJS } from 'quickjs-emscripten';

// With more than this, Node's own stack ends before the guest's, and the module is broken from then on.
const largestStack = 256 << 10;

const quickjs = await getQuickJS();
const { version } = createRequire(import.meta.url)('quickjs-emscripten/package.json');
export const versions = { 'quickjs-emscripten': version, node: process.version };

export const noReset = 'it has no way back to the start';

export async function create({ memory_bytes, stack_bytes, time_ms }) {
  let deadline = Infinity;
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(memory_bytes);
  runtime.setMaxStackSize(Math.min(stack_bytes, largestStack));
  runtime.setInterruptHandler(() => performance.now() > deadline);
  const vm = runtime.newContext();
  const held = [];
  const unwrap = (result) => {
    if (!result.error) return result.value;
    const thrown = vm.dump(result.error);
    result.error.dispose();
    throw new Error(thrown?.message ?? String(thrown));
  };
  return {
    async eval(source) {
      deadline = performance.now() + time_ms;
      const value = unwrap(vm.evalCode(source));
      if (runtime.hasPendingJob()) unwrap(runtime.executePendingJobs());
      const result = vm.getString(value);
      value.dispose();
      return result;
    },
    addHost() {
      const host = vm.newFunction('host', (x) => vm.newNumber(vm.getNumber(x) + 1));
      vm.setProp(vm.global, 'host', host);
      host.dispose();
    },
    take(source) {
      const taken = unwrap(vm.evalCode(source));
      held.push(taken);
      return (x) => {
        deadline = performance.now() + time_ms;
        const argument = vm.newNumber(x);
        const value = unwrap(vm.callFunction(taken, vm.undefined, argument));
        const result = vm.getNumber(value);
        value.dispose();
        argument.dispose();
        return result;
      };
    },
    drop() {
      for (const handle of held) handle.dispose();
      vm.dispose();
      runtime.dispose();
    },
  };
}
