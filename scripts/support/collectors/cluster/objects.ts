// nodeMetrics, certificates and helm: what stands in objects of the cluster, and in its kubelets.

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HoistError, messageOf } from '../../../base/errors.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { parseBool } from '../../spec/schema.ts';
import { parseChain } from '../certificate-chain.ts';
import { type Collector, type Reach, type Running, firstText, json, list } from '../collector.ts';
import { listAll } from './lists.ts';

interface Holder extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

/** What each kubelet says of its pods' use, of all nodes at once; one that does not answer is a problem of its own. */
export const nodeMetrics: Collector = {
  title: 'node-metrics',
  claim: () => 'node-metrics/{node}.json',
  rights: () => [
    { verb: 'list', resource: 'nodes' },
    { verb: 'get', resource: 'nodes', subresource: 'proxy' },
  ],
  async run(running) {
    const { item, sink, signal, suffix } = running;
    const { client } = await running.cluster();
    const [names, selector] = [list(item.spec, 'nodeNames'), list(item.spec, 'selector')];
    const labelSelector = selector.length === 0 ? undefined : selector.join(',');
    const found =
      names.length > 0 && labelSelector === undefined
        ? []
        : (await listAll(client, { path: '/api/v1/nodes', labelSelector, signal })).items.map(
            ({ metadata }) => metadata.name,
          );
    const nodes = [...new Set([...names, ...found])];
    const good = await Promise.all(
      nodes.map(async (node) => {
        try {
          const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary`;
          const { status, body } = await client.request({ path, signal, timeoutMs: 15_000 });
          if (status !== 200) throw new HoistError(`the kubelet answered ${status}`);
          await sink.add({ path: `node-metrics/${node}${suffix}.json`, content: Buffer.from(body) });
          return true;
        } catch (error) {
          running.problem(`node ${node}: ${messageOf(error)}`);
          return false;
        }
      }),
    );
    signal.throwIfAborted();
    if (nodes.length > 0 && !good.includes(true)) throw new HoistError('no kubelet answered');
  },
};

/** Certificates in Secrets and ConfigMaps: whom they are for and how long. */
export const certificates: Collector = {
  claim: () => 'certificates/certificates.json',
  async run(running) {
    const { item, sink, suffix } = running;
    const reach = await running.cluster();
    const sources = (['secrets', 'configMaps'] as const).flatMap((key) => {
      const value = item.spec[key];
      const entries = Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
      return entries.flatMap((entry) =>
        list(entry, 'namespaces').map((namespace) => ({ key, namespace, name: firstText(entry, 'name') ?? '' })),
      );
    });
    const results = await Promise.all(sources.map((source) => chainsOf(running, reach, source)));
    await sink.add({ path: `certificates/certificates${suffix}.json`, content: json(results.flat()) });
  },
};

async function chainsOf(
  { signal }: Running,
  { client }: Reach,
  { key, namespace, name }: { key: 'secrets' | 'configMaps'; namespace: string; name: string },
): Promise<object[]> {
  const source = { [key === 'secrets' ? 'secret' : 'configMap']: name, namespace };
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${key.toLowerCase()}/${encodeURIComponent(name)}`;
    const { data = {} } = await client.json<Holder>({ path, signal, attempts: 3 });
    const texts = Object.entries(data).map(([file, value]) => ({
      file,
      text: key === 'secrets' ? Buffer.from(value, 'base64').toString('utf8') : value,
    }));
    const errors: string[] = [];
    const chain = texts.flatMap(({ file, text }) => {
      if (!text.includes('BEGIN CERTIFICATE')) errors.push(`No certificates found in ${file}`);
      else {
        try {
          return parseChain(text).map((one) => ({ ...one, certificate: file }));
        } catch (error) {
          errors.push(`${file}: ${messageOf(error)}`);
        }
      }
      return [];
    });
    return [
      { source, ...(errors.length > 0 ? { errors } : {}), ...(chain.length > 0 ? { certificateChain: chain } : {}) },
    ];
  } catch (error) {
    const missing = error instanceof KubeApiError && error.status === 404;
    return [{ source, errors: [missing ? `${key.toLowerCase()} "${name}" not found` : messageOf(error)] }];
  }
}

interface Release {
  name: string;
  namespace: string;
  version: number;
  info?: { status?: string; last_deployed?: string };
  chart?: { metadata?: { name?: string; version?: string; appVersion?: string } };
  config?: Record<string, unknown>;
}

const unzip = promisify(gunzip);
/** Bytes of a release that are still unpacked. */
const RELEASE_BYTES = 64 << 20;

/** Releases of helm with their history; one that cannot be read costs no other. */
export const helm: Collector = {
  claim: ({ spec }) => `helm/${firstText(spec, 'namespace') ?? '*'}/${firstText(spec, 'releaseName') ?? '*'}`,
  rights: ({ spec }) => [{ verb: 'list', resource: 'secrets', namespace: firstText(spec, 'namespace') }],
  async run(running) {
    const { item, sink, signal, suffix } = running;
    const { client, only } = await running.cluster();
    const namespace = firstText(item.spec, 'namespace') ?? only;
    const wanted = firstText(item.spec, 'releaseName');
    const base =
      namespace === undefined ? '/api/v1/secrets' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
    const labelSelector = ['owner=helm', ...(wanted === undefined ? [] : [`name=${wanted}`])].join(',');
    const { items } = await listAll<Holder>(client, { path: base, labelSelector, signal });
    const errors: string[] = [];
    const releases = new Map<string, Release[]>();
    for (const { metadata, data } of items) {
      try {
        const packed = Buffer.from(Buffer.from(data?.['release'] ?? '', 'base64').toString('latin1'), 'base64');
        const text = await unzip(packed, { maxOutputLength: RELEASE_BYTES });
        const release = JSON.parse(text.toString('utf8')) as Release;
        const key = `${metadata.namespace ?? ''}/${release.name}`;
        releases.set(key, [...(releases.get(key) ?? []), release]);
      } catch (error) {
        errors.push(`${metadata.namespace ?? ''}/${metadata.name}: ${messageOf(error)}`);
      }
    }
    const withValues = parseBool(item.spec['collectValues']) === true;
    const files = new Map<string, object[]>();
    for (const [key, history] of releases) {
      const of = key.split('/')[0] ?? '';
      const file = wanted === undefined ? `helm/${of}${suffix}.json` : `helm/${of}/${wanted}${suffix}.json`;
      files.set(file, [...(files.get(file) ?? []), releaseOf(history, withValues)]);
    }
    for (const [path, content] of files) await sink.add({ path, content: json(content) });
    if (errors.length > 0) await sink.add({ path: `helm/errors${suffix}.json`, content: json(errors) });
    for (const error of errors) running.problem(error);
    if (files.size === 0) running.note('no releases');
  },
};

function releaseOf(history: readonly Release[], withValues: boolean): object {
  const sorted = [...history].sort((a, b) => a.version - b.version);
  const last = sorted.at(-1);
  const { name, version, appVersion } = last?.chart?.metadata ?? {};
  return {
    releaseName: last?.name,
    chart: name,
    chartVersion: version,
    appVersion,
    namespace: last?.namespace,
    releaseHistory: sorted.map(({ version: revision, info, config }) => ({
      revision: String(revision),
      date: info?.last_deployed ?? '',
      status: info?.status ?? '',
      ...(info?.status?.startsWith('pending') === true ? { isPending: true } : {}),
      ...(withValues ? { values: config ?? {} } : {}),
    })),
  };
}
