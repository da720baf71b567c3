import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countLine } from '../../../scripts/providers/k3d/caches/cache-status.ts';
import { currentRecords } from '../../../scripts/providers/k3d/nodes/heal.ts';
import { connectionFrom, kubeconfigText } from '../../../scripts/providers/k3d/access/kubeconfig.ts';
import {
  isFatal,
  parseK3dLine,
  startingNode,
  tellsKubeconfig,
} from '../../../scripts/providers/k3d/create/node-log.ts';
import { nodeEnv, proxyVariables } from '../../../scripts/providers/k3d/plan/proxies.ts';
import { fixture } from './world.ts';

const texts = suite('texts of k3d, k3s and registries');
const lines = (name: string): string[] => readFileSync(fixture(name), 'utf8').trimEnd().split('\n');

texts('lines of k3d, plain and coloured', () => {
  const plain = `time="2026-11-22T06:45:35Z" level=info msg="Starting node 'k3d-x-server-0'"`;
  const coloured = "\u001b[36mINFO\u001b[0m[0000] Starting node 'k3d-x-server-0'        ";
  for (const line of [plain, coloured]) {
    assert.equal(parseK3dLine(line), { level: 'info', message: "Starting node 'k3d-x-server-0'" });
    assert.is(startingNode(parseK3dLine(line)), 'k3d-x-server-0');
  }
  const quoted = 'time="2026-11-22T06:45:35Z" level=fatal msg="unknown command \\"nope\\""';
  assert.equal(parseK3dLine(quoted), { level: 'fatal', message: 'unknown command "nope"' });
  assert.equal(parseK3dLine('kubectl cluster-info'), { level: 'other', message: 'kubectl cluster-info' });
  assert.is(startingNode(parseK3dLine("Creating node 'k3d-x-server-0'")), undefined);
});

texts('no line of a node that boots well is fatal, and its kubeconfig is noticed', () => {
  for (const name of ['server-boots', 'agent-joins']) {
    assert.equal(lines(name).filter(isFatal), [], name);
  }
  assert.is(lines('server-boots').filter(tellsKubeconfig).length, 1);
});

for (const [name, first] of [
  ['server-bad-flag', 'Incorrect Usage: flag provided but not defined: -no-such-flag'],
  ['server-bad-component-flag', 'Error: unknown flag: --no-such-flag'],
  ['agent-bad-kubelet-flag', /^Error: .*unknown flag: --max-parallelism/],
  ['server-no-k3s-in-image', /^touch: /],
] as const) {
  texts(`${name}: the first fatal line is the one that says why`, () => {
    const found = lines(name).find(isFatal) ?? '';
    if (typeof first === 'string') assert.is(found, first);
    else assert.match(found, first);
  });
}

texts('an image for another architecture, and a join that only has to be tried again', () => {
  assert.ok(isFatal('exec /bin/k3d-entrypoint.sh: exec format error'));
  assert.ok(isFatal('/bin/k3d-entrypoint.sh: line 27: /bin/k3s: not found'));
  assert.not(isFatal('time="x" level=fatal msg="etcd cluster join failed: too many learner members"'));
});

texts('credentials out of the kubeconfig of k3s, and into one with our context', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const k3s = `clusters:\n- cluster:\n    certificate-authority-data: ${base64('CA')}\n    server: https://127.0.0.1:6443\nusers:\n- user:\n    client-certificate-data: ${base64('CERT')}\n    client-key-data: ${base64('KEY')}\n`;
  const connection = connectionFrom(k3s, 'https://127.0.0.1:40001');
  assert.equal(connection, {
    server: 'https://127.0.0.1:40001',
    ca: 'CA',
    clientCertificate: 'CERT',
    clientKey: 'KEY',
  });
  const own = kubeconfigText('dev', connection);
  assert.match(own, /current-context: "hoist-dev"/);
  assert.equal(connectionFrom(own, 'https://127.0.0.1:40001'), connection);
  assert.throws(() => connectionFrom('apiVersion: v1\n', 'https://x'), /not one that k3s wrote/);
});

texts('records of DNS get the addresses that containers have now', () => {
  const hosts = '172.18.0.1 host.k3d.internal\n172.18.0.3 k3d-dev-server-0\n172.18.0.4 k3d-dev-agent-0\n';
  const member = (name: string, address: string) => ({ id: name, name, address });
  const members = [member('k3d-dev-server-0', '172.18.0.4'), member('k3d-dev-agent-0', '172.18.0.3')];
  assert.is(
    currentRecords(hosts, members),
    '172.18.0.1 host.k3d.internal\n172.18.0.4 k3d-dev-server-0\n172.18.0.3 k3d-dev-agent-0\n',
  );
  assert.is(currentRecords(hosts, [member('k3d-dev-server-0', '')]), hosts);
});

texts('blobs that a cache was asked for, and those that it had to fetch', () => {
  const traffic = { asked: 0, fetched: 0 };
  const blob = 'http.request.uri="/v2/library/busybox/blobs/sha256:0123"';
  countLine(traffic, `time="x" level=info msg="response completed" http.request.method=GET ${blob}`);
  countLine(traffic, `time="x" level=info msg="response completed" http.request.method=HEAD ${blob}`);
  countLine(
    traffic,
    'time="x" level=info msg="Adding new scheduler entry for library/busybox@sha256:0123 with ttl=167h"',
  );
  countLine(traffic, '127.0.0.1 - - "GET /v2/ HTTP/1.1" 200');
  assert.equal(traffic, { asked: 1, fetched: 1 });
});

texts('proxies for nodes: never one of this machine alone, never for the cluster itself', () => {
  assert.equal(proxyVariables({}), []);
  assert.equal(proxyVariables({ HTTP_PROXY: 'http://127.0.0.1:3128', https_proxy: '' }), []);
  const env = { https_proxy: 'http://proxy.example:3128', NO_PROXY: 'intern.example, localhost' };
  assert.equal(proxyVariables(env), ['HTTPS_PROXY', 'NO_PROXY']);
  assert.equal(nodeEnv(env), {
    HTTPS_PROXY: 'http://proxy.example:3128',
    NO_PROXY: 'intern.example,localhost,127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,.svc,.cluster.local',
  });
  assert.equal(nodeEnv({}), {});
});

texts.run();
