// Command lines, flag checks, differences and logs of the embedded provider: pure parts.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import { makePlan } from '../../../../scripts/plan/plan.ts';
import { checkUserFlags, refuseFixedFlags } from '../../../../scripts/providers/embedded/processes/arguments.ts';
import { componentCommand } from '../../../../scripts/providers/embedded/processes/component-commands.ts';
import { planDifferences } from '../../../../scripts/providers/embedded/differences.ts';
import { layoutOf } from '../../../../scripts/providers/embedded/layout.ts';
import { nodeObject } from '../../../../scripts/providers/embedded/nodes.ts';
import { errorLines } from '../../../../scripts/providers/embedded/processes/processes.ts';
import { processNames } from '../../../../scripts/providers/embedded/state.ts';
import { settingsSchema } from '../../../../scripts/settings/schema.ts';

const embedded = suite('embedded: pure parts');

const layout = layoutOf('/s', 'dev');
const ports = { apiserver: 1001, controllerManager: 1002, scheduler: 1003 };
const machine = { cpus: 4, memoryBytes: 8 * 2 ** 30, source: 'test' };
const planOf = (settings: object) =>
  makePlan(settingsSchema.parse(settings), machine, { name: 'embedded', reason: 'test' }).cluster;

embedded('the command line of the scheduler, whole', () => {
  assert.equal(componentCommand('kube-scheduler', '/bin/kube-scheduler', { plan: planOf({}), layout, ports }), {
    file: '/bin/kube-scheduler',
    args: [
      '--leader-elect=false',
      '--kube-api-qps=300',
      '--kube-api-burst=600',
      '--bind-address=127.0.0.1',
      '--tls-cert-file=/s/dev/pki/apiserver.crt',
      '--tls-private-key-file=/s/dev/pki/apiserver.key',
      '--kubeconfig=/s/dev/pki/kube-scheduler.kubeconfig',
      '--secure-port=1003',
    ],
    env: { GOGC: '400' },
  });
});

embedded('nothing listens on more than the loopback interface, and no secret is in argv', () => {
  const lines = processNames.flatMap((name) => componentCommand(name, name, { plan: planOf({}), layout, ports }).args);
  assert.not.ok(lines.some((arg) => /0\.0\.0\.0|\[::\]/.test(arg)));
  assert.ok(lines.includes('--listen-client-urls=unix://etcd.sock'));
  // Its metrics and profiles know of no authentication.
  assert.not.match(lines.join('\n'), 'server-address');
  assert.not.ok(lines.some((arg) => /token=|password/i.test(arg)));
});

embedded("the user's arguments beat defaults and tuning", () => {
  const plan = planOf({ componentArgs: { controllerManager: { 'leader-elect': true, 'kube-api-qps': 50 } } });
  const { args } = componentCommand('kube-controller-manager', 'kcm', { plan, layout, ports });
  assert.ok(args.includes('--leader-elect=true'));
  assert.ok(args.includes('--kube-api-qps=50'));
  assert.is(args.filter((arg) => arg.startsWith('--kube-api-qps')).length, 1);
});

embedded('flags that hoist needs are refused, all at once', () => {
  const plan = planOf({ componentArgs: { etcd: { 'data-dir': '/x' }, kwok: { kubeconfig: '/y' } } });
  try {
    refuseFixedFlags(plan);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.is((error as ConfigError).problems.length, 2);
    assert.match((error as Error).message, 'componentArgs.etcd.data-dir: hoist sets --data-dir of etcd itself');
  }
});

embedded('flags are checked against the help of the binary', async () => {
  const plan = planOf({ componentArgs: { scheduler: { 'kube-api-content-typ': 'x', v: 2 } } });
  const files = Object.fromEntries(processNames.map((name) => [name, name])) as Record<
    (typeof processNames)[number],
    string
  >;
  const asked: string[] = [];
  const exec = ({ file, args }: { file: string; args: readonly string[] }) => {
    asked.push([file, ...args].join(' '));
    const stdout = '      --kube-api-content-type string   text\n  -v, --v Level   number';
    return Promise.resolve({ exitCode: 0, stdout, stderr: '', durationMs: 1 });
  };
  try {
    await checkUserFlags(plan, files, exec, new AbortController().signal);
    assert.unreachable();
  } catch (error) {
    assert.is(
      (error as Error).message,
      'componentArgs.scheduler.kube-api-content-typ: kube-scheduler has no flag --kube-api-content-typ; did you mean --kube-api-content-type?',
    );
  }
  assert.equal(asked, ['kube-scheduler --help']);
});

embedded('differences name what is and what would be', () => {
  const have = planOf({ agents: 1 });
  assert.equal(planDifferences(have, have), []);
  assert.equal(
    planDifferences(have, planOf({ agents: 1, tuning: false }))
      .map((d) => [d.what, d.have, d.want])
      .slice(-1),
    [['scheduler --kube-api-burst', '600', 'not set']],
  );
  assert.equal(
    planDifferences(have, planOf({ agents: 2 })).map((d) => d.what),
    ['nodes'],
  );
  const withFlag = (value: string | undefined): typeof have => ({
    ...have,
    components: {
      ...have.components,
      apiserver: value === undefined ? [] : [{ flag: 'v', value, source: 'user', reason: '' }],
    },
  });
  const differences = (from: string | undefined, to: string | undefined) =>
    planDifferences(withFlag(from), withFlag(to)).map((d) => [d.what, d.have, d.want]);
  assert.equal(differences(undefined, '4'), [['apiserver --v', 'not set', '4']]);
  assert.equal(differences('4', undefined), [['apiserver --v', '4', 'not set']]);
  assert.equal(differences('4', '5'), [['apiserver --v', '4', '5']]);
  assert.equal(differences('4', '4'), []);
});

embedded('a node advertises what the plan gives it', () => {
  const node = nodeObject({ name: 'n', role: 'server', cpus: 3, memoryBytes: 2 * 2 ** 30 }) as {
    metadata: { labels: Record<string, string> };
    status: { capacity: object };
  };
  assert.is(node.metadata.labels['role'], 'server');
  assert.equal(node.status.capacity, { cpu: '3', memory: '2048Mi', pods: '110' });
});

embedded('the reason of a death stands before the last lines', () => {
  const stack = Array.from({ length: 30 }, (_, i) => `goroutine ${i}`);
  const lines = ['starting', 'panic: no space left on device', ...stack];
  assert.equal(errorLines(lines), ['panic: no space left on device', ...stack.slice(-6)]);
  assert.equal(errorLines(['a', 'b']), ['a', 'b']);
});

embedded.run();
