// Rewrite (a): linear memory lies at a fixed distance behind the instance.
//
// wasm2c loads the base of linear memory from the instance before each access. The machine places the instance so that
// linear memory starts SANDGLASS_MEMORY_DISTANCE bytes behind its memory member, so the address needs no load. The
// pointer arithmetic also tells the compiler that no store to linear memory changes the instance, since a guest address
// is never negative.

import { BuildError } from '../lib/build-error.mjs';
import { INSTANCE_TYPE } from '../lib/generated-c.mjs';

const REWRITE = 'linear memory';

const PRELUDE = `
#include "machine/layout.h"

#if WABT_BIG_ENDIAN
#error "sandglass supports little-endian machines only"
#endif
#if !WASM_RT_MEMCHECK_SIGNAL_HANDLER || WASM_RT_USE_STACK_DEPTH_COUNT
#error "sandglass bounds memory and stack by guard pages; wasm-rt.h must be used with its 64-bit POSIX defaults"
#endif

#define SANDGLASS_AT(mem, addr) ((u8*)(mem) + SANDGLASS_MEMORY_DISTANCE + (addr))
`;

const LAYOUT_CHECKS = `
_Static_assert(offsetof(${INSTANCE_TYPE}, w2c_memory) + SANDGLASS_MEMORY_DISTANCE <= SANDGLASS_HEADER_BYTES,
               "the instance begins inside the slot's header");
_Static_assert(sizeof(${INSTANCE_TYPE}) <= offsetof(${INSTANCE_TYPE}, w2c_memory) + SANDGLASS_MEMORY_DISTANCE,
               "the instance ends before linear memory begins");
`;

const ACCESSES = [
  ['    load_data(&(m.data[o]), i, s); \\\n', '    load_data(SANDGLASS_AT(&(m), o), i, s); \\\n'],
  ['    wasm_rt_memcpy(&result, &mem->data[addr], sizeof(t1)); \\\n',
    '    wasm_rt_memcpy(&result, SANDGLASS_AT(mem, addr), sizeof(t1)); \\\n'],
  ['    wasm_rt_memcpy(&mem->data[addr], &wrapped, sizeof(t1));            \\\n',
    '    wasm_rt_memcpy(SANDGLASS_AT(mem, addr), &wrapped, sizeof(t1)); \\\n'],
  ['  memset(mem->data + d, val, n);\n', '  memset(SANDGLASS_AT(mem, d), val, n);\n'],
  ['  memmove(dest->data + dest_addr, src->data + src_addr, n);\n',
    '  memmove(SANDGLASS_AT(dest, dest_addr), SANDGLASS_AT(src, src_addr), n);\n'],
];

/** wasm2c's variants for big-endian machines address memory too; they are removed rather than left unrewritten. */
const BIG_ENDIAN_VARIANTS = (
  /^#if WABT_BIG_ENDIAN\nstatic inline void load_data[^]*?^#else\n(static inline void load_data[^]*?)^#endif\n/gm);

/** Whatever still takes the base from the memory member, by any of the names that generated code gives it. */
const BASE_LOADS = (
  /^.*(?:\bmem->data|\bm\.data|\bw2c_memory\.data|->data \+ (?:d|dest_addr, src->data \+ src_addr, n)\b).*$/m);

export function rewriteLinearMemory(source) {
  const variants = source.replaceAll(BIG_ENDIAN_VARIANTS, (_, littleEndian) => littleEndian);
  if (variants !== 1) {
    throw new BuildError(`rewrite "${REWRITE}": expected one block of big-endian variants, found ${variants}`);
  }
  for (const [before, after] of ACCESSES) {
    source.replaceOnce(REWRITE, before, after);
  }
  source.expectNone(REWRITE, BASE_LOADS, 'expected no access through the base pointer to remain');
  source.replaceOnce(REWRITE, '#include "guest.h"\n', `#include "guest.h"\n${PRELUDE}`);
  source.text += LAYOUT_CHECKS;
  return `${ACCESSES.length} accessors address linear memory at a fixed distance`;
}
