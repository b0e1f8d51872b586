// guest_info.h, and the pin it describes.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { layoutConstant } from '../scripts/lib/layout.mjs';
import { readModule } from '../scripts/lib/wasm-module.mjs';
import { GUEST_SOURCE, LAYOUT, builtFile, moduleFile, runGuestScript, temporaryDirectory, wabtTool } from './support.mjs';

function fact(name) {
  const header = fs.readFileSync(builtFile('generated', 'guest_info.h'), 'utf8');
  return header.match(new RegExp(`^#define SANDGLASS_GUEST_${name} (.*)$`, 'm'))?.[1];
}

test('the facts are those of the linked module', () => {
  const bytes = fs.readFileSync(builtFile('link', 'guest.wasm'));
  const module = readModule(bytes);
  assert.equal(fact('SHA256'), `"${crypto.createHash('sha256').update(bytes).digest('hex')}"`);
  assert.equal(fact('ENGINE_VERSION'), '"quickjs-ng 0.17.0"');
  assert.equal(fact('PACKAGE'), '"quickjs-wasi 3.6.2"');
  assert.equal(fact('INITIAL_PAGES'), `${module.memories[0].minimum}u`);
  assert.equal(fact('TABLE_SIZE'), `${module.tables[0].limits.minimum}u`);
  assert.equal(fact('IMPORTS_ENV'), '1');
  assert.equal(fact('IMPORTS_WASI'), '1');
  const largestOffset = parseInt(fact('LARGEST_OFFSET'), 10);
  assert.ok(largestOffset > 65536 && largestOffset + 16 < layoutConstant(LAYOUT, 'SANDGLASS_GUARD_BYTES'));
});

test('a module that does not answer with a version is refused', (t) => {
  const modulePath = moduleFile(t, `(module
    (memory (export "memory") 1)
    (table 1 funcref)
    (data (i32.const 8) "no\\" version")
    (func (export "JS_GetVersion") (result i32) (i32.const 8)))`);
  const { status, stderr } = runGuestScript('info.mjs', {
    module: modulePath,
    objdump: wabtTool('wasm-objdump'),
    package: 'substituted',
    output: path.join(temporaryDirectory(t), 'info.h'),
  });
  assert.equal(status, 1);
  assert.match(stderr, /does not look like a version/);
});

test('the pin is exact, has integrity hashes and names no host', () => {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(GUEST_SOURCE, 'package.json'), 'utf8'));
  const lockText = fs.readFileSync(path.join(GUEST_SOURCE, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lockText);
  assert.doesNotMatch(lockText, /resolved|https?:/);
  assert.deepEqual(Object.keys(packages).sort(), ['', 'node_modules/binaryen', 'node_modules/quickjs-wasi']);
  for (const [name, version] of Object.entries(dependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(packages[`node_modules/${name}`].version, version);
    assert.match(packages[`node_modules/${name}`].integrity, /^sha512-[A-Za-z0-9+/]{86}==$/);
  }
});
