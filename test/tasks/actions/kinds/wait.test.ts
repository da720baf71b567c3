// `wait` actions: their fields, what was missing when their time was over, and what is no wait at all.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld, outcomes } from '../../world.ts';

const waiting = suite<World & { port: number; stop: () => void }>('tasks: wait');

waiting.before.each(async (context) => {
  Object.assign(context, createWorld());
  const server = createServer(({ url }, response) => response.writeHead(Number(url?.slice(1)) || 200).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.port = (server.address() as AddressInfo).port;
  context.stop = () => server.close();
});
waiting.after.each(({ close, stop }) => {
  stop();
  close();
});

const file = (network: string, more = ''): string =>
  `variables: [{name: HOST, default: 127.0.0.1}]\ntasks: [{name: default, actions: [{wait: {network: {${network}}}${more}}]}]\n`;

waiting('an address by its protocol and status, with variables as a shell would have them', async ({ run, port }) => {
  for (const network of [
    `protocol: tcp, address: "$HOST:${port}"`,
    `protocol: HTTP, address: "'127.0.0.1':${port}"`,
    `protocol: http, address: "\${HOST}:${port}/204", code: 204`,
    `protocol: http, address: "127.0.0.1:${port}", code: 0`,
  ]) {
    const { error, run: record } = await run(file(network));
    assert.is(error, undefined, network);
    assert.equal(Object.values(outcomes(record)), ['done']);
  }
});

waiting('when its time is over, what was missing is said', async ({ run, port }) => {
  const { failures, run: record } = await run(
    file(`protocol: http, address: "127.0.0.1:${port}/503"`, ', timeout: 100ms'),
  );
  assert.equal(
    failures.map(({ message, exitCode }) => [message, exitCode]),
    [['took longer than 0.1 s: it answered with 503', 124]],
  );
  assert.equal(outcomes(record), { [`default: wait for 127.0.0.1:${port}/503`]: 'failed' });
});

waiting('protocols, statuses, addresses and variables that are none fail at once', async ({ run }) => {
  const code = '"code" must be an HTTP status';
  const cases: [protocol: string, code: string, message: string][] = [
    ['udp', '', '"protocol" must be tcp, http or https, not "udp"'],
    ['httpx', '', '"protocol" must be tcp, http or https, not "httpx"'],
    ['xhttp', '', '"protocol" must be tcp, http or https, not "xhttp"'],
    ['http', '99', code],
    ['http', '600', code],
    ['http', '200.5', code],
    ['http', 'ok', code],
  ];
  const text = file('protocol: "$P", address: "a:1", code: "$C"').replace(
    'variables: [',
    'variables: [{name: P}, {name: C}, ',
  );
  for (const [protocol, status, message] of cases) {
    const { failures } = await run(text, {
      set: new Map([
        ['P', protocol],
        ['C', status],
      ]),
    });
    assert.is(failures.length, 1, protocol);
    assert.match(failures[0]?.message ?? '', message);
  }
  assert.match(
    (await run(file('protocol: tcp, address: "$NOPE:1"'))).failures[0]?.message ?? '',
    'the variable "NOPE" is not set',
  );
});

waiting('statuses at their bounds are waited for', async ({ run, port }) => {
  for (const code of [100, 599]) {
    const { failures } = await run(
      file(`protocol: http, address: "127.0.0.1:${port}", code: "${code}"`, ', timeout: 50ms'),
    );
    assert.match(failures[0]?.message ?? '', 'took longer than 0.05 s');
  }
});

waiting('one that is ended by a failure elsewhere is given up', async ({ run }) => {
  const { failures, run: record } = await run(`
tasks:
  - name: default
    actions:
      - parallel:
          failure: cancel
          actions:
            - {description: w, wait: {network: {protocol: tcp, address: "127.0.0.1:1"}}}
            - {description: bad, cmd: exit 3}
`);
  assert.is(failures.length, 1);
  assert.equal(outcomes(record), { 'default: w': 'given-up', 'default: bad': 'failed' });
});

waiting.run();
