// An existing cluster without a real one: contexts that are refused, credentials that are over, rights that are missing.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runSteps } from '../../../scripts/engine/run.ts';
import { ConfigError, HealthError, HoistError, UsageError } from '../../../scripts/base/errors.ts';
import { exec } from '../../../scripts/host/execa.ts';
import type { ClusterPlan, ExistingPlan } from '../../../scripts/plan/plan.ts';
import { assertNotExpired } from '../../../scripts/providers/existing/credential.ts';
import { existingProvider } from '../../../scripts/providers/existing/existing.ts';
import { missingLines } from '../../../scripts/providers/existing/rights.ts';
import { type Provider, type Situation, type Work, createAccess } from '../../../scripts/providers/provider.ts';
import { certificate } from '../../doubles/certificates.ts';
import { type Arrived, answer, startKubeServer, statusObject, withKubeServer } from '../../doubles/kube-server.ts';
import { startProxy } from '../../doubles/proxy.ts';

const existing = suite<{ folder: string }>('existing', { folder: '' });

existing.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-existing-'));
});
existing.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

interface Given {
  server?: string;
  cluster?: object;
  user?: object;
}

/** Writes the user's kubeconfig: one context, "prod", of user "me". */
function write(
  folder: string,
  { server = 'https://10.11.12.13:6443', cluster = {}, user = { token: 'secret-token' } }: Given = {},
): void {
  const config = {
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'me' } }],
  };
  writeFileSync(join(folder, 'config'), JSON.stringify(config));
}

function providerIn(folder: string, ownKubeconfigs: string[] = []): Provider {
  const home = join(folder, 'state');
  return existingProvider({ exec, env: { HOME: folder }, home, ownKubeconfigs: () => Promise.resolve(ownKubeconfigs) });
}

function planOf(folder: string, more: Partial<ExistingPlan> = {}): ClusterPlan {
  const components = { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] };
  const given = { context: 'prod', kubeconfig: join(folder, 'config'), allow: [], confirmed: undefined, ...more };
  return { name: 'ext', provider: 'existing', kubernetes: '', nodes: [], components, existing: given };
}

async function rejection(promise: Promise<unknown>): Promise<HoistError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, HoistError);
    return error as HoistError;
  }
  throw new Error('it was not refused');
}

const inspect = async (provider: Provider, plan: ClusterPlan): Promise<Situation> =>
  (await provider.prepare(plan)).inspect();

const NO_WORK: Work = { objects: [], namespaces: [], releaseNamespaces: [] };

/** Runs the provider's steps; resolves with the first failure. */
async function run(provider: Provider, plan: ClusterPlan, work = NO_WORK): Promise<HoistError | undefined> {
  const access = createAccess();
  const inputs = { access, situation: { kind: 'same' } as const, healthTimeoutMs: 5_000, work };
  try {
    await runSteps(await (await provider.prepare(plan)).steps(inputs));
    return undefined;
  } catch (error) {
    const [failure] = (error as AggregateError).errors as { cause: unknown }[];
    return failure?.cause as HoistError;
  } finally {
    access.close();
  }
}

existing('a server that nobody has allowed is refused, and the way out is told', async ({ folder }) => {
  write(folder);
  const error = await rejection(providerIn(folder).prepare(planOf(folder)));
  assert.instance(error, UsageError);
  assert.is(error.exitCode, 2);
  assert.match(error.message, 'context "prod" is of the server https://10.11.12.13:6443');
  assert.match(error.hint ?? '', '--yes-this-is prod');
  assert.match(error.hint ?? '', '"10.11.12.13" in `existing.allow`');
});

existing('a confirmed context, an allowed server and one of hoist itself are taken', async ({ folder }) => {
  write(folder);
  const provider = providerIn(folder);
  assert.equal(await inspect(provider, planOf(folder, { confirmed: 'prod' })), { kind: 'same' });
  assert.equal(await inspect(provider, planOf(folder, { allow: ['10.11.*'] })), { kind: 'same' });
  const own = providerIn(folder, [join(folder, 'none'), join(folder, 'own')]);
  assert.instance(await rejection(own.prepare(planOf(folder))), UsageError);
  const context = {
    clusters: [{ name: 'k', cluster: { server: 'https://10.11.12.13:6443' } }],
    contexts: [{ name: 'x', context: { cluster: 'k' } }],
    'current-context': 'x',
  };
  writeFileSync(join(folder, 'own'), JSON.stringify(context));
  assert.equal(await inspect(own, planOf(folder)), { kind: 'same' });
});

existing('a confirmation of another context is refused, even where the server is allowed', async ({ folder }) => {
  write(folder, { server: 'https://127.0.0.1:1' });
  const error = await rejection(providerIn(folder).prepare(planOf(folder, { confirmed: 'staging' })));
  assert.match(error.message, '--yes-this-is names "staging", but the context is "prod"');
});

existing('no context, an unknown one, and a proxy that is none are each told', async ({ folder }) => {
  write(folder, { cluster: { 'proxy-url': 'ftp://user:hunter2@127.0.0.1:9' } });
  const provider = providerIn(folder);
  const none = await rejection(provider.prepare(planOf(folder, { context: undefined })));
  assert.instance(none, UsageError);
  assert.match(none.hint ?? '', 'CONTEXT=');
  const unknown = await rejection(provider.prepare(planOf(folder, { context: 'prd' })));
  assert.instance(unknown, ConfigError);
  assert.match(unknown.hint ?? '', 'Did you mean "prod"?');
  const proxied = await rejection(provider.prepare(planOf(folder, { confirmed: 'prod' })));
  assert.match(proxied.message, 'proxy-url is no address of a proxy, like http://proxy.example:3128');
  assert.not.match(proxied.message, /hunter2/);
});

existing(
  'an address of this machine behind a proxy is one of another machine, and has to be confirmed',
  async ({ folder }) => {
    write(folder, { server: 'https://127.0.0.1:6443', cluster: { 'proxy-url': 'http://proxy.example:3128' } });
    assert.instance(await rejection(providerIn(folder).prepare(planOf(folder))), UsageError);
    assert.equal(await inspect(providerIn(folder), planOf(folder, { confirmed: 'prod' })), { kind: 'same' });
    assert.equal(await inspect(providerIn(folder), planOf(folder, { allow: ['127.0.0.1'] })), { kind: 'same' });
  },
);

existing('a cluster is reached through its proxy, and so are helm and the steps of the user', async ({ folder }) => {
  const proxy = await startProxy({ scheme: 'http' });
  try {
    await withKubeServer(
      ({ path }, response) => {
        if (path === '/version') answer(response, 200, { gitVersion: 'v1.36.1' });
        else answer(response, 200, { items: [], status: { allowed: true } });
      },
      async ({ connection }) => {
        const cluster = { 'proxy-url': proxy.url, 'certificate-authority-data': btoa(certificate().cert) };
        write(folder, { server: connection.server, cluster });
        await run(providerIn(folder), planOf(folder, { confirmed: 'prod' }));
        assert.is(proxy.asked[0], `CONNECT ${new URL(connection.server).host}`);
        const own = providerIn(folder).kubeconfigFile('ext');
        assert.match(readFileSync(own, 'utf8'), `"proxy-url": "${proxy.url}"`);
      },
    );
  } finally {
    proxy.close();
  }
});

existing('a token that says that it is over is refused before any request', async ({ folder }) => {
  const claims = Buffer.from(JSON.stringify({ exp: Date.parse('2024-02-03T04:05:06Z') / 1000 })).toString('base64url');
  await withKubeServer(
    () => undefined,
    async (server) => {
      write(folder, { server: server.connection.server, user: { token: `e30.${claims}.x` } });
      const error = await run(providerIn(folder), planOf(folder));
      assert.instance(error, HealthError);
      assert.is(error?.exitCode, 3);
      assert.is(error?.message, 'the token of user "me" (context "prod") has expired on 2024-02-03T04:05:06Z');
      assert.is(server.arrived.length, 0);
    },
  );
});

existing('so is a client certificate', () => {
  const { cert } = certificate();
  const target = {
    connection: { server: 'https://x', clientCertificate: cert },
    context: 'c',
    cluster: 'k',
    user: 'u',
  };
  assertNotExpired(target, new Date());
  const inAWeek = new Date(Date.now() + 7 * 86_400_000);
  assert.throws(
    () => assertNotExpired(target, inAWeek),
    /^the client certificate of user "u" \(context "c"\) has expired on \d{4}-/,
  );
  const opaque = { ...target, connection: { server: 'https://x', token: 'a.b.c', clientCertificate: 'no PEM' } };
  assertNotExpired(opaque, inAWeek);
});

existing('a credential that the server does not accept is one sentence, without the credential', async ({ folder }) => {
  await withKubeServer(
    (_, response) => answer(response, 401, statusObject(401, 'Unauthorized', 'Unauthorized')),
    async ({ connection: { server, ca = '' } }) => {
      write(folder, { server, cluster: { 'certificate-authority-data': Buffer.from(ca).toString('base64') } });
      const error = await run(providerIn(folder), planOf(folder));
      assert.instance(error, HealthError);
      assert.is(
        error?.message,
        `${server} does not accept the credential of user "me" (context "prod"): it has expired or was withdrawn`,
      );
      assert.not.match(`${error?.message ?? ''} ${error?.hint ?? ''}`, 'secret-token');
    },
  );
});

/** Answers reviews by the verbs of a set like `create secrets/a`. */
const reviewing =
  (allowed: ReadonlySet<string>) =>
  ({ path, body }: Arrived, response: Parameters<typeof answer>[0]): void => {
    if (path === '/version') return answer(response, 200, { gitVersion: 'v1.34.2' });
    if (!path.endsWith('/selfsubjectaccessreviews')) return answer(response, 404, statusObject(404, 'NotFound', path));
    const {
      verb,
      resource,
      namespace = '',
    } = (JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } }).spec.resourceAttributes;
    answer(response, 201, { status: { allowed: allowed.has(`${verb ?? ''} ${resource ?? ''}/${namespace}`) } });
  };

existing('rights that are missing are all named, and nothing else was asked of the server', async ({ folder }) => {
  const allowed = new Set([
    'list serviceaccounts/',
    'watch serviceaccounts/',
    'create configmaps/a',
    'patch configmaps/a',
    'patch namespaces/',
    'patch secrets/b',
  ]);
  const work: Work = {
    namespaces: ['a', 'b'],
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', name: 'a' },
      { apiVersion: 'v1', kind: 'Namespace', name: 'b' },
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'a' },
      { apiVersion: 'v1', kind: 'Secret', name: 's', namespace: 'a' },
      { apiVersion: 'v1', kind: 'Secret', name: 's', namespace: 'b' },
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    ],
    releaseNamespaces: [],
  };
  await withKubeServer(reviewing(allowed), async ({ connection: { server, ca = '' }, arrived }) => {
    write(folder, { server, cluster: { 'certificate-authority-data': Buffer.from(ca).toString('base64') } });
    const error = await run(providerIn(folder), planOf(folder), work);
    assert.instance(error, HealthError);
    assert.equal(error?.message.split('\n'), [
      'user "me" (context "prod") lacks rights that this run needs:',
      '  namespaces: create in the whole cluster',
      '  secrets: create, patch in a',
      '  secrets: create in b',
      '  deployments.apps: create, patch, list, watch in default',
    ]);
    assert.match(error?.hint ?? '', 'Nothing was changed.');
    assert.equal(
      [...new Set(arrived.map(({ method, path }) => `${method} ${path}`))],
      ['GET /version', 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    );
    // One for everything, then one for each right: the ones that two objects share are asked once.
    assert.is(arrived.length, 1 + 1 + 14);
  });
  assert.not.ok(existsSync(join(folder, 'state')), 'nothing was noted either');
});

existing('who may do anything is asked one question', async ({ folder }) => {
  const seen: string[] = [];
  const server = await startKubeServer(({ path, body }, response) => {
    seen.push(
      path === '/version'
        ? path
        : ((JSON.parse(body || '{}') as { spec?: { resourceAttributes: { verb: string } } }).spec?.resourceAttributes
            .verb ?? path),
    );
    if (path === '/version') return answer(response, 200, { gitVersion: 'v1.34.2' });
    if (path === '/api/v1/nodes') {
      const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
      const late = { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] };
      return answer(response, 200, {
        metadata: {},
        items: [
          { metadata: { name: 'n1' }, status: ready },
          { metadata: { name: 'n2' }, status: late },
        ],
      });
    }
    answer(response, 201, { status: { allowed: true } });
  });
  try {
    const { server: address, ca = '' } = server.connection;
    writeFileSync(join(folder, 'ca.crt'), ca);
    write(folder, { server: address, cluster: { 'certificate-authority': 'ca.crt' } });
    const provider = providerIn(folder);
    const work = { ...NO_WORK, namespaces: ['a'], objects: [{ apiVersion: 'v1', kind: 'Namespace', name: 'a' }] };
    assert.is(await run(provider, planOf(folder), work), undefined);
    assert.equal(seen, ['/version', '*', '/api/v1/nodes']);
    assert.equal(await provider.list(), ['ext']);
    const path = provider.kubeconfigFile('ext');
    const own = JSON.parse(readFileSync(path, 'utf8')) as {
      clusters: { cluster: Record<string, string> }[];
      contexts: unknown[];
    };
    assert.is(own.clusters[0]?.cluster['certificate-authority'], join(folder, 'ca.crt'), 'paths are absolute');
    assert.is(statSync(path).mode & 0o777, 0o600);
    const status = await provider.status('ext');
    assert.equal(
      [status?.context, status?.server, status?.nodes.map((n) => n.ready)],
      ['prod', address, [true, false]],
    );
    const removed = await provider.remove('ext');
    assert.equal(removed, { left: `the cluster of context "prod" (${address}) with all that was applied to it` });
    assert.equal(
      [await provider.list(), await provider.remove('ext'), await provider.status('ext')],
      [[], false, undefined],
    );
  } finally {
    await server.close();
  }
});

existing('lines of missing rights join verbs and namespaces that go together', () => {
  const of = (verb: string, resource: string, namespace?: string): Parameters<typeof missingLines>[0][number] => ({
    verb,
    group: 'x.io',
    resource,
    namespace,
  });
  assert.equal(
    missingLines([
      of('create', 'things', 'a'),
      of('patch', 'things', 'a'),
      of('create', 'things', 'b'),
      of('patch', 'things', 'b'),
      of('list', 'others'),
    ]),
    ['  things.x.io: create, patch in a, b', '  others.x.io: list in the whole cluster'],
  );
});

existing.run();
