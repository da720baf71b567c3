// Bundles the command line into dist/, since loading a hundred TypeScript modules one by one costs 0.3 s, and the scripts of
// the HTML pages: `npm run build`.

import { readFile, rm } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { register } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist/cli`;

/** Modules find files of the project relative to themselves; in a chunk they must start from where they were written. */
const ownUrls = {
  name: 'own-urls',
  setup(bundler) {
    bundler.onLoad({ filter: /\/scripts\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const url = `new URL(${JSON.stringify(relative(out, path))}, import.meta.url).href`;
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  entryPoints: [`${root}scripts/cli/hoist.ts`],
  outdir: out,
  bundle: true,
  // What is imported when it is needed stays a file of its own, which is read when it is needed.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Large, rarely used, or with parts that are not JavaScript.
  external: ['@opentelemetry/*', 'esbuild', 'tsx', 'undici', 'zx'],
  // Its ES modules: a bundled CommonJS module has no names when it is imported later.
  alias: { yaml: `${root}node_modules/yaml/browser/index.js` },
  banner: {
    js: "import { createRequire as createRequire$ } from 'node:module'; const require = createRequire$(import.meta.url);",
  },
  plugins: [ownUrls],
  logLevel: 'warning',
});

register({ tsconfig: false });
const { prebuildPages } = await import('../scripts/host/page-script.ts');
await prebuildPages(
  ['records/report/page', 'fleet/page/client', 'support/page/client'].map((page) => `${root}scripts/${page}`),
);
