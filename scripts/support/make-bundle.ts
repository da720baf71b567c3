// Makes a support bundle: collect, redact, analyze, pack; and keeps what there is when it is stopped.

import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Clock } from '../engine/clock.ts';
import type { Subscriber } from '../engine/event.ts';
import { ArchiveWriter, archivePlace, partialOf } from './bundle/archive.ts';
import { OWN_FILES } from './bundle/claims.ts';
import type { LeftOut } from './bundle/store.ts';
import { BundleWriter } from './bundle/writer.ts';
import { type ClusterAccess, probe } from './cluster/reach.ts';
import { lackingRights } from './cluster/rights.ts';
import { LogFetcher } from './collectors/cluster/log-fetcher.ts';
import type { HostReach, Reach } from './collectors/collector.ts';
import type { CollectPlan } from './plan/collect-plan.ts';
import { analysisJson, failureFile, skippedJson } from './report/analysis.ts';
import { pageData } from './page/data.ts';
import { pageHtml, pageParts } from './page/html.ts';
import { summaryText } from './report/summary-text.ts';
import { type Collected, type CollectorReport, collect } from './run/collect.ts';
import type { AnalyzeResult, Analyzer, BundleReader, CollectorFailure, Redactor } from './types.ts';

export interface BundleInputs {
  plan: CollectPlan;
  analyzers: readonly Analyzer[];
  /** Where the archive goes; by default nothing is kept. */
  file: string | undefined;
  access: () => Promise<ClusterAccess>;
  /** Only this namespace is looked at. */
  only: string | undefined;
  redactor: Redactor;
  analyze: (
    analyzers: readonly Analyzer[],
    bundle: BundleReader,
    failures: readonly CollectorFailure[],
  ) => Promise<AnalyzeResult[]>;
  host: HostReach;
  clock: Clock;
  now: () => Date;
  random: () => number;
  concurrency: number;
  timeoutMs: number;
  signal: AbortSignal;
  subscribers: readonly Subscriber[];
  /** Further files, like the user's metadata. */
  extra?: readonly { path: string; content: Buffer }[] | undefined;
  /** Called with what will be missing, before anything is collected. */
  onForbidden?: ((lacking: ReadonlyMap<string, string>) => void) | undefined;
}

export interface BundleResult {
  file: string | undefined;
  reports: readonly CollectorReport[];
  failures: readonly CollectorFailure[];
  results: readonly AnalyzeResult[];
  leftOut: readonly LeftOut[];
  cut: readonly { path: string; bytes: number }[];
  files: number;
  /** Redacted bytes, before they are packed. */
  bytes: number;
  wallMs: number;
  /** Why the cluster could not be reached, where it was asked for. */
  unreachable: string | undefined;
  /** Why the run ended early; what there was by then is in the bundle. */
  stopped?: unknown;
}

/** `support-bundle-2026-01-02T03_04_05`, in the local time as troubleshoot names it. */
export function bundleName(prefix: string, now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `${prefix}-${day}T${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('_')}`;
}

export async function makeBundle(inputs: BundleInputs): Promise<BundleResult> {
  const { file, clock, redactor } = inputs;
  const startMs = clock.now();
  const place = file === undefined ? undefined : await archivePlace(file);
  const partial = place === undefined ? undefined : partialOf(place);
  const folder = file === undefined ? 'bundle' : basename(file).replace(/\.tar\.gz$|\.tgz$/, '');
  const archive = partial === undefined ? undefined : new ArchiveWriter(partial, folder, inputs.now());
  const writer = new BundleWriter({ redactor, archive, reserved: OWN_FILES, signal: inputs.signal });
  try {
    // Its script is bundled meanwhile.
    const page = file === undefined ? undefined : pageParts();
    page?.catch(() => undefined);
    const collected = await gather(inputs, writer);
    const results = await inputs.analyze(inputs.analyzers, writer.reader, collected.failures);
    await addResults(inputs, writer, { collected, results });
    if (page) await addPage(inputs, writer, { page, name: folder, wallMs: clock.now() - startMs, collected, results });
    await writer.finish();
    await archive?.close();
    if (place !== undefined && partial !== undefined) await rename(partial, place);
    return {
      ...collected,
      file,
      results,
      leftOut: writer.leftOut,
      cut: writer.cut,
      files: writer.reader.list().length,
      bytes: writer.bytes,
      wallMs: clock.now() - startMs,
    };
  } catch (error) {
    await archive?.abandon();
    throw error;
  } finally {
    await writer.close();
  }
}

async function gather(
  inputs: BundleInputs,
  writer: BundleWriter,
): Promise<Collected & { unreachable: string | undefined }> {
  const { plan, signal, only } = inputs;
  let reached: Promise<Reach> | undefined;
  const reach = (): Promise<Reach> =>
    (reached ??= (async () => {
      const access = await inputs.access();
      await probe(access, signal);
      const { client, connection, namespace } = access;
      const logItems = plan.items.filter(({ item }) => item.kind === 'logs' && !item.host).map(({ item }) => item);
      return { client, connection, namespace, only, logs: new LogFetcher(client, writer), logItems, unhealthy: [] };
    })());
  let asked: Promise<ReadonlyMap<string, string>> | undefined;
  const forbidden = (): Promise<ReadonlyMap<string, string>> =>
    (asked ??= (async () => {
      const { client } = await reach();
      const ofCluster = plan.items.filter(({ item }) => !item.host);
      const lacking = await lackingRights(client, ofCluster, { namespace: only ?? '', signal });
      if (lacking.size > 0) inputs.onForbidden?.(lacking);
      return lacking;
    })());
  try {
    const collected = await collect({ ...inputs, sink: writer, reach, forbidden });
    const unreachable = await reached?.then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    return { ...collected, unreachable };
  } finally {
    reached?.then(({ client }) => client.close()).catch(() => undefined);
  }
}

async function addResults(
  inputs: BundleInputs,
  writer: BundleWriter,
  { collected, results }: { collected: Collected; results: readonly AnalyzeResult[] },
): Promise<void> {
  const now = inputs.now();
  const { failures, reports } = collected;
  const add = (path: string, content: string | Buffer): Promise<unknown> =>
    writer.addOwn({ path, content: Buffer.from(content) });
  for (const failure of failures) {
    if (failure.reason === 'excluded' || failure.reason === 'forbidden' || failure.reason === 'unsupported') continue;
    const { path, content } = failureFile(failure, now);
    await add(path, content);
  }
  const skipped = skippedJson(failures, now);
  if (skipped !== undefined) await add('skipped-collectors.json', skipped);
  await add('version.yaml', VERSION);
  await add('analysis.json', analysisJson(results));
  for (const { path, content } of inputs.extra ?? []) await add(path, content);
  const { leftOut, cut } = writer;
  const summary = { collectors: reports, leftOut, cut, problems: inputs.plan.problems };
  await add('execution-data/summary.txt', summaryText(summary));
  const hidden = inputs.redactor.report?.();
  if (hidden) await add('execution-data/redactions.json', JSON.stringify(hidden, null, 2));
  await add('execution-data/collect.json', JSON.stringify(summary, null, 2));
}

/** Made of what is redacted already; the reports are so here. */
async function addPage(
  { redactor, now }: BundleInputs,
  writer: BundleWriter,
  {
    page,
    name,
    wallMs,
    collected: { reports: collectors, stopped },
    results,
  }: {
    page: ReturnType<typeof pageParts>;
    name: string;
    wallMs: number;
    collected: Collected;
    results: readonly AnalyzeResult[];
  },
): Promise<void> {
  try {
    const { reader: store, leftOut } = writer;
    const data = await pageData({ name, madeAt: now(), wallMs, stopped, results, collectors, leftOut, store });
    const hidden = redactor.buffer('index.json', Buffer.from(JSON.stringify(data))).toString('utf8');
    await writer.addRedacted('index.html', Buffer.from(pageHtml(await page, hidden)));
  } catch (error) {
    writer.leftOut.push({ path: 'index.html', reason: messageOf(error) });
  }
}

const VERSION = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
spec:
  versionNumber: hoist
`;
