// Rewrites the C that wasm2c wrote, so that it fits sandglass's machine and runs faster.
//
//   node rewrite.mjs --module <guest.wasm> --input <wasm2c's guest.c> --output <guest.c> --fast-paths required|optional
//
// Each rewrite knows the text it expects, counts what it changes and fails if generated code looks different; see
// rewrites/. `--fast-paths optional` is for a substituted module, which may be compiled in another way.

import fs from 'node:fs';
import { requiredArguments } from './lib/arguments.mjs';
import { BuildError, runScript } from './lib/build-error.mjs';
import { GeneratedC } from './lib/generated-c.mjs';
import { readModule } from './lib/wasm-module.mjs';
import { rewriteFastPaths } from './rewrites/fast-paths.mjs';
import { rewriteInstanceArgument } from './rewrites/instance-argument.mjs';
import { rewriteLinearMemory } from './rewrites/linear-memory.mjs';
import { rewriteStackOverflow } from './rewrites/stack-overflow.mjs';

runScript('rewrite', () => {
  const options = requiredArguments(['module', 'input', 'output', 'fast-paths']);
  const fastPaths = options['fast-paths'];
  if (fastPaths !== 'required' && fastPaths !== 'optional') {
    throw new BuildError(`--fast-paths is "${fastPaths}", expected required or optional`);
  }
  const module = readModule(fs.readFileSync(options.module));
  const source = new GeneratedC(fs.readFileSync(options.input, 'utf8'));
  const notes = [
    rewriteLinearMemory(source),
    rewriteInstanceArgument(source),
    rewriteStackOverflow(source, module),
    rewriteFastPaths(source, { isRequired: fastPaths === 'required' }),
  ];
  fs.writeFileSync(options.output, source.text);
  process.stdout.write(notes.map((note) => `guest: rewrite: ${note}\n`).join(''));
});
