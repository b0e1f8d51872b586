// Refuses a guest that wasm2c would mistranslate, that the machine could not contain, or that the engine layer could not
// drive. Writes the stamp only when every check has passed.
//
//   node check.mjs --module <guest.wasm> --required-exports <list> --allowed-imports <list> --layout <layout.h>
//       --objdump <wasm-objdump> --validate <wasm-validate> --stamp <file>

import fs from 'node:fs';
import { requiredArguments } from './lib/arguments.mjs';
import { runScript } from './lib/build-error.mjs';
import { layoutConstant } from './lib/layout.mjs';
import { readList } from './lib/list-file.mjs';
import {
  checkElementSegments, checkExports, checkImports, checkInstructions, checkOffsets, checkStructure,
} from './lib/requirements.mjs';
import { runToolOrFail } from './lib/tools.mjs';
import { disassemble } from './lib/wabt-facts.mjs';
import { readModule } from './lib/wasm-module.mjs';

runScript('check', () => {
  const options = requiredArguments([
    'module', 'required-exports', 'allowed-imports', 'layout', 'objdump', 'validate', 'stamp',
  ]);
  const module = readModule(fs.readFileSync(options.module));
  checkStructure(module);
  checkElementSegments(module);
  const { instructions, largestOffset } = disassemble(options.objdump, options.module);
  checkInstructions(instructions);
  checkImports(module, readList(options['allowed-imports']));
  checkExports(module, readList(options['required-exports']));
  checkOffsets(largestOffset, layoutConstant(options.layout, 'SANDGLASS_GUARD_BYTES'));
  // Last, because its messages do not tell why a feature is refused. SIMD is on by default.
  runToolOrFail(options.validate, ['--disable-simd', options.module]);
  fs.writeFileSync(options.stamp, '');
});
