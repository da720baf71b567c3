// The steps of services: what needs what, and what becomes of a release that fails. Helm is a double, charts are known.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServicesError } from '../../../../scripts/base/errors.ts';
import type { Step, StepContext } from '../../../../scripts/engine/step.ts';
import { ExecError } from '../../../../scripts/host/exec.ts';
import type { Manifest } from '../../../../scripts/kube/manifests/manifest.ts';
import { factsOf, type Facts } from '../../../../scripts/services/helm/implied/facts.ts';
import { surroundingParts } from '../../../../scripts/services/helm/implied/parts.ts';
import type { PreparedServices } from '../../../../scripts/services/helm/releases/prepare-releases.ts';
import { helmSteps, type HelmSteps } from '../../../../scripts/services/helm/releases/release-steps.ts';
import type { Service } from '../../../../scripts/services/helm/service.ts';
import { inputsOf } from '../../../../scripts/services/helm/inputs.ts';
import { answer, statusObject } from '../../../doubles/kube-server.ts';
import { thrown, withClient } from '../../../kube/helpers.ts';
import { serviceOf } from '../workshop.ts';

const test = suite<{ folder: string }>('services/helm/releases/release-steps');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-steps-'));
  writeFileSync(join(context.folder, 'helm'), '#!/bin/sh\n', { mode: 0o755 });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const chart = { path: '/charts/shop', digest: 'd1' };
const shop = serviceOf({
  name: 'shop',
  namespace: 'web',
  chart,
  ref: { kind: 'repo', repo: 'r', name: 'shop' },
  timeoutMs: 300,
});
const EMPTY = factsOf([], '');
const repo = { name: 'r', url: 'https://charts.example' };

interface Bench {
  steps: HelmSteps;
  step: (name: string) => Step;
  run: (name: string) => Promise<void>;
  outcomes: string[];
  /** Verbs that helm ran with. */
  verbs: string[];
  namespaces: string[];
  notes: string[];
}

interface World {
  services?: Service[];
  facts?: Record<string, Facts>;
  namespaces?: string[];
  /** Labels of the releases that are there. */
  releases?: Record<string, string>[];
  fails?: (verb: string) => string | undefined;
  /** What the release consists of. */
  manifest?: string;
  jobs?: object[];
  /** The user's. */
  manifests?: Manifest[];
}

async function bench(folder: string, world: World, use: (bench: Bench) => Promise<void> | void): Promise<void> {
  const { services = [shop], facts = { shop: EMPTY }, namespaces = [], releases = [], manifest = '' } = world;
  const made: string[] = [];
  const release = Buffer.from(gzipSync(JSON.stringify({ manifest })).toString('base64')).toString('base64');
  await withClient(
    ({ method, path }, response) => {
      if (path === '/api/v1/secrets') {
        const items = releases.map((labels) => ({ metadata: { name: 'x', namespace: 'web', labels } }));
        return answer(response, 200, { items });
      }
      if (path.includes('/secrets/')) return answer(response, 200, { metadata: { name: 'x' }, data: { release } });
      if (method === 'PATCH') {
        made.push(path);
        return answer(response, 201, { metadata: { name: 'x' } });
      }
      if (path.endsWith('/jobs')) return answer(response, 200, { items: world.jobs ?? [] });
      if (path.endsWith('/pods') || path === '/api/v1/namespaces')
        return answer(response, 200, { metadata: {}, items: [] });
      if (path.endsWith('/deployments'))
        return answer(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
      answer(response, 404, statusObject(404, 'NotFound', path));
    },
    async (client) => {
      const env = { HOME: folder, XDG_CACHE_HOME: folder, PATH: '' };
      const outcomes: string[] = [];
      const verbs: string[] = [];
      const exec = (options: { file: string; args: readonly string[] }) => {
        const verb = options.args[0] ?? '';
        if (verb !== 'version') verbs.push(verb);
        const failure = world.fails?.(verb);
        const details = { file: 'helm', exitCode: 1, stdout: '', stderr: failure ?? '', reason: 'exit' as const };
        if (failure !== undefined) return Promise.reject(new ExecError('helm failed', details));
        return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', durationMs: 1 });
      };
      const prepared: PreparedServices = {
        ...{ list: services, repos: [repo], facts: new Map(Object.entries(facts)), stuck: 'fail' },
        ...{ plainHttp: [], kubernetes: '1.34.2' },
      };
      const around = {
        namespaces,
        clusterResources: [],
        namespaceResources: [],
        manifests: world.manifests ?? [],
        secrets: [],
      };
      const steps = await helmSteps({
        ...{ services: prepared, surroundings: surroundingParts(around), client: () => client },
        ...{ onRelease: (outcome) => outcomes.push(outcome), cluster: 'dev', kubeconfig: '/kc', exec },
        tools: { env, exec, paths: { helm: join(folder, 'helm') } },
      });
      const step = (name: string): Step => {
        const found = steps.steps.find((one) => one.name === name);
        if (!found) throw new Error(`there is no step ${name}: ${steps.steps.map((one) => one.name).join(' ')}`);
        return found;
      };
      const notes: string[] = [];
      const context = {
        ...{ signal: new AbortController().signal, attempt: 1 },
        ...{
          progress: () => undefined,
          output: () => undefined,
          note: (text: string) => void notes.push(text),
          warn: () => undefined,
        },
      } as unknown as StepContext;
      await use({
        steps,
        step,
        outcomes,
        verbs,
        namespaces: made,
        notes,
        run: async (name) => step(name).run(context),
      });
    },
  );
}

const named = ({ steps }: HelmSteps): Record<string, readonly string[]> =>
  Object.fromEntries(steps.map(({ name, needs = [] }) => [name, needs]));

test('without services only their repositories are looked at', ({ folder }) =>
  bench(folder, { services: [], facts: {} }, ({ steps }) => {
    assert.equal(Object.keys(named(steps)), ['repo/r']);
    assert.equal([steps.edges, steps.unknown, steps.images], [[], [], []]);
  }));

test('a chart that is known is released as soon as the cluster can take it', ({ folder }) =>
  bench(folder, { namespaces: ['web'], facts: { shop: { ...EMPTY, images: ['nginx:1'] } } }, ({ steps, step }) => {
    const needs = named(steps);
    assert.equal(needs['releases'], ['api']);
    assert.equal(needs['release/shop'], ['releases', 'kubeconfig', 'namespace/web']);
    assert.ok(needs['release/shop/ready']?.includes('release/shop'));
    assert.is('charts/prune' in needs, false);
    assert.equal(steps.unknown, []);
    assert.is(step('repo/r').optional, true, 'nothing needs it');
    assert.equal(
      steps.images.map((one) => [one.service, one.needs, one.images()]),
      [['shop', [], ['nginx:1']]],
    );
  }));

test('a chart that has to be fetched comes first, and its repository before it', ({ folder }) =>
  bench(
    folder,
    {
      services: [
        { ...shop, chart: undefined },
        serviceOf({ name: 'db', chart, implied: false }),
        serviceOf({ name: 'web', chart }),
      ],
      facts: { db: EMPTY, web: EMPTY },
    },
    ({ steps, step }) => {
      const needs = named(steps);
      assert.equal(steps.unknown, ['shop']);
      assert.equal(needs['chart/shop'], ['repo/r']);
      assert.ok(needs['release/shop']?.includes('chart/shop'));
      assert.not.ok(needs['release/db']?.includes('chart/shop'));
      assert.ok(needs['release/web']?.includes('chart/shop'), 'which may have what it needs');
      assert.equal(needs['charts/prune'], ['chart/shop']);
      assert.is(step('repo/r').optional, false);
      assert.equal(
        steps.images.map(({ needs: of }) => of),
        [['chart/shop'], [], []],
      );
    },
  ));

test('the user’s manifests wait for charts that are not known yet, other steps do not', async ({ folder }) => {
  const manifests: Step = { name: 'manifests', needs: ['api'], run: () => undefined };
  const other: Step = { name: 'other', needs: ['api'], run: () => undefined };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
  const own = [{ object, where: 'a.yaml:1' }];
  await bench(folder, { manifests: own }, ({ steps }) => {
    assert.equal(steps.connect(manifests).needs, ['api']);
    assert.is(steps.connect(manifests).lateNeeds, undefined);
  });
  await bench(folder, { manifests: own, services: [{ ...shop, chart: undefined }], facts: {} }, ({ steps }) => {
    assert.equal(steps.connect(manifests).needs, ['api', 'chart/shop']);
    assert.equal(steps.connect(manifests).lateNeeds?.(), []);
    assert.is(steps.connect(other), other);
  });
});

test('installed, upgraded, unchanged', async ({ folder }) => {
  await bench(folder, {}, async ({ run, outcomes, verbs }) => {
    await run('releases');
    await run('release/shop');
    assert.equal([outcomes, verbs], [['installed'], ['upgrade']]);
  });
  const labels = { name: 'shop', status: 'deployed', version: '2', 'hoist-revision': '2' };
  await bench(folder, { releases: [{ ...labels, 'hoist-inputs': 'others' }] }, async ({ run, outcomes }) => {
    await run('releases');
    await run('release/shop');
    assert.equal(outcomes, ['upgraded']);
  });
  await bench(
    folder,
    { releases: [{ ...labels, 'hoist-inputs': inputsOf(shop, chart) }] },
    async ({ run, outcomes, verbs, notes }) => {
      await run('releases');
      await run('release/shop');
      assert.equal([outcomes, verbs, notes], [[], [], ['unchanged']]);
    },
  );
});

test('a namespace is made only where nothing else of the run makes it', async ({ folder }) => {
  const made = async (world: World): Promise<string[]> => {
    let found: string[] = [];
    await bench(folder, world, async ({ run, namespaces }) => {
      await run('release/shop');
      found = namespaces;
    });
    return found;
  };
  assert.equal(await made({}), ['/api/v1/namespaces/web']);
  assert.equal(await made({ namespaces: ['web'] }), []);
  assert.equal(await made({ facts: { shop: { ...EMPTY, offers: ['namespace|web'] } } }), []);
  assert.equal(await made({ services: [{ ...shop, namespace: 'default' }] }), []);
});

const FAILED = { name: 'shop', status: 'failed', version: '1' };

test('a release that fails is taken back only where it is atomic', async ({ folder }) => {
  const fails = (verb: string): string | undefined => (verb === 'upgrade' ? 'Error: no' : undefined);
  await bench(folder, { fails, releases: [FAILED] }, async ({ run, verbs }) => {
    assert.is((await thrown(ServicesError, run('release/shop'))).message, 'no');
    assert.equal(verbs, ['upgrade']);
  });
  await bench(folder, { fails, releases: [FAILED], services: [{ ...shop, atomic: true }] }, async ({ run, verbs }) => {
    assert.is((await thrown(ServicesError, run('release/shop'))).message, 'no\nit was removed again');
    assert.equal(verbs, ['upgrade', 'uninstall']);
  });
});

test('an atomic release that does not become ready is taken back, too; what others need of it waits', async ({
  folder,
}) => {
  const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\n';
  await bench(
    folder,
    { manifest, releases: [FAILED], services: [{ ...shop, atomic: true }] },
    async ({ run, verbs }) => {
      const error = await thrown(ServicesError, run('release/shop'));
      assert.match(error.message, /service "shop" is not ready[^]*it was removed again$/);
      assert.equal(verbs, ['upgrade', 'uninstall']);
    },
  );
  await bench(folder, { manifest }, async ({ run }) => {
    await run('release/shop');
    assert.match((await thrown(ServicesError, run('release/shop/ready'))).message, /service "shop" is not ready/);
  });
});

test('where helm waited in vain for its hooks, these are named', ({ folder }) => {
  const fails = (verb: string): string | undefined =>
    verb === 'upgrade' ? 'Error: timed out waiting for the condition' : undefined;
  const jobs = [{ metadata: { name: 'migrate', annotations: { 'helm.sh/hook': 'pre-install' } } }];
  return bench(folder, { fails, jobs }, async ({ run }) => {
    const error = await thrown(ServicesError, run('release/shop'));
    assert.is(
      error.message,
      'timed out waiting for the condition\nJob migrate (pre-install) has not ended: it has no pod',
    );
  });
});

test.run();
