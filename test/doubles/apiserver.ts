// A real API server for tests: etcd and the Kubernetes components as child processes, one set for the whole test process.

import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect } from '../../scripts/kube/client/client.ts';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { exec } from '../../scripts/host/execa.ts';
import { stagesText } from '../../scripts/providers/embedded/stages.ts';
import { toolFile } from '../../scripts/tools/options.ts';
import { PINS } from '../../scripts/tools/pins.ts';
import { certificateFiles } from './certificates.ts';

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;
type Component = (typeof names)[number];

export interface TestCluster {
  /** As a member of system:masters, by client certificate. */
  connection: KubeConnection;
  /** A token of system:masters. */
  token: string;
  /** Path of a kubeconfig, for comparisons with kubectl. */
  kubeconfig: string;
  folder: string;
  /** Where the server writes down every deletion, one JSON object per line; only where that was asked for. */
  auditLog: string;
  /** The running components, to be stopped or suspended by a test. */
  processes: Readonly<Partial<Record<Component, ChildProcess>>>;
  stop(): void;
}

let folder: string | undefined;

/**
 * A folder that holds all binaries: `HOIST_TEST_BIN`, else one with links to those that hoist itself uses.
 * Undefined where they are not there, and the tests are to be skipped.
 */
export function binaries(): string | undefined {
  const own = process.env['HOIST_TEST_BIN'];
  if (own !== undefined) return names.every((name) => isExecutable(join(own, name))) ? own : undefined;
  const files = names.map((name) => ({ name, file: toolFile(PINS[name], { env: process.env, exec }) }));
  if (!files.every(({ file }) => isExecutable(file))) return undefined;
  if (folder === undefined) {
    const made = (folder = mkdtempSync(join(tmpdir(), 'hoist-test-bin-')));
    for (const { name, file } of files) symlinkSync(file, join(made, name));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return folder;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

let shared: Promise<TestCluster> | undefined;

/** The cluster that all tests of this process share; it ends with the process. */
export function sharedCluster(): Promise<TestCluster> {
  shared ??= startCluster();
  return shared;
}

/**
 * Starts a cluster and resolves when its API is ready and the controllers run.
 * @param options.audit whether deletions are written down
 */
export async function startCluster({ audit = false } = {}): Promise<TestCluster> {
  const bin = binaries();
  if (bin === undefined) throw new Error('no Kubernetes binaries: set HOIST_TEST_BIN');
  const folder = mkdtempSync(join(tmpdir(), 'hoist-test-'));
  const [etcdPort, peerPort, port, kcmPort, schedulerPort] = await freePorts(5);
  const processes: Partial<Record<Component, ChildProcess>> = {};
  const stop = (): void => {
    for (const child of Object.values(processes)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  const start = (name: Component, ...args: string[]): void => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    const child = spawn(join(bin, name), args, { stdio: ['ignore', log, log], cwd: folder });
    child.unref();
    processes[name] = child;
  };

  const token = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const accountKey = join(folder, 'sa.key');
  writeFileSync(accountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const pki = certificateFiles(folder);
  const server = `https://127.0.0.1:${port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText(server, pki));

  const auditLog = join(folder, 'audit.log');
  const auditPolicy = join(folder, 'audit.yaml');
  const rules = [{ level: 'Metadata', verbs: ['delete', 'deletecollection'] }];
  if (audit) writeFileSync(auditPolicy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));

  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  start(
    'etcd',
    ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...[
      '--listen-peer-urls',
      peerUrl,
      '--initial-advertise-peer-urls',
      peerUrl,
      '--initial-cluster',
      `default=${peerUrl}`,
    ],
  );
  start(
    'kube-apiserver',
    ...['--etcd-servers', etcdUrl, '--secure-port', String(port), '--bind-address', '127.0.0.1'],
    ...['--tls-cert-file', pki.cert, '--tls-private-key-file', pki.key, '--client-ca-file', pki.cert],
    ...['--token-auth-file', join(folder, 'tokens.csv'), '--authorization-mode', 'RBAC'],
    ...['--service-account-key-file', accountKey, '--service-account-signing-key-file', accountKey],
    ...['--service-account-issuer', server, '--service-cluster-ip-range', '10.96.0.0/16'],
    ...(audit
      ? ['--audit-policy-file', auditPolicy, '--audit-log-path', auditLog, '--audit-log-mode', 'blocking']
      : []),
    // A machine may have no other address.
    ...['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none'],
  );
  const connection: KubeConnection = {
    server,
    ca: readFileSync(pki.cert, 'utf8'),
    clientCertificate: readFileSync(pki.cert, 'utf8'),
    clientKey: readFileSync(pki.key, 'utf8'),
  };
  await untilReady(connection, processes);
  const access = ['--kubeconfig', kubeconfig, '--leader-elect=false', '--bind-address', '127.0.0.1'];
  const limits = ['--kube-api-qps', '300', '--kube-api-burst', '600'];
  start(
    'kube-controller-manager',
    ...[...access, ...limits, '--secure-port', String(kcmPort), '--cert-dir', join(folder, 'kcm')],
    ...['--service-account-private-key-file', accountKey, '--root-ca-file', pki.cert],
  );
  start(
    'kube-scheduler',
    ...[...access, ...limits, '--secure-port', String(schedulerPort), '--cert-dir', join(folder, 'scheduler')],
  );
  const stages = join(folder, 'stages.yaml');
  writeFileSync(stages, stagesText());
  start(
    'kwok',
    ...['--kubeconfig', kubeconfig, '--config', stages],
    ...['--manage-all-nodes=true', '--node-lease-duration-seconds', '40'],
  );
  return { connection, token, kubeconfig, folder, auditLog, processes, stop };
}

/** Resolves when no thread of the process runs any more: the signal reaches them one after another. */
export async function suspend(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  const tasks = `/proc/${child.pid}/task`;
  // Elsewhere nothing tells.
  if (!existsSync(tasks)) return setTimeout(1_000);
  const isRunning = (task: string): boolean => !readFileSync(join(tasks, task, 'stat'), 'utf8').includes(') T ');
  while (readdirSync(tasks).some(isRunning)) await setTimeout(5);
}

async function untilReady(
  connection: KubeConnection,
  processes: Partial<Record<Component, ChildProcess>>,
): Promise<void> {
  const client = connect(connection);
  const deadline = performance.now() + 60_000;
  try {
    for (;;) {
      const dead = Object.entries(processes).find(([, child]) => child.exitCode !== null);
      if (dead !== undefined) throw new Error(`${dead[0]} ended with code ${dead[1].exitCode}`);
      if (performance.now() > deadline) throw new Error('the API server is not ready after 60 s');
      const answer = await client.request({ path: '/readyz', timeoutMs: 5_000 }).catch(() => undefined);
      if (answer?.status === 200) return;
      await setTimeout(50);
    }
  } finally {
    client.close();
  }
}

function kubeconfigText(server: string, pki: { cert: string; key: string }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': pki.cert } }],
    users: [{ name: 'test', user: { 'client-certificate': pki.cert, 'client-key': pki.key } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
