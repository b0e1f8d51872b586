// Each rewrite does what it says on the build's real C, and fails if that C looks different.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { GeneratedC, countMatches } from '../scripts/lib/generated-c.mjs';
import { readModule } from '../scripts/lib/wasm-module.mjs';
import { rewriteFastPaths } from '../scripts/rewrites/fast-paths.mjs';
import { rewriteInstanceArgument } from '../scripts/rewrites/instance-argument.mjs';
import { rewriteLinearMemory } from '../scripts/rewrites/linear-memory.mjs';
import { addressesOfString, rewriteStackOverflow } from '../scripts/rewrites/stack-overflow.mjs';
import { builtFile, runGuestScript, temporaryDirectory } from './support.mjs';

const original = fs.readFileSync(builtFile('translated', 'guest.c'), 'utf8');
const module_ = readModule(fs.readFileSync(builtFile('link', 'guest.wasm')));
const count = (text, part) => text.split(part).length - 1;

/** The real C with one change, which must apply, so that a test cannot pass by changing nothing. */
function changed(before, after) {
  const text = original.replace(before, after);
  assert.notEqual(text, original, `the test's change does not apply: ${before}`);
  return new GeneratedC(text);
}

function rewritten(rewrite, ...args) {
  const source = new GeneratedC(original);
  const note = rewrite(source, ...args);
  return { text: source.text, note };
}

test('the whole script rewrites as the build did', (t) => {
  const output = path.join(temporaryDirectory(t), 'guest.c');
  const { status, stderr } = runGuestScript('rewrite.mjs', {
    module: builtFile('link', 'guest.wasm'), input: builtFile('translated', 'guest.c'), output, 'fast-paths': 'required',
  });
  assert.equal(status, 0, stderr);
  assert.equal(fs.readFileSync(output, 'utf8'), fs.readFileSync(builtFile('generated', 'guest.c'), 'utf8'));
});

test('the script fails with a message and writes nothing when a rewrite fails', (t) => {
  const directory = temporaryDirectory(t);
  const [input, output] = ['in.c', 'out.c'].map((name) => path.join(directory, name));
  fs.writeFileSync(input, changed('memset(mem->data + d, val, n)', 'memset(d + mem->data, val, n)').text);
  const { status, stderr } = runGuestScript('rewrite.mjs', {
    module: builtFile('link', 'guest.wasm'), input, output, 'fast-paths': 'required',
  });
  assert.equal(status, 1);
  assert.match(stderr, /^guest: rewrite: rewrite "linear memory": expected exactly one place with/);
  assert.equal(fs.existsSync(output), false);
});

test('linear memory: no access goes through a base pointer', () => {
  const { text } = rewritten(rewriteLinearMemory);
  assert.doesNotMatch(text, /mem->data|m\.data|w2c_memory\.data|mem->size - addr/);
  assert.equal(count(text, 'SANDGLASS_AT('), 7, 'the macro, load, store, fill, copy (2), data segments');
  assert.equal(count(text, '#include "machine/layout.h"\n'), 1);
  assert.equal(count(text, '_Static_assert('), 2);
});

test('linear memory: other accessors fail', () => {
  const refusals = [
    ['wasm_rt_memcpy(&result, &mem->data[addr], sizeof(t1));', 'memcpy(&result, &mem->data[addr], sizeof(t1));'],
    ['wasm_rt_memcpy(&mem->data[addr], &wrapped, sizeof(t1));', '*(t1*)&mem->data[addr] = wrapped;'],
    ['memmove(dest->data + dest_addr, src->data + src_addr, n);\n',
      'memmove(&dest->data[dest_addr], src->data + src_addr, n);\n'],
    ['load_data(&(m.data[o]), i, s)', 'load_data(m.data + o, i, s)'],
    ['#if WABT_BIG_ENDIAN', '#if WABT_LARGE_ENDIAN'],
    ['#include "guest.h"', '#include <guest.h>'],
    ['static void init_globals',
      'static u8* base(wasm_rt_memory_t* mem) { return mem->data; }\nstatic void init_globals'],
  ];
  for (const [before, after] of refusals) {
    assert.throws(() => rewriteLinearMemory(changed(before, after)), /rewrite "linear memory"/, before);
  }
});

test('instance argument: every indirect call passes its own instance', () => {
  const { text } = rewritten(rewriteInstanceArgument);
  const calls = countMatches(original, /CALL_INDIRECT\(instance->/g);
  assert.ok(calls > 200);
  assert.equal(countMatches(text, /CALL_INDIRECT\(instance->w2c_\w+, [^;\n]*, \d+, w2c_\w+, instance[,)]/g), calls);
  assert.doesNotMatch(text, /\.module_instance/);
});

test('instance argument: another form of one call fails', () => {
  const form = /data\[(w2c_i\d)\]\.module_instance/;
  const message = /has \d+ indirect calls, but \d+ have/;
  assert.throws(() => rewriteInstanceArgument(changed(form, 'data[$1 + 0].module_instance')), message);
  assert.throws(() => rewriteInstanceArgument(changed(form, 'data[w2c_p0].module_instance')), message);
  assert.throws(() => rewriteInstanceArgument(new GeneratedC('int x;\n')), /has 0 indirect calls/);
  const otherUse = changed('static void init_globals', 'void* p = t.data[0].module_instance;\nstatic void init_globals');
  assert.throws(() => rewriteInstanceArgument(otherUse), /no other use of a table entry/);
});

test('stack overflow: each raise is noted right before it', () => {
  const { text, note } = rewritten(rewriteStackOverflow, module_);
  assert.match(note, /"Maximum call stack size exceeded" is .* \(1\); "stack overflow" is .* \(2\)/);
  const notes = countMatches(text,
    /\bsandglass_note_stack_overflow\(instance\);\n +(?:w2c_j0 = )?w2c_\w+\(instance, w2c_i0, w2c_i1, w2c_i2\);\n/g);
  assert.equal(notes, 3);
  assert.equal(count(text, 'sandglass_note_stack_overflow'), 3);
  assert.equal(text.replace(/ *sandglass_note_stack_overflow\(instance\);\n/g, ''), original, 'nothing else changed');
});

test('stack overflow: a use in another form fails', () => {
  const [address] = addressesOfString(module_, 'Maximum call stack size exceeded');
  const use = `w2c_i1 = ${address}u;\n  w2c_i2 = 0u;\n`;
  const refusals = {
    'a branch in between': `w2c_i1 = ${address}u;\n  if (w2c_i2) {goto w2c_B0;}\n`,
    'a call in between': `w2c_i1 = ${address}u;\n  w2c_i2 = w2c_f1(instance, w2c_i0);\n`,
    'a change of the address': `w2c_i1 = ${address}u;\n  w2c_i1 = 0u;\n  w2c_i2 = 0u;\n`,
    'another argument': `w2c_i2 = ${address}u;\n  w2c_i1 = 0u;\n`,
    'a store instead of a call': `w2c_i1 = ${address}u;\n  w2c_i2 = 0u;\n  i32_store(&instance->w2c_memory, (u64)(w2c_i0), w2c_i1);\n`,
  };
  for (const [what, form] of Object.entries(refusals)) {
    assert.throws(() => rewriteStackOverflow(changed(use, form), module_),
      /rewrite "stack overflow": the code uses the address/, what);
  }
});

test('stack overflow: a message that is not used or not there fails', () => {
  const [required] = addressesOfString(module_, 'Maximum call stack size exceeded');
  assert.throws(() => rewriteStackOverflow(changed(`${required}u;`, '7u;'), module_),
    /expected at least one function that raises/);
  const withoutData = { ...module_, dataSegments: [] };
  assert.throws(() => rewriteStackOverflow(new GeneratedC(original), withoutData), /addresses of the message: none/);
  const [optional] = addressesOfString(module_, 'stack overflow');
  assert.throws(() => rewriteStackOverflow(changed(new RegExp(`\\b${optional}u;`, 'g'), '7u;'), module_),
    /raises "stack overflow", found none/);
});

test('fast paths: only the slow paths call the originals', () => {
  const { text, note } = rewritten(rewriteFastPaths, { isRequired: true });
  for (const name of ['JS_FreeValueRT', 'JS_FreeValue']) {
    const before = count(original, `w2c_${name}(instance, `);
    assert.ok(before > 50, `${name} is called ${before} times`);
    assert.equal(count(text, `w2c_${name}(instance, `), 1);
    assert.equal(count(text, `sandglass_fast_${name}(instance, `), before);
    assert.equal(count(text, `static inline void sandglass_fast_${name}(`), 1);
    assert.ok(note.includes(`${before} calls of ${name}`));
  }
  const [, poll] = text.match(/sandglass_fast_interrupt_poll\([^]*?return (w2c_f\d+)\(instance, context\);/);
  assert.equal(count(text, `${poll}(instance, `), 1);
  assert.equal(count(text, 'sandglass_fast_interrupt_poll(instance, '), count(original, `${poll}(instance, `));
});

test('fast paths: another body fails, or is skipped with a notice if they are optional', () => {
  const refusals = {
    'another range of counted values': [/w2c_j1 = 18446744035054845952ull;/g, 'w2c_j1 = 18446744035054845951ull;'],
    'another release in a context': [/(static void w2c_JS_FreeValue\(.*\{\n(?:.*\n)*?.*\+ )8u/, '$18u + 4u'],
    'another limit of the count': [/(static void w2c_JS_FreeValueRT\(.*\{[^]*?w2c_i1 = )1u;\n(.* > )/, '$12u;\n$2'],
    'another counter reset': [/w2c_i1 = 10000u;/g, 'w2c_i1 = 10001u;'],
    'a count stored elsewhere': [/(i32_store\(&instance->w2c_memory, \(u64\)\(w2c_i0\) \+ )292, w2c_i1/g, '$1296, w2c_i1'],
    'no such export': [/Z_guestZ_JS_FreeValueRT\(/g, 'Z_guestZ_JS_ReleaseRT('],
  };
  for (const [what, [before, after]] of Object.entries(refusals)) {
    const source = changed(before, after);
    const input = source.text;
    assert.throws(() => rewriteFastPaths(source, { isRequired: true }), /rewrite "fast paths"/, what);
    assert.match(rewriteFastPaths(source, { isRequired: false }), /^NOTICE: no fast paths/, what);
    assert.equal(source.text, input, 'a skipped rewrite changes nothing');
  }
});

test('fast paths: two candidates for the poll fail', () => {
  const anyLines = String.raw`(?:[^}\n].*\n)*?`;
  const reset = String.raw`    w2c_i1 = 10000u;\n`;
  const definition = '^static u32 w2c_f\\d+\\(.*, u32 w2c_p0\\) \\{\\n';
  const [poll] = original.match(new RegExp(`${definition}${anyLines}${reset}${anyLines}\\}\\n`, 'm'));
  assert.throws(() => rewriteFastPaths(new GeneratedC(`${original}${poll}`), { isRequired: true }),
    /body of the interrupt poll, found 2/);
});
