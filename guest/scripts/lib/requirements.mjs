// What a guest must not use, may import and must export. Each check throws a BuildError that names the feature and tells
// why it is refused.

import { BuildError } from './build-error.mjs';
import {
  KIND_NAMES, Kind, Section, functionType, importedFunctionCount, is64Bit, isShared, sectionBody, signatureText,
} from './wasm-module.mjs';

/** The machine's slots hold at most 65,535 pages, so that the size of linear memory in bytes fits 32 bits. */
const MAX_PAGES = 65535;

/** Widest load or store. */
const WIDEST_ACCESS_BYTES = 16;

const TYPE_FUNCREF = 0x70;
const SUPPORTED_VALUE_TYPES = new Set(['i32', 'i64', 'f32', 'f64']);

const TRANSLATOR_LACKS = 'the translator, wasm2c 1.0.32, does not support it';

const REFUSED_INSTRUCTIONS = [
  {
    feature: 'tail calls',
    pattern: /^return_call/,
    reason: 'the translator has had an escape from the sandbox through them (CVE-2026-90648)',
  },
  {
    feature: 'exceptions',
    pattern: /^(?:try|try_table|catch|catch_all|throw|throw_ref|rethrow|delegate)$/,
    reason: 'they would unwind through setjmp, past the machine\'s own trap handling',
  },
  {
    feature: 'threads',
    pattern: /\batomic\b/,
    reason: 'a VM belongs to one thread at a time and its memory is never shared',
  },
  {
    feature: 'SIMD',
    pattern: /^(?:v128|[if]\d+x\d+)\./,
    reason: TRANSLATOR_LACKS,
  },
  {
    feature: 'table changes',
    pattern: /^(?:table\.(?:set|grow|fill|copy|init)|elem\.drop)$/,
    reason: 'all VMs share one read-only function table',
  },
  {
    feature: 'references as values',
    pattern: /^(?:ref\.|table\.get|call_ref)/,
    reason: 'a function reference would carry an instance pointer that the rewritten code does not use',
  },
];

function refuse(feature, reason) {
  throw new BuildError(`the module uses ${feature}, which is refused: ${reason}`);
}

export function checkStructure(module) {
  const limits = [
    ...module.memories,
    ...module.tables.map((table) => table.limits),
    ...module.imports.map((entry) => entry.limits).filter(Boolean),
  ];
  if (limits.some(is64Bit)) {
    refuse('memory64', `${TRANSLATOR_LACKS}, and a 64-bit address would reach beyond the reserved range`);
  }
  if (limits.some(isShared)) {
    refuse('shared memory', 'a VM belongs to one thread at a time and its memory is never shared');
  }
  if (sectionBody(module.sections, Section.tag) !== undefined) {
    refuse('exceptions', 'they would unwind through setjmp, past the machine\'s own trap handling');
  }
  if (module.memories.length > 1) {
    refuse('multiple memories', 'a slot of address space holds one linear memory');
  }
  if (module.tables.length > 1 || module.tables.some(({ type }) => type !== TYPE_FUNCREF)) {
    refuse('multiple tables or a table of other than functions', 'all VMs share one read-only function table');
  }
  for (const { parameters, results } of module.types) {
    const other = [...parameters, ...results].find((type) => !SUPPORTED_VALUE_TYPES.has(type));
    if (other) {
      refuse(`values of type ${other}`, 'only integers and floating-point numbers can cross the boundary');
    }
  }
  if (module.memories.some(({ minimum }) => minimum > MAX_PAGES)) {
    throw new BuildError(`the module's memory starts with ${module.memories[0].minimum} pages; a slot holds ${MAX_PAGES}`);
  }
}

export function checkElementSegments(module) {
  const imported = importedFunctionCount(module);
  for (const { flags, functions } of module.elements) {
    if (flags !== 0) {
      refuse('element segments that are passive, declared or made of expressions',
        'the function table must be complete and constant after instantiation');
    }
    if (functions.some((index) => index < imported)) {
      refuse('imported functions in element segments',
        'wasm2c 1.0.32 would call them with a wrong instance pointer; link the modules into one');
    }
  }
}

export function checkInstructions(instructions) {
  for (const { feature, pattern, reason } of REFUSED_INSTRUCTIONS) {
    const found = [...instructions].find((name) => pattern.test(name));
    if (found) {
      refuse(`${feature} (${found})`, reason);
    }
  }
}

export function checkOffsets(largestOffset, guardBytes) {
  if (largestOffset + WIDEST_ACCESS_BYTES >= guardBytes) {
    throw new BuildError(`a load or store has the constant offset ${largestOffset}; with ${WIDEST_ACCESS_BYTES} bytes of `
      + `access it must stay below SANDGLASS_GUARD_BYTES (${guardBytes}), or it could reach past the guard`);
  }
}

const entryText = (kind, name, type) => `${KIND_NAMES[kind]} ${name}${type ? signatureText(type) : ''}`;

/** Every import must stand in `allowed`, with the same signature: the host defines these and no others. */
export function checkImports(module, allowed) {
  const known = new Set(allowed);
  for (const { kind, module: from, name, typeIndex } of module.imports) {
    const type = kind === Kind.function ? module.types[typeIndex] : undefined;
    const text = entryText(kind, `${from}.${name}`, type);
    if (!known.has(text)) {
      throw new BuildError(`the module imports "${text}", which is not in guest/allowed-imports.txt: `
        + 'the host does not define it');
    }
  }
}

/** Every line of `required` must be an export, with the same signature: the engine layer calls these. */
export function checkExports(module, required) {
  const exported = new Set(module.exports.map(({ kind, name, index }) => (
    entryText(kind, name, kind === Kind.function ? functionType(module, index) : undefined))));
  const missing = required.filter((text) => !exported.has(text));
  if (missing.length > 0) {
    throw new BuildError('the module lacks exports of guest/required-exports.txt, or exports them with another signature: '
      + missing.join('; '));
  }
}
