// Rewrite (d): the common case of three small functions is inlined at their callers.
//
// The npm package is compiled for size, so the release of a reference and the poll for an interrupt are calls. Each is
// found by export name or by shape, its body is compared with the text that the fast path was written for, and its calls
// are redirected to an inline function that does the common case and calls the original for the rest.
//
// A fast path changes no behaviour: it does what the original would do, or changes nothing and calls it.

import { BuildError } from '../lib/build-error.mjs';
import { ANY_LINES, shapeOf } from '../lib/c-shape.mjs';
import { INSTANCE_PARAMETER, escapeRegExp } from '../lib/generated-c.mjs';

const REWRITE = 'fast paths';

/** Values below this one, compared as unsigned integers, carry no reference count (tags -9 to -1 do). */
const FIRST_COUNTED_VALUE = '18446744035054845952ull';

const RELEASE_SHAPE = shapeOf([
  ANY_LINES,
  'FUNC_PROLOGUE;',
  ANY_LINES,
  'w2c_i0 = instance->w2c___stack_pointer;',
  'w2c_i1 = #frame;',
  'w2c_i0 -= w2c_i1;',
  '#saved = w2c_i0;',
  'instance->w2c___stack_pointer = w2c_i0;',
  'w2c_j0 = w2c_p1;',
  `w2c_j1 = ${FIRST_COUNTED_VALUE};`,
  'w2c_i0 = w2c_j0 < w2c_j1;',
  'if (w2c_i0) {goto #done;}',
  'w2c_j0 = w2c_p1;',
  'w2c_i0 = (u32)(w2c_j0);',
  '#pointer = w2c_i0;',
  'w2c_i1 = 4u;',
  'w2c_i0 -= w2c_i1;',
  '#count = w2c_i0;',
  'w2c_i1 = #count;',
  'w2c_i1 = i32_load(&instance->w2c_memory, (u64)(w2c_i1));',
  '#count = w2c_i1;',
  'w2c_i2 = 1u;',
  'w2c_i1 -= w2c_i2;',
  'i32_store(&instance->w2c_memory, (u64)(w2c_i0), w2c_i1);',
  'w2c_i0 = #count;',
  'w2c_i1 = 1u;',
  'w2c_i0 = (u32)((s32)w2c_i0 > (s32)w2c_i1);',
  'if (w2c_i0) {goto #done;}',
  ANY_LINES,
  '#done:;',
  'w2c_i0 = #saved;',
  'w2c_i1 = #frame;',
  'w2c_i0 += w2c_i1;',
  'instance->w2c___stack_pointer = w2c_i0;',
  'FUNC_EPILOGUE;',
]);

const RELEASE_IN_CONTEXT_SHAPE = (release) => shapeOf([
  'FUNC_PROLOGUE;',
  'u32 w2c_i0;',
  'u64 w2c_j1;',
  'w2c_i0 = w2c_p0;',
  'w2c_i0 = i32_load(&instance->w2c_memory, (u64)(w2c_i0) + #runtime);',
  'w2c_j1 = w2c_p1;',
  `${release}(instance, w2c_i0, w2c_j1);`,
  'FUNC_EPILOGUE;',
]);

const POLL_SHAPE = shapeOf([
  ANY_LINES,
  'FUNC_PROLOGUE;',
  'u32 w2c_i0, w2c_i1, w2c_i2;',
  'w2c_i0 = w2c_p0;',
  'w2c_i1 = w2c_p0;',
  'w2c_i1 = i32_load(&instance->w2c_memory, (u64)(w2c_i1) + #loadOffset);',
  '#counter = w2c_i1;',
  'w2c_i2 = 1u;',
  'w2c_i1 -= w2c_i2;',
  'i32_store(&instance->w2c_memory, (u64)(w2c_i0) + #storeOffset, w2c_i1);',
  'w2c_i0 = #counter;',
  'w2c_i1 = 1u;',
  'w2c_i0 = (u32)((s32)w2c_i0 <= (s32)w2c_i1);',
  'if (w2c_i0) {',
  ANY_LINES,
  'w2c_i0 = w2c_p0;',
  'w2c_i1 = 10000u;',
  'i32_store(&instance->w2c_memory, (u64)(w2c_i0) + #storeOffset, w2c_i1);',
  ANY_LINES,
  '} else {',
  'w2c_i0 = 0u;',
  '}',
  'FUNC_EPILOGUE;',
  'return w2c_i0;',
]);

const RELEASE_PARAMETERS = `${INSTANCE_PARAMETER}, u32 w2c_p0, u64 w2c_p1`;
const POLL_PARAMETERS = `${INSTANCE_PARAMETER}, u32 w2c_p0`;

/** Serves both release functions: `owner` is a runtime or a context, which only the original looks at. */
const releaseHelper = (name, original) => `
static inline void ${name}(${INSTANCE_PARAMETER}, u32 owner, u64 value) {
  if (value < ${FIRST_COUNTED_VALUE}) {
    return;
  }
  u32 count = i32_load(&instance->w2c_memory, (u64)((u32)value - 4u));
  if (LIKELY((s32)count > 1)) {
    i32_store(&instance->w2c_memory, (u64)((u32)value - 4u), count - 1u);
    return;
  }
  ${original}(instance, owner, value);
}
`;

const pollHelper = (name, original, offset) => `
static inline u32 ${name}(${INSTANCE_PARAMETER}, u32 context) {
  u32 counter = i32_load(&instance->w2c_memory, (u64)(context) + ${offset});
  if (LIKELY((s32)counter > 1)) {
    i32_store(&instance->w2c_memory, (u64)(context) + ${offset}, counter - 1u);
    return 0u;
  }
  return ${original}(instance, context);
}
`;

/** The definition of an exported function, checked against its shape; throws MissingShape if it differs. */
function exported(source, exportName, parameters, shape) {
  const name = source.internalName(exportName);
  const definition = name && source.internalFunction(name);
  if (!definition) {
    throw new MissingShape(`expected an internal function behind the export ${exportName}`);
  }
  if (definition.parameters !== parameters || !new RegExp(`^${shape}$`).test(definition.body)) {
    throw new MissingShape(`${exportName} (${name}) has not the body that its fast path was written for`);
  }
  return name;
}

function findRelease(source) {
  const original = exported(source, 'JS_FreeValueRT', RELEASE_PARAMETERS, RELEASE_SHAPE);
  return { label: 'JS_FreeValueRT', original, helper: (name) => releaseHelper(name, original) };
}

function findReleaseInContext(source) {
  const runtimeRelease = source.internalName('JS_FreeValueRT');
  const shape = RELEASE_IN_CONTEXT_SHAPE(runtimeRelease);
  const original = exported(source, 'JS_FreeValue', RELEASE_PARAMETERS, shape);
  return { label: 'JS_FreeValue', original, helper: (name) => releaseHelper(name, original) };
}

/** The poll has no export: it is the only function that counts down a field of its context and resets it to 10000. */
function findPoll(source) {
  const definition = `^static u32 (?<original>w2c_\\w+)\\(${escapeRegExp(POLL_PARAMETERS)}\\) \\{\\n`;
  const pattern = new RegExp(`${definition}(?<body>(?:[^}\\n].*\\n)*)\\}\\n`, 'gm');
  const shape = new RegExp(`^${POLL_SHAPE}$`);
  const found = [];
  for (const { groups: { original, body } } of source.text.matchAll(pattern)) {
    const groups = body.match(shape)?.groups;
    // Loads print their constant offset as unsigned, stores as it is.
    if (groups && groups.loadOffset === `${groups.storeOffset}u`) {
      found.push({ label: 'interrupt poll', original, helper: (name) => pollHelper(name, original, groups.loadOffset) });
    }
  }
  if (found.length !== 1) {
    throw new MissingShape(`expected one function with the body of the interrupt poll, found ${found.length}`);
  }
  return found[0];
}

class MissingShape extends BuildError {
  constructor(message) {
    super(`rewrite "${REWRITE}": ${message}`);
  }
}

/** Sends every call of a function to its inline version, the export's forwarding call included. */
function redirect(source, { label, original }, name) {
  const count = source.replaceAll(new RegExp(`\\b${escapeRegExp(original)}\\(instance, `, 'g'), `${name}(instance, `);
  if (count === 0) {
    throw new MissingShape(`expected calls of ${label} (${original}), found none`);
  }
  return `${count} calls of ${label}`;
}

/**
 * Inlines all fast paths, or none: if one shape is missing, throws when `isRequired`, else leaves the code as it is and
 * says so. All shapes are looked up before anything changes, because one function's body names another.
 */
export function rewriteFastPaths(source, { isRequired }) {
  let found;
  try {
    found = [findRelease(source), findReleaseInContext(source), findPoll(source)];
  } catch (error) {
    if (isRequired || !(error instanceof MissingShape)) {
      throw error;
    }
    return `NOTICE: no fast paths, this module will run slower. ${error.message}`;
  }
  const helperName = ({ label }) => `sandglass_fast_${label.replaceAll(' ', '_')}`;
  const notes = found.map((path) => redirect(source, path, helperName(path)));
  source.insertHelpers(REWRITE, found.map((path) => path.helper(helperName(path))).join(''));
  return `${notes.join(', ')} have an inline fast path`;
}
