// A registry of a test's own: Debian's build of the distribution registry on this machine, and images to put into it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { DockerSession } from '../../scripts/docker/session.ts';

export const registryBinary = ['/usr/bin/docker-registry', '/usr/local/bin/docker-registry'].find((file) =>
  existsSync(file),
);

/** @param address of this machine that it listens on. */
export async function startRegistry(
  binary: string,
  port: number,
  folder: string,
  address = '127.0.0.1',
): Promise<ChildProcess> {
  const config = join(folder, 'registry.yml');
  const storage = `storage: { filesystem: { rootdirectory: ${join(folder, 'data')} } }`;
  writeFileSync(config, `version: 0.1\n${storage}\nhttp: { addr: '${address}:${port}' }\n`);
  const child = spawn(binary, ['serve', config], { stdio: 'ignore' });
  await answers(`${address}:${port}`);
  return child;
}

/** Resolves when the registry there answers. */
export async function answers(host: string): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const { ok } = await fetch(`http://${host}/v2/`).catch(() => ({ ok: false }));
    if (ok) return;
    await sleep(100);
  }
  throw new Error(`the registry ${host} does not answer`);
}

/** An image of one layer with one file, without any other image. */
export async function importImage({ engine }: DockerSession, name: string, content: Buffer): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-layer-'));
  writeFileSync(join(folder, 'file'), content);
  const tar = execFileSync('tar', ['-C', folder, '-cf', '-', 'file'], { maxBuffer: 2 ** 28 });
  rmSync(folder, { recursive: true });
  const [repo, tag] = [name.slice(0, name.lastIndexOf(':')), name.slice(name.lastIndexOf(':') + 1)];
  const answer = await engine.stream({
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo, tag },
    body: tar,
  });
  for await (const chunk of answer) assert.not.match(String(chunk), /"error"/);
}

export async function push({ engine }: DockerSession, image: string): Promise<void> {
  const headers = { 'x-registry-auth': Buffer.from('{}').toString('base64url') };
  const answer = await engine.stream({ method: 'POST', path: `/images/${image}/push`, headers, timeoutMs: 60_000 });
  let told = '';
  for await (const chunk of answer) told += String(chunk);
  assert.not.match(told, /"error"/);
}

/** Removes an image from an engine; one that is not there is fine. */
export async function forget({ engine }: DockerSession, image: string): Promise<void> {
  await engine.json({ method: 'DELETE', path: `/images/${image}`, query: { force: true } }).catch(() => undefined);
}
