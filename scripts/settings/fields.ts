// The kinds of values that several settings share, each refused with a sentence of its own.

import * as z from 'zod';
import { LABEL, LABEL_RULE } from '../base/names.ts';
import { parseBytes, parseDuration } from './units.ts';

/** A name that Kubernetes accepts for a namespace or a cluster: RFC 1123 label. */
export const label = (max = 63): z.ZodString =>
  z.string().max(max, `must have at most ${max} characters`).regex(LABEL, LABEL_RULE);

/** A text that is parsed once, here: readers of the setting get the number. */
const parsed = (parse: (text: string) => number | undefined, rule: string): z.ZodType<number, string> =>
  z.string(rule).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });

/** Written like `90s`; in ms. */
export const duration = parsed(parseDuration, 'must be a duration like "90s", "10m" or "1m30s"');
/** Written like `1.5G`; in bytes. */
export const bytes = parsed(parseBytes, 'must be a size like "1.5G", "1536Mi" or "2GiB"');

/** Where a secret value comes from. */
export const source = z.union(
  [
    z.strictObject({ env: z.string().min(1).describe('name of the env variable that holds the value') }),
    z.strictObject({ file: z.string().min(1).describe('file that holds the value') }),
  ],
  'must be {env: VARIABLE} or {file: PATH}; a secret never stands in the settings themselves',
);
