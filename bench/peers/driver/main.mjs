// Installs the peers, measures them in turns, prints one table, and writes the JSON and the plots. See ../README.md.
//
// Exit status: 0; 1 if nothing could be measured or sandglass gave a wrong result; 2 wrong usage; 130 Ctrl-C.

import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineFacts } from '../../driver/machine.mjs';
import { ask, measure, wasWrong } from './measure.mjs';
import { parseOptions, usage, UsageError } from './options.mjs';
import { installFromNpm, peers } from './peers.mjs';
import { barPlot, ratioPlot } from './plot.mjs';
import { endAll, run } from './process.mjs';
import { formatTable } from './table.mjs';
import { settingsOf, tasks } from './tasks.mjs';

const source = dirname(dirname(fileURLToPath(import.meta.url)));
const repository = resolve(source, '../..');
const cache = join(repository, 'build/peers');
const progress = (text) => console.error(`peers: ${text}`);

const scriptsIn = (directory) =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => name.endsWith('.js'))
        .sort()
        .map((name) => join(directory, name))
    : [];

function list() {
  const column = (entries) => entries.map(({ name, what }) => `  ${name.padEnd(20)} ${what}`).join('\n');
  console.log(`peers\n${column(peers)}\ntasks\n${column(tasks)}`);
}

async function install(names, context) {
  const installed = [];
  for (const { name, install } of peers.filter((peer) => names.includes(peer.name))) {
    progress(`installing ${name}`);
    try {
      const words = await install(context);
      const { answer, ended } = await ask(words, { task: 'info' }, 60);
      if (!answer.versions) throw new Error(`it does not start: ${ended.errors.trim().split('\n').at(-1)}`);
      installed.push({ name, words, versions: answer.versions });
    } catch (error) {
      progress(`${name} is skipped: ${error.message}`);
      installed.push({ name, skipped: error.message });
    }
  }
  return installed;
}

// What the tasks of public programs run, made of packages: { tooling, octane }.
async function makePublicScripts() {
  const directory = join(cache, 'tooling');
  const output = join(directory, 'scripts');
  progress('making scripts of public packages');
  await installFromNpm(join(source, 'tooling'), directory);
  await rm(output, { recursive: true, force: true });
  await run(process.execPath, [join(directory, 'build.mjs'), output]);
  return { tooling: scriptsIn(join(output, 'tooling')), octane: scriptsIn(join(output, 'octane')) };
}

async function inputsFor(options) {
  const inputs = {
    settings: settingsOf(options),
    scripts: scriptsIn(join(source, '../js')),
    memory: scriptsIn(join(source, 'scripts/memory')),
    timeout: join(source, 'scripts/timeout'),
    requestScript: join(source, 'scripts/request.js'),
    tooling: [],
    octane: [],
  };
  if (options.tasks.includes('tooling') || options.tasks.includes('octane')) {
    try {
      Object.assign(inputs, await makePublicScripts());
    } catch (error) {
      progress(`the tasks tooling and octane are skipped: ${error.message}`);
      inputs.publicSkipped = error.message;
    }
  }
  return inputs;
}

async function writeResults(report, directory) {
  await mkdir(directory, { recursive: true });
  const files = {
    [`peers-${report.date.slice(0, 10)}.json`]: `${JSON.stringify(report, null, 1)}\n`,
    'peers-scripts.svg': ratioPlot(report),
    'peers-operations.svg': barPlot(report),
  };
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    await writeFile(join(directory, name), text);
    progress(`wrote ${relative(process.cwd(), join(directory, name))}`);
  }
}

async function main() {
  const options = parseOptions(process.argv.slice(2), {
    repository,
    peerNames: peers.map(({ name }) => name),
    taskNames: tasks.map(({ name }) => name),
  });
  if (options.help) return console.log(usage);
  if (options.list) return list();

  await mkdir(cache, { recursive: true });
  const jobsAtOnce = Number(process.env.SANDGLASS_JOBS) || availableParallelism();
  const all = await install(options.peers, { source, cache, build: options.build, jobs: jobsAtOnce });
  const installed = all.filter((peer) => !peer.skipped);
  if (installed.length === 0) throw new Error('no peer could be installed');
  const inputs = await inputsFor(options);
  const jobs = tasks.filter(({ name }) => options.tasks.includes(name)).flatMap((task) => task.jobs(inputs));
  if (jobs.length === 0) throw new Error('nothing to measure');

  const before = await machineFacts();
  const { rounds } = inputs.settings;
  const rows = await measure({ jobs, installed, rounds, progress });
  const report = {
    date: new Date().toISOString(),
    machine: { ...before, load_after: (await machineFacts()).load },
    peers: all.map(({ name, versions, skipped }) => ({ name, versions, skipped })),
    method: { quick: options.quick, ...inputs.settings, tooling_skipped: inputs.publicSkipped },
    rows,
  };
  console.log(formatTable(report));
  if (inputs.publicSkipped) console.log(`tooling, octane: skipped: ${inputs.publicSkipped}`);
  await writeResults(report, options.out);

  if (wasWrong(rows, 'sandglass')) throw new Error('a script gave a wrong result on sandglass');
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => {
    endAll();
    console.error('\npeers: interrupted; nothing was written');
    process.exit(status);
  });
}

try {
  await main();
} catch (error) {
  endAll();
  const wrong = error instanceof UsageError;
  console.error(`bench/peers/run: ${error.message}${wrong ? `\n${usage}` : ''}`);
  process.exitCode = wrong ? 2 : 1;
}
