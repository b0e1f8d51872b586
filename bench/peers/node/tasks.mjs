// The tasks, for every peer on Node. An adapter (adapters/) gives `create(limits)`, which makes a VM of
//   eval(source)      evaluates, runs the jobs, resolves to the completion value as a string; throws
//   addHost()         the global host(x) is a function of the host that returns x + 1
//   take(source)      the function that `source` evaluates to, as a function of numbers
//   drop()            frees all of it
// limits: { memory_bytes, stack_bytes, time_ms }. `noReset` tells why a VM cannot be taken back to its start.

import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

export const roomy = { memory_bytes: 512 << 20, stack_bytes: 512 << 10, time_ms: 120_000 };

const text = (error) => String(error?.message ?? error).split('\n')[0];

async function usable(vm) {
  try {
    return (await vm.eval('1 + 1')) === '2';
  } catch {
    return false;
  }
}

async function script(adapter, { file, call, runs, seconds }) {
  const source = await readFile(file, 'utf8');
  const vm = await adapter.create(roomy);
  let loadMs;
  if (call) {
    const begin = performance.now();
    await vm.eval(source);
    loadMs = performance.now() - begin;
  }
  const program = call ?? source;
  const result = await vm.eval(program);
  const times = [];
  const start = performance.now();
  while (times.length < runs && (times.length < 3 || performance.now() - start < seconds * 1000)) {
    const begin = performance.now();
    const again = await vm.eval(program);
    times.push(performance.now() - begin);
    if (again !== result) throw new Error(`the result changed from ${result} to ${again}`);
  }
  vm.drop();
  return { load_ms: loadMs, times_ms: times, result };
}

async function create(adapter, { samples }) {
  const createUs = [];
  const cycleUs = [];
  for (let i = -Math.min(samples, 20); i < samples; i++) {
    let begin = performance.now();
    let vm = await adapter.create(roomy);
    const created = performance.now() - begin;
    vm.drop();
    begin = performance.now();
    vm = await adapter.create(roomy);
    if ((await vm.eval('1+1')) !== '2') throw new Error('1+1 is not 2');
    vm.drop();
    const cycle = performance.now() - begin;
    if (i < 0) continue;
    createUs.push(created * 1000);
    cycleUs.push(cycle * 1000);
  }
  return { create_us: createUs, cycle_us: cycleUs };
}

async function calls(adapter, { calls, samples }) {
  const vm = await adapter.create(roomy);
  vm.addHost();
  await vm.eval('globalThis.plain = (x) => x + 1; 0');
  const loop = (name) => `(() => { let x = 0; for (let i = 0; i < ${calls}; i++) x = ${name}(x); return x; })()`;
  const timed = async (source) => {
    const begin = performance.now();
    const result = await vm.eval(source);
    const nanoseconds = ((performance.now() - begin) * 1e6) / calls;
    if (result !== String(calls)) throw new Error(`the loop gave ${result}`);
    return nanoseconds;
  };
  const increment = vm.take('(x) => x + 1');
  const figures = { host_ns: [], script_ns: [], from_host_ns: [] };
  for (let i = -1; i < samples; i++) {
    const host = await timed(loop('host'));
    const plain = await timed(loop('plain'));
    const begin = performance.now();
    let x = 0;
    for (let k = 0; k < calls; k++) x = increment(x);
    const fromHost = ((performance.now() - begin) * 1e6) / calls;
    if (x !== calls) throw new Error(`the calls gave ${x}`);
    if (i < 0) continue;
    figures.host_ns.push(host);
    figures.script_ns.push(plain);
    figures.from_host_ns.push(fromHost);
  }
  return figures;
}

// Told first, and told again after the VM was dropped: dropping may end the process.
async function* thenDrop(vm, answer) {
  yield answer;
  try {
    vm.drop();
    yield { ...answer, dropped: true };
  } catch (error) {
    yield { ...answer, dropped: false, drop_error: text(error) };
  }
}

async function* stack(adapter, { samples, stack_bytes }) {
  const vm = await adapter.create({ ...roomy, stack_bytes });
  const times = [];
  let error;
  for (let i = 0; i < samples; i++) {
    const begin = performance.now();
    try {
      await vm.eval('(function descend() { return descend() + 1; })()');
      error = 'none';
    } catch (thrown) {
      error = text(thrown);
    }
    times.push((performance.now() - begin) * 1000);
    if (!(await usable(vm))) break;
  }
  yield* thenDrop(vm, { times_us: times, error, usable: await usable(vm) });
}

async function* memory(adapter, { file, limit_bytes }) {
  const source = await readFile(file, 'utf8');
  const vm = await adapter.create({ ...roomy, memory_bytes: limit_bytes });
  await usable(vm);
  const before = peakBytes();
  const begin = performance.now();
  let error = 'none';
  try {
    await vm.eval(source);
  } catch (thrown) {
    error = text(thrown);
  }
  const ms = performance.now() - begin;
  yield* thenDrop(vm, { ms, error, usable: await usable(vm), peak_bytes: peakBytes() - before });
}

async function* timeout(adapter, { file, limit_ms }) {
  const source = await readFile(file, 'utf8');
  const vm = await adapter.create({ ...roomy, time_ms: limit_ms });
  await usable(vm);
  yield { begun: true };
  const begin = performance.now();
  let error;
  try {
    await vm.eval(source);
  } catch (thrown) {
    error = text(thrown);
  }
  const elapsed = performance.now() - begin;
  yield* thenDrop(vm, { elapsed_ms: elapsed, error: error ?? 'none', usable: await usable(vm) });
}

const kibibytesOf = (file, key) => Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(readFileSync(file, 'latin1'))[1]);
const residentBytes = () => kibibytesOf('/proc/self/smaps_rollup', 'Pss') * 1024;
const peakBytes = () => kibibytesOf('/proc/self/status', 'VmHWM') * 1024;

async function settledResident() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return residentBytes();
}

async function density(adapter, { count }) {
  const vms = [];
  const add = async () => {
    const vm = await adapter.create(roomy);
    await vm.eval('1+1');
    vms.push(vm);
  };
  for (let i = 0; i < 4; i++) await add();
  const before = await settledResident();
  while (vms.length < count + 4) await add();
  const after = await settledResident();
  for (const vm of vms) vm.drop();
  return { bytes_per_vm: (after - before) / count, count };
}

export async function requestsOnThisThread(adapter, { file, seconds, expected }) {
  const source = await readFile(file, 'utf8');
  const once = async () => {
    const vm = await adapter.create(roomy);
    const result = await vm.eval(source);
    vm.drop();
    if (result !== expected) throw new Error(`a request gave ${result}`);
  };
  for (let i = 0; i < 20; i++) await once();
  let count = 0;
  const begin = performance.now();
  while (performance.now() - begin < seconds * 1000) {
    await once();
    count++;
  }
  return { count, seconds: (performance.now() - begin) / 1000 };
}

function inWorker(name, request) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./peer.mjs', import.meta.url), { workerData: { name, request } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function requests(adapter, request) {
  const { workers, reset } = request;
  if (reset) return { unable: adapter.noReset };
  if (workers === 1) return { per_second: perSecond(await requestsOnThisThread(adapter, request)) };
  const parts = await Promise.all(Array.from({ length: workers }, () => inWorker(adapter.name, request)));
  return { per_second: parts.reduce((sum, part) => sum + perSecond(part), 0) };
}

const perSecond = ({ count, seconds }) => count / seconds;

const info = (adapter) => ({ versions: adapter.versions });

export const tasks = { info, script, create, calls, stack, memory, timeout, density, requests };
