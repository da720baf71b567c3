// What is remembered of a task: up to date only where all of it is as it was, and a damaged memory is none.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fingerprints, type Subject } from '../../../scripts/tasks/sources/fingerprints.ts';

interface Context {
  folder: string;
  cwd: string;
  prints: Fingerprints;
}

const prints = suite<Context>('tasks: fingerprints');

prints.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'prints-'));
  context.cwd = join(context.folder, 'work');
  mkdirSync(context.cwd);
  context.prints = new Fingerprints(join(context.folder, 'kept'), context.cwd);
  writeFileSync(join(context.cwd, 'in'), '1');
  writeFileSync(join(context.cwd, 'out'), 'made');
});
prints.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const SUBJECT: Subject = { key: 'k', definition: 'd', sources: ['*'], generates: ['out'] };

async function keep({ prints: own }: Context, subject = SUBJECT): Promise<void> {
  const { before } = await own.look(subject);
  assert.equal(await own.keep(subject, before, { V: '1' }), []);
}

prints('up to date: the same definition, sources and what was made of them', async (context) => {
  const { prints: own, cwd } = context;
  assert.is((await own.look(SUBJECT)).upToDate, undefined);
  await keep(context);
  assert.equal((await own.look(SUBJECT)).upToDate, { V: '1' });
  for (const other of [{ key: 'other' }, { definition: 'other' }, { sources: ['in', 'none'] }])
    assert.is((await own.look({ ...SUBJECT, ...other })).upToDate, undefined, JSON.stringify(other));
  writeFileSync(join(cwd, 'out'), 'by hand');
  assert.is((await own.look(SUBJECT)).upToDate, undefined);
  writeFileSync(join(cwd, 'out'), 'made');
  assert.equal((await own.look(SUBJECT)).upToDate, { V: '1' });
  writeFileSync(join(cwd, 'in'), '2');
  assert.is((await own.look(SUBJECT)).upToDate, undefined);
});

prints('patterns without a file are named, and nothing is kept for them', async ({ prints: own }) => {
  assert.equal((await own.look({ ...SUBJECT, sources: ['in', 'none*'] })).unmatched, ['none*']);
  const lacking = { ...SUBJECT, generates: ['gone*'] };
  assert.equal(await own.keep(lacking, 'x', {}), ['gone*']);
  assert.is((await own.look(lacking)).upToDate, undefined);
});

prints('what is kept is for its user alone, and can be forgotten', async (context) => {
  await keep(context);
  const [file = ''] = readdirSync(context.prints.folder);
  assert.is(statSync(join(context.prints.folder, file)).mode & 0o777, 0o600);
  assert.is(statSync(context.prints.folder).mode & 0o777, 0o700);
  await context.prints.forget(SUBJECT);
  assert.is((await context.prints.look(SUBJECT)).upToDate, undefined);
  await context.prints.forget(SUBJECT);
});

prints('a file that is damaged is as good as none', async (context) => {
  const { prints: own } = context;
  await keep(context);
  const file = join(own.folder, readdirSync(own.folder)[0] ?? '');
  const { before } = await own.look(SUBJECT);
  for (const text of [
    '',
    'null',
    '{',
    '[]',
    '{}',
    '{"before":"x"}',
    JSON.stringify({ before, generated: 'x' }),
    JSON.stringify({ before, variables: {} }),
    JSON.stringify({ generated: 'x', variables: {} }),
    JSON.stringify({ before, generated: 'x', variables: 'y' }),
  ]) {
    writeFileSync(file, text);
    assert.is((await own.look(SUBJECT)).upToDate, undefined, text);
  }
});

prints.run();
