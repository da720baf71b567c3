// The digest of a chart covers what helm reads: links followed, what .helmignore names left out.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnreadableChartError, chartDigest } from '../../../../scripts/services/helm/charts/digest.ts';
import { readHelmIgnore } from '../../../../scripts/services/helm/charts/helmignore.ts';
import { thrown } from '../../../kube/helpers.ts';
import { helmPath } from '../workshop.ts';

const digest = suite<{ folder: string }>('services: digest of a chart', { folder: '' });
const withHelm = helmPath === undefined ? digest.skip : digest;

digest.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-digest-'));
});
digest.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

function write(folder: string, file: string, text = ''): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

digest('a link to a folder counts as what is in it', async ({ folder }) => {
  write(folder, 'shared/a.txt', 'one');
  write(folder, 'chart/Chart.yaml');
  symlinkSync('../shared', join(folder, 'chart/files'));
  const before = await chartDigest(join(folder, 'chart'));
  write(folder, 'shared/a.txt', 'two');
  assert.is.not(await chartDigest(join(folder, 'chart')), before);
});

digest('what is ignored does not count', async ({ folder }) => {
  write(folder, '.helmignore', 'logs/\n*.tmp\n/only-here\n');
  write(folder, 'Chart.yaml');
  const before = await chartDigest(folder);
  for (const file of ['logs/run', 'x.tmp', 'deep/y.tmp', 'only-here', 'templates/.hidden']) write(folder, file, file);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.is(await chartDigest(folder), before);
  write(folder, 'deep/only-here');
  assert.is.not(await chartDigest(folder), before);
});

digest('links that lead nowhere, or back, are named', async ({ folder }) => {
  write(folder, 'Chart.yaml');
  symlinkSync('nowhere', join(folder, '.#values.yaml'));
  assert.match((await thrown(UnreadableChartError, chartDigest(folder))).message, '.#values.yaml is a link to nothing');
  rmSync(join(folder, '.#values.yaml'));
  symlinkSync('.', join(folder, 'again'));
  assert.match(
    (await thrown(UnreadableChartError, chartDigest(folder))).message,
    'again is a link to a folder that it is in',
  );
});

withHelm('rules of .helmignore mean what they mean to helm', ({ folder }) => {
  const files = [
    'a.txt',
    'b.md',
    'sub/a.txt',
    'sub/deep/c.txt',
    'x[1].txt',
    'logs/z',
    'sub/logs/z',
    'keep/logs',
    '+.txt',
  ];
  const rules = [
    '*.txt',
    '/a.txt',
    'sub/*.txt',
    'sub/*/c.txt',
    'logs',
    'logs/',
    'sub/logs/',
    'x[[]1].txt',
    '[a-b].*',
    '[^a].txt',
  ];
  for (const [at, rule] of [...rules, '?.md', '# a.txt', '!*.md', '\\\\+.txt', 'sub', '*'].entries()) {
    const root = join(folder, String(at));
    for (const file of files) write(root, file, 'x');
    write(root, 'Chart.yaml', 'apiVersion: v2\nname: probe\nversion: 1.0.0\n');
    write(root, 'templates/list.yaml', 'files: {{ range $name, $_ := .Files }}{{ $name }} {{ end }}\n');
    write(root, '.helmignore', `${rule}\n`);
    let seen: string[] = [];
    try {
      const text = execFileSync(helmPath ?? '', ['template', 'x', root], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString();
      seen = (/^files: (.*)$/m.exec(text)?.[1] ?? '').split(' ');
    } catch {
      // The rule takes the chart itself away.
      continue;
    }
    const ignores = readHelmIgnore(rule);
    const ignored = (file: string): boolean => {
      const parts = file.split('/');
      return parts.some((_, at) => ignores(parts.slice(0, at + 1).join('/'), at < parts.length - 1));
    };
    for (const file of files) assert.is(ignored(file), !seen.includes(file), `${rule}: ${file}`);
  }
});

digest.run();
