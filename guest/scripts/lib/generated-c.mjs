// The C file that wasm2c writes, as something to search and to change with every change counted.
//
// wasm2c's output is regular: one statement a line, functions end with `}` in the first column, internal functions are
// `static` and named `w2c_…`, exported ones `Z_<module>Z_<name>` and only forward to an internal one.

import { BuildError } from './build-error.mjs';

export const MODULE_NAME = 'guest';
export const INSTANCE_TYPE = `Z_${MODULE_NAME}_instance_t`;

/** C declaration of the parameter that every generated function takes first. */
export const INSTANCE_PARAMETER = `${INSTANCE_TYPE}* instance`;

/** First definition after all declarations; helpers that call internal functions are inserted before it. */
const FIRST_DEFINITION = `static void init_globals(${INSTANCE_TYPE}* instance) {\n`;

export const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function countMatches(text, pattern) {
  let count = 0;
  for (const _ of text.matchAll(pattern)) {
    count++;
  }
  return count;
}

export class GeneratedC {
  constructor(text) {
    this.text = text;
  }

  /** Replaces `before`, a string that must occur exactly once. */
  replaceOnce(rewrite, before, after) {
    const first = this.text.indexOf(before);
    const found = first < 0 ? 0 : this.text.indexOf(before, first + 1) < 0 ? 1 : 'several';
    if (found !== 1) {
      throw new BuildError(`rewrite "${rewrite}": expected exactly one place with\n${before}\nbut found ${found}`);
    }
    this.text = this.text.slice(0, first) + after + this.text.slice(first + before.length);
  }

  /** Replaces every match of the global regular expression `pattern` and returns how many there were. */
  replaceAll(pattern, replacement) {
    let count = 0;
    this.text = this.text.replace(pattern, (...match) => {
      count++;
      return typeof replacement === 'function' ? replacement(...match) : replacement;
    });
    return count;
  }

  /** Fails if `pattern` still matches. */
  expectNone(rewrite, pattern, explanation) {
    const left = this.text.match(pattern);
    if (left) {
      throw new BuildError(`rewrite "${rewrite}": ${explanation}, but found: ${left[0].trim()}`);
    }
  }

  /** Name of the internal function behind an export, or undefined. */
  internalName(exportName) {
    const definition = `^\\w+ Z_${MODULE_NAME}Z_${escapeRegExp(exportName)}\\([^)]*\\) \\{\\n`;
    const pattern = new RegExp(`${definition}  (?:return )?(w2c_\\w+)\\(instance`, 'm');
    return this.text.match(pattern)?.[1];
  }

  /** Definition of one internal function: { name, result, parameters, body }, or undefined. */
  internalFunction(name) {
    const pattern = new RegExp(`^static (\\w+) ${escapeRegExp(name)}\\(([^)]*)\\) \\{\\n([^]*?)^\\}\\n`, 'm');
    const match = this.text.match(pattern);
    return match ? { name, result: match[1], parameters: match[2], body: match[3] } : undefined;
  }

  /** Inserts C code behind the declarations of all internal functions and before their definitions. */
  insertHelpers(rewrite, code) {
    this.replaceOnce(rewrite, FIRST_DEFINITION, `${code}\n${FIRST_DEFINITION}`);
  }
}
