// The images of a bundle: given to the engine before anything is planned, and to the nodes when there are some.

import { count } from '../../base/units.ts';
import { archiveBytes, joinArchive } from '../../offline/archive.ts';
import type { PackedArchive } from '../../offline/manifest.ts';
import type { BundleReader } from '../../offline/reader.ts';
import type { OfflineImages, PackedImages } from '../../providers/provider.ts';

export interface BundleImages {
  forNodes: readonly PackedImages[];
  /** Gives the engine what it lacks, all of which is checked before. */
  load(provider: OfflineImages, options: { signal: AbortSignal; say: (line: string) => void }): Promise<void>;
}

export function imagesOf(bundle: BundleReader): BundleImages {
  const packed = ({ images, files }: PackedArchive): PackedImages => ({
    images,
    bytes: archiveBytes(files),
    content: () => joinArchive(bundle, files),
  });
  const archives = (into: PackedArchive['into']): PackedArchive[] =>
    bundle.manifest.images.filter((archive) => archive.into === into);
  const digests = (list: readonly PackedArchive[]): string[] =>
    list.flatMap(({ files }) => files.map(({ sha256 }) => sha256));
  return {
    forNodes: archives('nodes').map(packed),
    async load(provider, { signal, say }) {
      const lacking: PackedArchive[] = [];
      for (const archive of archives('engine'))
        if (!(await provider.has(packed(archive), signal))) lacking.push(archive);
      await bundle.verify(digests([...lacking, ...archives('nodes')]), { signal });
      for (const archive of lacking) {
        say(
          `${count(archive.images.length, 'image')} of the bundle ${archive.images.length === 1 ? 'goes' : 'go'} into the engine`,
        );
        await provider.load(packed(archive), signal);
      }
    },
  };
}
