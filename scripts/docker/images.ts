// Images: whether they are there, for which platform, and pulling them with every byte shown.

import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Progress } from '../engine/step.ts';
import type { Environment } from '../host/paths.ts';
import { Upload } from './body.ts';
import type { DockerClient } from './client.ts';
import { DockerError, isNotFound } from './docker-errors.ts';
import { registryAuth } from './registry-auth.ts';
import { jsonLines } from './streams.ts';

/** An image that the engine has. */
export interface PresentImage {
  id: string;
  /** `linux/amd64`. */
  platform: string;
  bytes: number;
}

/** A name as a path of the API has it: whatever a plan says, it asks for an image. */
function inPath(image: string): string {
  const parts = image.split('/').map((part) => encodeURIComponent(part === '..' || part === '.' ? '' : part));
  return parts.join('/').replaceAll('%3A', ':').replaceAll('%40', '@');
}

/** @returns undefined where the engine does not have it. */
export async function findImage(
  engine: DockerClient,
  image: string,
  signal?: AbortSignal,
): Promise<PresentImage | undefined> {
  try {
    const found = await engine.json<{ Id: string; Os: string; Architecture: string; Size: number }>({
      path: `/images/${inPath(image)}/json`,
      signal,
    });
    return { id: found.Id, platform: `${found.Os}/${found.Architecture}`, bytes: found.Size };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A line of the engine's pull stream. */
interface PullEvent {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
  errorDetail?: { message?: string };
}

/** Adds up what the layers of one image say, so that one number grows. */
export class PullProgress {
  readonly #layers = new Map<string, { done: number; total: number; complete: boolean }>();

  /** Takes a line of the stream. @returns whether the sums changed. */
  take({ id, status, progressDetail }: PullEvent): boolean {
    if (id === undefined || status === undefined || status.startsWith('Pulling from')) return false;
    const layer = this.#layers.get(id) ?? { done: 0, total: 0, complete: false };
    this.#layers.set(id, layer);
    if (status === 'Downloading') {
      layer.done = progressDetail?.current ?? layer.done;
      layer.total = progressDetail?.total ?? Math.max(layer.total, layer.done);
      return true;
    }
    if (status === 'Download complete' || status === 'Pull complete' || status === 'Already exists') {
      layer.done = layer.total;
      layer.complete = status !== 'Download complete';
      return true;
    }
    return false;
  }

  /** Bytes of all layers whose sizes are known. */
  get bytes(): Progress {
    let done = 0;
    let total = 0;
    for (const layer of this.#layers.values()) {
      done += layer.done;
      total += layer.total;
    }
    return { done, total: total === 0 ? undefined : total, unit: 'bytes' };
  }

  /** Like `3 of 7 layers`. */
  get layers(): string {
    const all = [...this.#layers.values()];
    return `${all.filter((layer) => layer.complete).length} of ${all.length} layers`;
  }
}

export interface PullOptions {
  /** `linux/amd64`. */
  platform: string;
  /** Says where `docker login` keeps credentials (DOCKER_CONFIG, HOME), and where its helpers are (PATH). */
  env: Environment;
  /** Called with the sum of bytes over all layers as it grows. */
  onProgress?: (progress: PullProgress) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Pulls an image for a platform, with the credentials that `docker login` left.
 * @throws DockerError where the registry refuses, knows no such image, or has none for the platform.
 */
export async function pullImage(engine: DockerClient, image: string, options: PullOptions): Promise<void> {
  const auth = await registryAuth(image, options.env);
  const answer = await engine.stream({
    method: 'POST',
    path: '/images/create',
    query: { fromImage: image, platform: options.platform },
    ...(auth === undefined ? {} : { headers: { 'x-registry-auth': auth } }),
    signal: options.signal,
    timeoutMs: 120_000,
  });
  const progress = new PullProgress();
  try {
    for await (const event of jsonLines<PullEvent>(answer)) {
      const error = event.errorDetail?.message ?? event.error;
      if (error !== undefined) throw new DockerError(`${image} cannot be pulled: ${error}`, 500);
      if (progress.take(event)) options.onProgress?.(progress);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof DockerError) throw error;
    throw new DockerError(`${image} cannot be pulled: the engine broke off`, 500, { cause: error });
  } finally {
    answer.destroy();
  }
}

/** Writes images that the engine has into one file, as `docker save` does. @throws DockerError where one is not there */
export async function saveImages(
  engine: DockerClient,
  names: readonly string[],
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  const answer = await imagesArchive(engine, names, signal);
  await pipeline(answer, createWriteStream(file, { mode: 0o600 }), { ...(signal ? { signal } : {}) });
}

/** Images that the engine has as one tar archive, as it comes. @throws DockerError where one is not there */
export function imagesArchive(
  engine: DockerClient,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const query = new URLSearchParams(names.map((name): [string, string] => ['names', name]));
  return engine.stream({ path: `/images/get?${query.toString()}`, signal, timeoutMs: 0 });
}

/** Gives the engine images from an archive of known length, as `docker load` does. @throws DockerError where it refuses */
export async function loadImages(
  engine: DockerClient,
  { content, bytes }: { content: AsyncIterable<Buffer>; bytes: number },
  signal?: AbortSignal,
): Promise<void> {
  const answer = await engine.stream({
    method: 'POST',
    path: '/images/load?quiet=1',
    body: new Upload(Readable.from(content, { objectMode: false }), bytes),
    signal,
    timeoutMs: 0,
  });
  for await (const { error } of jsonLines<{ error?: string }>(answer)) {
    if (error !== undefined) throw new DockerError(`the engine cannot load the images: ${error}`, 500);
  }
}
