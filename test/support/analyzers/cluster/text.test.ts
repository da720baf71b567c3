// Checks of collected texts: which files they are about, which outcome counts, and when two documents are equal.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { byRegex, sameUnordered } from '../../../../scripts/support/analyzers/cluster/text.ts';
import { type Asked, each, run } from '../ask.ts';

const texts = suite('support/analyzers/cluster/text');

const OUTCOMES = [{ fail: { when: 'true', message: 'bad' } }, { pass: { when: 'false', message: 'good' } }];

async function says(spec: Record<string, unknown>, files: Record<string, unknown>): Promise<string[]> {
  const results = await run('textAnalyze', { outcomes: OUTCOMES, ...spec }, { files });
  return results.map(({ outcome, message }) => `${outcome} ${message}`);
}

texts('a verdict for each file that is not excluded; of several, each with its path', async () => {
  const files = { 'logs/a.log': 'ERROR', 'logs/b.log': 'fine', 'logs/old.log': 'ERROR' };
  const spec = { collectorName: 'logs', fileName: '*.log', regex: 'ERROR' };
  assert.equal(await says({ ...spec, excludeFiles: ['old.log'] }, files), ['fail bad', 'pass good']);
  assert.equal(await says({ ...spec, excludeFiles: ['old.log', 'b.log'] }, files), ['fail bad']);
  const odd = { ...spec, excludeFiles: ['old.log'], outcomes: [{ fail: { when: 'true', message: 'bad' } }] };
  const [, unmatched] = await says(odd, files);
  assert.match(unmatched ?? '', /^warn logs\/b\.log: .*does not match logs\/b\.log/);
});

texts('output of exec is found where collectors put it, and where specs name it', async () => {
  const spec = { collectorName: 'probe', fileName: 'x-stdout.txt', regex: 'ok' };
  assert.equal(await says(spec, { 'probe/ns/pod/x-stdout.txt': 'ok' }), ['fail bad']);
  assert.equal(await says(spec, { 'probe/x-stdout.txt': 'ok' }), ['fail bad']);
  // A pattern says where it looks by itself.
  assert.equal(await says({ ...spec, fileName: '*/x-stdout.txt' }, { 'probe/pod/x-stdout.txt': 'ok' }), ['fail bad']);
  assert.equal(await says({ ...spec, fileName: './x.txt' }, { 'probe/x.txt': 'no' }), ['pass good']);
});

texts('no files: nothing where that is allowed, else what is missing', async () => {
  const spec = { collectorName: 'logs', fileName: 'a.log', regex: 'x' };
  assert.equal(await says({ ...spec, ignoreIfNoFiles: true }, {}), []);
  assert.equal(await says({ ...spec, ignoreIfNoFiles: 'true' }, {}), []);
  assert.match((await says({ ...spec, ignoreIfNoFiles: false }, {}))[0] ?? '', 'logs/a.log');
  assert.match(
    (await says({ collectorName: 'logs', fileName: 'a.log' }, { 'logs/a.log': '' }))[0] ?? '',
    'neither regex nor regexGroups',
  );
});

texts('both expressions give a verdict each', async () => {
  const spec = { collectorName: 'logs', fileName: 'a.log', regex: '\\d', regexGroups: '(?P<N>\\d+)' };
  const outcomes = [{ pass: { message: 'p{{ .N }}' } }];
  assert.equal(await says({ ...spec, outcomes }, { 'logs/a.log': '7' }), ['pass p{{ .N }}', 'pass p7']);
});

texts('the last outcome that fits counts, and does not take a worse one back', () => {
  const of = (...outcomes: unknown[]): ((matched: boolean) => string) => {
    const spec = { outcomes };
    return (matched) => {
      const { outcome, message } = byRegex(spec, matched, 'a.log');
      return `${outcome} ${message}`;
    };
  };
  const last = of({ warn: { when: 'true', message: 'w' } }, { fail: { when: 'true', message: 'f' } });
  assert.is(last(true), 'fail f');
  const kept = of({ fail: { when: 'true', message: 'f' } }, { warn: { when: 'true', message: 'w' } });
  assert.is(kept(true), 'fail w');
  const bare = of({ pass: { message: 'p' } }, { fail: { message: 'f' } });
  assert.is(bare(true), 'pass p');
  assert.is(bare(false), 'fail f');
  assert.match(of({ fail: { when: 'true', message: 'f' } })(false), /does not match a\.log/);
  assert.match(of({ fail: { when: 'false', message: 'f' } })(true), /that the expression matches a\.log/);
});

texts('groups: numbers are compared, texts are equal or not', async () => {
  const asked = (content: string): Asked & { spec: Record<string, unknown> } => ({
    files: { 'a/b.log': content },
    spec: { collectorName: 'a', fileName: 'b.log', regexGroups: '(?P<Count>\\S*) (?P<Word>\\S*);' },
  });
  await each('textAnalyze', asked('7 up;'), {
    'Count > 6': true,
    'Count >= 7': true,
    'Count < 7': false,
    'Count != 7': false,
    'Count == -7': false,
    'Word = up': true,
    'Word == down': false,
    "Word = ''": false,
    'Nothing > 1': false,
  });
  await each('textAnalyze', asked('x ;'), { 'Count > 6': false, "Word = ''": true, 'Word = ""': true });
  await each('textAnalyze', asked('none'), { 'Count > 6': false, 'Word = up': false });
  const of = async (content: string, when: string): Promise<string> => {
    const { spec, files } = asked(content);
    const results = await run(
      'textAnalyze',
      { ...spec, outcomes: [{ fail: { when, message: 'm' } }] },
      { files: files ?? {} },
    );
    return `${results[0]?.outcome} ${results[0]?.message}`;
  };
  assert.match(await of('7 up;', 'Word > up'), /^fail .*">" compares numbers only, and "up" is none/);
  assert.match(await of('7 up;', 'Count > 9'), 'Count 7, Word up');
  assert.match(await of('none', 'Count > 9'), 'no match');
});

texts('compare: the outcome without a condition is for its own case; what was found is said', async () => {
  const files = { 'a/b.json': { n: 3, list: [1, { b: 2, a: 1 }] }, 'a/bad.json': '{' };
  const compare = async (spec: Record<string, unknown>, outcomes: unknown[]): Promise<string> => {
    const results = await run('jsonCompare', { collectorName: 'a', fileName: 'b.json', outcomes, ...spec }, { files });
    return `${results[0]?.outcome} ${results[0]?.message}`;
  };
  const both = [{ fail: { message: 'differs' } }, { pass: { message: 'is {{ .n }}' } }];
  assert.is(await compare({ path: 'n', value: '3' }, both), 'pass is 3');
  assert.is(await compare({ path: 'n', value: '4' }, both), 'fail differs');
  assert.match(await compare({ path: 'n', value: '4' }, [{ pass: { message: 'x' } }]), '3, which is not the value');
  assert.match(await compare({ path: 'n', value: '3' }, [{ fail: { message: 'x' } }]), '3, which is the value');
  assert.is(await compare({ path: 'list', value: '[{"a":1,"b":2},1]' }, both), 'pass is 3');
  assert.match(await compare({ fileName: 'bad.json', value: '1' }, both), /^fail .*a\/bad\.json cannot be read/);
  assert.match(await compare({ path: 'n', value: '{' }, both), 'value cannot be read');
  // A whole document, where no path is given.
  assert.is(await compare({ value: '{"list":[1,{"a":1,"b":2}],"n":3}' }, both), 'pass is 3');
});

texts('the order of a list does not count, neither does that of keys; their number does', () => {
  assert.is(sameUnordered([1, 2], [2, 1]), true);
  assert.is(sameUnordered([1, 2], [1]), false);
  assert.is(sameUnordered([1], [1, 2]), false);
  assert.is(sameUnordered([1, 1], [1, 2]), false);
  assert.is(sameUnordered({ a: 1, b: { d: 1, c: 2 } }, { b: { c: 2, d: 1 }, a: 1 }), true);
  assert.is(sameUnordered({ a: [1, 2] }, { a: [2, 1] }), false);
  assert.is(sameUnordered(undefined, undefined), true);
  assert.is(sameUnordered(null, undefined), false);
  assert.is(sameUnordered([1], 1), false);
  assert.is(sameUnordered({}, []), false);
});

texts.run();
