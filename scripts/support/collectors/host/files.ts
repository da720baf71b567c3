// Files of the machine: copies, disks, certificates.

import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { entriesBelow } from '../../../host/files/walk.ts';
import { readBounded } from '../../../host/files/bounded.ts';
import { isErrno, messageOf } from '../../../base/errors.ts';
import { parseChain } from '../certificate-chain.ts';
import type { Machine } from './machine.ts';
import { type Collector, type HostReach, type Running, firstText, json, list, machineOf } from '../collector.ts';

export const hostCopy: Collector = {
  claim: ({ spec }) =>
    `host-collectors/${firstText(spec, 'collectorName') ?? 'copy'}/${basename(firstText(spec, 'path') ?? '')}`,
  async run(running) {
    const { item, suffix, signal, note, problem, host } = running;
    const folder = `host-collectors/${firstText(item.spec, 'collectorName') ?? 'copy'}${suffix}`;
    let found = 0;
    if (host.machine) {
      await copyFrom(host.machine, running, folder);
      return;
    }
    for (const path of await matches(firstText(item.spec, 'path') ?? '')) {
      signal.throwIfAborted();
      found++;
      await copyInto(running, path, `${folder}/${basename(path)}`).catch((error: unknown) => problem(messageOf(error)));
    }
    if (found === 0) note('no files matched');
  },
};

/** From a node: each file below the part of the pattern that has no wildcard, where its path, or that of a folder above it, matches. */
async function copyFrom(
  machine: Machine,
  { item, sink, signal, note, problem }: Running,
  folder: string,
): Promise<void> {
  const pattern = resolve('/', firstText(item.spec, 'path') ?? '');
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => WILD.test(part));
  const top = wild < 0 ? pattern : parts.slice(0, wild).join('/') || '/';
  const tests = (wild < 0 ? [] : parts.slice(wild)).map(partPattern);
  let found = 0;
  for (const below of (await machine.filesBelow(top)) ?? []) {
    signal.throwIfAborted();
    const names = below.split('/');
    if (!tests.every((test, i) => test.test(names[i] ?? ''))) continue;
    found++;
    const matched = wild < 0 ? pattern : join(top, ...names.slice(0, tests.length));
    const rest = wild < 0 ? below : names.slice(tests.length).join('/');
    await machine
      .read(join(top, below))
      .then((content) => sink.add({ path: [folder, basename(matched), rest].filter(Boolean).join('/'), content }))
      .catch((error: unknown) => problem(`${join(top, below)}: ${messageOf(error)}`));
  }
  if (found === 0) note('no files matched');
}

const WILD = /[*?[]/;

/** As Go's filepath.Glob: `*`, `?` and `[…]` within a part of the path. */
async function matches(pattern: string): Promise<string[]> {
  let found = [pattern.startsWith('/') ? '/' : '.'];
  for (const part of pattern.split('/').filter((one) => one !== '')) {
    const wild = WILD.test(part) ? partPattern(part) : undefined;
    const below = await Promise.all(
      found.map(async (folder) => {
        const names =
          wild === undefined ? [part] : (await readdir(folder).catch(() => [])).filter((name) => wild.test(name));
        return names.map((name) => join(folder, name));
      }),
    );
    found = below.flat();
  }
  const there = await Promise.all(
    found.map((path) =>
      stat(path).then(
        () => path,
        () => undefined,
      ),
    ),
  );
  return there.filter((path) => path !== undefined).sort();
}

function partPattern(part: string): RegExp {
  const source = part.replace(/\[\^?[^\]]+\]|[\s\S]/g, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    return token.length > 1 ? token.replaceAll('\\', '\\\\') : token.replace(/[\\^$.|+(){}[\]]/, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}

async function copyInto({ sink }: Running, path: string, target: string): Promise<void> {
  const info = await stat(path);
  if (info.isFile()) await sink.add({ path: target, content: createReadStream(path) });
  if (!info.isDirectory()) return;
  for (const entry of await entriesBelow(path)) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) await sink.add({ path: `${target}/${relative(path, file)}`, content: createReadStream(file) });
  }
}

/** Of the nearest folder above that is there, as for a path that is yet to be made. */
export const diskUsage: Collector = {
  claim: ({ spec }) => `host-collectors/diskUsage/${firstText(spec, 'collectorName') ?? 'diskUsage'}`,
  timeoutMs: 10_000,
  async run({ item, sink, suffix, host }) {
    const { total, used } = await machineOf(host).disk(resolve('/', firstText(item.spec, 'path') ?? '/'));
    const content = json({ total_bytes: total, used_bytes: used });
    await sink.add({
      path: `host-collectors/diskUsage/${firstText(item.spec, 'collectorName') ?? 'diskUsage'}${suffix}.json`,
      content,
    });
  },
};

class MissingFile extends Error {}

/** Of this machine, or of a node. @throws MissingFile */
async function textOf({ machine }: HostReach, path: string): Promise<string> {
  if (!machine)
    return readBounded(path).then(String, (error: unknown) => {
      throw isErrno(error, 'ENOENT') ? new MissingFile(path) : error;
    });
  if (!(await machine.exists(path))) throw new MissingFile(path);
  return (await machine.read(path)).toString('utf8');
}

/** A status word alone, without quotes. */
export const certificate: Collector = {
  claim: ({ spec }) => `host-collectors/certificate/${firstText(spec, 'collectorName') ?? 'certificate'}`,
  async run({ item, sink, suffix, note, host }) {
    const status = await pairStatus(
      host,
      firstText(item.spec, 'certificatePath') ?? '',
      firstText(item.spec, 'keyPath') ?? '',
    );
    if (status !== 'key-pair-valid') note(status);
    const path = `host-collectors/certificate/${firstText(item.spec, 'collectorName') ?? 'certificate'}${suffix}.json`;
    await sink.add({ path, content: Buffer.from(status) });
  },
};

async function pairStatus(host: HostReach, certificatePath: string, keyPath: string): Promise<string> {
  let texts: [string, string];
  try {
    texts = [await textOf(host, certificatePath), await textOf(host, keyPath)];
  } catch (error) {
    if (error instanceof MissingFile) return 'key-pair-missing';
    throw error;
  }
  const [chain, key] = texts;
  if (!chain.includes('BEGIN CERTIFICATE'))
    return chain.includes('PRIVATE KEY') ? 'key-pair-switched' : 'key-pair-invalid';
  if (!key.includes('PRIVATE KEY')) return key.includes('BEGIN CERTIFICATE') ? 'key-pair-switched' : 'key-pair-invalid';
  if (key.includes('ENCRYPTED')) return 'key-pair-encrypted';
  try {
    return new X509Certificate(chain).checkPrivateKey(createPrivateKey(key)) ? 'key-pair-valid' : 'key-pair-mismatch';
  } catch {
    return 'key-pair-invalid';
  }
}

export const certificatesCollection: Collector = {
  claim: ({ spec }) =>
    `host-collectors/certificatesCollection/${firstText(spec, 'collectorName') ?? 'certificatesCollection'}`,
  async run({ item, sink, suffix, host }) {
    const entries = await Promise.all(list(item.spec, 'paths').map((path) => certificatesOf(host, path)));
    const name = firstText(item.spec, 'collectorName') ?? 'certificatesCollection';
    await sink.add({ path: `host-collectors/certificatesCollection/${name}${suffix}.json`, content: json(entries) });
  },
};

async function certificatesOf(host: HostReach, path: string): Promise<object> {
  try {
    const chain = parseChain(await textOf(host, path));
    return { certificatePath: path, certificateChain: chain, message: 'cert-valid' };
  } catch (error) {
    const message = error instanceof MissingFile ? 'cert-missing' : 'cert-invalid';
    return { certificatePath: path, message };
  }
}
