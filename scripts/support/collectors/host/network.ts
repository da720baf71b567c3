// What the machine's network lets through: ports that are free, addresses that answer, names, subnets.

import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { HoistError, isErrno, messageOf } from '../../../base/errors.ts';
import { bindError } from '../../../host/preflight/ports.ts';
import { overlap, parseCidr, parseRoutes } from '../../../host/preflight/routes.ts';
import { type Collector, type Running, durationMs, firstText, json, list, machineOf } from '../collector.ts';
import type { Machine } from './machine.ts';
import { type Protocol, isTaken } from './sockets.ts';

type Status =
  | 'connected'
  | 'connection-refused'
  | 'connection-timeout'
  | 'address-in-use'
  | 'bind-permission-denied'
  | 'invalid-address'
  | 'error';

interface HttpAnswer {
  status: Status;
  message: string;
}

const CONNECT_MS = 10_000;

/** One file with a status word, which is a result also where it is a bad one. */
function statusOf(
  kind: string,
  folder: string,
  fallback: string,
  find: (running: Running, timeoutMs: number) => Promise<HttpAnswer>,
): Collector {
  const path = (spec: Readonly<Record<string, unknown>>): string =>
    `host-collectors/${folder}/${firstText(spec, 'collectorName') ?? fallback}`;
  return {
    claim: ({ spec }) => path(spec),
    timeoutMs: 20_000,
    async run(running) {
      const { item, sink, suffix } = running;
      const answer = await find(running, durationMs(firstText(item.spec, 'timeout')) ?? CONNECT_MS);
      await sink.add({ path: `${path(item.spec)}${suffix}.json`, content: json(answer) });
      if (answer.status !== 'connected') running.note(`${kind}: ${answer.status}`);
    },
  };
}

export const tcpPortStatus = statusOf('port', 'tcpPortStatus', 'tcpPortStatus', async (running, timeoutMs) => {
  const { item, signal, host } = running;
  if (host.machine) return portOn(host.machine, 'tcp', item.spec);
  const { port, address } = portOf(item.spec);
  return listening({ port, host: firstText(item.spec, 'interface') === undefined ? '0.0.0.0' : address }, () =>
    connecting({ host: address, port, timeoutMs, signal }),
  );
});

export const udpPortStatus = statusOf('port', 'udpPortStatus', 'udpPortStatus', ({ item, host }) => {
  if (host.machine) return portOn(host.machine, 'udp', item.spec);
  const { port, address } = portOf(item.spec);
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(bindFailure(error));
    });
    socket.bind(port, firstText(item.spec, 'interface') === undefined ? '0.0.0.0' : address, () => {
      socket.close();
      resolve({ status: 'connected', message: '' });
    });
  });
});

export const tcpConnect = statusOf('connection', 'connect', 'connect', ({ item, signal, host }, timeoutMs) => {
  const target = addressOf(firstText(item.spec, 'address') ?? '');
  if (target && host.machine?.connect) return connectingFrom(host.machine.connect({ ...target, timeoutMs }));
  return target ? connecting({ ...target, timeoutMs, signal }) : Promise.resolve(invalid(item.spec));
});

/** On a node nothing is opened: the kernel says what has the port. */
async function portOn(
  machine: Machine,
  protocol: Protocol,
  spec: Readonly<Record<string, unknown>>,
): Promise<HttpAnswer> {
  const port = Number(spec['port']);
  const name = firstText(spec, 'interface');
  const interfaces = name === undefined ? [] : await machine.interfaces();
  const addresses = interfaces.find((one) => one.name === name)?.addresses;
  if (name !== undefined && !addresses) throw new HoistError(`there is no interface "${name}" with an IPv4 address`);
  return (await isTaken(machine, protocol, { port, addresses }))
    ? { status: 'address-in-use', message: `${protocol} port ${port} is in use` }
    : { status: 'connected', message: '' };
}

async function connectingFrom(failure: Promise<string | undefined>): Promise<HttpAnswer> {
  const message = await failure;
  if (message === undefined) return { status: 'connected', message: '' };
  const status = /refused/i.test(message)
    ? 'connection-refused'
    : /timed out|timeout/i.test(message)
      ? 'connection-timeout'
      : 'error';
  return { status, message };
}

/** A listener of our own, reached through the balancer. */
export const tcpLoadBalancer = statusOf(
  'balancer',
  'tcpLoadBalancer',
  'tcpLoadBalancer',
  ({ item, signal }, timeoutMs) => {
    const target = addressOf(firstText(item.spec, 'address') ?? '');
    if (!target) return Promise.resolve(invalid(item.spec));
    return listening({ port: Number(item.spec['port']), host: '0.0.0.0' }, () =>
      connecting({ ...target, timeoutMs, signal }),
    );
  },
);

export const httpLoadBalancer = statusOf(
  'balancer',
  'httpLoadBalancer',
  'httpLoadBalancer',
  ({ item, signal }, timeoutMs) => {
    const url = firstText(item.spec, 'address') ?? '';
    if (!URL.canParse(url)) return Promise.resolve(invalid(item.spec));
    const { hostname, port, protocol } = new URL(url);
    const target = { host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
    return listening({ port: Number(item.spec['port']), host: '0.0.0.0' }, () =>
      connecting({ ...target, timeoutMs, signal }),
    );
  },
);

function invalid(spec: Readonly<Record<string, unknown>>): HttpAnswer {
  return { status: 'invalid-address', message: `invalid address: ${firstText(spec, 'address') ?? ''}` };
}

function addressOf(address: string): { host: string; port: number } | undefined {
  const match = /^\[?([^\s[\]-][^\s[\]]*?)\]?:(\d{1,5})$/.exec(address);
  return match ? { host: match[1] ?? '', port: Number(match[2]) } : undefined;
}

/** @throws HoistError for an interface that is not there. */
function portOf(spec: Readonly<Record<string, unknown>>): { port: number; address: string } {
  const name = firstText(spec, 'interface');
  const all = networkInterfaces();
  const addresses =
    name === undefined
      ? Object.values(all)
          .flat()
          .filter((one) => one?.internal === false)
      : all[name];
  const found = addresses?.find((one) => one?.family === 'IPv4');
  if (!found && name !== undefined) throw new HoistError(`there is no interface "${name}" with an IPv4 address`);
  return { port: Number(spec['port']), address: found?.address ?? '127.0.0.1' };
}

/** Connects while something of ours listens; `address-in-use` where something else does. */
async function listening(
  { port, host }: { port: number; host: string },
  check: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  let answer: HttpAnswer | undefined;
  const error = await bindError(port, host, async () => void (answer = await check()));
  if (error) return bindFailure(error);
  if (!answer) throw new Error('a check has given no answer');
  return answer;
}

function bindFailure(error: Error): HttpAnswer {
  const code = isErrno(error, 'EADDRINUSE')
    ? 'address-in-use'
    : isErrno(error, 'EACCES')
      ? 'bind-permission-denied'
      : 'error';
  return { status: code, message: error.message };
}

function connecting({
  host,
  port,
  timeoutMs,
  signal,
}: {
  host: string;
  port: number;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (answer: HttpAnswer): void => {
      signal.removeEventListener('abort', abort);
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const abort = (): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(
      () => end({ status: 'connection-timeout', message: `no answer within ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
    socket.once('connect', () => end({ status: 'connected', message: '' }));
    socket.once('error', (error) => {
      const status = isErrno(error, 'ECONNREFUSED')
        ? 'connection-refused'
        : isErrno(error, 'ETIMEDOUT')
          ? 'connection-timeout'
          : 'error';
      end({ status, message: error.message });
    });
  });
}

/** Whether a subnet of the wanted size is free of the machine's routes. */
export const subnetAvailable: Collector = {
  claim: ({ spec }) => `host-collectors/subnetAvailable/${firstText(spec, 'collectorName') ?? 'result'}`,
  async run({ item, sink, suffix, host }) {
    const { CIDRRangeAlloc, desiredCIDR } = item.spec;
    const size = Number(desiredCIDR);
    const range = parseCidr(String(CIDRRangeAlloc));
    if (!range || !(size >= 1 && size <= 32))
      throw new HoistError(`no range of IPv4 addresses: ${String(CIDRRangeAlloc)}, /${String(desiredCIDR)}`);
    const routes = parseRoutes((await machineOf(host).read('/proc/net/route')).toString('utf8'));
    const step = 2 ** (32 - size);
    const mask = 2 ** 32 - step;
    const end = range.address + 2 ** 32 - range.mask;
    let free = false;
    for (let address = range.address; address + step <= end && !free; address += step)
      free = !routes.some((route) => overlap({ address, mask }, route));
    const status = free ? 'a-subnet-is-available' : 'no-subnet-available';
    const path = `host-collectors/subnetAvailable/${firstText(item.spec, 'collectorName') ?? 'result'}${suffix}.json`;
    await sink.add({ path, content: json({ CIDRRangeAlloc, desiredCIDR: size, status }) });
  },
};

export const dns: Collector = {
  claim: ({ spec }) => `host-collectors/dns/${firstText(spec, 'collectorName') ?? 'dns'}`,
  timeoutMs: 30_000,
  async run({ item, sink, suffix, host, signal }) {
    const config = (await machineOf(host).read('/etc/resolv.conf')).toString('utf8');
    const servers = Array.from(config.matchAll(/^nameserver\s+(\S+)/gm), ([, server = '']) => server);
    const searches = /^search\s+(.*)$/m.exec(config)?.[1]?.trim().split(/\s+/) ?? [];
    const query: Record<string, object[]> = {};
    const resolved = new Set<string>();
    await Promise.all(
      list(item.spec, 'hostnames').map(async (name) => {
        const names = [
          { full: name, search: '' },
          ...searches.map((search) => ({ full: `${name}.${search}`, search })),
        ];
        const lookups = servers.flatMap((server) => names.map((one) => ({ server, ...one })));
        const entries = await Promise.all(lookups.map((lookup) => answersOf(lookup, signal)));
        query[name] = entries.flat();
        for (const { search, answer } of entries.flat()) if (search !== '' && answer !== '') resolved.add(search);
      }),
    );
    const base = `host-collectors/dns/${firstText(item.spec, 'collectorName') ?? 'dns'}${suffix}`;
    await sink.add({
      path: `${base}/result.json`,
      content: json({ query, resolvedFromSearch: [...resolved].join(', ') }),
    });
    await sink.add({ path: `${base}/resolv.conf`, content: Buffer.from(config) });
  },
};

async function answersOf(
  { server, full, search }: { server: string; full: string; search: string },
  signal: AbortSignal,
): Promise<{ server: string; search: string; name: string; answer: string; record: string }[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    resolver.setServers([server]);
    const find = async (record: 'A' | 'AAAA'): Promise<string> => {
      try {
        return (await (record === 'A' ? resolver.resolve4(full) : resolver.resolve6(full))).join(', ');
      } catch (error) {
        void messageOf(error);
        return '';
      }
    };
    const records = await Promise.all(
      (['A', 'AAAA'] as const).map(async (record) => ({ record, answer: await find(record) })),
    );
    return records.map(({ record, answer }) => ({ server, search, name: full, answer, record }));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
