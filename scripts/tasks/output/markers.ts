// The lines by which GitHub and GitLab fold the output of an action in a log.

import type { Markers } from './output.ts';

/** Undefined where neither of them shows the log. @param nowSeconds since 1970 */
export function markersFor(
  env: Readonly<Record<string, string | undefined>>,
  nowSeconds: () => number,
): Markers | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') {
    return {
      open: (name) => `::group::${name.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')}\n`,
      close: () => '::endgroup::\n',
    };
  }
  if (env['GITLAB_CI'] !== 'true') return undefined;
  const section = (name: string): string => `hoist_${name.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 80)}`;
  return {
    open: (name) => `\x1b[0Ksection_start:${nowSeconds()}:${section(name)}\r\x1b[0K${name}\n`,
    close: (name) => `\x1b[0Ksection_end:${nowSeconds()}:${section(name)}\r\x1b[0K\n`,
  };
}
