// The static linker, on the packages that the build installed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { prepareLink, stripLinkTimeExports } from '../scripts/lib/dylink.mjs';
import { readList } from '../scripts/lib/list-file.mjs';
import { readModule } from '../scripts/lib/wasm-module.mjs';
import { GUEST_SOURCE, builtFile, moduleFile, runGuestScript, temporaryDirectory } from './support.mjs';

const PAGE_BYTES = 65536;
const packageFile = (...parts) => builtFile('npm', 'node_modules', 'quickjs-wasi', ...parts);
const knownUnresolved = () => new Set(readList(path.join(GUEST_SOURCE, 'unresolved-symbols.txt')));

function packageInput() {
  const sides = ['encoding', 'url', 'headers', 'crypto', 'structured-clone'].map((name) => ({
    name: name.replaceAll('-', '_'), bytes: fs.readFileSync(packageFile('extensions', name, `${name}.so`)),
  }));
  return { mainBytes: fs.readFileSync(packageFile('quickjs.wasm')), sides, knownUnresolved: knownUnresolved() };
}

test('linking again gives the bytes of the build', (t) => {
  const work = temporaryDirectory(t);
  const output = path.join(work, 'guest.wasm');
  const { status, stderr } = runGuestScript('link.mjs', {
    package: packageFile(), binaryen: builtFile('npm', 'node_modules', 'binaryen'),
    unresolved: path.join(GUEST_SOURCE, 'unresolved-symbols.txt'), work: path.join(work, 'parts'), output,
  });
  assert.equal(status, 0, stderr);
  assert.ok(fs.readFileSync(output).equals(fs.readFileSync(builtFile('link', 'guest.wasm'))));
});

test('side modules lie behind the main module and do not overlap', () => {
  const input = packageInput();
  const { linkText } = prepareLink(input);
  const bases = [...linkText.matchAll(/"(\w+)\.__memory_base"\) i32 \(i32\.const (\d+)\)/g)];
  assert.equal(bases.length, 5);
  let end = readModule(input.mainBytes).memories[0].minimum * PAGE_BYTES;
  for (const [, name, base] of bases) {
    assert.ok(Number(base) >= end, `${name} starts at ${base}, before ${end}`);
    const data = readModule(prepareLink(input).sides.find((side) => side.name === name).bytes).dataSegments;
    end = Math.max(...data.map(({ offset, bytes }) => offset[0].value + bytes.length));
  }
});

test('a symbol that no module defines is refused unless it is listed', () => {
  const input = packageInput();
  input.knownUnresolved.delete('strtof');
  assert.throws(() => prepareLink(input), /url needs strtof, which no module defines/);
});

test('a listed symbol that is not needed is refused', () => {
  const input = packageInput();
  input.knownUnresolved.add('malloc');
  assert.throws(() => prepareLink(input), /resolved or not needed: malloc/);
});

test('a module that is no side module is refused', (t) => {
  const bytes = fs.readFileSync(moduleFile(t, '(module (memory 1))'));
  assert.throws(() => prepareLink({ ...packageInput(), sides: [{ name: 'plain', bytes }] }), /plain is not a side module/);
});

test('an import from an unknown module is refused', () => {
  const input = packageInput();
  const [encoding] = input.sides;
  const bytes = Buffer.from(encoding.bytes);
  bytes.write('\x03emv', bytes.indexOf('\x03env', 0, 'latin1'), 'latin1');
  input.sides = [{ ...encoding, bytes }];
  assert.throws(() => prepareLink(input), /encoding imports emv\..*, a module the linker does not know/);
});

test('names that served to link are stripped, others stay', (t) => {
  const bytes = fs.readFileSync(moduleFile(t, '(module (func (export "a.b")) (func (export "c")))'));
  assert.deepEqual(readModule(stripLinkTimeExports(bytes)).exports.map(({ name }) => name), ['c']);
});

/** The linked module under V8. Only time and random bytes can be asked for; all else fails. */
function startEngine() {
  const module = new WebAssembly.Module(fs.readFileSync(builtFile('link', 'guest.wasm')));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => { throw new Error(`${from}.${name} was called`); };
  }
  imports.wasi_snapshot_preview1.random_get = () => 0;
  imports.wasi_snapshot_preview1.clock_time_get = () => 0;
  const engine = new WebAssembly.Instance(module, imports).exports;
  engine._initialize();
  return engine;
}

function evaluate(engine, context, source) {
  const bytes = Buffer.from(`${source}\0test.js\0`);
  const at = engine.malloc(bytes.length);
  new Uint8Array(engine.memory.buffer).set(bytes, at);
  const value = engine.JS_Eval(context, at, Buffer.byteLength(source), at + Buffer.byteLength(source) + 1, 0);
  const text = engine.JS_ToCStringLen2(context, 0, value, 0);
  const memory = Buffer.from(engine.memory.buffer);
  return memory.toString('utf8', text, memory.indexOf(0, text));
}

test('the linked web APIs work', () => {
  const engine = startEngine();
  const runtime = engine.JS_NewRuntime();
  engine.JS_SetMaxStackSize(runtime, 256 * 1024);
  const context = engine.JS_NewContext(runtime);
  const initialisers = Object.keys(engine).filter((name) => /^qjs_ext_\w+_init$/.test(name));
  assert.equal(initialisers.length, 5);
  initialisers.forEach((name) => assert.equal(engine[name](context, runtime), 0, name));
  const results = {
    'new URL("../x?q=1", "https://user@example.com:8080/a/b/c").href': 'https://user@example.com:8080/a/x?q=1',
    'new TextEncoder().encode("h\\u00e9").join()': '104,195,169',
    'new TextDecoder().decode(new Uint8Array([226, 130, 172])).charCodeAt(0)': '8364',
    '[...new Headers({ B: "2", a: "1" })].join(";")': 'a,1;b,2',
    'typeof crypto.subtle.digest': 'function',
    'structuredClone(new Map([[1, { a: 2 }]])).get(1).a': '2',
  };
  for (const [source, expected] of Object.entries(results)) {
    assert.equal(evaluate(engine, context, source), expected, source);
  }
});

test('the heap does not reach into the side modules', () => {
  const engine = startEngine();
  const mainEnd = readModule(fs.readFileSync(packageFile('quickjs.wasm'))).memories[0].minimum * PAGE_BYTES;
  const linkedEnd = readModule(fs.readFileSync(builtFile('link', 'guest.wasm'))).memories[0].minimum * PAGE_BYTES;
  assert.ok(linkedEnd > mainEnd);
  let isAbove = false;
  for (let count = 0; count < 4000; count++) {
    const block = engine.malloc(1000) >>> 0;
    assert.ok(block !== 0 && (block + 1000 <= mainEnd || block >= linkedEnd), `block at ${block}`);
    isAbove ||= block >= linkedEnd;
  }
  assert.ok(isAbove, 'the heap was not filled far enough for the test to mean anything');
});
