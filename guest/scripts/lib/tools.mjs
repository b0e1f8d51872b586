// Runs the tools of other projects: wabt from the system, binaryen from the pinned package.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { BuildError } from './build-error.mjs';

const MAX_OUTPUT_BYTES = 1024 * 1024 * 1024;

/** Runs `command` and returns { status, stdout, stderr }; fails only if it could not be started or was killed. */
export function runTool(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES });
  if (result.error) {
    const hint = command.startsWith('wasm') ? ' (Debian package: wabt)' : '';
    throw new BuildError(`cannot run ${command}: ${result.error.message}${hint}`);
  }
  if (result.signal) {
    throw new BuildError(`${command} was ended by ${result.signal}`);
  }
  return result;
}

/** Runs `command`, fails unless it succeeds, and returns what it printed. */
export function runToolOrFail(command, args) {
  const { status, stdout, stderr } = runTool(command, args);
  if (status !== 0) {
    throw new BuildError(`${path.basename(command)} failed with status ${status}:\n${stderr || stdout}`);
  }
  return stdout;
}

/** Runs one of binaryen's tools (plain JavaScript) under the node that runs this script. */
export function runBinaryen(binaryenDirectory, tool, args) {
  const script = path.join(binaryenDirectory, 'bin', tool);
  const { status, stdout, stderr } = runTool(process.execPath, [script, ...args]);
  if (status !== 0) {
    throw new BuildError(`binaryen's ${tool} failed with status ${status}:\n${stderr || stdout}`);
  }
}
