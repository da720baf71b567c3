// Reading manifests: everything found, everything wrong told at once, each with its place.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { stringifyExact } from '../../../scripts/kube/manifests/exact-json.ts';
import { type Manifest, titleOf } from '../../../scripts/kube/manifests/manifest.ts';
import { loadManifests, readText } from '../../../scripts/kube/manifests/manifests.ts';
import { thrown } from '../helpers.ts';

const manifests = suite('kube: manifests');

async function withFiles(files: Record<string, string>, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-test-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What is found, as `place title`. */
async function found(files: Record<string, string>, ...paths: string[]): Promise<string[]> {
  let result: Manifest[] = [];
  let base = '';
  await withFiles(files, async (folder) => {
    base = folder;
    result = await loadManifests((paths.length > 0 ? paths : ['']).map((path) => join(folder, path)));
  });
  return result.map((manifest) => `${relative(base, manifest.where)} ${titleOf(manifest)}`);
}

/** What is wrong, as `place message`; excerpts follow after a `|`. */
async function wrong(files: Record<string, string>): Promise<string[]> {
  let result: string[] = [];
  await withFiles(files, async (folder) => {
    const error = await thrown(ConfigError, loadManifests([folder]));
    assert.is(error.exitCode, 2);
    result = error.problems.map(({ where, message, excerpt }) => {
      const shown = excerpt === undefined ? '' : ` | ${excerpt}`;
      return `${relative(folder, where)} ${message.replaceAll(folder, '.')}${shown}`;
    });
  });
  return result;
}

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const configJson = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

manifests('finds all documents of all files below a folder, with their places', async () => {
  const files = {
    'b.yml': `# a comment\n---\n${config('b1')}---\n# nothing here\n---\n---\n${config('b2')}`,
    'a/deep/x.yaml': config('x'),
    'c.json': configJson('c'),
    'empty.yaml': '',
    'comment.yaml': '# only\n',
    'blank.json': ' \n',
    'README.md': 'not a manifest',
    '.hidden.yaml': 'not: a manifest',
  };
  assert.equal(await found(files), [
    'a/deep/x.yaml:1:1 ConfigMap x',
    'b.yml:3:1 ConfigMap b1',
    'b.yml:10:1 ConfigMap b2',
    'c.json:1:1 ConfigMap c',
  ]);
});

manifests('takes files in the order given, whatever their extension', async () => {
  const files = { 'b.yaml': config('b'), 'a.txt': config('a') };
  assert.equal(await found(files, 'b.yaml', 'a.txt'), ['b.yaml:1:1 ConfigMap b', 'a.txt:1:1 ConfigMap a']);
});

manifests('flattens lists, typed ones too', async () => {
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [JSON.parse(configJson('a')), JSON.parse(configJson('b'))] as unknown[],
  };
  const typed = {
    apiVersion: 'apps/v1',
    kind: 'DeploymentList',
    items: [{ metadata: { name: 'd', namespace: 'web' } }],
  };
  const files = { 'a.json': JSON.stringify(list), 'b.json': JSON.stringify(typed) };
  assert.equal(await found(files), [
    'a.json:1:1 (item 1) ConfigMap a',
    'a.json:1:1 (item 2) ConfigMap b',
    'b.json:1:1 (item 1) Deployment web/d',
  ]);
});

manifests('tells everything that is wrong at once', async () => {
  const files = {
    'a.yaml': 'just text\n---\nkind: ConfigMap\n---\napiVersion: v1\n---\n- a\n',
    'b.yaml': 'apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Job\nmetadata: {generateName: x-}\n',
    'c.yaml': 'apiVersion: v1\nkind: List\nitems:\n  - nothing\n',
    'd.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: 7}\n',
  };
  assert.equal(await wrong(files), [
    'a.yaml:1:1 is not an object; a manifest begins with apiVersion and kind',
    'a.yaml:3:1 has no apiVersion, like "v1" or "apps/v1"',
    'a.yaml:5:1 has no kind, like "ConfigMap"',
    'a.yaml:7:1 is not an object; a manifest begins with apiVersion and kind',
    'b.yaml:1:1 ConfigMap has no metadata.name',
    'b.yaml:4:1 Job has no metadata.name; generateName cannot be applied a second time',
    'c.yaml:1:1 (item 1) is not an object; a manifest begins with apiVersion and kind',
    'd.yaml:1:1 ConfigMap d: metadata.namespace is not a string',
  ]);
});

manifests('shows of a long line what stands around the place', async () => {
  const name = (length: number): string => 'k'.repeat(length);
  const shown = async (before: number): Promise<string[]> =>
    ((await wrong({ 'a.yaml': `x: 1\n${name(before)}: b: c${name(300)}\n` }))[0] ?? '').split(' | ')[1]?.split('\n') ??
    [];
  const [near = '', below] = await shown(20);
  assert.equal([near.length, near.startsWith('kkk'), below], [150, true, `${' '.repeat(22)}^`]);
  const [far = '', marker] = await shown(200);
  assert.equal([far.length, marker, far.slice(98, 101)], [150, `${' '.repeat(100)}^`, ': b']);
});

manifests('shows the line of a syntax error, and goes on with the other documents', async () => {
  const text = `${config('a')}---\nfoo: bar: baz\n---\nkind: ConfigMap\n---\na: 1\na: 2\n---\na: *gone\n`;
  assert.equal(await wrong({ 'a.yaml': text }), [
    'a.yaml:5:6 Nested mappings are not allowed in compact mappings | foo: bar: baz\n     ^',
    'a.yaml:10:1 Map keys must be unique | a: 2\n^',
    'a.yaml:12:1 Unresolved alias (the anchor must be set before the alias): gone',
    'a.yaml:7:1 has no apiVersion, like "v1" or "apps/v1"',
  ]);
});

manifests('gives the place of what is wrong in JSON, without quoting it', async () => {
  const files = { 'a.json': '{\n  "apiVersion": "v1",\n  "data": hunter2\n}', 'b.json': '{"a": 1' };
  assert.equal(await wrong(files), [
    "a.json:3:11 is not JSON: Unexpected token 'h'",
    "b.json:1:8 is not JSON: Expected ',' or '}' after property value",
  ]);
});

manifests('never shows lines of a Secret', async () => {
  const [problem = ''] = await wrong({ 's.yaml': 'kind: Secret\nstringData:\n  password: hunter2: x\n' });
  assert.match(problem, /^s\.yaml:3:13 Nested mappings/);
  assert.not(problem.includes('hunter2'));
});

manifests('says that templates are not rendered', async () => {
  const [problem = ''] = await wrong({ 't.yaml': `${config('a')}data:\n  a: {{ .Values.x }}\n` });
  assert.is(problem, 't.yaml:5:7 is a template expression; templates are not rendered here');
  const text = `${config('a')}data:\n  script: |\n    echo "{{ range }}"\n  b: '{{ x }}'\n`;
  assert.equal(await found({ 'a.yaml': text }), ['a.yaml:1:1 ConfigMap a']);
});

manifests('refuses the same object twice, across files and versions', async () => {
  const scaler = (version: string): string =>
    `apiVersion: autoscaling/${version}\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: web}\n`;
  const files = {
    'a.yaml': `${config('x')}---\n${scaler('v1')}`,
    'b.yaml': `${scaler('v2')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\n`,
    'c.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: other}\n`,
  };
  assert.equal(await wrong(files), [
    'b.yaml:1:1 HorizontalPodAutoscaler web/h is written twice, and not alike; the first one is at ./a.yaml:5:1',
    'b.yaml:5:1 ConfigMap default/x is written twice, and not alike; the first one is at ./a.yaml:1:1',
  ]);
});

manifests('takes what is written twice word for word as one object', async () => {
  const space = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
  assert.equal(await found({ 'a.yaml': space, 'b.yaml': `${space}---\n${config('b')}` }), [
    'a.yaml:1:1 Namespace shop',
    'b.yaml:5:1 ConfigMap b',
  ]);
});

manifests('tells all that cannot be read, with what can', async () => {
  await withFiles({ 'a.yaml': config('a'), 'broken.yaml': 'a: [' }, async (folder) => {
    await symlink('nowhere.yaml', join(folder, 'link.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml'), join(folder, 'named')]);
    await symlink('pipe.yaml', join(folder, 'linked-pipe.yaml'));
    const error = await thrown(ConfigError, loadManifests([folder, '/dev/zero', '-', 'https://example.com/a.yaml']));
    const told = error.problems.map(({ where, message }) => `${relative(folder, where)} ${message}`);
    assert.match(told.join('\n'), /broken\.yaml:1:5/);
    assert.match(told.join('\n'), /link\.yaml is a link to a file that does not exist/);
    assert.match(told.join('\n'), /dev\/zero is neither a file nor a folder/);
    assert.match(told.join('\n'), /- the standard input is called \/dev\/stdin/);
    assert.match(told.join('\n'), /addresses are not fetched/);
    // A pipe that nobody writes to is empty, and does not hang.
    assert.equal(await loadManifests([join(folder, 'a.yaml'), join(folder, 'named')]).then((all) => all.length), 1);
  });
});

manifests('reads UTF-16 with its mark, and refuses what is no UTF-8', async () => {
  await withFiles({}, async (folder) => {
    const [wide, latin] = [join(folder, 'wide.yaml'), join(folder, 'latin.yaml')];
    await writeFile(wide, `\uFEFF${config('wide')}`, 'utf16le');
    assert.equal((await loadManifests([wide])).map(titleOf), ['ConfigMap wide']);
    await writeFile(latin, `${config('latin')}data: {a: caf\xE9}\n`, 'latin1');
    const error = await thrown(ConfigError, loadManifests([latin]));
    assert.match(error.message, 'cannot be read: it is not UTF-8');
  });
});

manifests('reads a pipe that is named', async () => {
  await withFiles({}, async (folder) => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'exec 3<>"$0"; echo "$1" >&3; sleep 0.3', pipe, config('piped')]);
    await once(writer, 'spawn');
    const closed = once(writer, 'close');
    while ((await loadManifests([pipe])).length === 0 && writer.exitCode === null);
    await closed;
  });
});

manifests('paths are those of the folder that is given, and are named in messages as they were given', async () => {
  await withFiles({ 'a.yaml': config('a'), 'below/deep/b.yaml': config('b'), 'bad.yaml': 'a: [' }, async (folder) => {
    const read = await loadManifests(['a.yaml', 'below'], folder);
    assert.equal(
      read.map(({ where }) => where),
      ['a.yaml:1:1', 'below/deep/b.yaml:1:1'],
    );
    const error = await thrown(ConfigError, loadManifests(['bad.yaml', 'none'], folder));
    assert.equal(
      error.problems.map(({ where }) => where.split(':')[0]),
      ['bad.yaml', 'none'],
    );
  });
});

manifests('names a path that is not there', async () => {
  await withFiles({}, async (folder) => {
    const error = await thrown(ConfigError, loadManifests([join(folder, 'none'), folder]));
    assert.equal(error.problems, [{ where: join(folder, 'none'), message: 'there is no such file or folder' }]);
  });
});

manifests('refuses a bomb of aliases', async () => {
  const level = (name: string, of: string): string => `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`;
  const bomb = `a: &a [x, x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}`;
  const [problem = ''] = await wrong({ 'bomb.yaml': bomb });
  assert.match(problem, /alias/i);
});

manifests('keeps each digit of a number, and refuses what is none to JSON', async () => {
  const text = `${config('n')}data: {a: 9007199254740993, b: "9007199254740993", c: 9223372036854775807}\n`;
  const [part] = (await readText(text, 'n.yaml')).parts;
  assert.match(
    stringifyExact(part?.value),
    '"data":{"a":9007199254740993,"b":"9007199254740993","c":9223372036854775807}',
  );
  assert.equal(await wrong({ 'n.yaml': `${config('n')}data:\n  a: .inf\n  b: [.NaN, 1]\n` }), [
    'n.yaml:5:6 .inf is no number that JSON can hold; quote it |   a: .inf\n     ^',
    'n.yaml:6:7 .NaN is no number that JSON can hold; quote it |   b: [.NaN, 1]\n      ^',
  ]);
});

// Each right side is what kubectl v1.32.4 made of it: kubectl create --dry-run=client --validate=false -o json.
const texts = ['12:30', '1:20:30', '2001-01-01', '2001-12-14t21:59:43.10-05:00', '=', '_1', 'tRue', '1e', '0x'];
const scalars = new Map<string, unknown>([
  ...['yes', 'y', 'on', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['n', 'N', 'Off', 'no', 'false'].map((text) => [text, false] as const),
  ...['~', 'Null', 'null'].map((text) => [text, null] as const),
  ...texts.map((text) => [text, text] as const),
  ...Object.entries({ '0644': 420, '0o644': 420, '-0644': -420, '0x1F': 31, '0b11': 3, '08': 8, '1_000': 1000 }),
  ...Object.entries({
    '1__0': 10,
    '+1': 1,
    '.5': 0.5,
    '+.5': 0.5,
    '5.': 5,
    '1e3': 1000,
    '1.5e+3': 1500,
    '1.2_3': 1.23,
  }),
  ...Object.entries({ '"yes"': 'yes', '!!str 12': '12', '!!binary aGVsbG8=': 'hello' }),
]);

manifests('reads scalars as kubectl does', async () => {
  const text = [...scalars.keys()].map((source) => `- ${source}\n`).join('');
  const { parts, problems } = await readText(text, 'scalars.yaml');
  assert.equal(problems, []);
  const read = parts[0]?.value as unknown[];
  [...scalars].forEach(([source, value], at) => assert.equal(read[at], value, source));
});

manifests('reads merges, anchors and keys as kubectl does', async () => {
  const text = 'base: &b {a: 1, c: 2}\nm: {<<: *b, a: 3}\n1: int\nyes: bool\n1.5: float\no: *b\n';
  const { parts } = await readText(text, 'merge.yaml');
  assert.equal(JSON.parse(JSON.stringify(parts[0]?.value)), {
    1: 'int',
    1.5: 'float',
    base: { a: 1, c: 2 },
    m: { a: 3, c: 2 },
    o: { a: 1, c: 2 },
    true: 'bool',
  });
});

manifests.run();
