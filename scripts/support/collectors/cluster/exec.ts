// exec and copy: what a command in a container writes, and files of a container.

import { buffer as bufferOf } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { Readable, type Writable } from 'node:stream';
import { extract } from 'tar-stream';
import { HoistError, messageOf } from '../../../base/errors.ts';
import { execInPod } from '../../../kube/exec/session.ts';
import type { Item } from '../../types.ts';
import { type Collector, type Reach, type Right, type Running, firstText, json, list, text } from '../collector.ts';
import { type PodObject, podsOf } from './lists.ts';

/** Bytes of an errors stream that are kept. */
const STDERR_BYTES = 64 << 10;

function namespaceOf({ spec }: Item, namespace: string): string {
  return firstText(spec, 'namespace') ?? namespace;
}

/** Exec by WebSocket is a GET for the server, and a creation for its access rules since 1.35: either will do. */
const rights = (item: Item, namespace: string): Right[] => {
  const ns = namespaceOf(item, namespace);
  const of = ns === '' ? {} : { namespace: ns };
  return [
    { verb: 'list', resource: 'pods', ...of },
    { verb: 'create', resource: 'pods', subresource: 'exec', ...of },
  ];
};

function claimOf({ spec }: Item, namespace: string, end: string): string {
  const ns = firstText(spec, 'namespace') ?? namespace;
  return `${text(spec, 'name') ?? ''}/${ns}/{${list(spec, 'selector').join(',')}}/${end}`;
}

/** The pods of an item, and the container that it means in each. */
async function targets({ item, signal, note }: Running, { client, namespace }: Reach): Promise<[PodObject, string][]> {
  const pods = await podsOf(client, namespaceOf(item, namespace), list(item.spec, 'selector'), signal);
  if (pods.length === 0) note('no pods matched');
  return pods.map((pod) => [pod, firstText(item.spec, 'containerName') ?? pod.spec.containers[0]?.name ?? '']);
}

export const exec: Collector = {
  rights,
  claim: (item, namespace) =>
    claimOf(item, namespace, firstText(item.spec, 'collectorName', 'containerName') ?? 'container'),
  async run(running) {
    const { item, sink, signal, suffix } = running;
    const reach = await running.cluster();
    // The first one that runs: the others would say the same.
    const all = await targets(running, reach);
    const [pod, container] = all.find(([one]) => one.status?.phase === 'Running') ?? all[0] ?? [];
    if (!pod || container === undefined) return;
    const { namespace = '', name } = pod.metadata;
    const command = [...list(item.spec, 'command'), ...list(item.spec, 'args')];
    const session = execInPod(reach.connection, { namespace, pod: name, container, command, signal });
    const file = firstText(item.spec, 'collectorName') ?? container;
    const base = `${text(item.spec, 'name') ?? ''}/${namespace}/${name}/${file}${suffix}`;
    const [stdout, stderr, ended] = await Promise.all([
      keepIfAny(running, `${base}-stdout.txt`, session.stdout),
      keepIfAny(running, `${base}-stderr.txt`, session.stderr),
      session.ended.then(
        (code) => (code === 0 ? undefined : `command terminated with exit code ${code}`),
        (error: unknown) => messageOf(error),
      ),
    ]);
    if (ended !== undefined) {
      await sink.add({ path: `${base}-errors.json`, content: json([ended]) });
      running.problem(`${namespace}/${name}/${container}: ${ended}`);
      signal.throwIfAborted();
    } else if (!stdout && !stderr) running.note('the command wrote nothing');
  },
};

/** Streams without a byte make no file; what came before a failure is kept. */
async function keepIfAny({ sink }: Running, path: string, stream: Readable): Promise<boolean> {
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const next = (): Promise<Buffer | undefined> =>
    iterator.next().then(
      ({ done, value }) => (done === true ? undefined : value),
      () => undefined,
    );
  const first = await next();
  if (first === undefined) return false;
  const all = async function* (): AsyncGenerator<Buffer> {
    for (let chunk: Buffer | undefined = first; chunk !== undefined; chunk = await next()) yield chunk;
  };
  await sink.add({ path, content: Readable.from(all(), { objectMode: false }) });
  return true;
}

export const copy: Collector = {
  rights,
  order: 'late',
  timeoutMs: 120_000,
  claim: (item, namespace) => claimOf(item, namespace, firstText(item.spec, 'containerPath') ?? ''),
  async run(running) {
    const reach = await running.cluster();
    const pods = await targets(running, reach);
    const results = await Promise.all(pods.map(([pod, container]) => copyFrom(running, reach, { pod, container })));
    if (pods.length > 0 && results.every((good) => !good)) throw new HoistError('nothing could be copied from any pod');
  },
};

async function copyFrom(
  running: Running,
  { connection }: Reach,
  { pod, container }: { pod: PodObject; container: string },
): Promise<boolean> {
  const { item, sink, signal, suffix } = running;
  const path = (firstText(item.spec, 'containerPath') ?? '').replace(/(.)\/+$/, '$1');
  const slash = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, slash) || '/', path.slice(slash + 1)];
  const { namespace = '' } = pod.metadata;
  const base = `${text(item.spec, 'name') ?? ''}${suffix}/${namespace}/${pod.metadata.name}/${text(item.spec, 'containerName') ?? ''}`;
  const command = ['tar', '-C', folder, '-cf', '-', name === '' ? '.' : name];
  const session = execInPod(connection, { namespace, pod: pod.metadata.name, container, command, signal });
  const stderr = headOf(session.stderr);
  try {
    await unpack(session.stdout, `${base}/${folder}`, running);
    const code = await session.ended;
    if (code !== 0) throw new HoistError(`tar ended with exit code ${code}: ${(await stderr).toString('utf8').trim()}`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const said = (await stderr.catch(() => Buffer.alloc(0))).toString('utf8');
    const errors = { [`${path}/error`]: messageOf(error), ...(said === '' ? {} : { [`${path}/stderr`]: said }) };
    await sink.add({ path: `${base}/${path}-errors.json`, content: json(errors) });
    running.problem(`${namespace}/${pod.metadata.name}: ${messageOf(error)}`);
    return false;
  }
}

/** The files of a tar stream, below a folder of the bundle; links and devices are passed over. */
export async function unpack(
  stream: Readable,
  folder: string,
  { sink, note }: Pick<Running, 'sink' | 'note'>,
): Promise<void> {
  const entries = extract();
  let links = 0;
  entries.on('entry', (header, content, next) => {
    if (header.type === 'file') {
      const file = content as unknown as Readable;
      sink.add({ path: `${folder}/${header.name}`, content: file }).then(() => {
        file.resume();
        next();
      }, next);
      return;
    }
    if (header.type !== 'directory') links++;
    content.on('end', () => next());
    content.resume();
  });
  await pipeline(stream, entries as unknown as Writable);
  if (links > 0) note(`${links} links and special files were passed over`);
}

async function headOf(stream: Readable): Promise<Buffer> {
  let kept = 0;
  stream.pause();
  const head = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (kept < STDERR_BYTES) yield chunk;
      kept += chunk.length;
    }
  };
  const head_ = await bufferOf(Readable.from(head()));
  await finished(stream).catch(() => undefined);
  return head_.subarray(0, STDERR_BYTES);
}
