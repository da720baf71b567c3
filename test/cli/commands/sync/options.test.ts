// The flags of `hoist sync` as values: defaults, bounds, and what is refused.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../../../scripts/base/errors.ts';
import {
  countOrShare,
  duration,
  fleetOptions,
  namespaceOf,
  pageFlags,
  pair,
  pairs,
  passFlags,
  positive,
} from '../../../../scripts/cli/commands/sync/options.ts';
import { rolloutFlags } from '../../../../scripts/cli/commands/sync/rollout-input.ts';

const options = suite('cli/commands/sync/options');

const NONE = {
  'dry-run': false,
  strict: false,
  workers: undefined,
  'max-deletes': undefined,
  'confirm-deletes': false,
  'allow-delete': [],
};

function refused(work: () => unknown, message: RegExp | string): void {
  assert.throws(
    work,
    (error: unknown) =>
      error instanceof UsageError &&
      (typeof message === 'string' ? error.message === message : message.test(error.message)),
    String(message),
  );
}

options('defaults of a pass', () => {
  assert.equal(passFlags(NONE), {
    dryRun: false,
    strict: false,
    workers: 32,
    attempts: 3,
    policy: { max: { share: 0.5 }, confirmed: false, kinds: new Set() },
    intervalMs: 7_200_000,
  });
  const given = passFlags({
    'dry-run': true,
    strict: true,
    workers: '1',
    'max-deletes': '7',
    'confirm-deletes': true,
    'allow-delete': ['Namespace', 'Project'],
    attempts: '9',
    interval: '10m',
  });
  assert.equal(given, {
    dryRun: true,
    strict: true,
    workers: 1,
    attempts: 9,
    policy: { max: { count: 7 }, confirmed: true, kinds: new Set(['Namespace', 'Project']) },
    intervalMs: 600_000,
  });
  refused(
    () => passFlags({ ...NONE, 'allow-delete': ['Namespaces'] }),
    /needs no permission; did you mean Namespace\?/,
  );
  refused(() => passFlags({ ...NONE, 'allow-delete': ['x'] }), /these do: Namespace, CustomResourceDefinition/);
});

options('whole numbers above 0', () => {
  assert.is(positive('1', '--n'), 1);
  assert.is(positive('9999999', '--n'), 9_999_999);
  for (const text of ['0', '01', '-1', '1.5', '', '10000000', '1e3'])
    refused(() => positive(text, '--n'), `--n must be a whole number above 0, not "${text}"`);
});

options('durations from a second to a week', () => {
  const table: [text: string, ms: number][] = [
    ['1s', 1_000],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['0.5h', 1_800_000],
    ['168h', 604_800_000],
  ];
  for (const [text, ms] of table) assert.is(duration(text, '--i'), ms);
  for (const text of ['0.9s', '168.1h', '10', 'm', '1d', '', '-1s'])
    refused(() => duration(text, '--i'), /^--i must be/);
});

options('numbers and shares', () => {
  assert.equal(countOrShare('0', '--m'), { count: 0 });
  assert.equal(countOrShare('20', '--m'), { count: 20 });
  assert.equal(countOrShare('20%', '--m'), { share: 0.2 });
  assert.equal(countOrShare('0%', '--m'), { share: 0 });
  assert.equal(countOrShare('100%', '--m'), { share: 1 });
  assert.equal(countOrShare('0.5%', '--m'), { share: 0.005 });
  for (const text of ['100.5%', '101%', '-1', '1.5', '', '%', '5 %'])
    refused(() => countOrShare(text, '--m'), /^--m must be/);
});

options('addresses', () => {
  const of = (listen?: string): unknown => pageFlags({ listen, 'token-file': 't' }).listen;
  assert.equal(pageFlags({ listen: undefined, 'token-file': undefined }), { listen: undefined, tokenFile: undefined });
  assert.equal(of('8080'), { host: '127.0.0.1', port: 8080 });
  assert.equal(of('0'), { host: '127.0.0.1', port: 0 });
  assert.equal(of('0.0.0.0:65535'), { host: '0.0.0.0', port: 65_535 });
  assert.equal(of('[::1]:80'), { host: '::1', port: 80 });
  assert.equal(of('my-host.example:80'), { host: 'my-host.example', port: 80 });
  for (const text of ['65536', 'host', ':80', '::1:80', 'a b:80', '']) refused(() => of(text), /^--listen must be/);
});

options('names and values', () => {
  assert.equal(pair('a=b=c', '--param'), ['a', 'b=c']);
  assert.equal(pair('a=', '--param'), ['a', '']);
  assert.equal(pairs(['a=1', 'b=2'], '--param'), { a: '1', b: '2' });
  for (const text of ['=b', 'a', '']) refused(() => pair(text, '--param'), `--param: "${text}" is not NAME=VALUE`);
  assert.equal(fleetOptions({ context: ['one', 'two,a=1,b=2'], kubeconfig: 'k', param: ['p=q'] }), {
    contexts: [
      { name: 'one', labels: {} },
      { name: 'two', labels: { a: '1', b: '2' } },
    ],
    kubeconfig: 'k',
    parameters: { p: 'q' },
  });
  refused(
    () => fleetOptions({ context: [',a=1'], kubeconfig: undefined, param: [] }),
    '--context needs a name, not ",a=1"',
  );
  refused(
    () => fleetOptions({ context: ['c,a'], kubeconfig: undefined, param: [] }),
    '--context c: "a" is not NAME=VALUE',
  );
  assert.is(namespaceOf({ namespace: undefined }), 'hoist-sync');
  assert.is(namespaceOf({ namespace: 'mine' }), 'mine');
  assert.throws(() => namespaceOf({ namespace: 'Mine_' }), /--namespace/);
});

options('rollouts', () => {
  const none = { rollout: undefined, 'max-failures': undefined, 'health-timeout': undefined, 'dry-run': false };
  assert.is(rolloutFlags(none), undefined);
  assert.is(rolloutFlags({ ...none, 'dry-run': true }), undefined);
  assert.equal(rolloutFlags({ ...none, rollout: 'canary=true,5%,3' }), {
    waves: [{ label: 'canary', value: 'true' }, { share: 0.05 }, { count: 3 }],
    maxFailures: { count: 0 },
    healthMs: 300_000,
  });
  const given = rolloutFlags({ ...none, rollout: '1', 'max-failures': '10%', 'health-timeout': '30s' });
  assert.equal([given?.maxFailures, given?.healthMs], [{ share: 0.1 }, 30_000]);
  refused(() => rolloutFlags({ ...none, 'max-failures': '1' }), /are for a --rollout/);
  refused(() => rolloutFlags({ ...none, 'health-timeout': '1m' }), /are for a --rollout/);
  refused(
    () => rolloutFlags({ ...none, rollout: '1', 'dry-run': true }),
    /--rollout waits for what --dry-run does not do/,
  );
});

options.run();
