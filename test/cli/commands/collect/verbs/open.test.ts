// `collect open` beside the API server: what it needs, what it says of the bundle, and commands that are run on it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { notesOf, openedText, runOn } from '../../../../../scripts/cli/commands/collect/verbs/open.ts';
import { failureOf } from '../../../../failure.ts';
import { type Place, createPlace, ioIn } from '../../../invoke.ts';

const test = suite<Place>('cli/commands/collect/verbs/open');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('it needs a bundle', async ({ invoke }) => {
  const { code, error } = await invoke('collect', ['open']);
  assert.equal([code, error], [2, 'open needs a bundle: open BUNDLE [-- COMMAND…]']);
});

const whole = { leftOut: new Map(), placeholders: 0, mended: { reduced: 0, removed: 0, why: undefined } };

test('what of the bundle is not shown as it is', () => {
  assert.equal(notesOf(whole), []);
  const leftOut = new Map([['without a name', 2]]);
  assert.equal(notesOf({ leftOut, placeholders: 1, mended: { reduced: 1, removed: 3, why: 'a bad\nfield' } }), [
    'left out: 2 without a name',
    '1 node or namespace that only other objects name',
    '1 object shown by name alone: a bad field',
    '3 objects that the API server cannot read: a bad field',
  ]);
  const mended = { reduced: 1, removed: 0, why: undefined };
  assert.equal(notesOf({ ...whole, mended }), ['1 object shown by name alone']);
});

test('the way to it, as text for a shell and as JSON', () => {
  const opened = { ...whole, objects: 2, filesLeftOut: [{ path: 'a', reason: 'no file' }] };
  const of = (output: 'text' | 'json', quiet: boolean): string =>
    openedText(opened, { output: { output, quiet }, kubeconfig: '/k', server: 'https://s', tookMs: 1234.5 });
  assert.match(of('text', false), /^export KUBECONFIG=\/k\n2 objects in 1\.2 s, read-only; .*\n$/);
  assert.is(of('text', true), 'export KUBECONFIG=/k\n');
  const { mended, ...others } = whole;
  assert.equal(JSON.parse(of('json', true)), {
    type: 'collect.open',
    kubeconfig: '/k',
    server: 'https://s',
    objects: 2,
    filesLeftOut: opened.filesLeftOut,
    ...others,
    leftOut: {},
    mended: { reduced: mended.reduced, removed: mended.removed },
    durationMs: 1235,
  });
});

test('a command ends with its code, or that of the signal that ended it', async ({ folder }) => {
  const io = ioIn(folder);
  const run = (...command: string[]): Promise<number> => runOn(command, { kubeconfig: '/k', io });
  assert.is(await run('sh', '-c', 'test "$KUBECONFIG" = /k && exit 7'), 7);
  assert.is(await run('true'), 0);
  assert.is(await run('sh', '-c', 'kill -TERM $$'), 143);
  assert.match(await failureOf(run('no-such-program-here')), /^no-such-program-here cannot be started: /);
});

test('a command is asked to end when the user ends it', async ({ folder }) => {
  const stop = new AbortController();
  const ended = runOn(['sleep', '60'], { kubeconfig: '/k', io: { ...ioIn(folder), signal: stop.signal } });
  setTimeout(() => stop.abort(new Error('enough')), 50);
  assert.is(await ended, 143);
});

test.run();
