// Whether the binaries that a provider needs are there, or can be had.

import { HoistError } from '../base/errors.ts';
import { locateTool } from './locate.ts';
import type { ToolOptions } from './options.ts';
import type { ToolName } from './pins.ts';
import { announcement, findSources } from './sources.ts';
import { fail, type Finding, ok, warn } from '../host/preflight/finding.ts';

/** Publishers are asked only for what is missing. */
export async function checkTools(
  names: readonly ToolName[],
  options: ToolOptions,
  signal: AbortSignal,
): Promise<Finding[]> {
  const hint = '`hoist tools fetch` fetches what is missing beforehand.';
  try {
    const located = await Promise.all(names.map((name) => locateTool(name, options)));
    const there = located.filter((tool) => tool !== undefined);
    const missing = names.filter((_, i) => located[i] === undefined);
    const found = there.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`));
    const rows =
      found.length === 0 ? [] : [ok('tools', `${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} there`)];
    if (missing.length === 0) return rows;
    const sources = await findSources(missing, options, signal);
    const lines = announcement(sources, options).map((line) => `the first \`up\` will be ${line}`);
    return [...rows, ...lines.map((line) => warn('missing tools', line, hint))];
  } catch (error) {
    if (!(error instanceof HoistError)) throw error;
    return [fail('tools', error.message, error.hint ?? hint)];
  }
}
