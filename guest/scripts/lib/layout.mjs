// Constants of src/machine/layout.h that the build must agree with.

import fs from 'node:fs';
import { BuildError } from './build-error.mjs';

/** Value of `#define <name> <product of integers>` in the header. */
export function layoutConstant(headerPath, name) {
  const header = fs.readFileSync(headerPath, 'utf8');
  const definition = header.match(new RegExp(`^#define ${name} +(.+?)\\s*$`, 'm'))?.[1];
  if (!definition) {
    throw new BuildError(`${headerPath} does not define ${name}`);
  }
  const product = definition.replace(/^\((.*)\)$/, '$1');
  if (!/^\d+[uU]?(?: *\* *\d+[uU]?)*$/.test(product)) {
    throw new BuildError(`${name} is "${definition}"; expected an integer or a product of integers`);
  }
  return product.split('*').reduce((value, factor) => value * parseInt(factor, 10), 1);
}
