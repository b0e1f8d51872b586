// What only a disassembler knows about a module: the instructions it uses and how far its constant offsets reach.

import { BuildError } from './build-error.mjs';
import { runToolOrFail } from './tools.mjs';

/** A line of wasm-objdump -d: address, bytes, then the instruction. */
const INSTRUCTION_LINE = /^ [0-9a-f]+:(?: [0-9a-f]{2})+ +\| +([a-z][a-z0-9_.]*)(?: (.*))?$/gm;
const MEMORY_ACCESS = /^(?:[if](?:32|64)|v128)\.(?:atomic\.)?(?:load|store)/;

/** Returns { instructions: Set of names, largestOffset: largest constant offset of a load or store }. */
export function disassemble(objdump, modulePath) {
  const listing = runToolOrFail(objdump, ['-d', modulePath]);
  const instructions = new Set();
  let largestOffset = 0;
  for (const [, name, operands] of listing.matchAll(INSTRUCTION_LINE)) {
    instructions.add(name);
    if (MEMORY_ACCESS.test(name)) {
      const offset = Number(operands?.split(' ').pop());
      if (!Number.isSafeInteger(offset)) {
        throw new BuildError(`cannot read the offset of "${name} ${operands ?? ''}" in the disassembly`);
      }
      largestOffset = Math.max(largestOffset, offset);
    }
  }
  if (instructions.size === 0) {
    throw new BuildError('the disassembly shows no instructions; has the format of wasm-objdump changed?');
  }
  return { instructions, largestOffset };
}
