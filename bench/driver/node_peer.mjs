// The other side: the npm guest under Node, by ../node/run.mjs.

import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './process.mjs';

/** Installs the pinned package into the build tree, unless that was done. Resolves to the directory. */
export async function installNode(benchDirectory, build) {
  const source = join(benchDirectory, 'node');
  const directory = join(build, 'bench/node');
  await mkdir(directory, { recursive: true });
  // The runner finds the package beside itself, so it moves too.
  for (const name of ['package.json', 'package-lock.json', 'run.mjs']) {
    await copyFile(join(source, name), join(directory, name));
  }
  const stamp = join(directory, 'installed.stamp');
  const lock = await readFile(join(source, 'package-lock.json'), 'utf8');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== lock) {
    await rm(stamp, { force: true });
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory });
    await writeFile(stamp, lock);
  }
  return directory;
}

const runner = async (directory, words) =>
  JSON.parse(await run(process.execPath, [join(directory, 'run.mjs'), '--json', ...words]));

export const nodeScript = (directory, script, runs) => runner(directory, ['--runs', String(runs), script]);
export const nodeLifecycle = (directory, runs) => runner(directory, ['lifecycle', '--runs', String(runs)]);
