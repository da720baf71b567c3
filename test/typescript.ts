// The compiler, as its own module system loads it: an import looks through nine megabytes for names first, which takes a second.

import { createRequire } from 'node:module';
import type typescript from 'typescript';

export const ts = createRequire(import.meta.url)('typescript') as typeof typescript;
