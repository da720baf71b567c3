// One release: when helm runs and with what, what becomes of a stuck one, and how a failed one is taken back. Helm is a double.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServicesError } from '../../../../scripts/base/errors.ts';
import type { StepContext } from '../../../../scripts/engine/step.ts';
import { ExecError, type ExecOptions } from '../../../../scripts/host/exec.ts';
import type { KubeClient } from '../../../../scripts/kube/client/client.ts';
import { HelmError } from '../../../../scripts/services/helm/helm.ts';
import { helmHome } from '../../../../scripts/services/helm/home.ts';
import { inputsOf } from '../../../../scripts/services/helm/inputs.ts';
import type { Facts } from '../../../../scripts/services/helm/implied/facts.ts';
import { release, type ReleaseInput, type ReleaseTools } from '../../../../scripts/services/helm/releases/release.ts';
import type { ReleaseState } from '../../../../scripts/services/helm/releases/releases.ts';
import { rollBack } from '../../../../scripts/services/helm/releases/rollback.ts';
import { answer, type Arrived, statusObject } from '../../../doubles/kube-server.ts';
import { thrown, withClient } from '../../../kube/helpers.ts';
import { serviceOf } from '../workshop.ts';

const test = suite('services/helm/releases/release');

const service = serviceOf({
  name: 'shop',
  namespace: 'web',
  timeoutMs: 1_500,
  values: { text: 'a: s3cret\n', secrets: ['s3cret'] },
});
const chart = { path: '/charts/shop', digest: 'd1' };
const inputs = inputsOf(service, chart);
const CRD =
  'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gadgets.example.com\n';
const facts = (own: Partial<Facts> = {}): Facts =>
  ({ crdsFolder: false, webhooks: [], plurals: {}, ...own }) as unknown as Facts;
const stateOf = (own: Partial<ReleaseState> = {}): ReleaseState => ({
  ...{ revision: 3, status: 'deployed', inputs, since: '2026-01-01T00:00:00Z', lastGood: 3 },
  ...own,
});

interface Bench {
  client: KubeClient;
  arrived: readonly Arrived[];
  runs: ExecOptions[];
  said: { notes: string[]; warnings: string[]; output: string[] };
  namespaces: () => number;
  abort: (reason: Error) => void;
  go(own?: Partial<ReleaseInput>, tools?: Partial<ReleaseTools>): Promise<number>;
  back(own: Partial<Pick<ReleaseInput, 'service' | 'state'>>): Promise<ServicesError>;
}

interface Odd {
  /** What helm says on stderr, or how it fails. */
  stderr?: string;
  fails?: (args: readonly string[]) => string | undefined;
  /** Names of definitions that are there. */
  definitions?: string[];
  /** Labels of the secrets of releases that are there. */
  releases?: Record<string, string>[];
}

async function bench(use: (bench: Bench) => Promise<void>, odd: Odd = {}): Promise<void> {
  const definitions = new Set(odd.definitions ?? []);
  const runs: ExecOptions[] = [];
  await withClient(
    ({ method, path, query, body }, response) => {
      if (method === 'DELETE') return answer(response, 200, {});
      if (path === '/api/v1/secrets') {
        const items = (odd.releases ?? []).map((labels) => ({ metadata: { name: 'x', namespace: 'web', labels } }));
        return answer(response, 200, { items });
      }
      const established = { conditions: [{ type: 'Established', status: 'True' }] };
      if (method === 'POST') {
        const name = /name: (\S+)/.exec(body)?.[1] ?? '';
        definitions.add(name);
        return answer(response, 201, { metadata: { name } });
      }
      if (path.endsWith('/customresourcedefinitions')) {
        const name = query.get('fieldSelector')?.replace('metadata.name=', '') ?? '';
        return answer(response, 200, {
          metadata: { resourceVersion: '1' },
          items: [{ metadata: { name }, status: established }],
        });
      }
      const name = path.split('/').at(-1) ?? '';
      if (definitions.has(name)) return answer(response, 200, { metadata: { name } });
      answer(response, 404, statusObject(404, 'NotFound', path));
    },
    async (client, { arrived }) => {
      const said: Bench['said'] = { notes: [], warnings: [], output: [] };
      const end = new AbortController();
      const context = {
        signal: end.signal,
        note: (text: string) => void said.notes.push(text),
        warn: (text: string) => void said.warnings.push(text),
        output: (text: string) => void said.output.push(text),
      } as unknown as StepContext;
      const env = { HOME: '/nowhere', XDG_CACHE_HOME: '/tmp' };
      const tools: ReleaseTools = {
        ...{
          client,
          home: helmHome(env),
          env,
          helm: () => Promise.resolve('helm'),
          cluster: 'dev',
          kubeconfig: '/kc',
          stuck: 'fail',
        },
        exec: (options) => {
          runs.push(options);
          const failure = odd.fails?.(options.args);
          if (failure !== undefined) {
            const details = { file: 'helm', exitCode: 1, stdout: '', stderr: failure, reason: 'exit' as const };
            return Promise.reject(new ExecError('helm failed', details));
          }
          const stdout = options.args[0] === 'show' ? CRD : '';
          return Promise.resolve({ exitCode: 0, stdout, stderr: odd.stderr ?? '', durationMs: 1 });
        },
      };
      let made = 0;
      const input: ReleaseInput = {
        ...{ service, chart, facts: facts(), state: undefined },
        makeNamespace: () => Promise.resolve(void (made += 1)),
      };
      await use({
        ...{ client, arrived, runs, said, namespaces: () => made, abort: (reason) => end.abort(reason) },
        go: (own = {}, more = {}) => release({ ...input, ...own }, { ...tools, ...more }, context),
        back: (own) =>
          rollBack(
            { service, state: undefined, ...own },
            new ServicesError('it failed', { hint: 'look' }),
            tools,
            context,
          ),
      });
    },
  );
}

const verbs = (runs: readonly ExecOptions[]): string[] => runs.map(({ args }) => args.slice(0, 3).join(' '));

test('the first release: values by stdin, labels that say what it was made from', () =>
  bench(async ({ go, runs, namespaces }) => {
    assert.is(await go(), 1);
    assert.is(namespaces(), 1);
    assert.is(runs.length, 1);
    const [{ args, input, env }] = runs as [ExecOptions];
    assert.equal(args.slice(0, 5), ['upgrade', 'shop', '/charts/shop', '--namespace=web', '--kubeconfig=/kc']);
    assert.ok(args.includes('--timeout=2s'), 'whole seconds, rounded up');
    assert.ok(args.includes(`--labels=hoist-inputs=${inputs},hoist-revision=1`));
    assert.is(args.includes('--skip-crds'), false);
    assert.is(
      args.some((arg) => arg.startsWith('--post-renderer')),
      false,
    );
    assert.is(input, 'a: s3cret\n');
    assert.match(String(env?.['KUBECACHEDIR']), /dev$/);
  }));

test('helm does not run for what is deployed from the same inputs', () =>
  bench(async ({ go, runs, said, namespaces }) => {
    assert.is(await go({ state: stateOf() }), 3);
    assert.equal([runs, said.notes, namespaces()], [[], ['unchanged'], 0]);
    assert.is(await go({ state: stateOf({ inputs: 'others' }) }), 4);
    assert.is(await go({ state: stateOf({ inputs: undefined }) }), 4);
    assert.is(await go({ state: stateOf({ status: 'failed' }) }), 4);
    assert.is(runs.length, 3);
    assert.ok(runs[0]?.args.some((arg) => arg.endsWith('hoist-revision=4')));
  }));

test('a definition of it that is gone is a reason to release it again', async () => {
  const known = facts({ plurals: { 'example.com/Gadget': 'gadgets' }, crdsFolder: true });
  await bench(
    async ({ go, runs }) => {
      assert.is(await go({ state: stateOf(), facts: known }), 3);
      assert.is(runs.length, 0);
    },
    { definitions: ['gadgets.example.com'] },
  );
  await bench(async ({ go, runs, arrived }) => {
    assert.is(await go({ state: stateOf(), facts: known }), 4);
    assert.equal(verbs(runs), ['show crds /charts/shop', 'upgrade shop /charts/shop']);
    assert.ok(runs[1]?.args.includes('--skip-crds'));
    assert.is(arrived.filter(({ method }) => method === 'POST').length, 1);
  });
});

test('the definitions of a crds folder are made once, before helm runs, and waited for', async () => {
  const known = facts({ plurals: { 'example.com/Gadget': 'gadgets' }, crdsFolder: true });
  await bench(async ({ go, runs, arrived }) => {
    await go({ facts: known });
    assert.equal(verbs(runs), ['show crds /charts/shop', 'upgrade shop /charts/shop']);
    assert.ok(arrived.some(({ query }) => query.get('fieldSelector') === 'metadata.name=gadgets.example.com'));
  });
  await bench(
    async ({ go, runs }) => {
      await go({ facts: known, state: stateOf({ inputs: 'others' }) });
      assert.equal(verbs(runs), ['upgrade shop /charts/shop'], 'an upgrade leaves them as they are');
    },
    { definitions: ['gadgets.example.com'] },
  );
});

test('webhooks stay out only where they are to, and the chart has some', () =>
  bench(async ({ go, runs, said }) => {
    const without = { ...service, withoutWebhooks: true };
    await go({ service: without, facts: facts({ webhooks: ['v'] } as unknown as Partial<Facts>) });
    assert.ok(runs[0]?.args.some((arg) => arg.startsWith('--post-renderer=')));
    assert.match(said.notes.join(), /without its webhooks/);
    await go({ service: without });
    await go({ facts: facts({ webhooks: ['v'] } as unknown as Partial<Facts>) });
    assert.is(
      runs.slice(1).some(({ args }) => args.some((arg) => arg.startsWith('--post-renderer='))),
      false,
    );
  }));

test('warnings of the server are warnings, all else is output, and neither shows a secret', () =>
  bench(
    async ({ go, said }) => {
      await go();
      assert.equal(said.warnings, ['policy "x" is deprecated']);
      assert.equal(said.output, ['coalesce: [redacted] is not a table']);
    },
    {
      stderr:
        'W0101 10:00:00.0 1 warnings.go:70] "Warning: policy \\"x\\" is deprecated"\n\ncoalesce: s3cret is not a table\n',
    },
  ));

const stuck = (own: Partial<ReleaseState> = {}): ReleaseState => stateOf({ status: 'pending-upgrade', ...own });

test('a stuck release: fail says what the other ways would do', () =>
  bench(async ({ go, runs }) => {
    const error = await thrown(ServicesError, go({ state: stuck({ lastGood: 2 }) }));
    assert.match(error.message, /^the release "shop" is stuck in pending-upgrade, since 2026-01-01T00:00:00Z: /);
    assert.match(error.hint ?? '', /takes it back to revision 2/);
    const first = await thrown(
      ServicesError,
      go({ state: stuck({ status: 'pending-install', lastGood: undefined, since: undefined }) }),
    );
    assert.match(first.message, /since an unknown time/);
    assert.match(first.hint ?? '', /removes what it left/);
    assert.is(runs.length, 0);
  }));

test('a stuck release: continue forgets the revision that hangs, rollback goes back to the last good one or removes all', () =>
  bench(async ({ go, runs, arrived, said }) => {
    assert.is(await go({ state: stuck() }, { stuck: 'continue' }), 3);
    assert.equal(
      arrived.filter(({ method }) => method === 'DELETE').map(({ path }) => path),
      ['/api/v1/namespaces/web/secrets/sh.helm.release.v1.shop.v3'],
    );
    assert.is(await go({ state: stuck({ lastGood: 2 }) }, { stuck: 'rollback' }), 5);
    assert.is(await go({ state: stuck({ lastGood: undefined }) }, { stuck: 'rollback' }), 1);
    assert.equal(verbs(runs), [
      'upgrade shop /charts/shop',
      'rollback shop 2',
      'upgrade shop /charts/shop',
      'uninstall shop --namespace=web',
      'upgrade shop /charts/shop',
    ]);
    assert.equal(
      said.warnings.map((text) => text.split('; ')[1]),
      ['resumed from the current state', 'took it back to revision 2', 'removed what was there of it'],
    );
  }));

test('what helm says in the end is the error, without secrets and without its warnings', () =>
  bench(
    async ({ go }) => {
      const error = await thrown(HelmError, go());
      assert.is(error.message, 'bad value [redacted]\nin line 2');
    },
    { fails: () => 'WARNING: kubeconfig is readable\nError: bad value s3cret\nin line 2\n' },
  ));

const failed = { name: 'shop', status: 'failed', version: '4' };

test('a failed release is taken back to the last good revision, or removed', async () => {
  await bench(
    async ({ back, runs }) => {
      const error = await back({ state: stateOf({ lastGood: 3 }) });
      assert.equal([error.message, error.hint], ['it failed\nit was rolled back to revision 3', 'look']);
      assert.equal(verbs(runs), ['rollback shop 3']);
    },
    { releases: [failed] },
  );
  await bench(
    async ({ back, runs }) => {
      assert.is((await back({})).message, 'it failed\nit was removed again');
      assert.equal(verbs(runs), ['uninstall shop --namespace=web']);
    },
    { releases: [failed] },
  );
});

test('where helm wrote nothing, nothing is taken back', async () => {
  const same = { name: 'shop', status: 'deployed', version: '3' };
  await bench(async ({ back, runs }) => {
    assert.is((await back({})).message, 'it failed');
    assert.is(runs.length, 0);
  });
  await bench(
    async ({ back, runs }) => {
      assert.is((await back({ state: stateOf() })).message, 'it failed');
      assert.is(runs.length, 0);
      assert.is(
        (await back({ state: stateOf({ status: 'failed', lastGood: 2 }) })).message,
        'it failed\nit was rolled back to revision 2',
      );
    },
    { releases: [same] },
  );
});

test('a rollback that fails is said beside the first error; an end from outside is the end', async () => {
  const odd: Odd = { releases: [failed], fails: () => 'Error: no space' };
  await bench(async ({ back }) => {
    assert.is((await back({})).message, 'it failed\nit could not be rolled back: no space');
  }, odd);
  await bench(async ({ back, abort }) => {
    const reason = new Error('enough');
    abort(reason);
    assert.is(await back({}).catch((error: unknown) => error), reason);
  }, odd);
});

test.run();
