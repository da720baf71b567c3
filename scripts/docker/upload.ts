// Files that go into a container as the tar archive that the engine's API takes, without being held in memory.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { DockerClient } from './client.ts';
import { TAR_BLOCK as BLOCK, tarHeader, tarPadding } from '../host/tar-header.ts';
import { Upload } from './body.ts';

/**
 * Puts a file into a folder of a container, running or not.
 * @param name that it gets there
 * @throws DockerError where there is no such container or folder; what reading the file throws
 */
export async function putContainerFile(
  engine: DockerClient,
  id: string,
  { file, folder, name }: { file: string; folder: string; name: string },
  signal?: AbortSignal,
): Promise<void> {
  const { size } = await stat(file);
  const padding = tarPadding(size);
  async function* archive(): AsyncGenerator<Buffer, void, undefined> {
    yield tarHeader(name, size, Math.floor(Date.now() / 1000));
    for await (const chunk of createReadStream(file, { signal })) yield chunk as Buffer;
    // Two empty blocks are the end.
    yield Buffer.alloc(padding + 2 * BLOCK);
  }
  await engine.json({
    method: 'PUT',
    path: `/containers/${encodeURIComponent(id)}/archive`,
    query: { path: folder },
    body: new Upload(Readable.from(archive(), { objectMode: false }), BLOCK + size + padding + 2 * BLOCK),
    signal,
    timeoutMs: 0,
  });
}
