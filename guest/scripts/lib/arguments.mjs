// Command lines of the scripts: `--name value` pairs, all of them required.

import { parseArgs } from 'node:util';
import { BuildError } from './build-error.mjs';

/** Returns an object with one string for each of `names`. Unknown or missing options are errors. */
export function requiredArguments(names) {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  let values;
  try {
    values = parseArgs({ options, strict: true }).values;
  } catch (error) {
    throw new BuildError(error.message);
  }
  for (const name of names) {
    if (values[name] === undefined) {
      throw new BuildError(`missing option --${name}`);
    }
  }
  return values;
}
