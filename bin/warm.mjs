// Keeps what V8 has compiled of a bundle once it has run a command: `node bin/warm.mjs BUNDLE up --plan`. Part of the build.

import { writeFileSync } from 'node:fs';
import { compiledOf, loadBundle } from './bundle.mjs';

const [path] = process.argv.splice(2, 1);
const { exports, script } = loadBundle(path);
await exports.main();
process.once('exit', () => writeFileSync(compiledOf(path), script.createCachedData()));
