// Rewrite (b): an indirect call passes the caller's own instance.
//
// wasm2c stores an instance beside each function in the table, because a table may be shared between modules. Here all
// functions belong to one module, so the caller's instance is the right one, and one read-only table serves every VM.

import { BuildError } from '../lib/build-error.mjs';
import { countMatches } from '../lib/generated-c.mjs';

const REWRITE = 'instance argument';
const INDIRECT_CALL = /\bCALL_INDIRECT\(instance->w2c_\w+, /g;
const INSTANCE_ARGUMENT = /(\bCALL_INDIRECT\((instance->w2c_\w+), [^;\n]*?, \d+, (\w+), )\2\.data\[\3\]\.module_instance\b/g;

export function rewriteInstanceArgument(source) {
  const expected = countMatches(source.text, INDIRECT_CALL);
  const rewritten = source.replaceAll(INSTANCE_ARGUMENT, (_, call) => `${call}instance`);
  if (expected === 0 || rewritten !== expected) {
    throw new BuildError(`rewrite "${REWRITE}": the code has ${expected} indirect calls, but ${rewritten} have the expected `
      + 'argument <table>.data[<index>].module_instance');
  }
  source.expectNone(REWRITE, /^.*\.module_instance\b.*$/m, 'expected no other use of a table entry\'s instance');
  return `${rewritten} indirect calls pass their own instance`;
}
