// Opens an offline bundle for `up`: checks it, brings its tools and files to their places, and gives its settings.

import { resolve } from 'node:path';
import { count } from '../../base/units.ts';
import { BundleReader } from '../../offline/reader.ts';
import { digestsOf, filesFolder, install, missingOf } from '../../offline/install.ts';
import { settingsText } from '../../offline/settings.ts';
import { type LayeredSettings, combineLayers } from '../../settings/layers.ts';
import { parseSettingsFile } from '../../settings/yaml.ts';
import type { ClusterContext } from '../../context.ts';

export interface OpenedBundle {
  bundle: BundleReader;
  settings: LayeredSettings;
}

/**
 * What is in its place already is not read again; all else is checked before any of it is used. The caller closes the bundle.
 * @param file relative to the working directory
 * @throws BundleError where it is damaged, or not for this hoist or this machine
 */
export async function openForUp(
  file: string,
  { signal, say }: { signal: AbortSignal; say: (line: string) => void },
  { tools, cwd }: Pick<ClusterContext, 'tools' | 'cwd'>,
): Promise<OpenedBundle> {
  const bundle = await BundleReader.open(resolve(cwd, file));
  try {
    const folder = filesFolder(bundle, tools);
    const text = settingsText(bundle.manifest, folder, file);
    const missing = await missingOf(bundle, tools);
    if (missing.tools.length > 0)
      say(
        `${file}: ${count(missing.tools.length, 'tool')} and ${count(missing.files.length, 'file')} are put into the cache`,
      );
    await bundle.verify(digestsOf(missing), { signal });
    await install(bundle, missing, { options: tools, signal });
    const read = await parseSettingsFile(`${file} (settings)`, text);
    // Files of secrets, which no bundle has, are looked for where the user is.
    const settings = combineLayers([{ file: read, folder: cwd, real: file }], folder);
    return { bundle, settings };
  } catch (error) {
    await bundle.close();
    throw error;
  }
}
