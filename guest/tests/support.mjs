// Shared by the tests: where the build is, temporary files, hand-made modules, running a script.
//
// SANDGLASS_GUEST_BUILD  the build's guest directory (npm/, link/, translated/, generated/)
// SANDGLASS_WABT_BIN     directory of wabt's tools, if they are not on the PATH

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const GUEST_SOURCE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const LAYOUT = path.resolve(GUEST_SOURCE, '..', 'src', 'machine', 'layout.h');

/** A file of the build's guest directory; the build must have made it. */
export function builtFile(...parts) {
  const directory = process.env.SANDGLASS_GUEST_BUILD;
  if (!directory) {
    throw new Error('set SANDGLASS_GUEST_BUILD to <build>/guest, after building the target sandglass_guest');
  }
  const file = path.join(directory, ...parts);
  if (!fs.existsSync(file)) {
    throw new Error(`${file} does not exist; build the target sandglass_guest first`);
  }
  return file;
}

export function wabtTool(name) {
  return process.env.SANDGLASS_WABT_BIN ? path.join(process.env.SANDGLASS_WABT_BIN, name) : name;
}

/** A directory that is removed when the test ends. */
export function temporaryDirectory(test) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sandglass-guest-'));
  test.after(() => fs.rmSync(directory, { recursive: true }));
  return directory;
}

export function writeTemporary(test, name, content) {
  const file = path.join(temporaryDirectory(test), name);
  fs.writeFileSync(file, content);
  return file;
}

/** Path of the module that `text`, in the WebAssembly text format, stands for. */
export function moduleFile(test, text) {
  const source = writeTemporary(test, 'module.wat', text);
  const output = source.replace(/\.wat$/, '.wasm');
  const { status, stderr } = spawnSync(wabtTool('wat2wasm'), ['--enable-all', source, '-o', output], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`the test's own module is wrong: ${stderr}`);
  }
  return output;
}

/** Runs one of the build's scripts; `options` become `--name value`. */
export function runGuestScript(name, options) {
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  return spawnSync(process.execPath, [path.join(GUEST_SOURCE, 'scripts', name), ...args], { encoding: 'utf8' });
}
