// The values of a service: which of several wins, how secrets get in, and what is refused.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Problem } from '../../../scripts/base/errors.ts';
import { readValues } from '../../../scripts/services/helm/values.ts';

const values = suite<{ folder: string }>('services: values', { folder: '' });

values.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-values-'));
});
values.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

type Setting = Partial<Parameters<typeof readValues>[0]>;

async function read(
  folder: string,
  setting: Setting,
  env: Record<string, string> = {},
): Promise<{ tree: unknown; secrets: readonly string[]; problems: string[] }> {
  const problems: Problem[] = [];
  const whole = { name: 'web', values: {}, valuesFiles: [], valuesFrom: {}, ...setting };
  const sources = { env, folder, cwd: folder, where: (path: readonly (string | number)[]) => path.join('.') };
  const { text, secrets } = await readValues(whole, 3, sources, problems);
  return { tree: JSON.parse(text), secrets, problems: problems.map(({ where, message }) => `${where}: ${message}`) };
}

values('files in their order, then inline values, then secrets', async ({ folder }) => {
  writeFileSync(join(folder, 'a.yaml'), 'of: a\ndb: { host: a, port: 1, user: a }\nlist: [1, 2]\nonly: a\n');
  writeFileSync(join(folder, 'b.yaml'), 'of: b\ndb: { host: b, port: 2 }\nlist: [3]\n');
  const { tree, secrets, problems } = await read(
    folder,
    {
      valuesFiles: ['a.yaml', 'b.yaml'],
      values: { of: 'inline', db: { host: 'inline' }, gone: null },
      valuesFrom: { 'db.password': { env: 'PASSWORD' }, 'db.host': { env: 'HOST' } },
    },
    { PASSWORD: 'top secret', HOST: 'secret.example' },
  );
  assert.equal(problems, []);
  assert.equal(tree, {
    of: 'inline',
    db: { host: 'secret.example', port: 2, user: 'a', password: 'top secret' },
    list: [3],
    only: 'a',
    // Takes away what the chart itself would say.
    gone: null,
  });
  assert.equal(secrets, ['top secret', 'secret.example']);
});

values('a secret stays the text that it is, and may stand below a key with a dot', async ({ folder }) => {
  writeFileSync(join(folder, 'key'), 'line one\nline two\n');
  const valuesFrom = { 'ingress.annotations.example\\.com/key': { file: 'key' }, pin: { env: 'PIN' } };
  const { tree } = await read(folder, { valuesFrom, values: { pin: 1 } }, { PIN: '0123' });
  assert.equal(tree, {
    ingress: { annotations: { 'example.com/key': 'line one\nline two\n' } },
    pin: '0123',
  });
});

values('a mapping takes the place of what is none, and the other way round', async ({ folder }) => {
  writeFileSync(join(folder, 'a.yaml'), 'flat: 1\ndeep: { a: 1 }\n');
  const { tree } = await read(folder, { valuesFiles: ['a.yaml'], values: { flat: { b: 2 }, deep: [1] } });
  assert.equal(tree, { flat: { b: 2 }, deep: [1] });
});

values('an empty file has no values', async ({ folder }) => {
  writeFileSync(join(folder, 'empty.yaml'), '# nothing yet\n');
  assert.equal(await read(folder, { valuesFiles: ['empty.yaml'] }), { tree: {}, secrets: [], problems: [] });
});

values('what is missing or of no use is told all at once, with its place', async ({ folder }) => {
  writeFileSync(join(folder, 'list.yaml'), '- a\n');
  writeFileSync(join(folder, 'two.yaml'), 'a: 1\n---\nb: 2\n');
  writeFileSync(join(folder, 'broken.yaml'), 'a: [1\n');
  const { problems } = await read(folder, {
    valuesFiles: ['nowhere.yaml', 'list.yaml', 'two.yaml', 'broken.yaml'],
    valuesFrom: { password: { env: 'UNSET' }, key: { file: 'gone' } },
  });
  const told = problems.sort();
  assert.is(told.length, 6);
  assert.match(told[0] ?? '', /^broken\.yaml:\d+:\d+: /);
  assert.is(told[1], 'list.yaml:1:1: a values file holds one mapping');
  assert.match(told[2] ?? '', /^services\.3\.valuesFiles\.0: the values file cannot be read: ENOENT/);
  assert.match(told[3] ?? '', /^services\.3\.valuesFrom\.key: service "web": the file cannot be read: ENOENT/);
  assert.is(told[4], 'services.3.valuesFrom.password: service "web": the env variable UNSET is not set');
  assert.is(told[5], 'two.yaml:1:1: a values file holds one mapping');
});

values.run();
