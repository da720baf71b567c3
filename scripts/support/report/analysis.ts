// Results and failures in the shapes that viewers of support bundles read.

import type { AnalyzeOutcome, AnalyzeResult, CollectorFailure } from '../types.ts';

const SEVERITY: Readonly<Record<AnalyzeOutcome, string>> = { fail: 'error', warn: 'warn', pass: 'debug' };

/** The content of analysis.json. */
export function analysisJson(results: readonly AnalyzeResult[]): string {
  return JSON.stringify(results.map(entryOf), null, 2);
}

function entryOf({ title, message, outcome, iconKey = '', iconUri = '', involvedObject }: AnalyzeResult): object {
  const name = title.toLowerCase().replace(/[^a-zA-Z0-9]+/g, '.');
  const severity = SEVERITY[outcome];
  const labels = { iconKey, iconUri };
  return {
    name,
    labels: { desiredPosition: '1', ...labels },
    insight: { name, labels, primary: title, detail: message, severity },
    severity,
    analyzerSpec: '',
    ...(outcome === 'fail' ? { error: message } : {}),
    ...(involvedObject === undefined ? {} : { involvedObject }),
  };
}

/** The content of skipped-collectors.json; undefined where none was skipped. */
export function skippedJson(failures: readonly CollectorFailure[], now: Date): string | undefined {
  const reasons: Partial<Record<CollectorFailure['reason'], string>> = {
    excluded: 'excluded',
    forbidden: 'insufficient RBAC permissions',
    unsupported: 'not supported',
  };
  const skipped = failures.flatMap(({ collector, reason, message }) => {
    const why = reasons[reason];
    return why === undefined ? [] : [{ collector, reason: why, errors: [message], timestamp: now.toISOString() }];
  });
  return skipped.length === 0 ? undefined : JSON.stringify(skipped);
}

/** What troubleshoot calls host collectors that have no name, where that is not their kind. */
const HOST_TITLES: Readonly<Record<string, string>> = {
  blockDevices: 'Block Devices',
  certificate: 'Certificate Key Pair',
  certificatesCollection: 'Host Certificates Collection',
  cpu: 'CPU Info',
  diskUsage: 'Disk Usage',
  filesystemPerformance: 'Filesystem Performance',
  hostOS: 'Host OS Info',
  hostServices: 'Host Services',
  http: 'HTTP Request',
  httpLoadBalancer: 'HTTP Load Balancer',
  ipv4Interfaces: 'IPv4 Interfaces',
  kernelConfigs: 'kernel-configs',
  kernelModules: 'Kernel Modules',
  memory: 'Amount of Memory',
  registryImages: 'Registry Images',
  run: 'Run Host',
  subnetAvailable: 'Subnet Available',
  sysctl: 'Sysctl',
  systemPackages: 'System Packages',
  tcpConnect: 'TCP Connection Attempt',
  tcpLoadBalancer: 'TCP Load Balancer',
  tcpPortStatus: 'TCP Port Status',
  time: 'Time',
  udpPortStatus: 'UDP Port Status',
};

/** The file that describes a failed collector: its path and content. */
export function failureFile(
  { collector, kind, name: given, host, message }: CollectorFailure,
  now: Date,
): { path: string; content: Buffer } {
  const title = host ? (given ?? HOST_TITLES[kind] ?? kind) : collector;
  const content = { collector: title, error: message, timestamp: now.toISOString() };
  return {
    // Slashes of a title are folders, as in troubleshoot's bundles.
    path: `${host ? 'host-collectors/errors' : 'collector-errors'}/${title}-error.json`,
    content: Buffer.from(JSON.stringify(content)),
  };
}
