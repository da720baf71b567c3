// What an engine gets when a file is put into a container.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectDocker } from '../../scripts/docker/client.ts';
import { putContainerFile } from '../../scripts/docker/upload.ts';

const test = suite<{ folder: string }>('docker: upload', { folder: '' });
test.before.each(async (context) => void (context.folder = await mkdtemp(join(tmpdir(), 'hoist-upload-'))));
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

/** Puts a file of that many bytes; resolves with what arrived. */
async function put(folder: string, bytes: number): Promise<{ url: string; length: number; tar: Buffer }> {
  const file = join(folder, 'file');
  await writeFile(file, Buffer.alloc(bytes, 'x'));
  const socket = join(folder, 'd.sock');
  const got = { url: '', length: 0, tar: Buffer.alloc(0) };
  const server = createServer((request, response) => {
    got.url = request.url ?? '';
    got.length = Number(request.headers['content-length']);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.tar = Buffer.concat(chunks);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const engine = connectDocker({ host: `unix://${socket}`, source: 'DOCKER_HOST' });
  try {
    await putContainerFile(engine, 'node', { file, folder: '/', name: 'images.tar' });
  } finally {
    engine.close();
    await new Promise((resolve) => server.close(resolve));
  }
  return got;
}

for (const bytes of [0, 1, 512, 200_001]) {
  test(`a file of ${bytes} bytes is an archive that tar reads`, async ({ folder }) => {
    const { url, length, tar } = await put(folder, bytes);
    assert.is(url, '/containers/node/archive?path=%2F');
    assert.is(length, tar.length);
    assert.is(tar.length % 512, 0);
    assert.is(execFileSync('tar', ['-tf', '-'], { input: tar }).toString(), 'images.tar\n');
    const content = execFileSync('tar', ['-xOf', '-', 'images.tar'], { input: tar });
    assert.ok(content.equals(Buffer.alloc(bytes, 'x')));
  });
}

test.run();
