// `--profile platform` on simulated nodes, with charts of the same shape as the real ones: definitions in templates and in
// crds/, webhooks with certificates, hooks, an ingress, objects of definitions of other charts. Both runs end ready.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { type ChartRepo, startChartRepo } from '../services/helm/chart-repo.ts';
import { helmPath } from '../services/helm/workshop.ts';
import { type Ended, type World, createWorld } from './hoist.ts';

interface Context {
  world: World;
  repos: ChartRepo[];
  charts: string;
}
const platform = suite<Context>('the platform on simulated nodes', {} as Context);
const test = helmPath === undefined ? platform.skip : platform;

type Objects = Readonly<Record<string, readonly object[]>>;

const labels = (app: string): object => ({ app });
const template = (app: string, more: object = {}): object => ({
  metadata: { labels: labels(app) },
  spec: { containers: [{ name: app, image: `${app}:1` }], ...more },
});
const workload = (kind: string, app: string, more: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: app },
  spec: { selector: { matchLabels: labels(app) }, template: template(app), ...more },
});
const service = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: labels(name), ports: [{ port: 443 }] },
});
const definition = (group: string, kind: string): object => {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
};
const webhook = (kind: string, name: string, of: string, namespace: string): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  // The certificate comes from a controller, which no simulated pod runs.
  metadata: { name, annotations: { 'cert-manager.io/inject-ca-from': `${namespace}/${of}` } },
  webhooks: [
    {
      name: `${name}.example.com`,
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { name: of, namespace, path: '/validate' } },
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] }],
    },
  ],
});
const hook = (name: string, when: string): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, annotations: { 'helm.sh/hook': when, 'helm.sh/hook-delete-policy': 'before-hook-creation' } },
  spec: { backoffLimit: 1, template: template(name, { restartPolicy: 'Never' }) },
});
const custom = (apiVersion: string, kind: string, name: string): object => ({
  apiVersion,
  kind,
  metadata: { name },
  spec: {},
});

const CERTIFICATES = ['Certificate', 'Issuer', 'ClusterIssuer'];
const MONITORS = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'Prometheus', 'Alertmanager'];

/** By repository and chart; files of crds/ begin with `crds/`. */
const CHARTS: Readonly<Record<string, { name: string; version: string; files: Objects }>> = {
  jetstack: {
    name: 'cert-manager',
    version: '1.18.2',
    files: {
      'templates/crds.yaml': CERTIFICATES.map((kind) => definition('cert-manager.io', kind)),
      'templates/all.yaml': [
        workload('Deployment', 'cert-manager'),
        workload('Deployment', 'cert-manager-webhook'),
        service('cert-manager-webhook'),
        webhook('ValidatingWebhookConfiguration', 'cert-manager', 'cert-manager-webhook', 'cert-manager'),
        webhook('MutatingWebhookConfiguration', 'cert-manager', 'cert-manager-webhook', 'cert-manager'),
        hook('startupapicheck', 'post-install'),
      ],
    },
  },
  'ingress-nginx': {
    name: 'ingress-nginx',
    version: '4.13.1',
    files: {
      'templates/all.yaml': [
        custom('cert-manager.io/v1', 'Issuer', 'admission'),
        custom('cert-manager.io/v1', 'Certificate', 'admission'),
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IngressClass',
          metadata: { name: 'nginx' },
          spec: { controller: 'a/b' },
        },
        workload('Deployment', 'controller'),
        service('controller'),
        webhook('ValidatingWebhookConfiguration', 'ingress', 'controller', 'ingress-nginx'),
      ],
    },
  },
  'prometheus-community': {
    name: 'kube-prometheus-stack',
    version: '77.0.1',
    files: {
      // One file each, none of which begins with `---`.
      ...Object.fromEntries(
        MONITORS.map((kind) => [`crds/${kind.toLowerCase()}.yaml`, [definition('monitoring.coreos.com', kind)]]),
      ),
      'templates/all.yaml': [
        custom('cert-manager.io/v1', 'Certificate', 'operator'),
        custom('monitoring.coreos.com/v1', 'Prometheus', 'main'),
        custom('monitoring.coreos.com/v1', 'ServiceMonitor', 'nodes'),
        workload('Deployment', 'operator'),
        service('operator'),
        workload('DaemonSet', 'node-exporter'),
        webhook('MutatingWebhookConfiguration', 'rules', 'operator', 'monitoring'),
        webhook('ValidatingWebhookConfiguration', 'rules', 'operator', 'monitoring'),
        hook('create-certificate', 'pre-install,pre-upgrade'),
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name: 'grafana' },
          spec: { ingressClassName: 'nginx', defaultBackend: { service: { name: 'operator', port: { number: 443 } } } },
        },
      ],
    },
  },
  grafana: {
    name: 'loki',
    version: '6.40.0',
    files: {
      'templates/all.yaml': [
        workload('StatefulSet', 'loki', { serviceName: 'loki' }),
        workload('Deployment', 'loki-gateway'),
        service('loki'),
        custom('monitoring.coreos.com/v1', 'ServiceMonitor', 'loki'),
      ],
    },
  },
};

platform.before(async (context) => {
  context.world = createWorld();
  context.charts = mkdtempSync(join(tmpdir(), 'hoist-platform-'));
  context.repos = [];
  const repos: object[] = [];
  for (const [name, { name: chart, version, files }] of Object.entries(CHARTS)) {
    const folder = join(context.charts, chart);
    const write = (file: string, text: string): void => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    write('Chart.yaml', stringify({ apiVersion: 'v2', name: chart, version }));
    write('values.yaml', '{}\n');
    for (const [file, objects] of Object.entries(files)) {
      write(file, objects.map((object) => stringify(object)).join('---\n'));
    }
    const repo = await startChartRepo([]);
    repo.publish([{ folder, version }]);
    context.repos.push(repo);
    repos.push({ name, url: repo.url });
  }
  context.world.write('config/cluster.yaml', stringify({ name: 'platform', agents: 1, helm: { repos } }));
});
platform.after(async ({ world, repos, charts }) => {
  await world.close();
  await Promise.all(repos.map((repo) => repo.close()));
  rmSync(charts, { recursive: true, force: true });
});

const up = (world: World): Promise<Ended> => world.hoist(['up', '--profile', 'platform', '--output', 'json']);

test('it becomes ready, without the webhooks that nobody answers', async ({ world }) => {
  const { code, stdout, stderr } = await up(world);
  assert.is(code, 0, stdout.slice(-3000) + stderr);
  assert.match(stdout, '4 releases installed');
  assert.match(stdout, 'without its webhooks, which no simulated pod answers');
});

test('and the second time, with nothing to do', async ({ world }) => {
  const { code, stdout, stderr } = await up(world);
  assert.is(code, 0, stdout.slice(-3000) + stderr);
  assert.match(stdout, /"changes":"[^"]*unchanged"/);
  assert.not.match(stdout, /releases? (installed|upgraded)/);
});

platform.run();
