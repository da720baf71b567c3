// Files that go into a container as the tar archive that the engine's API takes, without being held in memory.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { DockerClient } from './client.ts';
import { Upload } from './body.ts';

const BLOCK = 512;

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
  const padding = (BLOCK - (size % BLOCK)) % BLOCK;
  async function* archive(): AsyncGenerator<Buffer, void, undefined> {
    yield header(name, size);
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

/** The header of a regular file of root, in the format ustar. */
function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  block.write(name, 0, 100, 'utf8');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Math.floor(Date.now() / 1000), 136, 12);
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  // The sum counts its own field as eight spaces.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
