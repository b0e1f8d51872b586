// Bundles each entry into one classic script that needs neither modules nor a host: node build.mjs OUTPUT_DIR
// The script leaves a global run(), which does the work and returns a string.

import { build } from 'esbuild';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2];
if (!output) {
  console.error('usage: node build.mjs OUTPUT_DIR');
  process.exit(2);
}

// `import text from 'file?text'` gives the file as a string.
const asText = {
  name: 'text',
  setup(building) {
    const { resolve } = createRequire(join(here, 'entries/'));
    building.onResolve({ filter: /\?text$/ }, ({ path }) => {
      const name = path.slice(0, -'?text'.length);
      const direct = name.startsWith('.') ? join(here, 'entries', name) : resolveFile(resolve, name);
      return { path: direct, namespace: 'text' };
    });
    building.onLoad({ filter: /./, namespace: 'text' }, async ({ path }) => ({
      contents: await readFile(path, 'utf8'),
      loader: 'text',
    }));
  },
};

// A package's `exports` may hide the file, so it is found beside package.json.
function resolveFile(resolve, name) {
  const [packageName, ...rest] = name.split('/');
  return join(dirname(resolve(`${packageName}/package.json`)), ...rest);
}

await mkdir(output, { recursive: true });
const helpers = ['hash.js', 'count_nodes.js'];
const entries = (await readdir(join(here, 'entries'))).filter(
  (name) => name.endsWith('.js') && !helpers.includes(name),
);
for (const name of entries) {
  await build({
    entryPoints: [join(here, 'entries', name)],
    outfile: join(output, name),
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    plugins: [asText],
  });
}
