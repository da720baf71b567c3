// Brings the chart of a service into the cache: found in its repository's index, checked, or pulled from an OCI registry.

import { createHash } from 'node:crypto';
import { readFile, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import type { StepContext } from '../../../engine/step.ts';
import { ConfigError, ServicesError, messageOf } from '../../../base/errors.ts';
import { isFileName } from '../../../base/names.ts';
import type { Exec } from '../../../host/exec.ts';
import { collectBounded } from '../../../host/files/bounded.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import type { Environment } from '../../../host/paths.ts';
import { DownloadError, get, shown } from '../../../tools/download/http.ts';
import { chooseVersion, isExact, unknownChart, unknownVersion } from './choose-version.ts';
import { pullCommand } from '../helm-commands.ts';
import { chartDigest } from './digest.ts';
import { HelmError, runHelm } from '../helm.ts';
import { type HelmHome, helmEnvironment } from '../home.ts';
import { readIndex } from './index-file.ts';
import { used } from '../releases/prune.ts';
import { type Repo, authorizationOf, indexFile, repoKey } from './repos.ts';
import { withTemporaryFolder } from '../../../host/files/at-exit.ts';
import type { LocalChart, Service } from '../service.ts';

/** Bytes of a chart's archive: as many as helm takes. */
const CHART_MAX = 100 * 2 ** 20;

export interface FetchTools {
  home: HelmHome;
  env: Environment;
  exec: Exec;
  /** Path of helm. */
  helm: () => Promise<string>;
  /** OCI registries that are asked without TLS, beside those of this machine: hosts, or with their port. */
  plainHttp?: readonly string[] | undefined;
}

/** Which chart is meant, and by whom. */
export type Wanted = Pick<Service, 'name' | 'ref' | 'version' | 'where'>;

/** The chart in the cache, where its version is exact and it was fetched before. */
export async function cachedChart(
  service: Wanted,
  repo: Repo | undefined,
  home: HelmHome,
): Promise<LocalChart | undefined> {
  const { version } = service;
  if (version === undefined || !isExact(version)) return undefined;
  const bare = version.replace(/^v/, '');
  for (const one of [bare, `v${bare}`]) {
    const path = archive(service, repo, one, home);
    if (path === undefined || !(await stat(path).catch(() => undefined))) continue;
    await used(path);
    return { path, digest: await chartDigest(path) };
  }
  return undefined;
}

/** @throws ConfigError where there is no such chart or version; ServicesError where it cannot be had */
export async function fetchChart(
  service: Wanted,
  repo: Repo | undefined,
  tools: FetchTools,
  context: StepContext,
): Promise<LocalChart> {
  if (service.ref.kind === 'oci') return pullChart(service, service.ref.reference, tools, context);
  if (service.ref.kind === 'local' || !repo) throw new Error(`${service.name} has a chart of no repository`);
  return downloadChart({ ...service, chart: service.ref.name }, repo, tools, context);
}

async function downloadChart(
  service: Wanted & { chart: string },
  repo: Repo,
  { home, env }: FetchTools,
  context: StepContext,
): Promise<LocalChart> {
  const { chart: name } = service;
  const index = await readIndex(await readFile(indexFile(home, repo), 'utf8'));
  const charts = (await index?.versions(name)) ?? [];
  const refuse = (setting: string, message: string): ConfigError =>
    new ConfigError([{ ...service.where(setting), message: `service "${service.name}": "${repo.name}" ${message}` }]);
  if (charts.length === 0) throw refuse('chart', unknownChart(name, index?.names() ?? []));
  const versions = charts.map(({ version }) => version);
  const chosen = chooseVersion(versions, service.version);
  const chart = charts.find((one) => one.version === chosen);
  if (!chart) throw refuse('version', unknownVersion(name, service.version, versions));
  const { version } = chart;
  const [url] = chart.urls;
  if (url === undefined) throw new ServicesError(`"${repo.name}" has no address for ${name} ${version}`);
  context.note(`${name} ${version}`);

  const path = archive(service, repo, version, home) ?? '';
  const kept = await chartDigest(path).catch(() => undefined);
  if (kept !== undefined && (chart.digest === undefined || kept === chart.digest)) {
    await used(path);
    return { path, digest: kept };
  }
  if (url.startsWith('oci://'))
    throw new ServicesError(`"${repo.name}" has ${name} as ${url}`, { hint: 'Use that address as the chart.' });
  const base = `${repo.url.replace(/\/$/, '')}/`;
  const address = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (!address || !/^https?:$/.test(address.protocol))
    throw new ServicesError(`"${repo.name}" has no http or https address for ${name} ${version}`);
  const bytes = await downloadBytes(address, repo, env, context);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (chart.digest !== undefined && digest !== chart.digest) {
    throw new ServicesError(
      `the archive of ${name} ${version} from "${repo.name}" has the wrong checksum:\n` +
        `expected sha256 ${chart.digest}\n     got sha256 ${digest}`,
      { hint: 'Do not use it before you know why.' },
    );
  }
  await makeFolder(dirname(path));
  await writeAtomic(path, bytes);
  return { path, digest };
}

async function downloadBytes(url: URL, repo: Repo, env: Environment, context: StepContext): Promise<Buffer> {
  // Credentials are for the repository itself; an index may point anywhere.
  const headers = url.origin === new URL(repo.url).origin ? authorizationOf(repo) : {};
  try {
    const answer = await get(url.href, { env, signal: context.signal, headers });
    return await collectBounded(answer.body, CHART_MAX);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof DownloadError) throw new ServicesError(messageOf(error), { cause: error });
    if (error instanceof RangeError) throw new ServicesError(`${shown(url.href)} cannot be used: ${error.message}`);
    throw new ServicesError(`${shown(url.href)} was cut short: ${messageOf(error)}`, { cause: error });
  }
}

async function pullChart(
  service: Wanted,
  reference: string,
  tools: FetchTools,
  context: StepContext,
): Promise<LocalChart> {
  const { home, env, exec } = tools;
  const folder = folderOf(service, undefined, home) ?? '';
  await makeFolder(folder);
  const pull = async (into: string): Promise<LocalChart> => {
    const host = /^oci:\/\/([^/]+)/.exec(reference)?.[1] ?? '';
    const plainHttp = isPlain(host, tools.plainHttp);
    const { version } = service;
    const command = pullCommand(await tools.helm(), { reference, version, into, plainHttp });
    await runHelm(exec, { command, env: helmEnvironment(home, env), secrets: [], signal: context.signal });
    const [file = ''] = await readdir(into);
    if (!isFileName(file))
      throw new ServicesError(`${reference} cannot be pulled: helm left no archive with a name of one`);
    context.note(file.replace(/\.tgz$/, ''));
    const path = join(folder, file);
    await rename(join(into, file), path);
    return { path, digest: await chartDigest(path) };
  };
  try {
    return await withTemporaryFolder(join(folder, 'pull-'), pull);
  } catch (error) {
    if (!(error instanceof HelmError)) throw error;
    throw new ServicesError(`${reference} cannot be pulled: ${error.message}`, {
      cause: error,
      hint: `See whether it is there in this version; for a private registry \`docker login\` first.`,
    });
  }
}

/** Names below `localhost` are this machine's (RFC 6761): k3d calls its registries so. */
function isPlain(host: string, given: readonly string[] = []): boolean {
  const bare = host.replace(/:\d+$/, '').toLowerCase();
  if (/^(.+\.)?localhost$|^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(bare)) return true;
  return given.some((one) => one.toLowerCase() === host.toLowerCase() || one.toLowerCase() === bare);
}

/** Charts of one origin; undefined for a local one. */
function folderOf({ ref }: Pick<Wanted, 'ref'>, repo: Repo | undefined, home: HelmHome): string | undefined {
  if (ref.kind === 'oci') {
    return join(home.charts, `oci-${createHash('sha256').update(ref.reference).digest('hex').slice(0, 12)}`);
  }
  return ref.kind === 'repo' && repo ? join(home.charts, repoKey(repo)) : undefined;
}

function archive(service: Wanted, repo: Repo | undefined, version: string, home: HelmHome): string | undefined {
  const folder = folderOf(service, repo, home);
  const { ref } = service;
  if (folder === undefined || ref.kind === 'local') return undefined;
  // A tag or a digest is no part of the name that helm gives the archive.
  const name = ref.kind === 'repo' ? ref.name : (/([^/@:]*)(?:[@:][^/]*)?$/.exec(ref.reference)?.[1] ?? '');
  const file = `${name}-${version}.tgz`;
  // Both come from settings, charts and indexes.
  if (!isFileName(file)) throw new ServicesError(`${JSON.stringify(file)} is no name of a chart's archive`);
  return join(folder, file);
}
