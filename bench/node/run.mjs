// Runs scripts on the npm guest (quickjs-wasi) under Node's V8: the baseline that bench/ is compared with.
//
//   node run.mjs [--json] [--runs N] [--wasm guest.wasm] script.js…
//   node run.mjs lifecycle [--json] [--runs N] [--wasm guest.wasm]
//
// Scripts: the wasm module is compiled once; each run gets a fresh VM; the time is that of evaluation and of the
// pending jobs, without creation of the VM. One run ahead of the timed ones lets V8 optimise the module. The
// completion value is the script's checksum; a run whose checksum differs from the first is an error.
//
// lifecycle: medians of creating a VM, of `1+1` on a warm VM, and of create, `1+1`, dispose.
//
// --json prints one object:
//   { "mode": "scripts", "node": "v20.1.0", "v8": "…", "engine": "quickjs 0.17.0", "runs": 10,
//     "results": [{ "name": "sort", "min_ms": 1.5, "median_ms": 1.6, "checksum": "…" }] }
//   { "mode": "lifecycle", "node": …, "v8": …, "engine": …, "runs": 200,
//     "results": [{ "name": "create", "median_us": 900.1 }, { "name": "warm_eval", … },
//                 { "name": "create_eval_dispose", … }] }
// Exit status: 0, 1 if a script failed (its result has "error" instead of figures), 2 for wrong usage.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { QuickJS } from 'quickjs-wasi';

const usage = `usage: node run.mjs [--json] [--runs N] [--wasm guest.wasm] script.js…
       node run.mjs lifecycle [--json] [--runs N] [--wasm guest.wasm]`;

function parseArguments(words) {
  const options = { json: false, runs: undefined, wasm: undefined, lifecycle: false, files: [] };
  for (let i = 0; i < words.length; i++) {
    switch (words[i]) {
      case '--json':
        options.json = true;
        break;
      case '--runs':
        options.runs = Number(words[++i]);
        if (!Number.isInteger(options.runs) || options.runs < 1) throw new Error('--runs wants a whole number above 0');
        break;
      case '--wasm':
        options.wasm = words[++i];
        if (options.wasm === undefined) throw new Error('--wasm wants a path');
        break;
      default:
        if (words[i].startsWith('--')) throw new Error(`unknown option ${words[i]}`);
        options.files.push(words[i]);
    }
  }
  if (options.files[0] === 'lifecycle') {
    options.lifecycle = true;
    options.files.shift();
  }
  if (options.lifecycle !== (options.files.length === 0)) throw new Error('give scripts, or lifecycle alone');
  options.runs ??= options.lifecycle ? 200 : 10;
  return options;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

async function evaluateFresh(module, source, name) {
  const vm = await QuickJS.create({ wasm: module });
  try {
    const start = performance.now();
    let value = vm.evalCode(source, name);
    vm.executePendingJobs();
    const milliseconds = performance.now() - start;
    if (value.isPromise) {
      const settled = await vm.resolvePromise(value);
      if ('error' in settled) throw new Error(settled.error.toString());
      value = settled.value;
    }
    return { milliseconds, checksum: value.toString() };
  } finally {
    vm.dispose();
  }
}

async function measureScript(module, file, runs) {
  const name = basename(file, '.js');
  try {
    const source = await readFile(file, 'utf8');
    const { checksum } = await evaluateFresh(module, source, file);
    const times = [];
    for (let i = 0; i < runs; i++) {
      const run = await evaluateFresh(module, source, file);
      if (run.checksum !== checksum) throw new Error(`checksum changed from ${checksum} to ${run.checksum}`);
      times.push(run.milliseconds);
    }
    return { name, min_ms: Math.min(...times), median_ms: median(times), checksum };
  } catch (error) {
    return { name, error: String(error?.message ?? error) };
  }
}

async function timeEach(runs, action) {
  const times = [];
  const warmups = Math.min(20, runs);
  for (let i = -warmups; i < runs; i++) {
    const start = performance.now();
    const release = await action();
    const microseconds = (performance.now() - start) * 1000;
    release?.();
    if (i >= 0) times.push(microseconds);
  }
  return median(times);
}

async function measureLifecycle(module, runs) {
  const create = await timeEach(runs, async () => {
    const vm = await QuickJS.create({ wasm: module });
    return () => vm.dispose();
  });

  // Many evaluations a sample: one alone is near the resolution of the clock.
  const batch = 100;
  const vm = await QuickJS.create({ wasm: module });
  const warm = await timeEach(runs, () => {
    for (let i = 0; i < batch; i++) vm.evalCode('1+1').dispose();
  });
  vm.dispose();

  const all = await timeEach(runs, async () => {
    const vm = await QuickJS.create({ wasm: module });
    const value = vm.evalCode('1+1');
    if (value.toNumber() !== 2) throw new Error('1+1 is not 2');
    value.dispose();
    vm.dispose();
  });

  return [
    { name: 'create', median_us: create },
    { name: 'warm_eval', median_us: warm / batch },
    { name: 'create_eval_dispose', median_us: all },
  ];
}

function printScripts(results) {
  const width = Math.max(8, ...results.map((r) => r.name.length));
  console.log(`${'script'.padEnd(width)} ${'min ms'.padStart(9)} ${'median ms'.padStart(9)}  checksum`);
  for (const r of results) {
    const figures =
      r.error ?? `${r.min_ms.toFixed(1).padStart(9)} ${r.median_ms.toFixed(1).padStart(9)}  ${r.checksum}`;
    console.log(`${r.name.padEnd(width)} ${figures}`);
  }
}

function printLifecycle(results) {
  console.log(`${'operation'.padEnd(20)} ${'median µs'.padStart(10)}`);
  for (const r of results) console.log(`${r.name.padEnd(20)} ${r.median_us.toFixed(2).padStart(10)}`);
}

async function engineVersion(module) {
  const vm = await QuickJS.create({ wasm: module });
  const version = vm.versions.quickjs;
  vm.dispose();
  return `quickjs ${version}`;
}

async function main() {
  let options;
  try {
    options = parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return 2;
  }

  const path = options.wasm ?? createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm');
  const module = await WebAssembly.compile(await readFile(path));
  const results = [];
  if (options.lifecycle) {
    results.push(...(await measureLifecycle(module, options.runs)));
  } else {
    for (const file of options.files) results.push(await measureScript(module, file, options.runs));
  }

  if (options.json) {
    const mode = options.lifecycle ? 'lifecycle' : 'scripts';
    const {
      version: node,
      versions: { v8 },
    } = process;
    console.log(
      JSON.stringify({ mode, node, v8, engine: await engineVersion(module), runs: options.runs, results }, null, 2),
    );
  } else if (options.lifecycle) {
    printLifecycle(results);
  } else {
    printScripts(results);
  }
  return results.some((r) => r.error !== undefined) ? 1 : 0;
}

process.exitCode = await main();
