// Whether a release is of the chart that the settings name: its version, and where the chart is on this disk its content.

import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TreeDifference } from '../../../base/tree-diff.ts';
import { readTextBounded } from '../../../host/files/bounded.ts';
import { readRange, readVersion } from '../charts/version-range.ts';
import { inputsOf } from '../inputs.ts';
import type { LocalChart, Service } from '../service.ts';
import type { ReleaseRecord } from './installed.ts';
import type { ReleaseState } from './releases.ts';

/** Of a chart that has to be fetched, only whether the version that is deployed is one that the settings allow. */
export async function chartDifferences(
  service: Pick<Service, 'name' | 'namespace' | 'values' | 'withoutWebhooks' | 'version' | 'chart'>,
  state: Pick<ReleaseState, 'inputs' | 'revision'>,
  { chart: deployed, config }: Pick<ReleaseRecord, 'chart' | 'config'>,
): Promise<TreeDifference[]> {
  const { chart, values } = service;
  const have = deployed?.metadata?.version;
  const want = (await versionOf(chart)) ?? (allows(service.version, have) ? have : service.version);
  if (want !== undefined && want !== have) return [{ path: 'version', have, want }];
  // What it was released from is known where hoist did that, and tells a chart apart where the values are the same.
  const sameValues = isDeepStrictEqual(config ?? {}, JSON.parse(values.text));
  if (!chart || state.inputs === undefined || !sameValues || state.inputs === inputsOf(service, chart)) return [];
  return [{ path: 'chart', have: `as released in revision ${state.revision}`, want: `changed since in ${chart.path}` }];
}

function allows(wanted: string | undefined, have: string | undefined): boolean {
  if (wanted === undefined || wanted === have) return true;
  const version = readVersion(have ?? '');
  return version !== undefined && (readRange(wanted)?.(version) ?? false);
}

/** Undefined where it is not in a folder, or cannot be read. */
async function versionOf(chart: LocalChart | undefined): Promise<string | undefined> {
  if (!chart) return undefined;
  const text = await readTextBounded(join(chart.path, 'Chart.yaml')).catch(() => undefined);
  if (text === undefined) return undefined;
  const { parse } = await import('yaml');
  const { version } = ((): { version?: unknown } => {
    try {
      return (parse(text) as { version?: unknown } | null) ?? {};
    } catch {
      return {};
    }
  })();
  return typeof version === 'string' ? version : undefined;
}
