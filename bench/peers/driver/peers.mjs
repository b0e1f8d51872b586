// The peers: how each is installed into the cache, and the command that does a task.
//
// install(context) resolves to the words of that command; the request, as JSON, goes in the place of `request`. It
// rejects with the reason if the peer cannot be had here. context: { source, cache, build, jobs }.

import { existsSync } from 'node:fs';
import { access, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './process.mjs';

export const request = Symbol('request');

const once = new Map();

/** Several peers may need the same step; it is done once, and fails for all of them. */
function shared(name, action) {
  if (!once.has(name)) once.set(name, action());
  return once.get(name);
}

async function isThere(program) {
  try {
    await run(program, [program === 'go' ? 'version' : '--version']);
  } catch {
    throw new Error(`${program} is not installed`);
  }
}

/** npm ci into the cache, unless the lock file is the one that was installed. Scripts of packages are not run. */
export async function installFromNpm(source, directory) {
  await isThere('npm');
  await mkdir(directory, { recursive: true });
  const lock = await readFile(join(source, 'package-lock.json'), 'utf8');
  const stamp = join(directory, 'installed.stamp');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== lock) {
    await rm(stamp, { force: true });
    for (const name of ['package.json', 'package-lock.json']) await copyFile(join(source, name), join(directory, name));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory });
    await writeFile(stamp, lock);
  }
  await cp(source, directory, { recursive: true });
}

const node = ({ source, cache }) =>
  shared('node', async () => {
    const directory = join(cache, 'node');
    await installFromNpm(join(source, 'node'), directory);
    return directory;
  });

async function onNode(context, adapter) {
  const directory = await node(context);
  return [process.execPath, '--expose-gc', join(directory, 'peer.mjs'), adapter, request];
}

/** isolated-vm is a C++ addon; its headers are those beside this Node, or node-gyp fetches them. */
async function isolatedVm(context) {
  const words = await onNode(context, 'isolated-vm');
  const directory = join(await node(context), 'node_modules/isolated-vm');
  if (!existsSync(directory)) throw new Error('npm did not install it for this Node');
  const stamp = join(directory, 'built.stamp');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== process.version) {
    const gyp = join(await npmDirectory(), 'node_modules/node-gyp/bin/node-gyp.js');
    await access(gyp).catch(() => {
      throw new Error('npm has no node-gyp to build it with');
    });
    const prefix = dirname(dirname(process.execPath));
    const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : [];
    await run(process.execPath, [gyp, 'rebuild', '--release', '-j', String(context.jobs), ...headers], {
      cwd: directory,
    });
    await writeFile(stamp, process.version);
  }
  return words;
}

const npmDirectory = async () => join((await run('npm', ['root', '--global'])).trim(), 'npm');

async function fromCargo({ source, cache, jobs }, name) {
  await isThere('cargo');
  const target = join(cache, 'rust');
  const words = ['build', '--release', '--locked', '-j', String(jobs), '-p', name];
  await run('cargo', words, { cwd: join(source, 'rust'), env: { CARGO_TARGET_DIR: target } });
  return join(target, 'release', name);
}

async function wasmtime(context) {
  const program = await fromCargo(context, 'peer-wasmtime');
  const module = join(context.cache, 'rust/quickjs.cwasm');
  const wasm = join(await node(context), 'node_modules/quickjs-wasi/quickjs.wasm');
  await run(program, ['--compile', wasm, module]);
  return [program, request, module];
}

async function fastschema({ source, cache, jobs }) {
  await isThere('go');
  const program = join(cache, 'go/peer-fastschema-qjs');
  await run('go', ['build', '-p', String(jobs), '-o', program, '.'], { cwd: join(source, 'go') });
  return [program, request];
}

async function sandglass({ build }) {
  const program = join(build, 'bench/peers/sandglass_peer');
  if (!existsSync(program)) throw new Error(`${program} is not built`);
  return [program, request];
}

export const peers = [
  { name: 'sandglass', what: 'this project', install: sandglass },
  { name: 'fastschema-qjs', what: 'Go module: QuickJS-ng on wazero', install: fastschema },
  {
    name: 'quickjs-wasi',
    what: 'npm: QuickJS-ng as wasm on V8',
    install: (context) => onNode(context, 'quickjs-wasi'),
  },
  {
    name: 'quickjs-emscripten',
    what: 'npm: QuickJS as wasm on V8',
    install: (context) => onNode(context, 'quickjs-emscripten'),
  },
  { name: 'wasmtime', what: "crate: quickjs-wasi's wasm on Cranelift, pooled", install: wasmtime },
  {
    name: 'rquickjs',
    what: 'crate: QuickJS-ng as native code, no sandbox',
    install: async (context) => [await fromCargo(context, 'peer-rquickjs'), request],
  },
  { name: 'isolated-vm', what: 'npm: isolates of V8, with its JIT', install: isolatedVm },
];
