// Programs, each in a process group of its own, so that what they started ends with them.

import { spawn } from 'node:child_process';

const running = new Set();

/** Ends everything that was started here. */
export function endAll() {
  for (const child of running) endGroup(child);
}

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Resolves to { output, errors, status, signal, late }; `late` if it had to be ended after `seconds`. */
export function start(command, words, { cwd, env, seconds } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    let errors = '';
    let late = false;
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-20_000)));
    const timer = setTimeout(
      () => {
        late = true;
        endGroup(child);
      },
      (seconds ?? 3600) * 1000,
    );
    const done = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (status, signal) => {
      done();
      resolve({ output, errors, status, signal, late });
    });
  });
}

/** As start, but rejects unless the program exits with 0. */
export async function run(command, words, options) {
  const ended = await start(command, words, options);
  if (ended.status !== 0) {
    const lines = ended.errors.trim().split('\n');
    const why = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
    throw new Error(`${command} ${words[0]}: ${ended.signal ?? `status ${ended.status}`}: ${why}`);
  }
  return ended.output;
}
