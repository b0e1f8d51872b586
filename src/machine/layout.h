// The contract between the translated guest and the machine that runs it.
//
// Included by the generated C (guest/), by the machine, and by nothing else. Plain C.
//
// One slot of address space:
//
//   slot                     slot + SANDGLASS_HEADER_BYTES              + 4 GiB
//   | header: instance struct | linear memory, committed as it grows ... | guard |
//
// The instance struct is placed so that linear memory starts exactly SANDGLASS_MEMORY_DISTANCE
// bytes after its `w2c_memory` member. Generated loads and stores therefore need no base pointer:
// the address is `instance + constant + guest address`.
#pragma once

#define SANDGLASS_MEMORY_DISTANCE 2048
#define SANDGLASS_HEADER_BYTES 4096

// Bytes of no-access address space after the 4 GiB of linear memory. A wasm load or store reaches
// at most (2^32 - 1) + constant offset + 8; the build refuses a guest whose largest constant offset
// does not stay below this.
#define SANDGLASS_GUARD_BYTES 2097152

#ifdef __cplusplus
extern "C" {
#endif

// Called by the guest (a rewrite of the generated code inserts it) wherever the engine raises its
// "Maximum call stack size exceeded" error. Leaf: counts the event on the instance, never blocks,
// never unwinds. `instance` is the wasm2c instance struct.
void sandglass_note_stack_overflow(void* instance);

#ifdef __cplusplus
}
#endif
