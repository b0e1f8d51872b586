// check.mjs accepts a plain module and refuses each thing that must not reach the translator.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { layoutConstant } from '../scripts/lib/layout.mjs';
import {
  GUEST_SOURCE, LAYOUT, builtFile, moduleFile, runGuestScript, temporaryDirectory, wabtTool, writeTemporary,
} from './support.mjs';

const MEMORY = '(memory (export "memory") 1)';
const TABLE = '(table (export "table") 1 funcref)';
const IMPORT = '(import "env" "log" (func $log (param i32)))';
const ENTRY = '(func $entry (export "entry") (param i32) (result i64) (i64.load (local.get 0)))';

/** Runs check.mjs on a module in the text format, with the lists that fit the plain module below. */
function check(t, { text, modulePath = moduleFile(t, text), required = 'function entry(i32) -> i64\nmemory memory\n',
  allowed = 'function env.log(i32)\n', layout = LAYOUT }) {
  const stamp = path.join(temporaryDirectory(t), 'stamp');
  const { status, stderr } = runGuestScript('check.mjs', {
    module: modulePath,
    'required-exports': required.startsWith('/') ? required : writeTemporary(t, 'required.txt', required),
    'allowed-imports': allowed.startsWith('/') ? allowed : writeTemporary(t, 'allowed.txt', allowed),
    layout,
    objdump: wabtTool('wasm-objdump'),
    validate: wabtTool('wasm-validate'),
    stamp,
  });
  assert.equal(fs.existsSync(stamp), status === 0, 'the stamp is written exactly on success');
  return { status, stderr };
}

function assertAccepted(t, options) {
  const { status, stderr } = check(t, options);
  assert.equal(status, 0, stderr);
}

function assertRefused(t, options, message) {
  const { status, stderr } = check(t, options);
  assert.equal(status, 1);
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /\n +at /, 'a message, not a stack');
}

const module_ = (...parts) => `(module ${[IMPORT, ...parts].join('\n')})`;

test('a plain module is accepted', (t) => {
  assertAccepted(t, { text: module_(MEMORY, TABLE, ENTRY, '(elem (i32.const 0) func $entry)') });
});

test('the linked guest and the plain engine are accepted', (t) => {
  const lists = {
    required: path.join(GUEST_SOURCE, 'required-exports.txt'), allowed: path.join(GUEST_SOURCE, 'allowed-imports.txt'),
  };
  assertAccepted(t, { modulePath: builtFile('link', 'guest.wasm'), ...lists });
  assertAccepted(t, { modulePath: builtFile('npm', 'node_modules', 'quickjs-wasi', 'quickjs.wasm'), ...lists });
});

const REFUSED_FEATURES = {
  'a tail call': ['(func $f (return_call $f))', /tail calls \(return_call\).*CVE-2026-90648/],
  'an indirect tail call': ['(func (return_call_indirect (i32.const 0)))', /tail calls \(return_call_indirect\)/],
  'a thrown exception': ['(tag $t) (func (throw $t))', /uses exceptions/],
  'a try block': ['(func (try (do) (catch_all)))', /exceptions \((?:try|catch_all)\)/],
  'an atomic access': ['(func (drop (i32.atomic.load (i32.const 0))))', /threads \(i32\.atomic\.load\)/],
  'an atomic fence': ['(func (atomic.fence))', /threads \(atomic\.fence\)/],
  'a vector instruction': ['(func (drop (v128.load (i32.const 0))))', /SIMD \(v128\.load\)/],
  'a vector constant': ['(func (drop (i32x4.splat (i32.const 0))))', /SIMD \(i32x4\.splat\)/],
  'a vector parameter': ['(func (param v128))', /values of type v128/],
  'a change of the table': [
    '(func (table.fill 0 (i32.const 0) (ref.null func) (i32.const 1)))', /table changes \(table\.fill\)/],
  'growth of the table': [
    '(func (drop (table.grow 0 (ref.null func) (i32.const 1))))', /table changes \(table\.grow\)/],
  'a function reference as a value': [
    '(elem (i32.const 0) func $entry) (func (drop (ref.func $entry)))', /references as values \(ref\.func\)/],
  'an external reference': ['(func (param externref))', /values of type externref/],
  'an imported function in an element segment': [
    '(elem (i32.const 0) func $log)', /imported functions in element segments.*wrong instance/],
  'a passive element segment': ['(elem func $entry)', /element segments that are passive/],
  'an element segment of expressions': [
    '(elem (i32.const 0) funcref (ref.null func))', /element segments that are passive.*expressions/],
};

for (const [what, [part, message]] of Object.entries(REFUSED_FEATURES)) {
  test(`${what} is refused`, (t) => {
    assertRefused(t, { text: module_(MEMORY, TABLE, ENTRY, part) }, message);
  });
}

test('memory64 is refused', (t) => {
  assertRefused(t, { text: module_('(memory (export "memory") i64 1)') }, /memory64/);
});

test('shared memory is refused', (t) => {
  assertRefused(t, { text: module_('(memory (export "memory") 1 2 shared)') }, /shared memory/);
});

test('two memories are refused', (t) => {
  assertRefused(t, { text: module_(MEMORY, '(memory 1)') }, /multiple memories/);
});

test('two tables are refused', (t) => {
  assertRefused(t, { text: module_(MEMORY, TABLE, '(table 1 funcref)') }, /multiple tables/);
});

test('a table of other than functions is refused', (t) => {
  assertRefused(t, { text: module_(MEMORY, '(table 1 externref)') }, /table of other than functions/);
});

test('a memory larger than a slot is refused', (t) => {
  assertRefused(t, { text: module_('(memory (export "memory") 65536)', ENTRY) },
    /starts with 65536 pages; a slot holds 65535/);
  assertAccepted(t, { text: module_('(memory (export "memory") 65535)', ENTRY) });
});

test('unknown imports are refused', (t) => {
  const withImport = (text) => ({ text: `(module ${text} ${ENTRY} ${text.includes('memory') ? '' : MEMORY})` });
  assertRefused(t, withImport('(import "env" "system" (func (param i32)))'), /imports "function env\.system\(i32\)"/);
  assertRefused(t, withImport('(import "other" "log" (func (param i32)))'), /imports "function other\.log\(i32\)"/);
  assertRefused(t, withImport('(import "env" "memory" (memory 1))'), /imports "memory env\.memory"/);
});

test('a known import with another signature is refused', (t) => {
  assertRefused(t, { text: `(module (import "env" "log" (func (param i64))) ${MEMORY} ${ENTRY})` },
    /imports "function env\.log\(i64\)"/);
});

test('a missing export is refused and named', (t) => {
  assertRefused(t, { text: module_('(memory 1)', ENTRY) }, /lacks exports.*: memory memory$/m);
});

test('an export with another signature is refused', (t) => {
  assertRefused(t, { text: module_(MEMORY, '(func (export "entry") (param i64) (result i64) (local.get 0))') },
    /another signature: function entry\(i32\) -> i64/);
});

test('a constant offset must stay below the guard, less the widest access', (t) => {
  const guard = layoutConstant(LAYOUT, 'SANDGLASS_GUARD_BYTES');
  const withOffset = (offset) => ({
    text: module_(MEMORY, ENTRY, `(func (i32.store8 offset=${offset} (i32.const 0) (i32.const 0)))`),
  });
  assertAccepted(t, withOffset(guard - 17));
  assertRefused(t, withOffset(guard - 16),
    new RegExp(`constant offset ${guard - 16};.*SANDGLASS_GUARD_BYTES \\(${guard}\\)`));
  assertRefused(t, withOffset(2 ** 32 - 1), /constant offset 4294967295/);
});

test('the guard size is read from the layout header', (t) => {
  const header = (value) => writeTemporary(t, 'layout.h', `#define SANDGLASS_GUARD_BYTES ${value}\n`);
  const withOffset = module_(MEMORY, ENTRY, '(func (drop (f64.load offset=5000 (i32.const 0))))');
  assertAccepted(t, { text: withOffset, layout: header('(2u * 4096u)') });
  assertRefused(t, { text: withOffset, layout: header('4096') }, /constant offset 5000/);
  assertRefused(t, { text: withOffset, layout: header('sizeof(int)') }, /expected an integer or a product/);
  assertRefused(t, { text: withOffset, layout: writeTemporary(t, 'layout.h', '') }, /does not define SANDGLASS_GUARD_BYTES/);
});

test('an invalid module is refused', (t) => {
  const valid = fs.readFileSync(moduleFile(t, module_(MEMORY, ENTRY)));
  const invalid = Buffer.from(valid);
  const localGet = invalid.indexOf(Buffer.from([0x20, 0x00, 0x29]));
  invalid[localGet + 1] = 9;
  assertRefused(t, { modulePath: writeTemporary(t, 'invalid.wasm', invalid) }, /wasm-validate failed/);
  assertRefused(t, { modulePath: writeTemporary(t, 'cut.wasm', valid.subarray(0, valid.length - 3)) }, /unexpected end/);
});
