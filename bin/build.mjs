// Bundles the command line into dist/, since loading a hundred TypeScript modules one by one costs 0.3 s, and the scripts of
// the HTML pages: `npm run build`.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { registerSources } from './sources.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;
const bundle = `${out}/hoist.cjs`;

/** Modules find files of the project relative to themselves; in the bundle they must start from where they were written. */
const ownUrls = {
  name: 'own-urls',
  setup(bundler) {
    bundler.onLoad({ filter: /\/scripts\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const url = `new URL(${JSON.stringify(relative(out, path))}, bundleUrl$).href`;
      return {
        contents: text
          .replaceAll('import.meta.url', url)
          .replaceAll('import.meta.filename', '__filename')
          // A file that is named at run time: a script has no `import` of its own. And tsx, which looks for its parts in the
          // wrong folder where it is required.
          .replaceAll(/\bimport\((?!['"`])/g, 'import$(')
          .replaceAll("import('tsx/", "import$('tsx/"),
        loader: 'ts',
      };
    });
  },
};

await rm(out, { recursive: true, force: true });
await build({
  entryPoints: [`${root}scripts/cli/hoist.ts`],
  outfile: bundle,
  bundle: true,
  // One script, for which bin/bundle.mjs gives the reasons; what is imported when it is needed is still run only then.
  format: 'cjs',
  supported: { 'dynamic-import': false },
  platform: 'node',
  target: 'node20.19',
  // Large, rarely used, optional, or with parts that are not JavaScript.
  external: ['@opentelemetry/*', '@redis/client', 'esbuild', 'mysql2', 'pg', 'tsx', 'undici', 'zx'],
  // Its ES modules: a bundled CommonJS module has no names when it is imported later.
  alias: { yaml: `${root}node_modules/yaml/browser/index.js` },
  banner: { js: "const bundleUrl$ = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'bundleUrl$' },
  plugins: [ownUrls],
  logLevel: 'warning',
});

await registerSources();
const { prebuildPages } = await import('../scripts/host/page-script.ts');
await prebuildPages(
  ['records/report/page', 'fleet/page/client', 'support/page/client'].map((page) => `${root}scripts/${page}`),
);

// A run that touches nothing compiles most of what others need; where it fails, the bundle only starts later.
const home = await mkdtemp(join(tmpdir(), 'hoist-build-'));
const env = { PATH: process.env.PATH, HOME: home };
const warm = [`${root}bin/warm.mjs`, bundle, 'up', '--plan', '--provider', 'embedded'];
spawnSync(process.execPath, warm, { cwd: home, env, stdio: 'ignore', timeout: 60_000 });
await rm(home, { recursive: true, force: true });
