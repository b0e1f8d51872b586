// Patterns for runs of generated C lines whose variables may be numbered differently.

import { escapeRegExp } from './generated-c.mjs';

/** A line of a shape that stands for any number of lines. */
export const ANY_LINES = Symbol('any lines');

/**
 * Regular expression source that matches `lines`, at any indentation. `#name` in a line stands for a word; the same name
 * stands for the same word wherever it recurs, and is a named group of the match.
 */
export function shapeOf(lines) {
  const seen = new Set();
  const variable = (_, name) => {
    if (seen.has(name)) {
      return `\\k<${name}>`;
    }
    seen.add(name);
    return `(?<${name}>\\w+)`;
  };
  return lines.map((line) => (
    line === ANY_LINES ? '(?:.*\\n)*?' : ` *${escapeRegExp(line).replace(/#(\w+)/g, variable)}\\n`
  )).join('');
}
