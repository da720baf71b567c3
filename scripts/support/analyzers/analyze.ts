// All checks of a spec over a bundle: each gives a result, also where what it needs was not collected.

import { messageOf } from '../../base/errors.ts';
import type { AnalyzeResult, Analyzer, BundleReader, CollectorFailure } from '../types.ts';
import { BadCheck, Files, MissingFile, text, type Check, type CheckVerdict, type Spec } from './base/check.ts';
import { goBool } from './base/outcomes.ts';
import { goldpinger } from './cluster/goldpinger.ts';
import * as nodes from './cluster/nodes.ts';
import * as objects from './cluster/objects.ts';
import * as pods from './cluster/pods.ts';
import { clusterResource } from './cluster/resource.ts';
import * as services from './cluster/services.ts';
import * as texts from './cluster/text.ts';
import * as version from './cluster/version.ts';
import * as workloads from './cluster/workloads.ts';
import * as network from './host/network.ts';
import * as system from './host/system.ts';

const cluster: Readonly<Record<string, Check>> = {
  ...version,
  ...nodes,
  ...workloads,
  ...objects,
  ...pods,
  clusterResource,
  goldpinger,
  textAnalyze: texts.textAnalyze,
  jsonCompare: texts.jsonCompare,
  yamlCompare: texts.yamlCompare,
  postgres: services.database('postgres', 'Postgres'),
  mysql: services.database('mysql', 'MySQL'),
  mssql: services.database('mssql', 'Microsoft SQL Server'),
  redis: services.database('redis', 'Redis'),
  clickhouse: services.database('clickhouse', 'ClickHouse'),
  s3Status: services.database('s3Status', 'S3'),
  http: services.http,
  registryImages: services.registryImages,
  sysctl: services.sysctl,
  certificates: services.certificates,
  event: services.event,
  nodeMetrics: services.nodeMetrics,
};

const host: Readonly<Record<string, Check>> = {
  cpu: system.cpu,
  memory: system.memory,
  diskUsage: system.diskUsage,
  hostOS: system.hostOS,
  time: system.time,
  blockDevices: system.blockDevices,
  hostServices: system.hostServices,
  kernelModules: system.kernelModules,
  kernelConfigs: system.kernelConfigs,
  sysctl: system.sysctl,
  systemPackages: system.systemPackages,
  filesystemPerformance: system.filesystemPerformance,
  tcpPortStatus: network.tcpPortStatus,
  udpPortStatus: network.udpPortStatus,
  tcpConnect: network.tcpConnect,
  tcpLoadBalancer: network.tcpLoadBalancer,
  httpLoadBalancer: network.httpLoadBalancer,
  certificate: network.certificate,
  http: network.http,
  ipv4Interfaces: network.ipv4Interfaces,
  subnetAvailable: network.subnetAvailable,
  subnetContainsIP: network.subnetContainsIP,
  registryImages: network.registryImages,
  textAnalyze: texts.textAnalyze,
  jsonCompare: texts.jsonCompare,
};

/**
 * The results of all checks, in their order; nothing here reads more than the bundle.
 * @param nowMs what dates are compared with, in ms since 1970
 */
export async function analyze(
  analyzers: readonly Analyzer[],
  bundle: BundleReader,
  { failures, nowMs }: { failures: readonly CollectorFailure[]; nowMs: number },
): Promise<AnalyzeResult[]> {
  const files = new Files(bundle, nowMs);
  const results: AnalyzeResult[] = [];
  for (const analyzer of analyzers) {
    if (!isTrue(analyzer.spec, 'exclude')) results.push(...(await resultsOf(analyzer, files, failures)));
  }
  return results;
}

/** Words that are none of Go's are false: a check that runs is seen, one that is left out is not. */
function isTrue(spec: Spec, key: string): boolean {
  try {
    return goBool(text(spec, key));
  } catch {
    return false;
  }
}

async function resultsOf(
  analyzer: Analyzer,
  files: Files,
  failures: readonly CollectorFailure[],
): Promise<AnalyzeResult[]> {
  const { kind, spec, place } = analyzer;
  const table = analyzer.host ? host : cluster;
  const check = Object.hasOwn(table, kind) ? table[kind] : undefined;
  const title = text(spec, 'checkName') || (check?.title(spec) ?? kind);
  const verdicts = await verdictsOf(check, { analyzer, files, failures });
  const annotations = spec['annotations'] as Readonly<Record<string, string>> | undefined;
  return verdicts.map((verdict) => ({
    title: verdict.title ?? title,
    message: verdict.message,
    uri: verdict.uri,
    outcome: verdict.outcome,
    reason: verdict.reason,
    strict: isTrue(spec, 'strict'),
    kind,
    host: analyzer.host,
    place,
    annotations,
    ...(check?.icon
      ? { iconKey: check.icon.key, iconUri: `https://troubleshoot.sh/images/analyzer-icons/${check.icon.file}` }
      : {}),
    involvedObject: verdict.involvedObject,
  }));
}

async function verdictsOf(
  check: Check | undefined,
  { analyzer, files, failures }: { analyzer: Analyzer; files: Files; failures: readonly CollectorFailure[] },
): Promise<CheckVerdict[]> {
  if (!check) {
    const message = `Checks of kind "${analyzer.kind}" are not supported`;
    return [{ outcome: 'warn', message, reason: 'not supported' }];
  }
  try {
    return await check.run(analyzer.spec, files);
  } catch (error) {
    if (error instanceof MissingFile) return [missing(check, error, { analyzer, failures })];
    const why = error instanceof BadCheck ? 'cannot be evaluated' : 'failed';
    return [{ outcome: 'fail', message: `This check ${why}: ${messageOf(error)}`, reason: why }];
  }
}

/** Whether a file of this path is one that the collector would have written, by what the spec calls it. */
function writes({ name, names = [], host }: CollectorFailure, path: string): boolean {
  const last = path.slice(path.lastIndexOf('/') + 1).replace(/(-(stdout|stderr|errors|info|previous))?\.\w+$/, '');
  const all = [...names, ...(name === undefined ? [] : [name])];
  return all.some((one) => last === one || (!host && path.startsWith(`${one}/`)));
}

/** What is missing, and what the collector said that should have brought it. */
function missing(
  check: Check,
  { path }: MissingFile,
  { analyzer, failures }: { analyzer: Analyzer; failures: readonly CollectorFailure[] },
): CheckVerdict {
  const reason = 'not collected';
  const wanted = text(analyzer.spec, 'collectorName');
  const anyFile = check.collectors.length === 0;
  const near = failures.filter((failure) =>
    anyFile
      ? (wanted !== '' && failure.name === wanted) || writes(failure, path)
      : check.collectors.includes(failure.kind) && failure.host === analyzer.host,
  );
  const said = near.find((failure) => failure.name === wanted) ?? near[0];
  if (said)
    return { outcome: 'fail', message: `${path} was not collected: ${said.collector}: ${said.message}`, reason };
  // A pattern that matches nothing may have nothing to match: no pod, no such log.
  if (analyzer.kind === 'textAnalyze') return { outcome: 'warn', message: `No matching files: ${path}`, reason };
  const [collector] = check.collectors;
  const hint = collector === undefined ? 'no collector wrote it' : `no collector "${collector}" wrote it`;
  return { outcome: 'fail', message: `${path} was not collected: ${hint}`, reason };
}
