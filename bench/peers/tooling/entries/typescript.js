// typescript strips the types from a declaration-heavy source, without a checker and without files.
import ts from 'typescript';
import source from './sample.ts?text';
import { hash } from './hash.js';

const text = source.repeat(20);
globalThis.run = () =>
  hash(
    ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2020, module: ts.ModuleKind.ESNext } })
      .outputText,
  );
