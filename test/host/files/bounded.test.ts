import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  collectBounded,
  readBounded,
  readTextBounded,
  readTextBoundedSync,
} from '../../../scripts/host/files/bounded.ts';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { readObjects } from '../../../scripts/fleet/sources/files.ts';
import { loadManifests } from '../../../scripts/kube/manifests/manifests.ts';
import { loadMerged } from '../../../scripts/kube/kubeconfig/load.ts';
import { chartDigest } from '../../../scripts/services/helm/charts/digest.ts';
import { readSettingsFile } from '../../../scripts/settings/yaml.ts';
import { readValues } from '../../../scripts/support/templates/values.ts';
import { readTaskFile } from '../../../scripts/tasks/file/read.ts';

const bounded = suite('bounded reads');

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was refused',
    (error: unknown) => String(error),
  );
}

bounded('a file up to the size, and none beyond it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-bounded-'));
  try {
    const file = join(folder, 'file');
    writeFileSync(file, 'x'.repeat(100_000));
    assert.is((await readBounded(file, 100_000)).length, 100_000);
    assert.match(await refusal(readBounded(file, 99_999)), /RangeError: it is larger than/);
    assert.match(await refusal(readBounded(join(folder, 'none'))), 'ENOENT');
    assert.match(await refusal(readBounded(folder)), 'EISDIR');
    assert.is((await readTextBounded(file)).length, 100_000);
    assert.is(readTextBoundedSync(file, 100_000).length, 100_000);
    assert.throws(() => readTextBoundedSync(file, 99_999), /it is larger than/);
    assert.throws(() => readTextBoundedSync(folder), /EISDIR/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

bounded('a device without an end is refused, with its place', async () => {
  assert.match(
    await refusal(readSettingsFile('/dev/zero', 'c.yaml')),
    /ConfigError: c\.yaml: cannot be read: it is larger than 64 MiB/,
  );
});

bounded('whatever a user names is read up to a size: kubeconfigs, task files, values, charts', async () => {
  const files = {
    kubeconfig: () => loadMerged(['/dev/zero']),
    taskFile: () => readTaskFile('/dev/zero', 'tasks.yaml'),
    values: () => readValues(['/dev/zero'], [], '/'),
    chart: () => chartDigest('/dev/zero'),
  };
  for (const [what, read] of Object.entries(files)) assert.match(await refusal(read()), 'is larger than 64 MiB', what);
});

bounded(
  'a pipe without a writer is empty at once, and one with a writer is read to its end, up to the size',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hoist-bounded-'));
    try {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      assert.is((await readBounded(pipe)).length, 0);
      assert.is(readTextBoundedSync(pipe), '');
      for (const [most, expected] of [
        [100_000, '100000'],
        [99_999, 'it is larger than'],
      ] as const) {
        // It has the pipe open before the first look, writes when it is told to, and more than a pipe holds.
        const script = 'exec 3<>"$1"; echo open; read -r line; head -c 100000 /dev/zero >&3; exec 3>&-';
        const writer = spawn('bash', ['-c', script, 'writer', pipe], { stdio: ['pipe', 'pipe', 'inherit'] });
        await once(writer.stdout, 'data');
        const read = readBounded(pipe, most).then(({ length }) => String(length), String);
        writer.stdin.end('\n');
        assert.match(await read, expected);
        writer.kill('SIGKILL');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

bounded('a stream without an end is left', async () => {
  let made = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        made++;
        yield Buffer.alloc(1024);
      }
    })(),
  );
  assert.match(await refusal(collectBounded(endless, 10_240)), 'RangeError');
  assert.ok(endless.destroyed);
  assert.ok(made < 100, String(made));
});

bounded('what people write may be UTF-16, as PowerShell writes it; nothing else is taken for text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-encodings-'));
  try {
    const at = (name: string, bytes: Buffer): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
    const encodings = {
      plain: (text: string) => Buffer.from(text),
      mark: (text: string) => Buffer.from(`\uFEFF${text}`),
      little: (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
      big: (text: string) => big(`\uFEFF${text}`),
    };
    const tasks = 'tasks: [{ name: ü, actions: [{ cmd: echo }] }]\n';
    for (const [name, encoded] of Object.entries(encodings)) {
      const file = at(name, encoded(tasks));
      assert.is(await readTextBounded(file), tasks, name);
      assert.is(readTextBoundedSync(file), tasks, name);
      assert.equal([...(await readTaskFile(file, 'f')).tasks.keys()], ['ü'], name);
      assert.equal((await readSettingsFile(at('s', encoded('name: ü\n')), 's')).tree, { name: 'ü' }, name);
      assert.equal(await readValues([at('v', encoded('a: ü\n'))], [], folder), { a: 'ü' }, name);
      const set = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n';
      assert.is((await loadManifests([at('m.yaml', encoded(set))])).length, 1, name);
      assert.is((await readObjects([at('set.yaml', encoded(set))], {})).objects.length, 1, name);
    }
    const nul = at('nul.yaml', Buffer.from('tasks:\n  - name: default\n    act\0ions: []\n'));
    const latin = at('latin.yaml', Buffer.from('tasks: [{ name: \xfc }]\n', 'latin1'));
    const odd = at('odd.yaml', Buffer.from([0xff, 0xfe, 0x61]));
    for (const [file, reason] of [
      [nul, 'it is no text: there is a NUL at line 3, column 8'],
      [latin, 'it is not UTF-8 at line 1, column 17'],
      [odd, 'it is not UTF-16LE at line 1, column 1'],
    ] as const) {
      assert.throws(() => readTextBoundedSync(file), reason);
      for (const read of [
        () => readTaskFile(file, 'f'),
        () => readSettingsFile(file, 'f'),
        () => readValues([file], [], folder),
        () => loadManifests([file]),
        () => readObjects([file], {}).then(({ problems }) => Promise.reject(new ConfigError(problems))),
      ])
        assert.match(await refusal(read()), `cannot be read: ${reason}`);
    }
    assert.match(await refusal(readTaskFile(nul, 'f')), 'f:3:8');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

bounded.run();
