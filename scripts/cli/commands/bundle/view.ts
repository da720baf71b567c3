// How offline bundles are shown: pure.

import { visible } from '../../../base/terminal-text.ts';
import { isTree } from '../../../base/tree.ts';
import { bytesText, count } from '../../../base/units.ts';
import type { BundleManifest } from '../../../offline/manifest.ts';

interface Shown {
  file: string;
  digest: string;
  bytes: number;
  manifest: BundleManifest;
}

export function savedLines({ file, digest, bytes, manifest, notes }: Shown & { notes: readonly string[] }): string[] {
  return [...notes, `saved ${file}: ${contentOf(manifest)}, ${bytesText(bytes)}`, `sha256:${digest}`];
}

export function verifiedLines({ file, digest, bytes, manifest }: Shown): string[] {
  const { tools, images, platform, cluster, provider, kubernetes, createdAt, hoist } = manifest;
  return [
    `${file}: every part is as its manifest says`,
    `  cluster    ${cluster}, provider ${provider}, Kubernetes ${kubernetes}, for ${platform.os}/${platform.arch}`,
    `  saved      ${createdAt} by hoist ${hoist}`,
    ...tools.map(({ name, version, bytes: size }) => `  tool       ${name} ${version}, ${bytesText(size)}`),
    ...imagesOf(images).map((name) => `  image      ${name}`),
    ...runsOf(manifest).map((what) => `  runs       ${what}`),
    `  in all     ${contentOf(manifest)}, ${bytesText(bytes)}`,
    `sha256:${digest}`,
  ];
}

/** What a program gets. */
export function shownAsJson({ file, digest, bytes, manifest }: Shown): object {
  const { tools, images, files, ...about } = manifest;
  return {
    file,
    digest: `sha256:${digest}`,
    bytes,
    cluster: about.cluster,
    provider: about.provider,
    kubernetes: about.kubernetes,
    platform: about.platform,
    createdAt: about.createdAt,
    tools: tools.map(({ name, version }) => ({ name, version })),
    images: imagesOf(images),
    runs: runsOf(manifest),
    files: files.length,
  };
}

/** The programs that its settings bring, beside the tools: hooks as they stand, own steps by their files. */
function runsOf({ settings: { tree }, files }: BundleManifest): string[] {
  const { hooks } = tree;
  const commands = isTree(hooks)
    ? Object.entries(hooks).map(([when, list]) => `hook ${when}: ${JSON.stringify(list)}`)
    : [];
  const steps = files.filter(({ path }) => path.startsWith('steps/')).map(({ path }) => `own step ${path}`);
  return [...commands.map(visible), ...(tree['steps'] === undefined ? [] : steps.map(visible))];
}

/** Their names, each once. */
function imagesOf(archives: BundleManifest['images']): string[] {
  return [...new Set(archives.flatMap(({ images }) => images.map(({ name }) => name)))].sort();
}

function contentOf({ tools, files, images }: BundleManifest): string {
  return [count(tools.length, 'tool'), count(imagesOf(images).length, 'image'), count(files.length, 'file')].join(', ');
}
