// Our side: the programs of the build.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './process.mjs';

const programPath = (build, program) => join(build, 'bench', program);

export async function listBenchmarks(build, program) {
  const list = await run(programPath(build, program), ['--benchmark_list_tests=true']);
  return list.split('\n').filter((line) => line !== '');
}

/** Runs the named benchmarks of one program; resolves to Google Benchmark's entries, one a repetition. */
export async function runBenchmarks(build, { program, names, repetitions }, minTime) {
  const exact = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const directory = await mkdtemp(join(tmpdir(), 'sandglass-bench-'));
  try {
    const file = join(directory, 'out.json');
    await run(programPath(build, program), [
      `--benchmark_filter=^(${exact})$`,
      `--benchmark_min_time=${minTime}`,
      `--benchmark_repetitions=${repetitions}`,
      // Repetitions of all benchmarks in random order: a noisy second meets different ones.
      '--benchmark_enable_random_interleaving=true',
      `--benchmark_out=${file}`,
      '--benchmark_out_format=json',
    ]);
    // It writes NaN, which is no JSON, where it aggregates zeros.
    const report = (await readFile(file, 'utf8')).replace(/: -?(NaN|Infinity)\b/gi, ': null');
    return JSON.parse(report).benchmarks;
  } finally {
    await rm(directory, { recursive: true });
  }
}

export async function ourScript(build, script, runs) {
  return JSON.parse(await run(programPath(build, 'script_runner'), ['--json', '--runs', String(runs), script]));
}
