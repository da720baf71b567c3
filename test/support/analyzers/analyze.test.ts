// Checks of bundles: the grammar of each `when`, and a result for each check, whatever was collected.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CollectorFailure } from '../../../scripts/support/types.ts';
import { type Asked, each, holds, PLACE, run, when } from './ask.ts';

const checks = suite('support: analyzers');

const version = (string: string): Asked => ({ files: { 'cluster-info/cluster_version.json': { string } } });

checks('clusterVersion: ranges of versions', async () => {
  await each('clusterVersion', version('v1.29.3'), {
    '< 1.29.0': false,
    '>=1.29.0 <1.30.0': true,
    '<1.20.0 || >1.29.2': true,
    '1.29.x': true,
    '!1.29.x': false,
    '> 1.28.x': true,
    '<= 1.28.x': false,
    '= 1.29.3': true,
    '!= 1.29.3': false,
    '>= 1.29': true,
  });
  for (const [string, expected] of [
    ['v1.29.0-eks-abc', false],
    ['v1.29.0-gke.100', false],
    ['v1.29.0+k3s1', false],
    ['v1.29.0-rc.1', true],
  ] as const) {
    assert.is(await holds('clusterVersion', '< 1.29.0', version(string)), expected, string);
  }
});

const node = (name: string, more: Record<string, unknown> = {}, labels: Record<string, string> = {}): unknown => ({
  metadata: { name, labels: { zone: name, ...labels } },
  spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] },
  status: {
    capacity: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi', 'nvidia.com/gpu': '2' },
    allocatable: { cpu: '3800m', memory: '7Gi', pods: '110' },
    nodeInfo: { containerRuntimeVersion: 'containerd://1.7.2', architecture: 'amd64' },
    conditions: [{ type: 'Ready', status: 'True' }],
    ...more,
  },
});

const NODES = {
  files: {
    'cluster-resources/nodes.json': { items: [node('a'), node('b', { capacity: { cpu: '500m', memory: '512Mi' } })] },
  },
};

checks('nodeResources: counts, sums, least and most, conditions', async () => {
  await each('nodeResources', NODES, {
    'count() < 3': true,
    'count() == 2': true,
    '>= 3': false,
    '< 3': true,
    'countDistinct(zone) == 2': true,
    'sum(cpuCapacity) < 5': true,
    'sum(cpuCapacity) == 4500m': true,
    'min(memoryCapacity) < 1Gi': true,
    'max(memoryCapacity) >= 8Gi': true,
    'max(memoryAllocatable) > 7Gi': false,
    'sum(podCapacity) <= 110': true,
    'nodeCondition(Ready) == True': true,
    'nodeCondition(Ready) == False': false,
    'min(ephemeralStorageCapacity) = 0': true,
  });
});

checks('nodeResources: filters, and their values in messages', async () => {
  const counted = async (filters: Record<string, unknown>): Promise<string | undefined> => {
    const results = await run(
      'nodeResources',
      { filters, outcomes: [{ pass: { message: '{{ .NodeCount }} of {{ .Filters.CPUArchitecture }}' } }] },
      NODES,
    );
    return results[0]?.message;
  };
  assert.is(await counted({ cpuArchitecture: 'AMD64' }), '2 of AMD64'.replace('AMD64', 'AMD64'));
  assert.is(await counted({ cpuCapacity: '1' }), '1 of ');
  assert.is(await counted({ memoryAllocatable: '7Gi' }), '2 of ');
  assert.is(await counted({ resourceName: 'nvidia.com/gpu', resourceCapacity: '2' }), '1 of ');
  assert.is(await counted({ selector: { matchLabel: { zone: 'a' } } }), '1 of ');
  assert.is(
    await counted({ selector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] } }),
    '1 of ',
  );
  assert.is(await counted({ taint: { key: 'gpu', value: 'yes', effect: 'NoSchedule' } }), '2 of ');
  assert.is(await counted({ taint: { key: 'gpu', effect: 'NoSchedule' } }), '0 of ');
});

checks('distribution and containerRuntime', async () => {
  const k3s = {
    files: {
      'cluster-resources/nodes.json': { items: [node('a', {}, { 'node.kubernetes.io/instance-type': 'k3s' })] },
    },
  };
  await each('distribution', k3s, {
    k3s: true,
    '= k3s': true,
    '== eks': false,
    '!= eks': true,
    '!= k3s': false,
    'docker-desktop': false,
  });
  await each('containerRuntime', k3s, { '= containerd': true, '== docker': false, '!= docker': true });
  const [unknown] = await run('distribution', when('== narnia'), k3s);
  assert.is(unknown?.outcome, 'warn');
  assert.match(unknown?.message ?? '', /narnia.*k3s/s);
});

const workload = (name: string, status: Record<string, number>, spec: Record<string, number> = {}): unknown => ({
  metadata: { name, namespace: 'default' },
  spec,
  status,
});

checks('deployments, stateful sets, replica sets, jobs', async () => {
  const files = {
    'cluster-resources/deployments/default.json': {
      items: [
        workload('web', { readyReplicas: 2, replicas: 3, availableReplicas: 2 }),
        workload('ok', { readyReplicas: 1, replicas: 1, availableReplicas: 1 }),
      ],
    },
    'cluster-resources/statefulsets/default.json': { items: [workload('db', { readyReplicas: 1, replicas: 1 })] },
    'cluster-resources/replicasets/default.json': {
      items: [workload('rs', { readyReplicas: 1, availableReplicas: 0 }, { replicas: 1 })],
    },
    'cluster-resources/jobs/default.json': {
      items: [workload('job', { succeeded: 0, failed: 2 }, { completions: 1 })],
    },
  };
  const named = (name: string): { files: typeof files; spec: Record<string, unknown> } => ({
    files,
    spec: { name, namespace: 'default' },
  });
  await each('deploymentStatus', named('web'), { '< 3': true, '= 2': true, absent: false, '>= 3': false });
  await each('statefulsetStatus', named('db'), { '< 1': false, '== 1': true });
  await each('replicasetStatus', named('rs'), { 'ready < 1': false, 'available < 1': true, '= 1': true });
  await each('jobStatus', named('job'), { 'failed > 1': true, 'succeeded >= 1': false });
  const [gone] = await run('deploymentStatus', { name: 'nope', namespace: 'default', ...when('< 1') }, { files });
  assert.equal([gone?.outcome, gone?.message], ['fail', 'The deployment "nope" was not found']);
  const [wanted] = await run(
    'deploymentStatus',
    { name: 'nope', namespace: 'default', outcomes: [{ pass: { when: 'absent', message: 'good' } }] },
    { files },
  );
  assert.equal([wanted?.outcome, wanted?.message], ['pass', 'good']);
  const all = await run('deploymentStatus', {}, { files });
  assert.equal(
    all.map(({ outcome, message }) => [outcome, message]),
    [['fail', 'The deployment default/web has 2/3 replicas']],
  );
  const well = await run('statefulsetStatus', {}, { files });
  assert.equal(
    well.map(({ outcome }) => outcome),
    ['pass'],
  );
  const [uncollected] = await run('deploymentStatus', { name: 'a', namespace: 'other', ...when('< 1') }, { files });
  assert.is(uncollected?.outcome, 'fail');
  assert.match(uncollected?.message ?? '', 'cluster-resources/deployments/other.json was not collected');
});

checks('things that must be there', async () => {
  const files = {
    'cluster-resources/storage-classes.json': {
      items: [{ metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }],
    },
    'cluster-resources/custom-resource-definitions.json': { items: [{ metadata: { name: 'a.b.c' } }] },
    'cluster-resources/ingress/default.json': { items: [{ metadata: { name: 'in' } }] },
    'cluster-resources/image-pull-secrets/default/reg.json': { 'quay.io': { username: 'x' } },
    'secrets/default/db.json': { secretExists: true, key: 'pw', keyExists: false },
  };
  const outcomes = [{ pass: { message: 'there' } }, { fail: { message: 'not there' } }];
  const says = async (kind: string, spec: Record<string, unknown>): Promise<string> => {
    const results = await run(kind, { outcomes, ...spec }, { files });
    return results.map(({ outcome, message }) => `${outcome} ${message}`).join();
  };
  assert.is(await says('storageClass', { storageClassName: 'fast' }), 'pass there');
  assert.is(await says('storageClass', {}), 'pass there');
  assert.is(await says('storageClass', { storageClassName: 'slow' }), 'fail not there');
  assert.is(
    await says('storageClass', { storageClassName: 'slow', outcomes: [] }),
    'fail No Storage Class "slow" found',
  );
  assert.is(await says('customResourceDefinition', { customResourceDefinitionName: 'a.b.c' }), 'pass there');
  assert.is(await says('ingress', { ingressName: 'other' }), 'fail not there');
  assert.is(await says('imagePullSecret', { registryName: 'quay.io' }), 'pass there');
  assert.is(await says('secret', { secretName: 'db', namespace: 'default' }), 'pass there');
  assert.is(await says('secret', { secretName: 'db', namespace: 'default', key: 'pw' }), 'fail not there');
});

const pod = (name: string, status: Record<string, unknown>): unknown => ({
  metadata: { name, namespace: 'default' },
  status,
});
const PODS = {
  files: {
    'cluster-resources/pods/default.json': {
      items: [
        pod('good', {
          phase: 'Running',
          containerStatuses: [{ name: 'c', ready: true, restartCount: 0, state: { running: {} } }],
        }),
        pod('bad', {
          phase: 'Running',
          containerStatuses: [
            { name: 'one', ready: true, restartCount: 0, state: { running: {} } },
            {
              name: 'two',
              ready: false,
              restartCount: 9,
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
            },
          ],
        }),
      ],
    },
    'cluster-resources/events/default.json': {
      items: [
        {
          reason: 'Unhealthy',
          type: 'Warning',
          message: 'probe failed: 503',
          involvedObject: { kind: 'Pod', name: 'x' },
        },
      ],
    },
  },
};

checks('pods and their containers', async () => {
  const results = await run(
    'clusterPodStatuses',
    {
      outcomes: [
        {
          fail: {
            when: '!= Healthy',
            message: '{{ .Namespace }}/{{ .Name }}: {{ .Status.Reason }} {{ .Status.Message }}',
          },
        },
      ],
    },
    PODS,
  );
  assert.equal(
    results.map(({ outcome, message }) => [outcome, message]),
    [['fail', 'default/bad: CrashLoopBackOff back-off']],
  );
  assert.equal(results[0]?.involvedObject, { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'bad' });
  const none = await run('clusterPodStatuses', { outcomes: [{ fail: { when: '= OOMKilled', message: 'x' } }] }, PODS);
  assert.equal(
    none.map(({ outcome }) => outcome),
    ['pass'],
  );
  const containers = await run(
    'clusterContainerStatuses',
    {
      restartCount: 1,
      outcomes: [
        { warn: { when: '== CrashLoopBackOff', message: '{{ .PodName }}/{{ .ContainerName }} {{ .RestartCount }}' } },
      ],
    },
    PODS,
  );
  assert.equal(
    containers.map(({ outcome, message }) => [outcome, message]),
    [['warn', 'bad/two 9']],
    'the second container, too',
  );
  await each('event', { ...PODS, spec: { reason: 'unhealthy', regex: 'failed: \\d+' } }, { true: true, false: false });
});

checks('textAnalyze: expressions and groups', async () => {
  const files = {
    'logs/app/a.log': 'took 17 ms\nERROR (?i) x',
    'out/default/pod-1/probe-stdout.txt': 'ok',
    'logs/app/old/b.log': 'x',
  };
  const spec = (more: Record<string, unknown>): Record<string, unknown> => ({
    collectorName: 'logs',
    fileName: 'app/*.log',
    ...more,
  });
  const outcomes = [{ fail: { when: 'true', message: 'bad' } }, { pass: { when: 'false', message: 'good' } }];
  const says = async (more: Record<string, unknown>): Promise<string[]> =>
    (await run('textAnalyze', spec({ outcomes, ...more }), { files })).map(
      ({ outcome, message }) => `${outcome} ${message}`,
    );
  assert.equal(await says({ regex: '(?i)error' }), ['fail bad']);
  assert.equal(await says({ regex: 'panic' }), ['pass good']);
  assert.equal(await says({ collectorName: 'out', fileName: 'probe-stdout.txt', regex: '^ok$' }), ['fail bad']);
  assert.equal(await says({ fileName: 'none.log', regex: 'x', ignoreIfNoFiles: true }), []);
  assert.match((await says({ fileName: 'none.log', regex: 'x' }))[0] ?? '', /^warn No matching files: logs\/none\.log/);
  const failed = (names: string[], host = false): CollectorFailure => ({
    collector: `run/${names[0] ?? ''}`,
    kind: 'run',
    host,
    name: names[0],
    names,
    place: PLACE,
    reason: 'failed',
    message: 'took too long',
  });
  const ofFailed = async (fileName: string, failure: CollectorFailure): Promise<string> => {
    const asked = { fileName, regex: 'x', outcomes };
    const [result] = await run('textAnalyze', asked, { files, failures: [failure] });
    return `${result?.outcome ?? ''} ${result?.message ?? ''}`;
  };
  for (const [fileName, failure] of [
    ['out/named.log', failed(['named', 'out'])],
    ['sa2/sa2.log', failed(['sa2'])],
    ['e/*/*/e-stdout.txt', failed(['e'])],
    ['host-collectors/run-host/v.txt', failed(['v'], true)],
  ] as const)
    assert.match(await ofFailed(fileName, failure), /^fail .* was not collected: run\/\w+: took too long$/, fileName);
  assert.match(await ofFailed('other/x.log', failed(['named', 'out'])), /^warn No matching files/);
  assert.match((await says({ regex: '(x' }))[0] ?? '', /^fail .*missing closing \)/);
  assert.match(
    (await says({ regex: 'x', outcomes: [{ fail: { when: 'maybe' } }] }))[0] ?? '',
    /^fail .*"maybe" is neither true nor false/,
  );
  const groups = { ...spec({}), regexGroups: 'took (?P<Ms>\\d+) (?P<Unit>\\w+)' };
  await each(
    'textAnalyze',
    { files, spec: groups },
    { 'Ms > 16': true, 'Ms < 17': false, 'Unit == ms': true, 'Other = 1': false },
  );
  const [shown] = await run(
    'textAnalyze',
    { ...groups, outcomes: [{ warn: { when: 'Ms >= 10', message: '{{ .Ms }} is slow' } }] },
    { files },
  );
  assert.is(shown?.message, '17 is slow');
});

checks('jsonCompare, yamlCompare and clusterResource', async () => {
  const files = {
    'a/b.json': { items: [{ name: 'x', ports: [2, 1] }, { name: 'y' }], n: 3 },
    'a/c.yaml': 'list:\n- a: 1\n',
    'cluster-resources/deployments/default.json': {
      items: [{ metadata: { name: 'web' }, spec: { replicas: 3, size: '10Gi', template: { image: 'a:1.2' } } }],
    },
  };
  const json = (spec: Record<string, unknown>): Asked & { spec: Record<string, unknown> } => ({
    files,
    spec: { collectorName: 'a', fileName: 'b.json', ...spec },
  });
  await each('jsonCompare', json({ path: 'items.[0].name', value: '"x"' }), { true: true, false: false });
  await each('jsonCompare', json({ path: 'items.[0].ports', value: '[1, 2]' }), { true: true });
  await each('jsonCompare', json({ jsonPath: '{.items[?(@.name=="y")].name}', value: '"y"' }), { true: true });
  await each('jsonCompare', json({ jsonPath: '{.items[*].name}', value: '["y","x"]' }), { true: true });
  await each(
    'yamlCompare',
    { files, spec: { collectorName: 'a', fileName: 'c.yaml', path: 'list.[0]', value: 'a: 1' } },
    { true: true },
  );
  const resource = (spec: Record<string, unknown>): Asked & { spec: Record<string, unknown> } => ({
    files,
    spec: { kind: 'Deployment', name: 'web', ...spec },
  });
  await each('clusterResource', resource({ yamlPath: 'spec.replicas' }), { '< 4': true, '= 3': true });
  await each('clusterResource', resource({ yamlPath: 'spec.size' }), { '< 1Ti': true, '> 10Gi': false });
  await each('clusterResource', resource({ yamlPath: 'spec.template.image', expectedValue: 'a:1.2' }), { true: true });
  await each('clusterResource', resource({ yamlPath: 'spec.template.image', regex: ':1\\.' }), { true: true });
  const warned = await run(
    'clusterResource',
    { ...resource({ yamlPath: 'spec.replicas' }).spec, outcomes: [{ warn: { when: '> 2', message: 'many' } }] },
    { files },
  );
  assert.equal(
    warned.map(({ outcome, message }) => [outcome, message]),
    [['warn', 'many']],
  );
});

checks('databases, HTTP, registries, certificates, kernels, volumes', async () => {
  const files = {
    'postgres/db.json': { isConnected: true, version: '14.5.0' },
    'redis/redis.json': { isConnected: false, error: 'refused' },
    'web/result.json': { response: { status: 204 } },
    'down/result.json': { error: { message: 'no route' } },
    'registry/images.json': { images: { a: { exists: true }, b: { exists: false }, c: { exists: false, error: 'x' } } },
    'sysctl/node-1': '/proc/sys/net/ipv4/ip_forward = 0\n',
    'certificates/certificates.json': [
      {
        source: { secret: 's', namespace: 'n' },
        certificateChain: [{ certificate: 'tls.crt', isValid: true, notAfter: '2024-06-05T00:00:00Z' }],
      },
    ],
    'node-metrics/n.json': {
      pods: [{ volume: [{ usedBytes: 90, capacityBytes: 100, pvcRef: { name: 'data-0', namespace: 'default' } }] }],
    },
  };
  const named = (collectorName: string): Asked & { spec: Record<string, unknown> } => ({
    files,
    spec: { collectorName },
  });
  await each('postgres', named('db'), {
    'connected == true': true,
    'connected == false': false,
    'version >= 10.x': true,
    'version < 14.5.0': false,
  });
  const [redis] = await run('redis', when('connected == false', undefined), { files });
  assert.is(redis?.message, 'connected == false refused');
  await each('http', named('web'), {
    error: false,
    'statusCode == 204': true,
    'statusCode >= 200 && statusCode < 300': true,
    'statusCode != 204': false,
  });
  await each('http', named('down'), { error: true, 'statusCode == 200': false });
  await each('registryImages', { files }, { 'verified = 1': true, 'missing > 0': true, 'errors > 1': false });
  const [sysctl] = await run('sysctl', when('net.ipv4.ip_forward = 0', undefined), { files });
  assert.is(sysctl?.message, 'Node node-1: net.ipv4.ip_forward = 0');
  const certificate = await run(
    'certificates',
    { outcomes: [{ pass: { message: 'fine' } }, { warn: { when: 'notAfter < Today + 15 days', message: 'expires' } }] },
    { files },
  );
  assert.equal(
    certificate.map(({ outcome }) => outcome),
    ['warn'],
  );
  await each(
    'nodeMetrics',
    { files, spec: { filters: { pvc: { nameRegex: 'data-.*' } } } },
    { 'pvcUsedPercentage >= 85': true, 'pvcUsedPercentage > 90': false },
  );
});

checks('hosts: each grammar', async () => {
  const of = (
    path: string,
    value: unknown,
    spec: Record<string, unknown> = {},
  ): Asked & { spec: Record<string, unknown> } => ({ host: true, files: { [`host-collectors/${path}`]: value }, spec });
  await each(
    'cpu',
    of('system/cpu.json', {
      logicalCount: 4,
      physicalCount: 2,
      machineArch: 'x86_64',
      flags: 'cmov cx8 fpu fxsr mmx syscall sse sse2 cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2'.split(' '),
    }),
    {
      'count < 2': false,
      '< 8': true,
      'physical == 2': true,
      'logical >= 4': true,
      'machineArch == x86_64': true,
      'supports x86-64-v2': true,
      'x supports x86-64-v3': false,
      'x hasFlags sse,sse2': true,
    },
  );
  await each('memory', of('system/memory.json', { total: 8 * 2 ** 30 }), {
    '< 8Gi': false,
    '<= 8Gi': true,
    '< 16G': true,
  });
  await each(
    'diskUsage',
    of('diskUsage/root.json', { total_bytes: 100e9, used_bytes: 85e9 }, { collectorName: 'root' }),
    { 'total < 40Gi': false, 'used/total > 80%': true, 'available/total < 0.2': true, 'available < 10Gi': false },
  );
  await each(
    'hostOS',
    of('system/hostos_info.json', {
      platform: 'ubuntu',
      platformFamily: 'debian',
      platformVersion: '20.04',
      kernelVersion: '5.15.0-91-generic',
    }),
    {
      'ubuntu == 20.04': true,
      'ubuntu >= 18.04 && < 20.04': false,
      'ubuntu = 18.04 || = 20.04': true,
      'centos == 7': false,
      'debian >= 20': true,
      'kernelVersion < 4.15': false,
      'ubuntu-20.04-kernel >= 5.15': true,
    },
  );
  await each('time', of('system/time.json', { timezone: 'UTC', ntp_synchronized: true, ntp_active: false }), {
    'ntp == synchronized+inactive': true,
    'ntp == unsynchronized+inactive': false,
    'timezone != UTC': false,
  });
  await each('tcpPortStatus', of('tcpPortStatus/api.json', { status: 'address-in-use' }, { collectorName: 'api' }), {
    'address-in-use': true,
    connected: false,
  });
  await each('tcpConnect', of('connect/connect.json', { status: 'connected' }), {
    connected: true,
    'connection-refused': false,
  });
  await each('certificate', of('certificate/certificate.json', 'key-pair-valid'), { 'key-pair-valid': true });
  await each('http', of('http/result.json', { response: { status: 200 } }), { 'statusCode == 200': true });
  await each(
    'blockDevices',
    of('system/block_devices.json', [
      { name: 'sdb', type: 'disk', size: 100, kernel_name: 'sdb' },
      { name: 'sda', type: 'disk', size: 9, kernel_name: 'sda' },
      { name: 'sda1', type: 'part', parent_kernel_name: 'sda' },
    ]),
    { '.* > 0': true, 'sd[a-z] = 1': true, 'nvme.* >= 1': false },
  );
  await each(
    'hostServices',
    of('system/systemctl_services.json', [{ unit: 'ufw.service', active: 'active', sub: 'exited', load: 'loaded' }]),
    {
      'ufw.service = active': true,
      'ufw = *,exited': true,
      'ufw != active': false,
      'ufw != inactive': true,
      'x = active': false,
    },
  );
  await each('kernelModules', of('system/kernel_modules.json', { br_netfilter: { status: 'loaded' } }), {
    'br_netfilter == loaded,loadable': true,
    'br_netfilter,x = loaded': false,
    'x != loaded': true,
  });
  await each('ipv4Interfaces', of('system/ipv4Interfaces.json', [{}, {}]), { 'count > 1': true, 'count == 3': false });
  await each('subnetAvailable', of('subnetAvailable/result.json', { status: 'no-subnet-available' }), {
    'no-subnet-available': true,
  });
  await each(
    'subnetContainsIP',
    { host: true, spec: { cidr: '10.0.0.0/8', ip: '10.9.9.9' } },
    { true: true, false: false },
  );
  await each(
    'sysctl',
    of('system/sysctl.json', { 'net.ipv4.ip_forward': '1', 'fs.inotify.max_user_watches': '8192' }),
    { 'net.ipv4.ip_forward = 1': true, 'fs.inotify.max_user_watches < 10000': true },
  );
  await each(
    'filesystemPerformance',
    of('filesystemPerformance/filesystemPerformance.json', {
      jobs: [
        { jobname: 'fsperf', sync: { lat_ns: { min: 1000, max: 9e6, mean: 2e6, percentile: { '99.000000': 5e6 } } } },
      ],
    }),
    { 'p99 < 10ms': true, 'min > 1us': false, 'average >= 2ms': true },
  );
  const packages = {
    os: 'ubuntu',
    osVersion: '22.04',
    packages: [{ name: 'nfs-common', exitCode: '0', details: 'Status: install ok' }],
  };
  const [installed] = await run(
    'systemPackages',
    {
      outcomes: [
        { fail: { when: '{{ not .IsInstalled }}', message: 'no {{ .Name }}' } },
        { pass: { message: '{{ .Name }} on {{ .OS }}' } },
      ],
    },
    { host: true, files: { 'host-collectors/system/packages.json': packages } },
  );
  assert.is(installed?.message, 'nfs-common on ubuntu');
  const configs = await run(
    'kernelConfigs',
    {
      selectedConfigs: ['CONFIG_A=ym', 'CONFIG_B=y'],
      outcomes: [{ pass: { message: 'ok' } }, { fail: { message: 'no {{ .ConfigsNotFound }}' } }],
    },
    { host: true, files: { 'host-collectors/system/kernel-configs.json': { CONFIG_A: 'm' } } },
  );
  assert.equal([configs[0]?.outcome, configs[0]?.message], ['fail', 'no CONFIG_B=y']);
});

checks('hosts in pods: a result for each node', async () => {
  const files = {
    'host-collectors/system/node_list.json': { nodes: ['n1', 'n2'] },
    'host-collectors/system/n1/cpu.json': { logicalCount: 2 },
    'host-collectors/system/n2/cpu.json': { logicalCount: 8 },
  };
  const results = await run('cpu', when('count < 4', undefined), { host: true, files });
  assert.equal(
    results.map(({ title, outcome }) => [title, outcome]),
    [
      ['Number of CPUs - Node n1', 'fail'],
      ['Number of CPUs - Node n2', 'pass'],
    ],
  );
});

checks('no check is without a result', async () => {
  const [unmatched] = await run('hostOS', when('centos == 7', 'rhel >= 8'), {
    host: true,
    files: {
      'host-collectors/system/hostos_info.json': { platform: 'arch', platformVersion: '2024.01', kernelVersion: '6.1' },
    },
  });
  assert.is(unmatched?.outcome, 'warn');
  assert.match(unmatched?.message ?? '', /None of the check's 2 outcomes matched: found arch 2024\.01/);
  const failure: CollectorFailure = {
    collector: 'tcpPortStatus/api',
    kind: 'tcpPortStatus',
    host: true,
    name: 'api',
    place: PLACE,
    reason: 'timeout',
    message: 'took longer than 10s',
  };
  const port = await run(
    'tcpPortStatus',
    { collectorName: 'api', ...when('connected') },
    { host: true, failures: [failure] },
  );
  assert.equal(
    port.map(({ outcome, reason, message }) => [outcome, reason, message]),
    [
      [
        'fail',
        'not collected',
        'host-collectors/tcpPortStatus/api.json was not collected: tcpPortStatus/api: took longer than 10s',
      ],
    ],
  );
  const [absent] = await run('clusterVersion', when('< 1.0.0'));
  assert.match(absent?.message ?? '', 'no collector "clusterInfo" wrote it');
  const [bad] = await run('memory', when('less than 3'), {
    host: true,
    files: { 'host-collectors/system/memory.json': { total: 1 } },
  });
  assert.equal([bad?.outcome, bad?.reason], ['fail', 'cannot be evaluated']);
  const [ceph] = await run('cephStatus', {});
  assert.equal([ceph?.outcome, ceph?.reason], ['warn', 'not supported']);
  const [inherited] = await run('toString', {});
  assert.is(inherited?.reason, 'not supported');
  assert.equal(await run('clusterVersion', { exclude: 'true', ...when('< 1.0.0') }), []);
  const [strict] = await run('clusterVersion', { strict: 'true', checkName: 'Mine', ...when('< 1.0.0') });
  assert.equal([strict?.strict, strict?.title, strict?.place], [true, 'Mine', PLACE]);
});

checks('what is excluded, and what is strict: words of Go that mean true, and no others', async () => {
  for (const [word, is] of [
    ['true', true],
    [true, true],
    ['1', true],
    ['t', true],
    ['false', false],
    [false, false],
    ['', false],
    ['yes', false],
    [undefined, false],
  ] as const) {
    assert.is((await run('clusterVersion', { exclude: word, ...when('< 1.0.0') })).length, is ? 0 : 1, String(word));
    assert.is((await run('clusterVersion', { strict: word, ...when('< 1.0.0') }))[0]?.strict, is, String(word));
  }
});

checks('titles: of the spec, of the check, of what is not supported', async () => {
  const title = async (kind: string, spec: Record<string, unknown>): Promise<string | undefined> =>
    (await run(kind, { ...spec, ...when('< 1.0.0') }))[0]?.title;
  assert.is(await title('clusterVersion', { checkName: 'Mine' }), 'Mine');
  assert.is(await title('clusterVersion', { checkName: '' }), await title('clusterVersion', {}));
  assert.is.not(await title('clusterVersion', {}), 'clusterVersion');
  assert.is(await title('cephStatus', {}), 'cephStatus');
  assert.is(await title('cephStatus', { checkName: 'Mine' }), 'Mine');
});

const failureOf = (more: Partial<CollectorFailure>): CollectorFailure => ({
  collector: 'it',
  kind: 'tcpPortStatus',
  host: true,
  name: undefined,
  place: PLACE,
  reason: 'failed',
  message: 'broke',
  ...more,
});

checks('of what did not come, the collector of its name is quoted, else the first of its kind and side', async () => {
  const said = async (failures: readonly Partial<CollectorFailure>[]): Promise<string> => {
    const spec = { collectorName: 'api', ...when('connected') };
    const [result] = await run('tcpPortStatus', spec, { host: true, failures: failures.map(failureOf) });
    return (result?.message ?? '').replace('host-collectors/tcpPortStatus/api.json was not collected: ', '');
  };
  assert.is(await said([{ message: 'first' }, { message: 'second', name: 'api' }]), 'it: second');
  assert.is(await said([{ message: 'first' }, { message: 'second', name: 'other' }]), 'it: first');
  const none = 'no collector "tcpPortStatus" wrote it';
  assert.is(await said([]), none);
  assert.is(await said([{ host: false, name: 'api' }]), none);
  assert.is(await said([{ kind: 'udpPortStatus', name: 'api' }]), none);
});

checks('a check of any file quotes the collector that would have written it', async () => {
  const said = async (spec: Record<string, unknown>, failure: Partial<CollectorFailure>): Promise<string> => {
    const [result] = await run(
      'jsonCompare',
      { value: 'x', ...spec, ...when('true') },
      { failures: [failureOf(failure)] },
    );
    return result?.message ?? '';
  };
  const path = 'app/ns/pod-logs.json';
  for (const [failure, quoted] of [
    // On the cluster's side paths begin with the name.
    [{ host: false, name: 'app' }, true],
    [{ host: false, names: ['other', 'app'] }, true],
    [{ host: false, name: 'ap' }, false],
    [{ host: false }, false],
    // On a host's side the file alone has it.
    [{ host: true, name: 'app' }, false],
    [{ host: true, name: 'pod-logs' }, true],
    [{ host: false, name: 'pod-logs' }, true],
    [{ host: true, name: 'pod' }, false],
  ] as const)
    assert.is((await said({ fileName: path }, failure)).includes('it: broke'), quoted, JSON.stringify(failure));
  for (const end of ['stdout', 'stderr', 'errors', 'info', 'previous'])
    assert.match(await said({ fileName: `a/b/c-${end}.txt` }, { name: 'c' }), 'it: broke');
  assert.match(await said({ fileName: 'none.json', collectorName: 'mine' }, { name: 'mine' }), 'it: broke');
  assert.not.match(await said({ fileName: 'none.json', collectorName: '' }, { name: undefined }), 'it: broke');
  assert.match(await said({ fileName: 'none.json' }, {}), 'no collector wrote it');
});

checks.run();
