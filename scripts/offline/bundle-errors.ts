// What is wrong with an offline bundle.

import { CreationError } from '../base/errors.ts';

/** The file is no offline bundle, damaged, or not for this hoist; nothing of it was used. */
export class BundleError extends CreationError {
  constructor(file: string, why: string, options: { cause?: unknown; hint?: string } = {}) {
    super(`${file} cannot be used as an offline bundle: ${why}`, {
      hint: 'Nothing of it was used. Copy it again, or write it again with `hoist bundle save`.',
      ...options,
    });
  }
}
