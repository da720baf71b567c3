// Logs: once for all who ask, with the widest limits, the newest bytes, earlier runs, and what is missing said.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { bundleOf, bundleSpec, list, pod } from '../world.ts';

const logs = suite('logs');

const restarted = pod(
  'one',
  'web-1',
  { app: 'web' },
  {
    spec: {
      containers: [{ name: 'main' }],
      initContainers: [{ name: 'init' }],
      ephemeralContainers: [{ name: 'debug' }],
    },
    status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 2 }] },
  },
);

logs('all containers are read, also those before, once for all who ask, within the widest limits', async () => {
  const { files, requests, result } = await bundleOf(
    bundleSpec(`  collectors:
    - logs: {name: a/x, namespace: one, selector: [app=web], limits: {maxLines: 20}}
    - logs: {name: b, namespace: one, selector: [app=web, tier!=db], containerNames: [main], limits: {maxLines: 500}}
`),
    {
      handle({ path, query }, response) {
        if (path.endsWith('/log')) {
          const which = query.get('previous') === 'true' ? 'before' : 'now';
          response.end(`${query.get('container') ?? ''} ${which}\n`);
        } else if (path === '/api/v1/namespaces/one/pods') answer(response, 200, list([restarted]));
        else return false;
        return true;
      },
    },
  );
  const of = (prefix: string): string[] => [...files.keys()].filter((path) => path.startsWith(prefix));
  assert.equal(of('cluster-resources/pods/logs/'), [
    'cluster-resources/pods/logs/one/web-1/debug.log',
    'cluster-resources/pods/logs/one/web-1/init.log',
    'cluster-resources/pods/logs/one/web-1/main-previous.log',
    'cluster-resources/pods/logs/one/web-1/main.log',
  ]);
  assert.equal(of('b/'), ['b/web-1/main-previous.log', 'b/web-1/main.log']);
  assert.is(files.get('a/x/web-1/main-previous.log'), 'main before\n');
  assert.is(files.get('b/web-1/main.log'), 'main now\n');
  const asked = requests.filter((line) => line.includes('/log?'));
  assert.is(asked.length, 4);
  assert.ok(asked.filter((line) => line.includes('container=main')).every((line) => line.includes('tailLines=500')));
  assert.ok(asked.filter((line) => line.includes('container=init')).every((line) => line.includes('tailLines=20')));
  assert.ok(result.reports.every(({ outcome }) => outcome === 'ok'));
});

logs('a log that breaks off, or takes too long, is kept up to its last whole line', async () => {
  const { files, result } = await bundleOf(
    bundleSpec(`  collectors:
    - logs: {name: b, namespace: one, containerNames: [main], timeout: 1s}
`),
    {
      handle({ path, query }, response) {
        if (path.endsWith('/log')) {
          response.write('first line\nsecond line\npassword=hun');
          // The earlier log breaks off at once, the other one goes on for ever.
          if (query.get('previous') === 'true') setImmediate(() => response.destroy(new Error('broken')));
        } else if (path === '/api/v1/namespaces/one/pods') answer(response, 200, list([restarted]));
        else return false;
        return true;
      },
    },
  );
  assert.is(files.get('b/web-1/main.log'), 'first line\nsecond line\n');
  assert.is(files.get('b/web-1/main-previous.log'), 'first line\nsecond line\n');
  const { outcome, problems } = result.reports.find(({ kind }) => kind === 'logs') ?? { outcome: '', problems: [] };
  assert.is(outcome, 'timeout');
  assert.is(problems.filter((one) => one.includes('one/web-1/main: its log ends early: ')).length, 2, problems.join());
});

logs('five selectors that match nothing cost nothing and are noted', async () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((app) => `    - logs: {name: ${app}, selector: [app=${app}]}\n`).join('');
  const { result } = await bundleOf(bundleSpec(`  collectors:\n${five}`));
  const reports = result.reports.filter(({ kind }) => kind === 'logs');
  assert.is(reports.length, 5);
  assert.ok(reports.every(({ notes, outcome }) => outcome === 'ok' && notes.includes('no pods matched')));
  assert.ok(result.wallMs < 2_000, `${result.wallMs}`);
});

logs('where bytes are limited the newest are kept, from the start of a line, and the cut is noted', async () => {
  const lines = Array.from({ length: 400_000 }, (_, i) => `line ${i}\n`).join('');
  const { files, result } = await bundleOf(
    bundleSpec('  collectors:\n    - logs: {name: a, selector: [app=web], limits: {maxBytes: 2000000}}\n'),
    {
      handle({ path }, response) {
        if (path.endsWith('/log')) response.end(lines);
        else if (path === '/api/v1/pods') answer(response, 200, list([pod('one', 'web', { app: 'web' })]));
        else return false;
        return true;
      },
    },
  );
  const kept = files.get('a/web/main.log') ?? '';
  assert.ok(lines.endsWith(kept));
  assert.ok(kept.length <= 2_000_000 && kept.length > 1_999_900, `${kept.length}`);
  assert.match(kept, /^line \d+\n/);
  assert.equal(result.cut, [
    { path: 'cluster-resources/pods/logs/one/web/main.log', bytes: lines.length - kept.length },
  ]);
});

logs('a container that has not started is named, and the others come all the same', async () => {
  const two = pod('one', 'web', { app: 'web' }, { spec: { containers: [{ name: 'main' }, { name: 'slow' }] } });
  const { files, result } = await bundleOf(bundleSpec('  collectors:\n    - logs: {name: a, selector: [app=web]}\n'), {
    handle({ path, query }, response) {
      if (path.endsWith('/log') && query.get('container') === 'slow')
        answer(response, 400, statusObject(400, 'BadRequest', 'container "slow" is waiting to start'));
      else if (path.endsWith('/log')) response.end('hello\n');
      else if (path === '/api/v1/pods') answer(response, 200, list([two]));
      else return false;
      return true;
    },
  });
  assert.is(files.get('a/web/main.log'), 'hello\n');
  assert.match(files.get('a/web/slow-errors.json') ?? '', /waiting to start/);
  const report = result.reports.find(({ kind }) => kind === 'logs');
  assert.is(report?.outcome, 'partial');
  assert.match(report?.problems.join() ?? '', /one\/web\/slow: .*waiting to start/);
});

logs('a log whose connection breaks is left out, and nothing else', async () => {
  const { files, result } = await bundleOf(bundleSpec('  collectors:\n    - logs: {name: a, selector: [app=web]}\n'), {
    handle({ path }, response) {
      if (path.endsWith('/web/log')) {
        response.write('half');
        setImmediate(() => response.stream.close(2));
      } else if (path.endsWith('/log')) response.end('whole\n');
      else if (path === '/api/v1/pods')
        answer(response, 200, list([pod('one', 'web', { app: 'web' }), pod('one', 'other', { app: 'web' })]));
      else return false;
      return true;
    },
  });
  assert.is(files.get('a/other/main.log'), 'whole\n');
  assert.not.ok(files.has('cluster-resources/pods/logs/one/web/main.log'));
  assert.equal(
    result.leftOut.map(({ path }) => path),
    ['cluster-resources/pods/logs/one/web/main.log'],
  );
});

logs.run();
