// Rewrite (c): tell the machine when the engine reports that its stack is exhausted.
//
// To a script the report is an ordinary exception that can be caught, hidden or forged, so the host cannot learn from the
// exception whether the limit was hit. The engine raises it in few places, all of the form `throw(ctx, "message", …)`.
// They are found by the address of the message, and a call of sandglass_note_stack_overflow() is placed right before.
//
//   "Maximum call stack size exceeded"  JS_ThrowStackOverflow(): calls, parser, JSON, regexp execution, …
//   "stack overflow"                    the regexp compiler, which reports a syntax error with this message

import { BuildError } from '../lib/build-error.mjs';
import { countMatches } from '../lib/generated-c.mjs';

const REWRITE = 'stack overflow';
const MESSAGES = [
  { text: 'Maximum call stack size exceeded', isRequired: true },
  { text: 'stack overflow', isRequired: false },
];

/** Addresses at which linear memory initially holds `text` up to its terminating zero. */
export function addressesOfString(module, text) {
  const wanted = Buffer.from(`${text}\0`, 'latin1');
  const addresses = [];
  for (const { flags, offset, bytes } of module.dataSegments) {
    if (flags !== 0) {
      continue;
    }
    const [start] = offset;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = buffer.indexOf(wanted); at >= 0; at = buffer.indexOf(wanted, at + 1)) {
      addresses.push((start.value >>> 0) + at);
    }
  }
  return addresses;
}

/**
 * `w2c_iN = <address>u;`, then only plain assignments to others, then a call whose third argument (after instance and
 * context) is that variable. Nothing in between may branch, so what is inserted before the call runs exactly when the
 * call does.
 */
function raisePattern(address) {
  const assignment = String.raw` +(?!\k<message> )w2c_\w+ (?:=|\+=|-=) [^;\n(]*;\n`;
  const call = String.raw`(?:w2c_\w+ = )?w2c_\w+\(instance, w2c_\w+, \k<message>[,)]`;
  return new RegExp(String.raw`^( +(?<message>w2c_i\d+) = ${address}u;\n(?:${assignment})*)( +)(?=${call})`, 'gm');
}

export function rewriteStackOverflow(source, module) {
  const notes = MESSAGES.map(({ text, isRequired }) => noteRaises(source, module, text, isRequired));
  return notes.join('; ');
}

function noteRaises(source, module, text, isRequired) {
  const addresses = addressesOfString(module, text);
  let raised = 0;
  for (const address of addresses) {
    const uses = countMatches(source.text, new RegExp(`\\b${address}u\\b`, 'g'));
    const hooked = source.replaceAll(raisePattern(address), (_, before, _variable, indent) => (
      `${before}${indent}sandglass_note_stack_overflow(instance);\n${indent}`));
    if (hooked !== uses) {
      throw new BuildError(`rewrite "${REWRITE}": the code uses the address ${address} of "${text}" ${uses} times, but `
        + `${hooked} uses have the expected form: constant, plain assignments, call (instance, context, constant, …)`);
    }
    raised += hooked;
  }
  if (raised === 0 && (isRequired || addresses.length > 0)) {
    throw new BuildError(`rewrite "${REWRITE}": expected at least one function that raises "${text}", found none `
      + `(addresses of the message: ${addresses.join(', ') || 'none'})`);
  }
  return `"${text}" is noted where it is raised (${raised})`;
}
