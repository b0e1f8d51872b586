// Runs a program to its end.

import { spawn } from 'node:child_process';

/** Resolves to what the program wrote to stdout; rejects unless it exits with 0. */
export function run(command, words, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(output);
      // A runner that answers in JSON tells there what failed.
      const told = [...output.matchAll(/"error": "(.*)"/g)].map((match) => match[1]).join('; ');
      const why = told || errors.trim().split('\n').slice(-5).join('\n') || 'no message';
      reject(new Error(`${command} ${words.join(' ')}: ${signal ?? `status ${status}`}: ${why}`));
    });
  });
}
