// Packs archives of images into a bundle; one that has not changed since is taken from the bundle that is there.

import { readFile, rm } from 'node:fs/promises';
import { writeAtomic } from '../../host/files/files.ts';
import { splitArchive } from '../../offline/archive.ts';
import { BundleError } from '../../offline/bundle-errors.ts';
import { type PackedArchive, readArchiveList } from '../../offline/manifest.ts';
import { BundleReader } from '../../offline/reader.ts';
import { type BundleWriter, partialOf } from '../../offline/writer.ts';
import type { ImageArchive } from '../../providers/provider.ts';

/** What an interrupted save has written of images. */
const notesOf = (path: string): string => `${partialOf(path)}.json`;

export interface PackedImageParts {
  images: PackedArchive[];
  /** How many archives were not asked for again. */
  reused: number;
}

/** @param path of the bundle, where the last one may be */
export async function addImages(
  writer: BundleWriter,
  archives: readonly ImageArchive[],
  path: string,
  signal: AbortSignal,
): Promise<PackedImageParts> {
  if (archives.length === 0) return { images: [], reused: 0 };
  const old = await BundleReader.open(path).catch(() => undefined);
  const begun = readArchiveList(await readFile(notesOf(path), 'utf8').catch(() => '[]'));
  const images: PackedArchive[] = [];
  let reused = 0;
  try {
    for (const archive of archives) {
      const known =
        begun.find((one) => isSame(one, archive) && one.files.every(({ sha256 }) => writer.has(sha256))) ??
        (old && (await kept(writer, old, archive)));
      if (known) reused++;
      const files =
        known?.files ?? (await splitArchive(archive.content(signal), (content) => writer.add(content), signal));
      images.push({ into: archive.into, images: archive.images.map((image) => ({ ...image })), files });
      await writeAtomic(notesOf(path), JSON.stringify(images), { mode: 0o600 });
    }
    return { images, reused };
  } finally {
    await old?.close();
  }
}

/** Removes what only an interrupted save needs. */
export function forgetNotes(path: string): Promise<void> {
  return rm(notesOf(path), { force: true });
}

async function kept(
  writer: BundleWriter,
  old: BundleReader,
  archive: ImageArchive,
): Promise<PackedArchive | undefined> {
  const same = old.manifest.images.find((one) => isSame(one, archive));
  if (same === undefined) return undefined;
  try {
    for (const part of same.files) await writer.reuse(old, part);
    return same;
  } catch (error) {
    // Damaged meanwhile: asked for again.
    if (error instanceof BundleError) return undefined;
    throw error;
  }
}

function isSame(packed: PackedArchive, { into, images }: ImageArchive): boolean {
  const keys = (list: ImageArchive['images']): string =>
    list
      .map(({ name, digest }) => `${name} ${digest}`)
      .sort()
      .join('\n');
  return packed.into === into && keys(packed.images) === keys(images);
}
