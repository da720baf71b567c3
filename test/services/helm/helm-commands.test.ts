// Whole command lines of helm, and that what it says holds no secret.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Exec, ExecError } from '../../../scripts/host/exec.ts';
import {
  pullCommand,
  rollbackCommand,
  showCrdsCommand,
  templateCommand,
  uninstallCommand,
  upgradeCommand,
} from '../../../scripts/services/helm/helm-commands.ts';
import { HelmError, runHelm } from '../../../scripts/services/helm/helm.ts';
import { thrown } from '../../kube/helpers.ts';

const commands = suite('services: helm commands');

const target = { release: 'web', namespace: 'apps', kubeconfig: '/k' };

commands('a release, with all that it says and nothing that is secret', () => {
  const upgrade = { ...target, chart: '/c.tgz', labels: { a: '1', b: '2' }, timeoutSeconds: 300, skipCrds: false };
  const args = [
    ...['upgrade', 'web', '/c.tgz', '--namespace=apps', '--kubeconfig=/k', '--install', '--reset-values', '--values=-'],
    ...['--hide-notes', '--disable-openapi-validation', '--timeout=300s', '--labels=a=1,b=2'],
  ];
  assert.equal(upgradeCommand('helm', upgrade), { file: 'helm', args });
  assert.equal(upgradeCommand('helm', { ...upgrade, skipCrds: true }).args, [...args, '--skip-crds']);
});

commands('going back, taking away, looking, rendering', () => {
  const cluster = ['--namespace=apps', '--kubeconfig=/k'];
  assert.equal(rollbackCommand('helm', target, 3).args, ['rollback', 'web', '3', ...cluster]);
  assert.equal(uninstallCommand('helm', target).args, ['uninstall', 'web', ...cluster, '--ignore-not-found']);
  assert.equal(showCrdsCommand('helm', '/c').args, ['show', 'crds', '/c']);
  assert.equal(templateCommand('helm', { ...target, chart: '/c', kubeVersion: '1.34.2' }).args, [
    ...['template', 'web', '/c', '--namespace=apps', '--values=-', '--include-crds', '--skip-tests'],
    '--kube-version=1.34.2',
  ]);
});

commands('pulling: plain HTTP and a version only where they are meant', () => {
  const pull = { reference: 'oci://r/c', version: undefined, into: '/d', plainHttp: false };
  assert.equal(pullCommand('helm', pull).args, ['pull', 'oci://r/c', '--destination=/d']);
  const more = pullCommand('helm', { ...pull, version: '^1', plainHttp: true }).args;
  assert.equal(more.slice(3), ['--version=^1', '--plain-http']);
});

/** A helm that writes to stderr, and ends with this code. */
const saying =
  (stderr: string, exitCode: number): Exec =>
  (options) => {
    const output = { exitCode, stdout: 'out', stderr };
    if (exitCode === 0) return Promise.resolve({ ...output, durationMs: 1 });
    return Promise.reject(
      new ExecError(`${options.file} ended`, { ...output, file: options.file, reason: 'exit' }, { hint: 'a hint' }),
    );
  };

const secrets = ['hunter2', 'line one\nline "two"', 'abc'];
const run = (exec: Exec, warnings: string[] = []): Promise<string> =>
  runHelm(exec, {
    command: { file: 'helm', args: [] },
    env: {},
    secrets,
    signal: new AbortController().signal,
    onWarning: (line) => void warnings.push(line),
  });

commands('secrets are taken out of errors and warnings, in all forms that they may have there', async () => {
  const forms = [
    'value hunter2 is wrong',
    `data ${Buffer.from('hunter2').toString('base64')}`,
    String.raw`json "line one\nline \"two\""`,
    'line one',
    'abc is too short to be distinguished',
  ];
  const hidden = [
    'value [redacted] is wrong',
    'data [redacted]',
    'json "[redacted]"',
    '[redacted]',
    'abc is too short to be distinguished',
  ];
  const error = await thrown(HelmError, run(saying(`WARNING: of no use\nError: ${forms.join('\n')}\n`, 1)));
  assert.equal(error.message.split('\n'), hidden);
  assert.is(error.hint, 'a hint');
  const warnings: string[] = [];
  assert.is(await run(saying(forms.join('\n\n'), 0), warnings), 'out');
  assert.equal(warnings, hidden);
});

commands('of a long error the end, and of a mute one that it ended', async () => {
  const long = await thrown(HelmError, run(saying(Array.from({ length: 99 }, (_, at) => `line ${at}`).join('\n'), 1)));
  assert.equal([long.message.split('\n').length, long.message.endsWith('line 98')], [10, true]);
  assert.is((await thrown(HelmError, run(saying('', 1)))).message, 'helm ended');
});

commands.run();
