// `hoist bundle`: its actions, and the one file that each takes.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  archive,
  manifestMember,
  manifestOf,
  partMember,
  partOf,
  sha256,
  writeArchive,
} from '../../../offline/bundle.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/bundle/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('what it can do, and one file for each', async ({ invoke, write }) => {
  assert.match((await invoke('bundle', [])).error, 'bundle does nothing by itself');
  assert.match((await invoke('bundle', ['verfy'])).error, 'bundle cannot "verfy"; did you mean "verify"?');
  for (const argv of [['save'], ['save', ''], ['save', 'a', 'b'], ['verify']])
    assert.match((await invoke('bundle', argv)).error, `\`hoist bundle ${argv[0]}\` takes one file`, argv.join(' '));
  write('no.tar', 'this is no bundle');
  const { code, error } = await invoke('bundle', ['verify', 'no.tar']);
  assert.is.not(code, 0);
  assert.match(error, 'no.tar');
});

test('a whole bundle is good, and is the one whose digest is known', async ({ invoke, folder }) => {
  const manifest = manifestOf({ files: [{ path: 'm.yaml', ...partOf('text') }] });
  writeArchive(join(folder, 'b.tar'), partMember('text'), manifestMember(manifest));
  const digest = sha256(JSON.stringify(manifest));
  const text = await invoke('bundle', ['verify', 'b.tar']);
  assert.is(text.code, 0, text.error);
  assert.match(text.stdout, digest);
  assert.is((await invoke('bundle', ['verify', 'b.tar', '--quiet'])).stdout, '');
  const json = JSON.parse((await invoke('bundle', ['verify', 'b.tar', '-q', '-o', 'json'])).stdout) as object;
  assert.equal(
    [(json as { type: string }).type, (json as { digest: string }).digest],
    ['bundle.verified', `sha256:${digest}`],
  );
  for (const known of [digest, `sha256:${digest}`])
    assert.is((await invoke('bundle', ['verify', 'b.tar', known])).code, 0, known);
  const other = await invoke('bundle', ['verify', 'b.tar', `sha256:${'0'.repeat(64)}`]);
  assert.match(other.error, `it is another one:\nexpected sha256 ${'0'.repeat(64)}\n     got sha256 ${digest}`);
  assert.match((await invoke('bundle', ['verify', 'b.tar', digest, 'more'])).error, 'unexpected "more"');
});

test('a part that was changed, and settings that name what is not in it', async ({ invoke, folder }) => {
  const files = [{ path: 'm.yaml', ...partOf('text') }];
  const good = [partMember('text'), manifestMember(manifestOf({ files }))];
  const bytes = archive(...good);
  bytes[512] = (bytes[512] ?? 0) ^ 1;
  writeFileSync(join(folder, 'changed.tar'), bytes);
  assert.match((await invoke('bundle', ['verify', 'changed.tar'])).error, 'not what its manifest says');
  const settings = { tree: { manifests: ['other.yaml'] }, paths: [['manifests', 0]] };
  writeArchive(join(folder, 'odd.tar'), partMember('text'), manifestMember(manifestOf({ files, settings })));
  assert.match((await invoke('bundle', ['verify', 'odd.tar'])).error, 'which is not in it');
});

test.run();
