// Runs the benchmarks here and on Node in turns, checks that both compute the same, prints one table and
// writes bench.json into the build directory. See ../README.md.
//
// Exit status: 0 also if targets are missed; 1 if something failed or checksums differ; 2 wrong usage.

import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineFacts } from './machine.mjs';
import { installNode, nodeLifecycle, nodeScript } from './node_peer.mjs';
import { listBenchmarks, ourScript, runBenchmarks } from './ours.mjs';
import { median, mergeBenchmarks, mergeScripts } from './merge.mjs';
import { benchmarkRows, formatReport, judgeTargets } from './report.mjs';

const usage = `usage: bench/run [--quick] [--filter REGEX] [--build DIR]

  --quick         one round instead of three, with shorter runs
  --filter REGEX  only benchmarks (BM_…) and scripts (js/….js) whose name matches; also without --filter
  --build DIR     a build with SANDGLASS_BUILD_BENCH=ON (build/release)`;

const benchDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
const progress = (text) => console.error(`bench: ${text}`);

function parseArguments(words) {
  const options = {
    quick: false,
    filter: /./,
    build: join(benchDirectory, '../build/release'),
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--quick') {
      options.quick = true;
    } else if (word === '--build') {
      if (words[++i] === undefined) throw new Error('--build wants a directory');
      options.build = resolve(words[i]);
    } else if (word === '--help' || word === '-h') {
      options.help = true;
    } else if (word.startsWith('-') && word !== '--filter') {
      throw new Error(`unknown option ${word}`);
    } else {
      const pattern = word === '--filter' ? words[++i] : word;
      if (pattern === undefined) throw new Error('--filter wants a regular expression');
      options.filter = new RegExp(pattern);
    }
  }
  return options;
}

async function installPeer(build) {
  try {
    return { directory: await installNode(benchDirectory, build) };
  } catch (error) {
    return { skipped: `the npm package cannot be installed: ${error.message}` };
  }
}

// One round of everything: ours, then the peer, for the lifecycle and for each script in turn, so that a
// noisy minute meets both.
async function measureRound(work, figures) {
  for (const program of work.programs) {
    progress(`round ${work.round}: ${program.program}`);
    figures.benchmarks.push(await runBenchmarks(work.build, program, work.minTime));
  }
  if (work.peer.directory && work.programs.length > 0) {
    figures.nodeLifecycle.push(await nodeLifecycle(work.peer.directory, work.lifecycleRuns));
  }
  for (const script of work.scripts) {
    progress(`round ${work.round}: ${relative(benchDirectory, script)}`);
    figures.ours.push(await ourScript(work.build, script, work.scriptRuns));
    if (work.peer.directory) figures.node.push(await nodeScript(work.peer.directory, script, work.scriptRuns));
  }
}

async function main() {
  let options;
  try {
    options = parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`bench/run: ${error.message}\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  if (!existsSync(join(options.build, 'bench/script_runner'))) {
    console.error(`bench/run: no benchmarks in ${options.build}; \`./dev bench\` builds them`);
    return 1;
  }

  const programs = [];
  // Each benchmark of interrupts takes a thousand samples at once.
  for (const [program, repetitions] of [
    ['lifecycle_bench', 5],
    ['snapshot_bench', 3],
    ['interop_bench', 3],
    ['console_bench', 3],
    ['files_bench', 3],
    ['interrupt_bench', 1],
  ]) {
    const names = (await listBenchmarks(options.build, program)).filter((name) => options.filter.test(name));
    if (names.length > 0) programs.push({ program, names, repetitions });
  }
  const allScripts = readdirSync(join(benchDirectory, 'js')).filter((name) => name.endsWith('.js'));
  const scripts = allScripts
    .filter((name) => options.filter.test(`js/${name}`))
    .sort()
    .map((name) => join(benchDirectory, 'js', name));
  if (programs.length + scripts.length === 0) {
    console.error(`bench/run: nothing matches ${options.filter}`);
    return 1;
  }

  const peer = await installPeer(options.build);
  if (peer.skipped) progress(`Node is skipped: ${peer.skipped}`);
  const rounds = options.quick ? 1 : 3;
  const work = {
    build: options.build,
    programs,
    scripts,
    peer,
    minTime: options.quick ? 0.02 : 0.1,
    lifecycleRuns: options.quick ? 50 : 200,
    scriptRuns: options.quick ? 3 : 7,
  };
  const facts = await machineFacts();
  const figures = { benchmarks: [], nodeLifecycle: [], ours: [], node: [] };
  for (let round = 1; round <= rounds; round++) await measureRound({ ...work, round }, figures);

  const { scripts: scriptRows, differing } = mergeScripts(figures.ours, figures.node);
  const benchmarks = mergeBenchmarks(
    figures.benchmarks,
    programs.flatMap(({ names }) => names),
  );
  const build = figures.ours[0] ?? (await ourScript(options.build, join(benchDirectory, 'js/recursion.js'), 1));
  const nodeReport = figures.node[0] ?? figures.nodeLifecycle[0];
  const report = {
    date: new Date().toISOString(),
    machine: { ...facts, load_after: (await machineFacts()).load },
    sandglass: {
      version: build.sandglass,
      engine: build.engine,
      guest_hash: build.guest_hash,
      compiler: build.compiler,
      build_type: build.build_type,
      pgo: build.pgo,
    },
    node: peer.skipped
      ? { skipped: peer.skipped }
      : { version: nodeReport?.node, v8: nodeReport?.v8, engine: nodeReport?.engine },
    method: {
      rounds,
      runs: work.scriptRuns,
      min_time_s: work.minTime,
      quick: options.quick,
      filtered: scripts.length < allScripts.length,
    },
    benchmarks,
    node_lifecycle: Object.fromEntries(
      (figures.nodeLifecycle[0]?.results ?? []).map(({ name }) => [
        name,
        median(figures.nodeLifecycle.map((r) => r.results.find((one) => one.name === name).median_us)),
      ]),
    ),
    ...scriptRows,
  };
  report.targets = judgeTargets(report);
  console.log(formatReport(report, benchmarkRows(report)));

  const output = join(options.build, 'bench.json');
  await writeFile(output, `${JSON.stringify(report, null, 2)}\n`);
  progress(`all figures: ${relative(process.cwd(), output)}`);
  for (const { name, ours, node } of differing) {
    console.error(`bench/run: ${name}: checksums differ\n  sandglass ${ours}\n  Node      ${node}`);
  }
  return differing.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench/run: ${error.message}`);
  process.exitCode = 1;
}
