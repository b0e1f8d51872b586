// Makes classic scripts that need neither modules nor a host: node build.mjs OUTPUT_DIR
// OUTPUT_DIR/tooling gets each entry, bundled; OUTPUT_DIR/octane programs of the Octane benchmark, as their package has
// them, each in octane/frame.js. A script leaves a global run(), which does the work and returns a string.

import { build } from 'esbuild';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
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

async function bundleEntries(directory) {
  const helpers = ['hash.js', 'count_nodes.js'];
  const entries = (await readdir(join(here, 'entries'))).filter(
    (name) => name.endsWith('.js') && !helpers.includes(name),
  );
  for (const name of entries) {
    await build({
      entryPoints: [join(here, 'entries', name)],
      outfile: join(directory, name),
      bundle: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
      plugins: [asText],
    });
  }
}

// How often each is run, so that it takes an interpreter some tenths of a second, what is seen of its result, and what
// it needs to begin anew.
const octane = {
  richards: { iterations: 20, digest: "'checked'" },
  deltablue: { iterations: 10, digest: 'planner.currentMark' },
  crypto: {
    iterations: 1,
    digest: 'encrypted',
    begin: 'rng_state = null; rng_pptr = 0; rng_pool = rng_pool.map((_, i) => i);',
  },
  raytrace: { iterations: 1, digest: 'checkNumber' },
  'earley-boyer': { iterations: 1, digest: "'checked'" },
  regexp: { iterations: 1, digest: "'checked'" },
  splay: { iterations: 20, digest: 'splayTree.root_.key' },
  'navier-stokes': {
    iterations: 15, // the program looks at its own result after so many
    digest: 'solver.getDens().reduce((sum, one) => sum + one)',
    begin: 'nsFrameCounter = 0; framesTillAddingPoints = 0; framesBetweenAddingPoints = 5;',
  },
};

async function frameOctane(directory) {
  const { resolve } = createRequire(import.meta.url);
  const textOf = (name) => readFile(resolveFile(resolve, `benchmark-octane/lib/octane/${name}.js`), 'utf8');
  const [before, after] = (await readFile(join(here, 'octane/frame.js'), 'utf8')).split('/* the program */');
  const base = await textOf('base');
  await mkdir(directory, { recursive: true });
  for (const [name, { iterations, digest, begin = '' }] of Object.entries(octane)) {
    const settings = [
      `const iterations = ${iterations};`,
      `const begin = () => { ${begin} };`,
      `const digest = () => ${digest};`,
    ];
    const body = [before, base, ...settings, await textOf(name), after].join('\n');
    // The programs are older than strict mode, in which one of the peers evaluates; Function() is never strict by that.
    await writeFile(join(directory, `${name}.js`), `Function(${JSON.stringify(body)})();\n`);
  }
}

await bundleEntries(join(output, 'tooling'));
await frameOctane(join(output, 'octane'));
