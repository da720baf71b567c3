// Keys and certificates: made once, shared by the clusters of a user, and kept by a cluster that has them.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Exec } from '../../../scripts/host/exec.ts';
import { exec } from '../../../scripts/host/execa.ts';
import { type Layout, layoutOf } from '../../../scripts/providers/embedded/layout.ts';
import { ensureCredentials, provideCertificate, readTokens } from '../../../scripts/providers/embedded/pki.ts';

const pki = suite<{ folder: string; shared: string; calls: string[]; counted: Exec }>(
  'embedded: keys and certificates',
);
const withOpenssl = spawnSync('openssl', ['version']).status === 0 ? pki : pki.skip;
const signal = new AbortController().signal;

pki.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-pki-'));
  context.shared = join(context.folder, 'shared', 'serving.pem');
  context.calls = [];
  context.counted = (command) => {
    context.calls.push(command.file);
    return exec(command);
  };
});
pki.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function clusterIn(folder: string, name: string): Promise<Layout> {
  const layout = layoutOf(folder, name);
  await ensureCredentials(layout);
  return layout;
}

withOpenssl(
  'two clusters share one pair, and a damaged one is made again',
  async ({ folder, shared, calls, counted }) => {
    const [one, two] = [await clusterIn(folder, 'one'), await clusterIn(folder, 'two')];
    assert.is(await provideCertificate(counted, shared, one, signal), true);
    assert.is(await provideCertificate(counted, shared, two, signal), true);
    assert.equal(calls, ['openssl']);
    assert.is(readFileSync(one.certificate, 'utf8'), readFileSync(two.certificate, 'utf8'));
    assert.is(readFileSync(one.key, 'utf8'), readFileSync(two.key, 'utf8'));

    // Without its key it is no pair.
    writeFileSync(shared, readFileSync(one.certificate));
    assert.is(await provideCertificate(counted, shared, two, signal), true);
    assert.is(calls.length, 2);
    assert.is.not(readFileSync(two.key, 'utf8'), readFileSync(one.key, 'utf8'));
  },
);

withOpenssl('a pair is renewed when half of its time is over', async ({ folder, shared, calls, counted }) => {
  const one = await clusterIn(folder, 'one');
  for (const [days, made] of [
    [1_820, 1],
    [1_830, 0],
  ] as const) {
    const aged: Exec = (command) => {
      const args = command.args.map((arg) => (arg === '3650' ? String(days) : arg));
      assert.is(args.includes(String(days)), true);
      return exec({ ...command, args });
    };
    rmSync(shared, { force: true });
    await provideCertificate(aged, shared, one, signal);
    calls.length = 0;
    await provideCertificate(counted, shared, one, signal);
    assert.is(calls.length, made, `${days} days are left`);
  }
  for (const path of [shared, one.key, one.certificate, one.serviceAccountKey, one.tokens])
    assert.is(statSync(path).mode & 0o777, 0o600, path);
  for (const path of [join(shared, '..'), one.pki, one.logs]) assert.is(statSync(path).mode & 0o777, 0o700, path);
});

pki('without openssl there is none, and no key is left behind', async ({ folder, shared }) => {
  const one = await clusterIn(folder, 'one');
  const missing: Exec = () => Promise.reject(new Error('openssl was not found'));
  assert.is(await provideCertificate(missing, shared, one, signal), false);
  assert.not(existsSync(one.certificate));
  assert.not(existsSync(`${shared}.${process.pid}.key`));
});

pki('tokens are made once; a file that lacks one counts as none', async ({ folder }) => {
  const layout = layoutOf(folder, 'one');
  assert.is(await readTokens(layout), undefined);
  const tokens = await ensureCredentials(layout);
  assert.equal(await ensureCredentials(layout), tokens);
  const lines = readFileSync(layout.tokens, 'utf8').trim().split('\n');
  assert.is(lines.length, 4);
  assert.is(new Set(lines.map((line) => line.split(',')[0])).size, 4, 'each user has a token of its own');
  writeFileSync(layout.tokens, `${lines.slice(1).join('\n')}\n`);
  assert.is(await readTokens(layout), undefined);
});

pki.run();
