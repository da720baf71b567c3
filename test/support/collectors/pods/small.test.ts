// dns, etcd, goldpinger, customMetrics and s3Status: the files of troubleshoot, and nothing of ours left in the cluster.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../../../scripts/kube/client/client.ts';
import { analyze } from '../../../../scripts/support/analyzers/analyze.ts';
import { startExecServer } from '../../../doubles/exec-server.ts';
import { type Handler, answer, startKubeServer } from '../../../doubles/kube-server.ts';
import { bundleOf, bundleSpec, list, pod } from '../../world.ts';

const test = suite('small collectors');

type Arrived = Parameters<Handler>[0];

/** Answers by `METHOD /path`; what it has no answer for is left to the empty cluster. */
function answering(table: Record<string, object | string | ((arrived: Arrived) => object)>) {
  return (arrived: Arrived, response: Parameters<Handler>[1]): boolean => {
    const found = Object.entries(table).find(([key]) =>
      new RegExp(`^${key}$`).test(`${arrived.method} ${arrived.path}`),
    );
    if (!found) return false;
    const [, content] = found;
    if (typeof content === 'string') response.writeHead(200).end(content);
    else answer(response, 200, typeof content === 'function' ? content(arrived) : content);
    return true;
  };
}

const made = ({ body }: Arrived): object => JSON.parse(body) as object;
const PODS = '/api/v1/namespaces/default/pods';

test('dns: a pod asks, its answers and what stands behind kube-dns are one object', async () => {
  const log =
    '=== /etc/resolv.conf ===\nnameserver 10.43.0.10\nsearch default.svc\n=== dig kubernetes ===\n10.43.0.1\n=== dig non-existent-domain ===\n10.9.9.9\n';
  const { files, requests, result } = await bundleOf(
    bundleSpec('  collectors: [{dns: {nonResolvable: "x.example; rm -rf /"}}]\n'),
    {
      handle: answering({
        'GET /api/v1/namespaces/default/services/kubernetes': { spec: { clusterIP: '10.43.0.1' } },
        'GET /api/v1/namespaces/kube-system/services/kube-dns': { spec: { clusterIP: '10.43.0.10' } },
        'GET /api/v1/namespaces/kube-system/endpoints/kube-dns': {
          subsets: [{ addresses: [{ ip: '10.42.0.5' }], ports: [{ port: 53 }] }],
        },
        'GET /api/v1/namespaces/kube-system/pods': list([pod('kube-system', 'coredns-1', { 'k8s-app': 'kube-dns' })]),
        'GET /api/v1/namespaces/kube-system/configmaps/coredns': { data: { Corefile: '.:53 {\n}\n' } },
        [`POST ${PODS}`]: made,
        [`GET ${PODS}/[^/]+`]: { metadata: { name: 'x' }, spec: { containers: [] }, status: { phase: 'Succeeded' } },
        [`GET ${PODS}/[^/]+/log`]: log,
        [`DELETE ${PODS}/[^/]+`]: {},
      }),
    },
  );
  assert.equal(result.failures, []);
  assert.equal(JSON.parse(files.get('dns/debug.json') ?? ''), {
    kubernetesClusterIP: '10.43.0.1',
    podResolvConf: 'nameserver 10.43.0.10\nsearch default.svc\n',
    query: {
      kubernetes: { name: 'kubernetes', address: '10.43.0.1' },
      nonResolvableDomain: { name: 'x.example; rm -rf /', address: '10.9.9.9' },
    },
    kubeDNSPods: ['coredns-1'],
    kubeDNSService: '10.43.0.10',
    kubeDNSEndpoints: '10.42.0.5:53',
  });
  assert.match(files.get('dns/debug.txt') ?? '', '=== CoreDNS config: \n.:53 {');
  assert.ok(requests.some((one) => one.startsWith(`DELETE ${PODS}/dns-`)));
});

test('etcd: the commands of etcdctl in the static pod; a distribution without one is named', async () => {
  const server = await startExecServer((call) => {
    const [, ...words] = call.command;
    if (words[0] === 'alarm') call.write(2, 'no alarms\n');
    else call.write(1, JSON.stringify({ words: words.slice(0, 2), last: words.at(-1) }));
    call.exit(words[0] === 'member' ? 3 : 0);
  });
  const handle = answering({
    'GET /api/v1/nodes': list([{ metadata: { name: 'n1', labels: { 'kurl.sh/cluster': 'true' } } }]),
    'GET /api/v1/pods': list([pod('kube-system', 'etcd-n1', { component: 'etcd' })]),
  });
  const kube = await startKubeServer((arrived, response) => {
    if (!handle(arrived, response))
      answer(response, 200, { ...list([]), status: { allowed: true }, gitVersion: 'v1.34.2' });
  });
  try {
    const { files, result } = await bundleOf(bundleSpec('  collectors: [{etcd: {}}]\n'), {
      access: () =>
        Promise.resolve({
          client: connect(kube.connection),
          connection: server.connection,
          namespace: 'one',
          context: 'test',
        }),
    });
    assert.equal(
      result.failures.filter(({ kind }) => kind === 'etcd'),
      [],
    );
    assert.equal(JSON.parse(files.get('etcd/endpoint-health.json') ?? ''), {
      words: ['endpoint', 'health'],
      last: 'https://127.0.0.1:2379',
    });
    assert.equal(JSON.parse(files.get('etcd/alarm-list-stderr.json') ?? ''), { stderr: 'no alarms\n' });
    assert.is(server.calls[0]?.path, '/api/v1/namespaces/kube-system/pods/etcd-n1/exec');
    assert.match(JSON.stringify(result.reports), 'etcdctl member list ended with exit code 3');
  } finally {
    await server.close();
    await kube.close();
  }
  const { result } = await bundleOf(bundleSpec('  collectors: [{etcd: {}}]\n'));
  assert.match(result.failures[0]?.message ?? '', 'does not support etcd collector');
});

const PINGS = {
  hosts: [{ podName: 'a' }, { podName: 'b' }],
  responses: {
    a: { OK: true, response: { podResults: { a: { OK: true }, b: { OK: false, error: 'timeout' } } } },
    b: { OK: true, response: { podResults: { a: { OK: true } } } },
  },
};

test("goldpinger: the cluster's own is asked through the API server, and its check names each pair", async () => {
  const checks = '  collectors: [{goldpinger: {}}]\n  analyzers: [{goldpinger: {}}]\n';
  const { files, result } = await bundleOf(bundleSpec(checks), {
    analyze: (analyzers, bundle, failures) => analyze(analyzers, bundle, { failures, nowMs: 0 }),
    handle: answering({
      'GET /api/v1/namespaces/default/services': list([
        { metadata: { name: 'gp', namespace: 'default' }, spec: { ports: [{ port: 81 }] } },
      ]),
      'GET /api/v1/namespaces/default/services/gp:81/proxy/check_all': PINGS,
    }),
  });
  assert.equal(JSON.parse(files.get('goldpinger/check_all.json') ?? ''), PINGS);
  assert.equal(
    result.results.map(({ title, outcome }) => `${outcome} ${title}`),
    [
      'pass Pings to "a" pod succeeded',
      'fail Ping from "a" pod to "b" pod failed',
      'warn Missing ping results for "b" pod',
    ],
  );
});

test('goldpinger: one of our own, with an account that may list pods, and all of it gone afterwards', async () => {
  const base = '/api(s/rbac.authorization.k8s.io)?/v1/namespaces/default/(serviceaccounts|roles|rolebindings)';
  const sets = '/apis/apps/v1/namespaces/default/daemonsets';
  const running = pod('default', 'gp-1', {});
  const { files, requests, result } = await bundleOf(
    bundleSpec('  collectors: [{goldpinger: {collectDelay: 1ms}}]\n'),
    {
      handle: answering({
        [`POST ${base}`]: made,
        [`DELETE ${base}/.*`]: {},
        [`POST ${sets}`]: made,
        [`GET ${sets}/[^/]+`]: { metadata: {}, status: { observedGeneration: 1, desiredNumberScheduled: 1 } },
        [`DELETE ${sets}/.*`]: {},
        [`DELETE ${PODS}`]: {},
        [`GET ${PODS}`]: list([running]),
        [`GET ${PODS}/gp-1:8080/proxy/check_all`]: PINGS,
      }),
    },
  );
  assert.equal(result.failures, []);
  assert.ok(files.has('goldpinger/check_all.json'));
  const names = (method: string): string[] =>
    requests
      .filter((one) => one.startsWith(method) && !one.includes('reviews'))
      .map((one) => one.split('/').at(-1) ?? '');
  assert.is(names('POST').length, 4);
  for (const kind of ['serviceaccounts', 'roles', 'rolebindings', 'daemonsets'])
    assert.ok(
      requests.some((one) => one.startsWith('DELETE') && one.includes(`/${kind}/`)),
      kind,
    );
});

test('customMetrics: a file for each namespace or object; one metric that is not there is a problem alone', async () => {
  const base = '/apis/custom.metrics.k8s.io/v1beta1';
  const value = (described: object): object => ({ describedObject: described, metricName: 'rps', value: '3' });
  const spec = `  collectors:
    - customMetrics:
        metricRequests:
          - {namespace: one, resourceMetricName: pods/rps}
          - {objectName: n1, resourceMetricName: nodes/rps}
          - {resourceMetricName: namespaces/rps}
          - {resourceMetricName: wrong}
`;
  const { files, result, requests } = await bundleOf(bundleSpec(spec), {
    handle: answering({
      [`GET ${base}/namespaces/one/pods/\\*/rps`]: list([
        value({ kind: 'Pod', namespace: 'one', name: 'a' }),
        value({ kind: 'Pod', namespace: 'one', name: 'b' }),
      ]),
      [`GET ${base}/nodes/n1/rps`]: list([value({ kind: 'Node', name: 'n1' })]),
    }),
  });
  assert.is((JSON.parse(files.get('metrics/Pod/rps/one.json') ?? '[]') as unknown[]).length, 2);
  assert.ok(files.has('metrics/Node/rps/n1.json'));
  assert.ok(requests.includes(`GET ${base}/namespace/*/rps`), requests.join('\n'));
  assert.match(files.get('metrics/errors.json') ?? '', 'wrong: resourceMetricName must be KIND/METRIC');
  assert.is(result.reports.find(({ kind }) => kind === 'customMetrics')?.outcome, 'partial');
});

test('s3Status: a signed request for the bucket; what it answers is the result', async () => {
  const seen: { url: string; host: string; authorization: string }[] = [];
  const server = createServer(({ url = '', method, headers }, response) => {
    const { host = '', authorization = '' } = headers;
    seen.push({ url: `${method ?? ''} ${url}`, host, authorization });
    response.writeHead(url.includes('absent') ? 404 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const keys = `endpoint: "${endpoint}", accessKeyID: AKIA1, secretAccessKey: s3cr3tKey, usePathStyle: true`;
    const { files } = await bundleOf(
      bundleSpec(
        `  collectors:\n    - s3Status: {bucketName: data, ${keys}}\n    - s3Status: {bucketName: absent, collectorName: no, ${keys}}\n    - s3Status: {bucketName: b, endpoint: "file:///etc/passwd", collectorName: odd}\n`,
      ),
    );
    const of = (name: string): unknown => JSON.parse(files.get(`s3Status/${name}.json`) ?? '');
    assert.equal(of('s3Status'), { bucketName: 'data', endpoint, region: 'us-east-1', isConnected: true });
    assert.match(JSON.stringify(of('no')), 'answered 404');
    assert.match(JSON.stringify(of('odd')), 'is no address');
    const good = seen.find(({ url }) => url === 'HEAD /data');
    assert.match(good?.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/us-east-1\/s3\/aws4_request/);
    assert.not.ok([...files.values()].some((text) => text?.includes('s3cr3tKey') === true));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.run();
