// What is kept of a creation that failed: logs, inspections without secrets, events; what cannot be had is left out.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collectDiagnostics } from '../../../../scripts/providers/k3d/create/diagnostics.ts';
import { type Said, withEngine } from '../../../docker/answering.ts';
import { withNodes } from '../nodes-engine.ts';

const test = suite<{ folder: string }>('k3d/create/diagnostics');
test.before.each((context) => void (context.folder = join(mkdtempSync(join(tmpdir(), 'hoist-diag-')), 'new')));
test.after.each(({ folder }) => rmSync(join(folder, '..'), { recursive: true }));

const run = { output: ['one', 'two'], since: 1_500, until: 2_500 };
const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

test('logs, inspections and events, private, and without what is secret', async ({ folder }) => {
  const framed = Buffer.from('\x01\0\0\0\0\0\0\x05line\n', 'latin1');
  const event = (time: number, Attributes: object): string =>
    `${JSON.stringify({ time, Type: 'container', Action: 'die', Actor: { ID: 'id', Attributes } })}\n`;
  const details = {
    Config: {
      Env: ['K3S_TOKEN=a', 'HTTPS_PROXY=http://u:p@x', 'PATH=/bin', 'MY_PASSWORD_FILE=x', 'note: SECRET=y'],
      Labels: { 'k3d.cluster.token': 't', app: 'k3d' },
    },
    Tokens: 7,
  };
  const more: Record<string, Said> = {
    '/events': Buffer.from(event(1, { name: 'n0' }) + event(2, {})),
    '/containers/id-n0/logs': framed,
    '/containers/id-n0/json': details,
  };
  await withNodes(
    [{ name: 'n0' }, { name: '../evil' }],
    async (engine, _commands, asked) => {
      await collectDiagnostics(engine, 'dev', folder, run);
      const events = asked.find((one) => one.includes('/events')) ?? '';
      assert.match(events, 'since=1.5');
      assert.match(events, 'until=2.5');
      const logs = asked.find((one) => one.includes('/logs')) ?? '';
      for (const part of ['follow=false', 'tail=2000', 'timestamps=true']) assert.match(logs, part);
    },
    more,
  );
  assert.equal(readdirSync(folder).sort(), ['events.log', 'k3d.log', 'n0.json', 'n0.log']);
  assert.is(read(folder, 'k3d.log'), 'one\ntwo\n');
  assert.is(read(folder, 'n0.log'), 'line\n');
  assert.is(
    read(folder, 'events.log'),
    '1970-01-01T00:00:01.000Z container die n0\n1970-01-01T00:00:02.000Z container die id\n',
  );
  assert.equal(JSON.parse(read(folder, 'n0.json')), {
    Config: {
      Env: ['K3S_TOKEN=…', 'HTTPS_PROXY=…', 'PATH=/bin', 'MY_PASSWORD_FILE=…', 'note: SECRET=y'],
      Labels: { 'k3d.cluster.token': '…', app: 'k3d' },
    },
    Tokens: 7,
  });
  assert.equal(
    [statSync(folder).mode & 0o777, ...readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)],
    [0o700, 0o600, 0o600, 0o600, 0o600],
  );
});

test('an engine that answers nothing leaves the words of k3d', async ({ folder }) => {
  await withEngine({}, (engine) => collectDiagnostics(engine, 'dev', folder, run));
  assert.equal(readdirSync(folder), ['k3d.log']);
});

test.run();
