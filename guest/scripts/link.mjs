// Links QuickJS and the side modules of its npm package into one module.
//
//   node link.mjs --package <quickjs-wasi> --binaryen <binaryen> --unresolved <list> --work <dir> --output <guest.wasm>
//
// Deterministic: the same package and the same binaryen give the same bytes.

import fs from 'node:fs';
import path from 'node:path';
import { requiredArguments } from './lib/arguments.mjs';
import { runScript } from './lib/build-error.mjs';
import { LINK_MODULE_NAME, MAIN_MODULE_NAME, prepareLink, stripLinkTimeExports } from './lib/dylink.mjs';
import { readList } from './lib/list-file.mjs';
import { runBinaryen } from './lib/tools.mjs';

/** Side modules in the order of their places in memory; the engine initialises them in any order. */
const SIDE_MODULES = ['encoding', 'url', 'headers', 'crypto', 'structured-clone'];

/** What wabt 1.0.32 can translate. Anything beyond is rejected by binaryen here and by check.mjs again. */
const FEATURES = [
  '--mvp-features', '--enable-bulk-memory', '--enable-mutable-globals', '--enable-sign-ext',
  '--enable-nontrapping-float-to-int', '--enable-multivalue', '--enable-reference-types',
];

const OPTIMISATIONS = [
  '--duplicate-import-elimination', '--simplify-globals-optimizing', '-O2', '--remove-unused-module-elements',
];

runScript('link', () => {
  const options = requiredArguments(['package', 'binaryen', 'unresolved', 'work', 'output']);
  const inWork = (name) => path.join(options.work, name);
  fs.mkdirSync(options.work, { recursive: true });

  const linked = prepareLink({
    mainBytes: fs.readFileSync(path.join(options.package, 'quickjs.wasm')),
    sides: SIDE_MODULES.map((name) => ({
      name: name.replaceAll('-', '_'),
      bytes: fs.readFileSync(path.join(options.package, 'extensions', name, `${name}.so`)),
    })),
    knownUnresolved: new Set(readList(options.unresolved)),
  });

  const inputs = [[MAIN_MODULE_NAME, 'main.wasm', linked.main]];
  for (const { name, bytes } of linked.sides) {
    inputs.push([name, `${name}.wasm`, bytes]);
  }
  inputs.push([LINK_MODULE_NAME, 'link.wat', linked.linkText]);
  inputs.forEach(([, file, content]) => fs.writeFileSync(inWork(file), content));

  const merged = inWork('merged.wasm');
  const stripped = inWork('stripped.wasm');
  const optimised = inWork('optimised.wasm');
  const mergeInputs = inputs.flatMap(([name, file]) => [inWork(file), name]);
  runBinaryen(options.binaryen, 'wasm-merge', [...mergeInputs, ...FEATURES, '-o', merged]);
  fs.writeFileSync(stripped, stripLinkTimeExports(fs.readFileSync(merged)));
  runBinaryen(options.binaryen, 'wasm-opt', [stripped, ...FEATURES, ...OPTIMISATIONS, '-o', optimised]);
  fs.renameSync(optimised, options.output);
});
