// The reader and writer of WebAssembly binaries.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { ByteReader, ByteWriter } from '../scripts/lib/wasm-bytes.mjs';
import {
  Kind, evaluateOffset, functionType, importSection, memorySection, readModule, readSections, replaceSections, Section,
  signatureText, writeSections,
} from '../scripts/lib/wasm-module.mjs';
import { builtFile, moduleFile } from './support.mjs';

test('unsigned integers survive a round trip in their shortest form', () => {
  for (const [value, length] of [[0, 1], [127, 1], [128, 2], [16383, 2], [16384, 3], [2 ** 31, 5], [2 ** 32 - 1, 5]]) {
    const bytes = new ByteWriter().u32(value).finish();
    assert.equal(bytes.length, length);
    assert.equal(new ByteReader(bytes).u32(), value);
  }
});

test('signed integers survive a round trip in their shortest form', () => {
  for (const [value, length] of [[0, 1], [63, 1], [64, 2], [-64, 1], [-65, 2], [2 ** 31 - 1, 5], [-(2 ** 31), 5]]) {
    const bytes = new ByteWriter().s32(value).finish();
    assert.equal(bytes.length, length);
    assert.equal(new ByteReader(bytes).s32(), value);
  }
});

test('an integer that never ends and a run past the end are errors', () => {
  assert.throws(() => new ByteReader(Buffer.alloc(6, 0x80)).u32(), /integer too long/);
  assert.throws(() => new ByteReader(Buffer.from([1])).run(2), /unexpected end/);
  assert.throws(() => new ByteReader(Buffer.from([5, 0x61])).name(), /unexpected end/);
});

test('something that is no module is refused', () => {
  assert.throws(() => readSections(Buffer.from('#!/bin/sh')), /not a WebAssembly module/);
  assert.throws(() => readSections(Buffer.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0])), /not a WebAssembly module of version 1/);
});

test('a module that is read and written stays the same', () => {
  for (const file of [['quickjs.wasm'], ['extensions', 'url', 'url.so'], ['extensions', 'crypto', 'crypto.so']]) {
    const bytes = fs.readFileSync(builtFile('npm', 'node_modules', 'quickjs-wasi', ...file));
    const { sections, imports } = readModule(bytes);
    assert.ok(writeSections(sections).equals(bytes), file.join('/'));
    const rewritten = importSection(imports);
    const original = sections.find(({ id }) => id === Section.import).body;
    const changed = replaceSections(sections, new Map([[Section.import, rewritten]]));
    assert.deepEqual(readModule(writeSections(changed)).imports, imports);
    assert.ok(rewritten.length <= original.length);
  }
});

test('everything the build asks about a module is read', (t) => {
  const module = readModule(fs.readFileSync(moduleFile(t, `(module
    (import "env" "f" (func (param i32 i64) (result f64)))
    (import "env" "g" (global i32))
    (memory 2 5)
    (table 7 funcref)
    (func $own (export "own") (param f32))
    (elem (i32.const 3) func $own $own)
    (data (i32.const -16) "high")
    (data "passive"))`)));
  assert.deepEqual(module.imports.map(({ module: from, name, kind }) => [from, name, kind]),
    [['env', 'f', Kind.function], ['env', 'g', Kind.global]]);
  assert.deepEqual(module.memories, [{ flags: 1, minimum: 2, maximum: 5 }]);
  assert.equal(module.tables[0].limits.minimum, 7);
  assert.deepEqual(module.exports, [{ name: 'own', kind: Kind.function, index: 1 }]);
  assert.equal(signatureText(functionType(module, 0)), '(i32, i64) -> f64');
  assert.equal(signatureText(functionType(module, 1)), '(f32)');
  assert.deepEqual(module.elements[0].functions, [1, 1]);
  assert.equal(evaluateOffset(module.elements[0].offset), 3);
  assert.equal(evaluateOffset(module.dataSegments[0].offset), -16);
  assert.equal(Buffer.from(module.dataSegments[1].bytes).toString(), 'passive');
  assert.equal(module.dataSegments[1].flags, 1);
});

test('a section that is to be replaced must exist', () => {
  assert.throws(() => replaceSections([], new Map([[Section.memory, memorySection([])]])), /no section 5/);
});
