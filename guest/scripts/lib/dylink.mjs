// Static linker for WebAssembly side modules ("dylink.0"), the form in which the web APIs are packaged.
//
// A loader would place each side module in the memory and table of the main module at run time, and resolve its
// imports by name. Here the places are chosen at build time, behind what the main module uses itself, and every import
// is renamed so that one run of wasm-merge resolves all of them:
//
//   env.X, exported by the main module         stays; the main module is merged under the name "env"
//   env.X, exported by the side module itself  becomes <side>.<side>.X
//   env.__memory_base, env.__table_base        become link.<side>.__memory_base, …
//   GOT.func.X, GOT.mem.X (addresses)          become link.got.X
//   env.X, known to be missing                 becomes link.trap.X, a function that traps
//   wasi_snapshot_preview1.X                   stays an import of the linked module
//
// "link" is a module written here as text. It holds the bases, the address slots, the traps, and a start function that
// applies the relocations and runs the constructors of each side module. Names that exist only for this purpose contain
// a dot and are removed from the exports afterwards.

import { BuildError } from './build-error.mjs';
import {
  Kind, Section, dataSection, elementSection, evaluateOffset, exportSection, functionType, importSection, memorySection,
  readModule, replaceSections, tableSection, writeSections,
} from './wasm-module.mjs';
import { ByteReader } from './wasm-bytes.mjs';

const PAGE_BYTES = 65536;
const ERRNO_BYTES = 16;
const DYLINK_NAME = 'dylink.0';
const DYLINK_MEM_INFO = 1;
const DYLINK_NEEDED = 2;

export const MAIN_MODULE_NAME = 'env';
export const LINK_MODULE_NAME = 'link';

const alignUp = (value, alignmentLog2) => Math.ceil(value / 2 ** alignmentLog2) * 2 ** alignmentLog2;

/** True for a name that exists only to link; such exports are stripped from the linked module. */
export const isLinkTimeName = (name) => name.includes('.');

function isDylinkSection({ id, body }) {
  return id === Section.custom && new ByteReader(body).name() === DYLINK_NAME;
}

/** Sizes and alignments that a side module asks for: { memorySize, memoryAlignment, tableSize, tableAlignment }. */
function readDylinkInfo(name, sections) {
  const section = sections.find(isDylinkSection);
  if (!section) {
    throw new BuildError(`${name} is not a side module: it has no ${DYLINK_NAME} section`);
  }
  const reader = new ByteReader(section.body);
  reader.name();
  let info;
  while (!reader.atEnd) {
    const type = reader.u8();
    const content = new ByteReader(reader.run(reader.u32()));
    if (type === DYLINK_MEM_INFO) {
      info = {
        memorySize: content.u32(), memoryAlignment: content.u32(),
        tableSize: content.u32(), tableAlignment: content.u32(),
      };
    } else if (type === DYLINK_NEEDED && content.u32() !== 0) {
      throw new BuildError(`${name} needs other shared libraries; only self-contained side modules can be linked`);
    }
  }
  if (!info) {
    throw new BuildError(`${name}: its ${DYLINK_NAME} section does not tell memory and table sizes`);
  }
  return info;
}

function exportedFunctions(module) {
  return new Map(module.exports.filter(({ kind }) => kind === Kind.function).map(({ name, index }) => [name, index]));
}

const watSignature = ({ parameters, results }) => [
  ...parameters.map((type) => `(param ${type})`),
  ...results.map((type) => `(result ${type})`),
].join(' ');

/** The text module that holds everything which belongs to no input. */
class LinkModule {
  #imports = [];
  #definitions = [];
  #startCalls = [];
  #slots = new Set();
  #traps = new Set();
  #needsTable = false;

  addBase(name, value) {
    this.#definitions.push(`(global (export "${name}") i32 (i32.const ${value}))`);
  }

  /** One mutable address slot, shared by all side modules that ask for the same symbol. */
  addAddressSlot(name, addressOf) {
    if (!this.#slots.has(name)) {
      this.#slots.add(name);
      this.#definitions.push(`(global (export "${name}") (mut i32) (i32.const ${addressOf()}))`);
    }
  }

  addTrap(name, type) {
    if (!this.#traps.has(name)) {
      this.#traps.add(name);
      this.#definitions.push(`(func (export "${name}") ${watSignature(type)} unreachable)`);
    }
  }

  addTableEntry(tableIndex, functionName, type) {
    this.#needsTable = true;
    this.#imports.push(`(import "${MAIN_MODULE_NAME}" "${functionName}" (func $${functionName} ${watSignature(type)}))`);
    this.#definitions.push(`(elem (i32.const ${tableIndex}) func $${functionName})`);
  }

  addStartCall(moduleName, functionName) {
    this.#imports.push(`(import "${moduleName}" "${functionName}" (func $${functionName}))`);
    this.#startCalls.push(`(call $${functionName})`);
  }

  finish() {
    const table = this.#needsTable
      ? [`(import "${MAIN_MODULE_NAME}" "__indirect_function_table" (table 0 funcref))`] : [];
    const start = [`(func $start ${this.#startCalls.join(' ')})`, '(start $start)'];
    return `(module\n  ${[...table, ...this.#imports, ...this.#definitions, ...start].join('\n  ')}\n)\n`;
  }
}

/**
 * Prepares modules for one run of wasm-merge.
 *
 * `sides` is [{ name, bytes }]; `knownUnresolved` the set of symbols that may stay without a definition: functions become
 * traps, addresses become null. Any other unresolved symbol is an error, because a newer package may rely on it.
 *
 * Returns { main, sides: [{ name, bytes }], linkText }.
 */
export function prepareLink({ mainBytes, sides, knownUnresolved }) {
  const main = readModule(mainBytes);
  if (main.memories.length !== 1 || main.tables.length !== 1) {
    throw new BuildError('the main module must define exactly one memory and one table');
  }
  const linker = new Linker(main, knownUnresolved);
  const linkedSides = sides.map(({ name, bytes }) => ({ name, bytes: linker.place(name, bytes) }));
  linker.reportUnusedAllowances();
  return { main: linker.finishMain(), sides: linkedSides, linkText: linker.link.finish() };
}

class Linker {
  link = new LinkModule();
  #main;
  #mainFunctions;
  #knownUnresolved;
  #usedAllowances = new Set();
  #memoryEnd;
  #tableEnd;
  #errnoAddress;

  constructor(main, knownUnresolved) {
    this.#main = main;
    this.#mainFunctions = exportedFunctions(main);
    this.#knownUnresolved = knownUnresolved;
    this.#errnoAddress = main.memories[0].minimum * PAGE_BYTES;
    this.#memoryEnd = this.#errnoAddress + ERRNO_BYTES;
    this.#tableEnd = main.tables[0].limits.minimum;
  }

  /** Gives one side module its place, renames its imports, and returns the changed module. */
  place(name, bytes) {
    const module = readModule(bytes);
    const info = readDylinkInfo(name, module.sections);
    const bases = new Map([
      ['__memory_base', alignUp(this.#memoryEnd, info.memoryAlignment)],
      ['__table_base', alignUp(this.#tableEnd, info.tableAlignment)],
    ]);
    this.#memoryEnd = bases.get('__memory_base') + info.memorySize;
    this.#tableEnd = bases.get('__table_base') + info.tableSize;
    for (const [base, value] of bases) {
      this.link.addBase(`${name}.${base}`, value);
    }

    const ownFunctions = exportedFunctions(module);
    const imports = module.imports.map((entry) => this.#resolve(name, module, ownFunctions, entry));
    for (const function_ of ['__wasm_apply_data_relocs', '__wasm_call_ctors']) {
      if (ownFunctions.has(function_)) {
        this.link.addStartCall(name, `${name}.${function_}`);
      }
    }
    const sections = replaceSections(module.sections, new Map([
      [Section.import, importSection(imports)],
      [Section.export, exportSection(keptExports(name, module, imports))],
      ...fixedSegments(name, module, bases),
    ]));
    return writeSections(sections.filter((section) => !isDylinkSection(section)));
  }

  #resolve(sideName, module, ownFunctions, entry) {
    const renamed = (toModule, toName) => ({ ...entry, module: toModule, name: toName });
    if (entry.module === 'GOT.func' || entry.module === 'GOT.mem') {
      const slot = `got.${entry.name}`;
      this.link.addAddressSlot(slot, () => this.#addressOf(sideName, entry.name));
      return renamed(LINK_MODULE_NAME, slot);
    }
    if (entry.module === 'wasi_snapshot_preview1') {
      return entry;
    }
    if (entry.module !== 'env') {
      throw new BuildError(`${sideName} imports ${entry.module}.${entry.name}, a module the linker does not know`);
    }
    if (entry.name === '__memory_base' || entry.name === '__table_base') {
      return renamed(LINK_MODULE_NAME, `${sideName}.${entry.name}`);
    }
    if (entry.kind !== Kind.function || this.#mainFunctions.has(entry.name)) {
      return entry;
    }
    if (ownFunctions.has(entry.name)) {
      return renamed(sideName, `${sideName}.${entry.name}`);
    }
    this.#requireAllowance(sideName, entry.name);
    this.link.addTrap(`trap.${entry.name}`, module.types[entry.typeIndex]);
    return renamed(LINK_MODULE_NAME, `trap.${entry.name}`);
  }

  /** Address of a symbol: a place in memory for errno, a new table entry for a function of the main module. */
  #addressOf(sideName, symbol) {
    if (symbol === 'errno') {
      return this.#errnoAddress;
    }
    if (this.#mainFunctions.has(symbol)) {
      const tableIndex = this.#tableEnd++;
      this.link.addTableEntry(tableIndex, symbol, functionType(this.#main, this.#mainFunctions.get(symbol)));
      return tableIndex;
    }
    this.#requireAllowance(sideName, symbol);
    return 0;
  }

  #requireAllowance(sideName, symbol) {
    if (!this.#knownUnresolved.has(symbol)) {
      throw new BuildError(
        `${sideName} needs ${symbol}, which no module defines. If the engine never reaches it, add it to `
        + 'guest/unresolved-symbols.txt; it will then trap (a function) or be null (an address)');
    }
    this.#usedAllowances.add(symbol);
  }

  reportUnusedAllowances() {
    const unused = [...this.#knownUnresolved].filter((symbol) => !this.#usedAllowances.has(symbol));
    if (unused.length > 0) {
      throw new BuildError(
        `guest/unresolved-symbols.txt lists symbols that are resolved or not needed: ${unused.join(', ')}`);
    }
  }

  /** The main module with its memory and table enlarged by what the side modules occupy. */
  finishMain() {
    const memory = { ...this.#main.memories[0], minimum: Math.ceil(this.#memoryEnd / PAGE_BYTES) };
    const [table] = this.#main.tables;
    // Code may put functions of its own into the table; a maximum equal to the old minimum would forbid the new size.
    const { maximum } = table.limits;
    const limits = { ...table.limits, minimum: this.#tableEnd };
    if (maximum !== undefined) {
      limits.maximum = Math.max(maximum, this.#tableEnd);
    }
    return writeSections(replaceSections(this.#main.sections, new Map([
      [Section.memory, memorySection([memory])],
      [Section.table, tableSection([{ ...table, limits }])],
    ])));
  }
}

/** Exports a side module keeps: its entry points, and what it imports from itself, under a link-time name. */
function keptExports(name, module, imports) {
  const importedFromItself = new Set(imports.filter((entry) => entry.module === name).map((entry) => entry.name));
  return module.exports.filter(({ kind }) => kind === Kind.function).flatMap((entry) => {
    if (entry.name.startsWith('qjs_ext_')) {
      return [entry];
    }
    const linkName = `${name}.${entry.name}`;
    return importedFromItself.has(linkName) || entry.name.startsWith('__wasm_') ? [{ ...entry, name: linkName }] : [];
  });
}

/** Element and data sections with their offsets computed from the bases. */
function fixedSegments(name, module, bases) {
  const globals = module.imports.filter(({ kind }) => kind === Kind.global);
  const globalValue = (index) => {
    const value = bases.get(globals[index]?.name);
    if (value === undefined) {
      throw new BuildError(`${name}: a segment is placed by global ${index}, which is neither memory nor table base`);
    }
    return value;
  };
  const fixed = (segments) => segments.map((segment) => {
    if (segment.flags !== 0) {
      throw new BuildError(`${name}: only active segments of the default memory and table can be linked`);
    }
    return { ...segment, offset: evaluateOffset(segment.offset, globalValue) };
  });
  const result = new Map();
  if (module.elements.length > 0) {
    result.set(Section.element, elementSection(fixed(module.elements)));
  }
  if (module.dataSegments.length > 0) {
    result.set(Section.data, dataSection(fixed(module.dataSegments)));
  }
  return result;
}

/** A module without the exports that served only to link. */
export function stripLinkTimeExports(bytes) {
  const module = readModule(bytes);
  const kept = module.exports.filter(({ name }) => !isLinkTimeName(name));
  return writeSections(replaceSections(module.sections, new Map([[Section.export, exportSection(kept)]])));
}
