// Opens an offline bundle for `up`: checks it, brings its tools and files to their places, and gives its settings.

import { resolve } from 'node:path';
import { count } from '../../base/units.ts';
import { BundleReader } from '../../offline/reader.ts';
import { digestsOf, filesFolder, install, missingOf } from '../../offline/install.ts';
import { settingsText } from '../../offline/settings.ts';
import { type LayeredSettings, combineLayers } from '../../settings/layers.ts';
import { parseSettingsFile } from '../../settings/yaml.ts';
import { type BundleImages, imagesOf } from './images.ts';
import type { ClusterContext } from '../../context.ts';

export interface OpenedBundle {
  settings: LayeredSettings;
  images: BundleImages;
  close(): Promise<void>;
}

/**
 * What is in its place already is not read again; all else is checked before any of it is used. The caller closes it.
 * @param file relative to the working directory
 * @param options.plan whether nothing is made: the tools stay where they are then
 * @throws BundleError where it is damaged, or not for this hoist or this machine
 */
export async function openForUp(
  file: string,
  options: { signal: AbortSignal; say: (line: string) => void; plan: boolean },
  { tools, cwd }: Pick<ClusterContext, 'tools' | 'cwd'>,
): Promise<OpenedBundle> {
  const { signal, say, plan } = options;
  const bundle = await BundleReader.open(resolve(cwd, file));
  try {
    const folder = filesFolder(bundle, tools);
    const text = settingsText(bundle.manifest, folder, file);
    const found = await missingOf(bundle, tools);
    // A plan only reads files.
    const missing = plan ? { ...found, tools: [] } : found;
    if (missing.tools.length > 0)
      say(
        `${file}: ${count(missing.tools.length, 'tool')} and ${count(missing.files.length, 'file')} are put into the cache`,
      );
    await bundle.verify(digestsOf(missing), { signal });
    await install(bundle, missing, { options: tools, signal });
    const read = await parseSettingsFile(`${file} (settings)`, text);
    // Files of secrets, which no bundle has, are looked for where the user is.
    const settings = combineLayers([{ file: read, folder: cwd, real: file }], folder);
    return { settings, images: imagesOf(bundle), close: () => bundle.close() };
  } catch (error) {
    await bundle.close();
    throw error;
  }
}
