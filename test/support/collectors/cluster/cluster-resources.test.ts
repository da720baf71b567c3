// A snapshot of a cluster: one list for all namespaces where that is allowed, and whose pods are unhealthy.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../../doubles/kube-server.ts';
import { type Made, bundleOf, bundleSpec, list, pod } from '../../world.ts';

const resources = suite('cluster-resources');

interface Cluster {
  namespaces?: string[] | number;
  /** Pods of the whole cluster; a number is a refusal with that status. */
  all?: object[] | number;
  /** Pods of each namespace. */
  own?: Record<string, object[] | number>;
  /** Namespaces whose pods may not be read. */
  closed?: string[];
}

function made({ namespaces = ['one', 'two'], all = [], own = {}, closed = [] }: Cluster, more = '{}'): Promise<Made> {
  return bundleOf(bundleSpec(`  collectors:\n    - clusterResources: ${more}\n`), {
    handle({ path, body }, response) {
      const send = (found: object[] | number): true => {
        if (typeof found === 'number') answer(response, found, statusObject(found, 'Refused', `no ${path}`));
        else answer(response, 200, list(found));
        return true;
      };
      if (path === '/api/v1/namespaces')
        return send(typeof namespaces === 'number' ? namespaces : namespaces.map((name) => ({ metadata: { name } })));
      if (path === '/api/v1/namespaces/gone') return send(404);
      if (path === '/api/v1/pods') return send(all);
      const namespace = /^\/api\/v1\/namespaces\/(\w+)\/pods$/.exec(path)?.[1];
      if (namespace !== undefined) return send(own[namespace] ?? []);
      const asked = path.endsWith('selfsubjectrulesreviews') && closed.find((name) => body.includes(`"${name}"`));
      if (typeof asked !== 'string') return false;
      const resourceRules = [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }];
      answer(response, 201, { status: { resourceRules, nonResourceRules: [], incomplete: false } });
      return true;
    },
  });
}

const podRequests = ({ requests }: Made): string[] =>
  requests.flatMap((one) => /^GET (\/api\/v1\/\S*pods)(?:\?|$)/.exec(one)?.[1] ?? []).sort();
const podFiles = ({ files }: Made): string[] =>
  [...files.keys()].filter((path) => /^cluster-resources\/pods[/-][^/]*\.json$/.test(path)).sort();
const namesIn = ({ files }: Made, namespace: string): string[] => {
  const text = files.get(`cluster-resources/pods/${namespace}.json`) ?? '{"items":[]}';
  return (JSON.parse(text) as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
};

resources(
  'several namespaces are one list, shared out; one namespace, or chosen ones, are asked by themselves',
  async () => {
    const all = [pod('one', 'a', {}), pod('two', 'b', {}), pod('gone', 'c', {})];
    const whole = await made({ all });
    assert.equal(podRequests(whole), ['/api/v1/pods']);
    assert.equal([namesIn(whole, 'one'), namesIn(whole, 'two')], [['a'], ['b']]);
    assert.equal(podFiles(whole), ['cluster-resources/pods/one.json', 'cluster-resources/pods/two.json']);
    const single = await made({ namespaces: ['one'], own: { one: [pod('one', 'a', {})] } });
    assert.equal(podRequests(single), ['/api/v1/namespaces/one/pods']);
    assert.equal(namesIn(single, 'one'), ['a']);
    const chosen = await made({}, '{namespaces: [one, two]}');
    assert.equal(podRequests(chosen), ['/api/v1/namespaces/one/pods', '/api/v1/namespaces/two/pods']);
  },
);

resources('where namespaces may not be listed, that of the context is looked into, and one line says so', async () => {
  const refused = await made({ namespaces: 403, own: { default: [pod('default', 'a', {})] } });
  assert.equal(namesIn(refused, 'default'), ['a']);
  const report = refused.result.reports.find(({ kind }) => kind === 'clusterResources');
  assert.equal(report?.problems, ['not allowed to list namespaces']);
  assert.ok(refused.files.has('cluster-resources/namespaces-errors.json'));
  const broken = await made({ namespaces: 400, own: { default: [pod('default', 'a', {})] } });
  assert.equal(podFiles(broken), []);
});

resources('where the list of all is forbidden each namespace is asked; any other failure is not repeated', async () => {
  const forbidden = await made({ all: 403, own: { one: [pod('one', 'a', {})], two: 403 } });
  assert.equal(namesIn(forbidden, 'one'), ['a']);
  assert.equal(podFiles(forbidden), ['cluster-resources/pods-errors.json', 'cluster-resources/pods/one.json']);
  const broken = await made({ all: 400 });
  assert.equal(podRequests(broken), ['/api/v1/pods']);
  const errors = JSON.parse(broken.files.get('cluster-resources/pods-errors.json') ?? '{}') as object;
  assert.equal(Object.keys(errors), ['one', 'two']);
});

resources('namespaces whose pods may not be read are passed over and named, unless that is to be ignored', async () => {
  const closed = await made({ closed: ['two'] });
  assert.equal(podFiles(closed), ['cluster-resources/pods/one.json']);
  const problems = closed.result.reports.flatMap((report) => report.problems);
  assert.equal(problems, ['not allowed to look into 1 of 2 namespaces: two']);
  const ignored = await made({ closed: ['two'] }, '{ignoreRBAC: true}');
  assert.equal(podFiles(ignored), ['cluster-resources/pods/one.json', 'cluster-resources/pods/two.json']);
});

resources('logs of unhealthy pods are added, of the others not', async () => {
  const main = (more: object): object[] => [{ name: 'main', ready: true, restartCount: 0, ...more }];
  const statuses: Record<string, object> = {
    running: { phase: 'Running', containerStatuses: main({}) },
    completed: { phase: 'Succeeded', containerStatuses: main({ ready: false }) },
    unready: { phase: 'Running', containerStatuses: main({ ready: false }) },
    waiting: { phase: 'Running', containerStatuses: main({ state: { waiting: { reason: 'CrashLoopBackOff' } } }) },
    starting: {
      phase: 'Running',
      containerStatuses: main({}),
      initContainerStatuses: main({ state: { waiting: { reason: 'x' } } }),
    },
    failed: { phase: 'Failed' },
    pending: { phase: 'Pending' },
    evicted: { phase: 'Running', reason: 'Evicted' },
    lost: {},
  };
  const all = Object.entries(statuses).map(([name, status]) => pod('one', name, {}, { status }));
  const { requests } = await made({ all });
  const read = requests.flatMap((one) => /pods\/(\w+)\/log/.exec(one)?.[1] ?? []);
  assert.equal([...new Set(read)].sort(), ['evicted', 'failed', 'lost', 'pending', 'starting', 'unready', 'waiting']);
});

resources('names that are empty choose nothing, and a namespace that is gone is named', async () => {
  const all = [pod('one', 'a', {})];
  assert.equal(podRequests(await made({ all }, '{namespaces: [""]}')), ['/api/v1/pods']);
  const gone = await made({}, '{namespaces: [one, gone]}');
  const problems = gone.result.reports.flatMap((report) => report.problems);
  assert.ok(
    problems.some((one) => one.includes('namespaces/gone')),
    problems.join(),
  );
  assert.ok(gone.files.has('cluster-resources/namespaces-errors.json'));
  assert.not.ok((await made({ all })).files.has('cluster-resources/namespaces-errors.json'));
  assert.not.ok((await made({ all })).files.has('cluster-resources/auth-cani-list-errors.json'));
});

resources.run();
