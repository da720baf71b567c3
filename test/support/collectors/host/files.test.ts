// Files of this machine: which ones a pattern means, how much of a disk is taken, and what pairs of certificates are.

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as files from '../../../../scripts/support/collectors/host/files.ts';
import type { Machine } from '../../../../scripts/support/collectors/host/machine.ts';
import { certificate as pair } from '../../../doubles/certificates.ts';
import { runCollector } from '../running.ts';

const test = suite<{ folder: string; write: (path: string, text: string) => string }>('support/collectors/host/files');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-files-'));
  context.write = (path, text) => {
    const whole = join(context.folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  };
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('copy: what a pattern of Go means', async ({ folder, write }) => {
  for (const path of ['a.log', 'b.log', 'ab.log', 'c.txt', '.hidden', 'd/e.log', 'd/f/g.log', 'x+y.log', '[z]'])
    write(path, path);
  symlinkSync('a.log', join(folder, 'link.log'));
  symlinkSync('nowhere', join(folder, 'broken.log'));
  const copied = async (pattern: string): Promise<string[]> => {
    const ran = await runCollector(files.hostCopy, { collectorName: 'c', path: join(folder, pattern) });
    assert.equal(ran.notes, Object.keys(ran.files).length === 0 ? ['no files matched'] : [], pattern);
    assert.equal(ran.problems, []);
    return Object.keys(ran.files).map((path) => path.replace('host-collectors/c/', ''));
  };
  assert.equal(await copied('a.log'), ['a.log']);
  assert.equal(await copied('?.log'), ['a.log', 'b.log']);
  assert.equal(await copied('*.log'), ['a.log', 'ab.log', 'b.log', 'link.log', 'x+y.log']);
  assert.equal(await copied('[ac].*'), ['a.log', 'c.txt']);
  assert.equal(await copied('[^ac].*'), ['b.log']);
  assert.equal(await copied('x+y.*'), ['x+y.log']);
  assert.equal(await copied('.h*'), ['.hidden']);
  assert.equal(await copied('*/e.log'), ['e.log']);
  assert.equal(await copied('d/*'), ['e.log', 'f/g.log']);
  assert.equal(await copied('d'), ['d/e.log', 'd/f/g.log']);
  assert.equal(await copied('none'), []);
  assert.equal(await copied('none/*'), []);
  assert.equal(await copied('a.log/*'), []);
});

test('copy: its name, its suffix, what is in it', async ({ write }) => {
  const path = write('one', 'text');
  assert.equal((await runCollector(files.hostCopy, { path })).files, { 'host-collectors/copy/one': 'text' });
  const { files: again } = await runCollector(files.hostCopy, { collectorName: 'n', path }, { suffix: '-2' });
  assert.equal(again, { 'host-collectors/n-2/one': 'text' });
  assert.is(
    files.hostCopy.claim({ kind: '', host: true, spec: { path: '/a/b' } } as never, ''),
    'host-collectors/copy/b',
  );
  const stopped = runCollector(files.hostCopy, { path }, { signal: AbortSignal.abort(new Error('stopped')) });
  assert.is(
    await stopped.then(
      () => '',
      (error: unknown) => (error as Error).message,
    ),
    'stopped',
  );
});

test('disk usage of a path, of "/" where none is named', async () => {
  const asked: string[] = [];
  const machine = {
    disk: (path: string) => (asked.push(path), Promise.resolve({ total: 10, used: 3 })),
  } as unknown as Machine;
  const of = async (spec: Record<string, unknown>): Promise<Record<string, string>> =>
    (await runCollector(files.diskUsage, spec, { host: { machine }, suffix: '-n' })).files;
  const [[path, text]] = Object.entries(await of({})) as [[string, string]];
  assert.is(path, 'host-collectors/diskUsage/diskUsage-n.json');
  assert.equal(JSON.parse(text), { total_bytes: 10, used_bytes: 3 });
  assert.equal(Object.keys(await of({ collectorName: 'var', path: '/var' })), ['host-collectors/diskUsage/var-n.json']);
  await of({ path: 'relative/../x' });
  assert.equal(asked, ['/', '/var', '/x']);
});

test('pairs of a certificate and a key', async ({ write }) => {
  const { cert, key } = pair();
  const encrypted = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const paths = Object.fromEntries(
    Object.entries({
      cert,
      key,
      other,
      encrypted,
      text: 'text',
      broken: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    }).map(([name, text]) => [name, write(name, text)]),
  );
  for (const [certificatePath, keyPath, status] of [
    ['cert', 'key', 'key-pair-valid'],
    ['cert', 'other', 'key-pair-mismatch'],
    ['key', 'cert', 'key-pair-switched'],
    ['key', 'key', 'key-pair-switched'],
    ['cert', 'cert', 'key-pair-switched'],
    ['cert', 'text', 'key-pair-invalid'],
    ['text', 'key', 'key-pair-invalid'],
    ['broken', 'key', 'key-pair-invalid'],
    ['cert', 'encrypted', 'key-pair-encrypted'],
    ['cert', 'none', 'key-pair-missing'],
    ['none', 'key', 'key-pair-missing'],
  ] as const) {
    const spec = { certificatePath: paths[certificatePath] ?? '/none', keyPath: paths[keyPath] ?? '/none' };
    const { files: written, notes } = await runCollector(files.certificate, spec);
    assert.equal(written, { 'host-collectors/certificate/certificate.json': status }, `${certificatePath} ${keyPath}`);
    assert.equal(notes, status === 'key-pair-valid' ? [] : [status]);
  }
});

test('certificates one by one, with what is missing and what is none', async ({ write }) => {
  const paths = [write('cert', pair().cert), '/none', write('text', 'text')];
  const { files: written } = await runCollector(files.certificatesCollection, { collectorName: 'n', paths });
  const found = JSON.parse(written['host-collectors/certificatesCollection/n.json'] ?? '') as {
    certificatePath: string;
    certificateChain?: unknown[];
    message: string;
  }[];
  assert.equal(
    found.map(({ certificatePath, certificateChain, message }) => [certificatePath, certificateChain?.length, message]),
    [
      [paths[0], 1, 'cert-valid'],
      ['/none', undefined, 'cert-missing'],
      [paths[2], undefined, 'cert-invalid'],
    ],
  );
});

test.run();
