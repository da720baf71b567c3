// Settings before anything is made: where paths lead, who names the cluster, and what an existing cluster alone may be told.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, UsageError } from '../../scripts/base/errors.ts';
import { prepare, preparePlan, readSettings } from '../../scripts/cluster/prepare-cluster.ts';
import { thrown } from '../kube/helpers.ts';
import { type Wired, wired } from './wiring.ts';

const test = suite<Wired>('cluster/prepare-cluster');
wired(test);

const read = (context: Wired, text: string, flags: Record<string, string> = {}) =>
  readSettings({ config: context.write('sub/cluster.yaml', text), flags }, context.wiring);

test('paths of a file are relative to it, those of flags, variables and defaults to the working directory', async (context) => {
  const { folder, wiring } = context;
  wiring.env = { ...wiring.env, KUBECONFIG: undefined };
  const paths = async (text: string, flags: Record<string, string> = {}): Promise<unknown[]> => {
    const { settings } = await read(context, text, flags);
    return [settings.logDir, settings.kubeconfig];
  };
  assert.equal(await paths('logDir: own\nkubeconfig: ../k\n'), [`${folder}/sub/own`, `${folder}/k`]);
  assert.equal(await paths('logDir: own\nkubeconfig: k\n', { 'log-dir': 'l', kubeconfig: 'f' }), ['l', 'f']);
  assert.equal(await paths('agents: 1\n'), ['logs', undefined]);
  wiring.env = { ...wiring.env, DEPLOY_LOG_DIR: 'e' };
  assert.equal(await paths('agents: 1\n'), ['e', undefined]);
});

test("a config of k3d's own format names the cluster, unless settings do", async (context) => {
  const native = (name: string): string =>
    context.write('sub/k3d.yaml', `apiVersion: k3d.io/v1alpha5\nkind: Simple\n${name}`);
  const k3d = 'provider: k3d\nk3d: { config: k3d.yaml }\n';
  native('metadata: { name: theirs }\n');
  const named = await read(context, k3d);
  assert.equal([named.settings.name, named.writtenAs(['name'])], ['theirs', 'theirs']);
  assert.match(named.sourceOf(['name']), /k3d\.yaml:3/);
  assert.match(named.sourceOf(['provider']), /cluster\.yaml:1/);
  assert.is((await read(context, `name: ours\n${k3d}`)).settings.name, 'ours');
  assert.is((await read(context, k3d, { name: 'flag' })).settings.name, 'flag');
  assert.is((await read(context, k3d.replace('provider: k3d', 'provider: auto'))).settings.name, 'theirs');
  assert.is((await read(context, k3d.replace('provider: k3d', 'provider: embedded'))).settings.name, 'dev');
  native('');
  assert.is((await read(context, k3d)).settings.name, 'dev');
  context.write('sub/k3d.yaml', 'no: [');
  assert.is((await read(context, k3d)).settings.name, 'dev', 'whoever makes it says why');
  for (const [name, message] of [
    ['No_Name', /^metadata\.name (?!must have at most).*, not "No_Name"$/],
    ['A'.repeat(32), /^metadata\.name (?!must have at most)/],
    ['a'.repeat(80), /^metadata\.name must have at most \d+ characters, not "a+"$/],
  ] as const) {
    native(`metadata: { name: ${name} }\n`);
    const { problems } = await thrown(ConfigError, read(context, k3d));
    assert.match(problems[0]?.message ?? '', message);
    assert.match(problems[0]?.where ?? '', /k3d\.yaml:3/);
  }
});

test('that a cluster is meant is said of existing ones alone', async (context) => {
  const config = context.write('cluster.yaml', 'provider: embedded\n');
  const request = { config, flags: { 'yes-this-is': 'c' } };
  const { message } = await thrown(UsageError, preparePlan(request, context.wiring));
  assert.is(message, '--yes-this-is is for existing clusters; this one is made by embedded');
});

test('k3d is planned for the machine of its engine, all else for this one', async (context) => {
  const machine = async (provider: string): Promise<number> => {
    const config = context.write('cluster.yaml', `provider: ${provider}\n`);
    return (await preparePlan({ config, flags: {} }, context.wiring)).machine.cpus;
  };
  const info = { cpus: 77, memoryBytes: 2 ** 40 };
  const session = { info, endpoint: { host: 'unix:///x', source: 'x' } };
  context.wiring.docker = () => Promise.resolve(session as never);
  assert.is(await machine('k3d'), 77);
  assert.is.not(await machine('embedded'), 77);
  context.wiring.docker = () => Promise.resolve({ why: 'off' });
  assert.is.not(await machine('k3d'), 77);
});

test('own steps are loaded only for a run, and all problems of files come at once', async (context) => {
  const settings = (more: string) => ({
    config: context.write('cluster.yaml', `provider: embedded\nnamespaces: []\n${more}`),
    flags: {},
  });
  context.write('own/bad.ts', 'throw new Error("it was run");\n');
  const request = settings('steps: own\n');
  await thrown(Error, prepare(request, context.wiring));
  assert.is((await prepare(request, context.wiring, { run: false })).ownSteps.length, 1);
  const { problems } = await thrown(
    ConfigError,
    prepare(
      settings('manifests: [none.yaml, "https://x.test/a.yaml"]\nresources: { cluster: [other.yaml] }\n'),
      context.wiring,
    ),
  );
  assert.is(problems.length, 3);
});

test('which secrets of the defaults have no value is only a detail, of own ones it is said', async (context) => {
  const own = context.write(
    'cluster.yaml',
    'provider: embedded\nsecrets: [{ name: a, optional: true, data: { k: { env: NOT_SET } } }]\n',
  );
  const mine = await prepare({ config: own, flags: {} }, context.wiring);
  assert.equal([mine.secrets.notes.length, mine.details], [1, []]);
});

test('webhooks of pods are left out on an embedded cluster, unless they are asked for', async (context) => {
  const without = async (text: string): Promise<boolean[]> => {
    context.write('sub/chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
    const services = 'services: [{ name: web, chart: ./chart }]\n';
    const config = context.write('sub/cluster.yaml', text + services);
    const { withoutWebhooks, services: found } = await prepare({ config, flags: {} }, context.wiring);
    return [withoutWebhooks, ...found.list.map((one) => one.withoutWebhooks)];
  };
  assert.equal(await without('provider: embedded\n'), [true, true]);
  assert.equal(await without('provider: embedded\nembedded: { webhooks: true }\n'), [false, false]);
});

test.run();
