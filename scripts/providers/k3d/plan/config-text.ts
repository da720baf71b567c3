// The config that k3d reads from stdin: the user's own, untouched, with what no flag of k3d can say.

import { relative } from 'node:path';
import type { NativeConfig } from '../../../settings/k3d/native.ts';
import { atLeast, type K3sVersion } from '../k3s-args/version.ts';

/** What goes to the nodes by way of a config alone. */
export interface Additions {
  /** Variables by name; k3d puts their values in, so that they stand in no command line. */
  env: readonly string[];
  files: readonly { destination: string; content: string; /** Its name. */ setting: string }[];
}

const KUBELET_DROP_IN = '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/50-hoist.conf';
const CA_FILE = '/etc/ssl/certs/hoist-ca.crt';
/** The first k3s whose kubelet reads drop-ins. */
const DROP_INS: K3sVersion = { minor: 32, patch: 1, release: 1 };

/** Whether this k3s has a way to limit parallel pulls; without a known version it is assumed. */
export function takesDropIns(version: K3sVersion | undefined): boolean {
  return version === undefined || atLeast(version, DROP_INS);
}

export function additions(wants: {
  variables: readonly string[];
  certificates: string | undefined;
  maxParallelImagePulls?: number | undefined;
}): Additions {
  const files: Additions['files'][number][] = [];
  if (wants.certificates !== undefined) {
    files.push({ destination: CA_FILE, content: wants.certificates, setting: 'k3d.caCertificates' });
  }
  if (wants.maxParallelImagePulls !== undefined) {
    const content = kubeletDropIn(wants.maxParallelImagePulls);
    files.push({ destination: KUBELET_DROP_IN, content, setting: 'k3d.maxParallelImagePulls' });
  }
  return { env: wants.variables, files };
}

function kubeletDropIn(maxParallelImagePulls: number): string {
  return [
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'kind: KubeletConfiguration',
    'serializeImagePulls: false',
    `maxParallelImagePulls: ${maxParallelImagePulls}`,
    '',
  ].join('\n');
}

/**
 * @param native the user's config, if there is one.
 * @returns undefined where flags say it all.
 */
export async function configText(
  native: Pick<NativeConfig, 'text' | 'sources'> | undefined,
  { env, files }: Additions,
): Promise<string | undefined> {
  const sources = native?.sources ?? [];
  if (env.length === 0 && files.length === 0 && sources.length === 0) return native?.text;
  const { parseDocument } = await import('yaml');
  const document = parseDocument(native?.text ?? 'apiVersion: k3d.io/v1alpha5\nkind: Simple\n');
  // k3d joins each source to the folder of its config, whole paths too, and that of stdin is the working directory.
  for (const { at, path } of sources) document.setIn(['files', at, 'source'], relative(process.cwd(), path));
  const nodeFilters = ['all'];
  const add = (key: string, item: object): void => {
    if (!document.has(key)) document.set(key, document.createNode([]));
    document.addIn([key], document.createNode(item));
  };
  for (const name of env) add('env', { envVar: `${name}=\${${name}}`, nodeFilters });
  for (const { destination, content } of files) {
    add('files', { source: content, destination, description: 'by hoist', nodeFilters });
  }
  return document.toString({ lineWidth: 0 });
}
