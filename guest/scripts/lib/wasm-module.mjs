// Reads a WebAssembly binary as far as the build needs it, and writes it back section by section.
//
// Code is not decoded here; wabt's tools do that. Sections keep their raw bytes, so a module that is read and written
// without change stays the same.

import { BuildError } from './build-error.mjs';
import { ByteReader, ByteWriter } from './wasm-bytes.mjs';

export const Section = {
  custom: 0, type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8,
  element: 9, code: 10, data: 11, dataCount: 12, tag: 13,
};

export const Kind = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };
export const KIND_NAMES = ['function', 'table', 'memory', 'global', 'tag'];

const VALUE_TYPES = new Map([
  [0x7f, 'i32'], [0x7e, 'i64'], [0x7d, 'f32'], [0x7c, 'f64'], [0x7b, 'v128'], [0x70, 'funcref'], [0x6f, 'externref'],
]);

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const OPCODE_END = 0x0b;
const OPCODE_GLOBAL_GET = 0x23;
const OPCODE_I32_CONST = 0x41;
const OPCODE_I32_ADD = 0x6a;
const OPCODE_REF_FUNC = 0xd2;
const OPCODE_REF_NULL = 0xd0;

/** Splits `bytes` into `[{ id, body }]`. */
export function readSections(bytes) {
  if (bytes.length < HEADER.length || HEADER.some((byte, index) => bytes[index] !== byte)) {
    throw new BuildError('not a WebAssembly module of version 1');
  }
  const reader = new ByteReader(bytes, HEADER.length);
  const sections = [];
  while (!reader.atEnd) {
    sections.push({ id: reader.u8(), body: reader.run(reader.u32()) });
  }
  return sections;
}

/** Joins `[{ id, body }]` to a module. */
export function writeSections(sections) {
  const writer = new ByteWriter().run(HEADER);
  for (const { id, body } of sections) {
    writer.u8(id).u32(body.length).run(body);
  }
  return writer.finish();
}

/** Body of the only section with this id, or undefined. */
export function sectionBody(sections, id) {
  return sections.find((section) => section.id === id)?.body;
}

function readLimits(reader) {
  const flags = reader.u8();
  const minimum = reader.u32();
  const maximum = flags & 1 ? reader.u32() : undefined;
  return { flags, minimum, maximum };
}

function writeLimits(writer, { flags, minimum, maximum }) {
  writer.u8(flags).u32(minimum);
  if (flags & 1) {
    writer.u32(maximum);
  }
}

export const isShared = (limits) => (limits.flags & 2) !== 0;
export const is64Bit = (limits) => (limits.flags & 4) !== 0;

function readFunctionType(reader) {
  const form = reader.u8();
  if (form !== 0x60) {
    throw new BuildError(`type section: form 0x${form.toString(16)} is not a function type; `
      + 'types of the garbage collection proposal are not supported');
  }
  const readValueTypes = () => reader.vector(() => {
    const code = reader.u8();
    return VALUE_TYPES.get(code) ?? `type 0x${code.toString(16)}`;
  });
  return { parameters: readValueTypes(), results: readValueTypes() };
}

function readImport(reader) {
  const module = reader.name();
  const name = reader.name();
  const start = reader.position;
  const kind = reader.u8();
  const entry = { module, name, kind };
  switch (kind) {
    case Kind.function: entry.typeIndex = reader.u32(); break;
    case Kind.table: reader.u8(); entry.limits = readLimits(reader); break;
    case Kind.memory: entry.limits = readLimits(reader); break;
    case Kind.global: reader.u8(); reader.u8(); break;
    case Kind.tag: reader.u8(); reader.u32(); break;
    default: throw new BuildError(`import ${module}.${name}: unknown kind ${kind}`);
  }
  entry.description = reader.bytes.subarray(start, reader.position);
  return entry;
}

/** Reads a constant expression to a list of { op, value }. Only what a segment offset may hold is understood. */
function readConstantExpression(reader) {
  const steps = [];
  for (;;) {
    const op = reader.u8();
    switch (op) {
      case OPCODE_END: return steps;
      case OPCODE_I32_CONST: steps.push({ op: 'i32.const', value: reader.s32() }); break;
      case OPCODE_GLOBAL_GET: steps.push({ op: 'global.get', value: reader.u32() }); break;
      case OPCODE_I32_ADD: steps.push({ op: 'i32.add' }); break;
      case OPCODE_REF_FUNC: steps.push({ op: 'ref.func', value: reader.u32() }); break;
      case OPCODE_REF_NULL: steps.push({ op: 'ref.null', value: reader.u8() }); break;
      default:
        throw new BuildError(`constant expression: instruction 0x${op.toString(16)} is not supported`);
    }
  }
}

function readElementSegment(reader) {
  const flags = reader.u32();
  const segment = { flags };
  const isActive = (flags & 1) === 0;
  const hasTableIndex = isActive && (flags & 2) !== 0;
  const usesExpressions = (flags & 4) !== 0;
  if (flags > 7) {
    throw new BuildError(`element segment: unknown flags ${flags}`);
  }
  segment.table = hasTableIndex ? reader.u32() : 0;
  if (isActive) {
    segment.offset = readConstantExpression(reader);
  }
  if (flags & 3) {
    reader.u8();
  }
  if (usesExpressions) {
    const steps = reader.vector(() => readConstantExpression(reader));
    segment.functions = steps.flat().filter(({ op }) => op === 'ref.func').map(({ value }) => value);
  } else {
    segment.functions = reader.vector(() => reader.u32());
  }
  return segment;
}

function readDataSegment(reader) {
  const flags = reader.u32();
  if (flags > 2) {
    throw new BuildError(`data segment: unknown flags ${flags}`);
  }
  const segment = { flags };
  segment.memory = flags === 2 ? reader.u32() : 0;
  if (flags !== 1) {
    segment.offset = readConstantExpression(reader);
  }
  segment.bytes = reader.run(reader.u32());
  return segment;
}

/** Reads everything but code and global initialisers. Missing sections give empty lists. */
export function readModule(bytes) {
  const sections = readSections(bytes);
  const items = (id, readItem) => {
    const body = sectionBody(sections, id);
    if (body === undefined) {
      return [];
    }
    const reader = new ByteReader(body);
    return reader.vector(() => readItem(reader));
  };
  return {
    sections,
    types: items(Section.type, readFunctionType),
    imports: items(Section.import, readImport),
    functionTypes: items(Section.function, (reader) => reader.u32()),
    tables: items(Section.table, (reader) => ({ type: reader.u8(), limits: readLimits(reader) })),
    memories: items(Section.memory, readLimits),
    exports: items(Section.export, (reader) => ({ name: reader.name(), kind: reader.u8(), index: reader.u32() })),
    elements: items(Section.element, readElementSegment),
    dataSegments: items(Section.data, readDataSegment),
  };
}

/** Imports of functions come first in the function index space. */
export function importedFunctionCount(module) {
  return module.imports.filter(({ kind }) => kind === Kind.function).length;
}

export function importSection(imports) {
  const writer = new ByteWriter();
  return writer.vector(imports, ({ module, name, description }) => {
    writer.name(module).name(name).run(description);
  }).finish();
}

export function exportSection(exports) {
  const writer = new ByteWriter();
  return writer.vector(exports, ({ name, kind, index }) => {
    writer.name(name).u8(kind).u32(index);
  }).finish();
}

export function memorySection(memories) {
  const writer = new ByteWriter();
  return writer.vector(memories, (limits) => writeLimits(writer, limits)).finish();
}

export function tableSection(tables) {
  const writer = new ByteWriter();
  return writer.vector(tables, ({ type, limits }) => {
    writer.u8(type);
    writeLimits(writer, limits);
  }).finish();
}

/** Type of a function by its index in the function index space, imports first. */
export function functionType(module, index) {
  const imported = module.imports.filter(({ kind }) => kind === Kind.function);
  const typeIndex = index < imported.length ? imported[index].typeIndex : module.functionTypes[index - imported.length];
  const type = module.types[typeIndex];
  if (!type) {
    throw new BuildError(`malformed WebAssembly: function ${index} has no type`);
  }
  return type;
}

/** `(i32, i64) -> i32` */
export function signatureText({ parameters, results }) {
  const result = results.length === 0 ? '' : ` -> ${results.join(', ')}`;
  return `(${parameters.join(', ')})${result}`;
}

/** Element section of active segments with constant offsets: `[{ offset: number, functions }]`. */
export function elementSection(segments) {
  const writer = new ByteWriter();
  return writer.vector(segments, ({ offset, functions }) => {
    writer.u32(0).u8(OPCODE_I32_CONST).s32(offset).u8(OPCODE_END);
    writer.vector(functions, (index) => writer.u32(index));
  }).finish();
}

/** Data section of active segments with constant offsets: `[{ offset: number, bytes }]`. */
export function dataSection(segments) {
  const writer = new ByteWriter();
  return writer.vector(segments, ({ offset, bytes }) => {
    writer.u32(0).u8(OPCODE_I32_CONST).s32(offset).u8(OPCODE_END).u32(bytes.length).run(bytes);
  }).finish();
}

/** The module's sections with some bodies replaced: `replacements` maps section id to a new body. */
export function replaceSections(sections, replacements) {
  const missing = [...replacements.keys()].filter((id) => sectionBody(sections, id) === undefined);
  if (missing.length > 0) {
    throw new BuildError(`the module has no section ${missing.join(', ')} to replace`);
  }
  return sections.map((section) => ({ id: section.id, body: replacements.get(section.id) ?? section.body }));
}

/** Value of an expression made of i32.const, i32.add and global.get; `globalValue(index)` answers the last. */
export function evaluateOffset(steps, globalValue) {
  const stack = [];
  for (const { op, value } of steps) {
    switch (op) {
      case 'i32.const': stack.push(value); break;
      case 'global.get': stack.push(globalValue(value)); break;
      case 'i32.add': stack.push((stack.pop() + stack.pop()) | 0); break;
      default: throw new BuildError(`segment offset: ${op} is not an integer`);
    }
  }
  if (stack.length !== 1) {
    throw new BuildError('segment offset: expected one value');
  }
  return stack[0];
}
