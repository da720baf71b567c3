// Whether the repositories and registries can be reached that the charts of services come from, seen from this machine.

import { messageOf } from '../../base/errors.ts';
import type { Environment } from '../../host/paths.ts';
import { type Finding, ok, warn } from '../../host/preflight/finding.ts';
import { parseChartRef } from '../../services/helm/charts/chart-ref.ts';
import type { Settings } from '../../settings/schema.ts';
import { knownRepos } from '../../settings/services-schema.ts';
import { discard, get } from '../../tools/download/http.ts';

/** Resolves with why an address does not answer as it should; undefined where it does. */
export type AddressProbe = (url: string) => Promise<string | undefined>;

const HINT =
  'Services whose charts are not in the cache yet fail. Make it reachable (HTTPS_PROXY is honoured), or name another one.';

/** One row for each that does not answer, with the services that need it, and one for all that do. */
export async function checkChartSources(
  { services, helm }: Pick<Settings, 'services' | 'helm'>,
  probe: AddressProbe,
): Promise<Finding[]> {
  const repos = new Map([...knownRepos, ...helm.repos].map(({ name, url }) => [name, url]));
  const sources = new Map<string, { row: string; url: string; of: string[] }>();
  for (const { name, chart } of services) {
    const ref = parseChartRef(chart, (repo) => repos.has(repo));
    const host = ref.kind === 'oci' ? (/^oci:\/\/([^/]+)/.exec(ref.reference)?.[1] ?? '') : '';
    // Those of this machine come and go with what is tried on it.
    if (ref.kind === 'local' || /^(.+\.)?localhost(:|$)|^127\./.test(host)) continue;
    const plain = ref.kind === 'oci' && helm.plainHttp.some((one) => one === host || one === host.split(':')[0]);
    const [row, url] =
      ref.kind === 'repo'
        ? [`helm repo ${ref.repo}`, `${(repos.get(ref.repo) ?? '').replace(/\/$/, '')}/index.yaml`]
        : [
            `registry ${host}`,
            `${plain ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/`,
          ];
    const known = sources.get(row) ?? { row, url, of: [] };
    known.of.push(name);
    sources.set(row, known);
  }
  const rows = await Promise.all([...sources.values()].map(async (one) => ({ ...one, why: await probe(one.url) })));
  const reached = rows.filter(({ why }) => why === undefined).map(({ row }) => row);
  return [
    ...(reached.length > 0 ? [ok('charts', `${reached.join(', ')}: reached`)] : []),
    ...rows.flatMap(({ row, of, why }) =>
      why === undefined ? [] : [warn(row, `${why}; needed for ${of.join(', ')}`, HINT)],
    ),
  ];
}

/** Asks within seconds; that a registry wants a password is an answer, that a repository has no index is none. */
export function probeAddress(env: Environment, signal: AbortSignal): AddressProbe {
  return async (url) => {
    try {
      discard(await get(url, { env, signal }));
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const status = error instanceof Error && 'status' in error ? error.status : undefined;
      return url.endsWith('/v2/') && status !== undefined ? undefined : messageOf(error);
    }
  };
}
