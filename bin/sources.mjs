// Lets Node load TypeScript, by tsx. What tsx has transformed it keeps in a folder below the temporary one, whose name any
// user of the machine can take first and fill with code: it gets another place, or none.

import { accessSync, constants, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** For the sources of the checkout, whose transformed text stays beside its packages. */
export async function registerSources() {
  const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
  await withEnv(isWritable(cache) ? { TMPDIR: cache } : { TSX_DISABLE_CACHE: '1' }, registerEsm);
}

/** The loader's thread takes its own copy of the environment when it starts, which is within `register`. */
async function withEnv(values, action) {
  const before = Object.keys(values).map((name) => [name, process.env[name]]);
  Object.assign(process.env, values);
  try {
    await action();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

async function registerEsm() {
  const { register } = await import('tsx/esm/api');
  // The tsconfig.json of the folder it is started in may name any file for any package.
  register({ tsconfig: false });
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
