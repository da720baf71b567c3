// `collect analyze`: checks on an existing bundle, the code of the end, and what the bundle says of what is not in it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArchiveWriter } from '../../../../../scripts/support/bundle/archive.ts';
import { type Place, createPlace } from '../../../invoke.ts';

const test = suite<Place>('cli/commands/collect/verbs/analyze');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

const spec = (body: string): string =>
  `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: b}\nspec:\n${body}`;
const check = (outcome: string): string =>
  `  analyzers:\n    - textAnalyze: {checkName: words, fileName: host-collectors/run-host/say.txt, regex: hello, outcomes: [{${outcome}: {when: "true", message: found it}}]}\n`;

async function bundle(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  rmSync(join(folder, 'b.tar.gz'), { force: true });
  const archive = new ArchiveWriter(join(folder, 'b.tar.gz'), 'b', new Date(0));
  for (const [name, text] of Object.entries(files))
    await archive.add(name, { kind: 'buffer', content: Buffer.from(text) });
  await archive.close();
}

test('the checks of specs over an existing bundle', async ({ write, invoke, folder }) => {
  await bundle(folder, { 'host-collectors/run-host/say.txt': 'hello\n' });
  const analyze = (...argv: string[]): ReturnType<typeof invoke> =>
    invoke('collect', ['analyze', 'b.tar.gz', 'checks.yaml', ...argv]);
  write('checks.yaml', spec(check('warn')));
  const text = await analyze();
  assert.equal([text.code, text.stdout.endsWith('words: found it\n')], [0, true]);
  assert.equal([(await analyze('--fail-on', 'fail')).code, (await analyze('--fail-on', 'warn')).code], [0, 4]);
  const json = JSON.parse((await analyze('--output', 'json')).stdout) as {
    type: string;
    results: { outcome: string; place: string }[];
  };
  assert.equal([json.type, json.results[0]?.outcome], ['collect.analyze', 'warn']);
  assert.match(json.results[0]?.place ?? '', /^checks\.yaml:\d+:\d+$/);
  assert.match((await analyze('--output', 'junit')).stdout, 'name="collect analyze"');
  write('checks.yaml', spec(check('fail')));
  assert.equal(
    [(await analyze()).code, (await analyze('--fail-on', 'fail')).code, (await analyze('--fail-on', 'warn')).code],
    [0, 3, 3],
  );
  write('checks.yaml', spec('  hostCollectors: [{cpu: {}}]\n'));
  assert.match((await analyze()).error, 'has no analyzers');
  for (const operands of [[], ['b.tar.gz']])
    assert.match((await invoke('collect', ['analyze', ...operands])).error, 'analyze needs a bundle and specs');
  write('checks.yaml', spec(check('fail').replace('say.txt', 'gone.txt')));
  assert.match((await analyze()).stdout, 'gone.txt');
});

test('what a collector said that gave nothing is the reason of a check that misses its file', async ({
  write,
  invoke,
  folder,
}) => {
  const report = (title: string, outcome: string, ...problems: string[]): object => {
    const [kind] = title.split('/');
    return { title, kind, host: false, outcome, problems };
  };
  const collectors = [
    report('exec/other', 'failed', 'the other one'),
    report('exec/some/where', 'failed', 'no such pod', 'and more'),
    report('exec/silent', 'timeout'),
    report('exec/fine', 'ok', 'a note'),
    report('exec/half', 'partial', 'one of two'),
  ];
  const messages = async (name: string): Promise<string> => {
    write(
      'checks.yaml',
      spec(
        `  analyzers: [{textAnalyze: {collectorName: ${name}, fileName: ${name}/x.txt, regex: a, outcomes: [{pass: {when: "true", message: m}}]}}]\n`,
      ),
    );
    return (await invoke('collect', ['analyze', 'b.tar.gz', 'checks.yaml'])).stdout;
  };
  await bundle(folder, { 'execution-data/collect.json': JSON.stringify({ collectors }) });
  assert.match(await messages('some/where'), 'was not collected: exec/some/where: no such pod\n');
  assert.match(await messages('silent'), 'was not collected: exec/silent: timeout\n');
  for (const name of ['fine', 'half']) assert.match(await messages(name), `No matching files: ${name}/`);
  for (const text of ['{', '{}']) {
    await bundle(folder, { 'execution-data/collect.json': text });
    assert.match(await messages('silent'), 'No matching files: ', text);
  }
});

test.run();
