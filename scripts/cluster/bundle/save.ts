// Packs what `up` with these settings needs into an offline bundle: tools, charts, files, images, and the settings.

import { resolve } from 'node:path';
import type { Step, StepContext } from '../../engine/step.ts';
import { UsageError } from '../../base/errors.ts';
import { count } from '../../base/units.ts';
import { HOIST_VERSION } from '../../base/version.ts';
import { withLock } from '../../host/lock.ts';
import { BUNDLE_FORMAT, type BundleManifest, partsOf } from '../../offline/manifest.ts';
import { BundleWriter, partialOf } from '../../offline/writer.ts';
import type { LocalChart } from '../../services/helm/service.ts';
import { locateTool } from '../../tools/locate.ts';
import { pinOf, platformOf, title } from '../../tools/options.ts';
import type { ToolName } from '../../tools/pins.ts';
import { toolSteps } from '../../tools/tool-steps.ts';
import type { ClusterContext } from '../../context.ts';
import type { Prepared } from '../prepare-cluster.ts';
import { TOOLS } from '../record/run-content.ts';
import { chartSteps } from './charts.ts';
import { addImages, forgetNotes } from './image-parts.ts';
import { type PackedSettings, packSettings } from './settings.ts';

export interface SavedBundle {
  file: string;
  /** SHA-256 of the manifest, in hex. */
  digest: string;
  bytes: number;
  manifest: BundleManifest;
  /** What is not in it, one sentence each. */
  notes: readonly string[];
  /** Parts that an interrupted save had written already. */
  resumed: number;
}

export interface SaveSteps {
  steps: Step[];
  /** What the last step has written. */
  saved: () => SavedBundle;
}

/**
 * The steps that fetch what is not on this machine yet, and the one that writes it all.
 * @param file where the bundle goes; one that is there is replaced when the new one is whole
 */
export async function saveSteps(
  prepared: Prepared,
  file: string,
  wiring: Pick<ClusterContext, 'tools' | 'exec' | 'now' | 'cwd' | 'provider'>,
): Promise<SaveSteps> {
  const { tools } = wiring;
  const names: ToolName[] = [
    ...TOOLS[prepared.plan.cluster.provider],
    ...(prepared.services.list.length > 0 ? (['helm'] as const) : []),
  ];
  const provisioning = await toolSteps(names, tools);
  const charts = chartSteps(
    prepared,
    provisioning.map(({ name }) => name),
    wiring,
  );
  let saved: SavedBundle | undefined;
  const before = [...provisioning, ...charts.steps];
  const pack: Step = {
    name: 'bundle',
    needs: before.map(({ name }) => name),
    run: async (context) => {
      const path = resolve(wiring.cwd, file);
      saved = await withLock(`${partialOf(path)}.lock`, { signal: context.signal, timeoutMs: 0 }, () =>
        write({ prepared, path, names, charts: charts.found() }, wiring, context),
      );
    },
  };
  return {
    steps: [...before, pack],
    saved() {
      if (saved === undefined) throw new Error('the bundle is asked for before it is written');
      return saved;
    },
  };
}

interface Packing {
  prepared: Prepared;
  /** Absolute. */
  path: string;
  names: readonly ToolName[];
  charts: ReadonlyMap<string, LocalChart>;
}

async function write(
  { prepared, path, names, charts }: Packing,
  { tools, now, provider }: Pick<ClusterContext, 'tools' | 'now' | 'provider'>,
  { signal, note, progress }: StepContext,
): Promise<SavedBundle> {
  const packed = await packSettings(prepared, charts);
  const { cluster } = prepared.plan;
  const archives = (await (await provider(cluster.provider)).offline?.archives(cluster, signal)) ?? [];
  const writer = await BundleWriter.open(path);
  writer.onBytes = (done) => progress({ done, unit: 'bytes' });
  if (writer.resumed > 0) note(`${count(writer.resumed, 'part')} of an interrupted save`);
  try {
    const files = await addFiles(writer, packed, signal);
    const binaries = await addTools(writer, names, tools, signal);
    const { images, reused } = await addImages(writer, archives, path, signal);
    if (reused > 0) note(`${count(reused, 'archive')} of images unchanged`);
    const content = { files, tools: binaries, images };
    const manifest = manifestOf(prepared, packed, { ...content, platform: platformOf(tools), now: now() });
    const named = new Set(partsOf(manifest, path).keys());
    const { digest, bytes } = await writer.finish(`${JSON.stringify(manifest, null, 2)}\n`, named);
    await forgetNotes(path);
    return { file: path, digest, bytes, manifest, notes: packed.notes, resumed: writer.resumed };
  } finally {
    await writer.interrupt();
  }
}

function manifestOf(
  { plan }: Prepared,
  { tree, paths }: PackedSettings,
  content: Pick<BundleManifest, 'tools' | 'files' | 'images' | 'platform'> & { now: Date },
): BundleManifest {
  const { now, platform, ...parts } = content;
  return {
    kind: 'hoist-offline-bundle',
    format: BUNDLE_FORMAT,
    hoist: HOIST_VERSION,
    createdAt: now.toISOString(),
    platform: { ...platform },
    provider: plan.cluster.provider,
    cluster: plan.cluster.name,
    kubernetes: plan.cluster.kubernetes,
    settings: { tree, paths: paths.map((path) => [...path]) },
    ...parts,
  };
}

async function addFiles(
  writer: BundleWriter,
  { files }: PackedSettings,
  signal: AbortSignal,
): Promise<BundleManifest['files']> {
  const added: BundleManifest['files'] = [];
  for (const { path, source } of files) added.push({ path, ...(await writer.addFile(source, signal)) });
  return added;
}

/** @throws UsageError for a tool of another version than the pinned one: it is what the cache has where the bundle is used. */
async function addTools(
  writer: BundleWriter,
  names: readonly ToolName[],
  options: ClusterContext['tools'],
  signal: AbortSignal,
): Promise<BundleManifest['tools']> {
  const added: BundleManifest['tools'] = [];
  for (const name of names) {
    const located = await locateTool(name, options);
    const pin = pinOf(name, options);
    if (located === undefined) throw new UsageError(`${title(pin)} is not there any more`);
    if (located.version !== pin.version)
      throw new UsageError(
        `${located.path} is ${name} ${located.version ?? 'of an unknown version'}, not ${pin.version}`,
        {
          hint: `A bundle has the pinned versions: take it off the PATH, and \`hoist tools fetch ${name}\` fetches ${pin.version}.`,
        },
      );
    added.push({ name, version: pin.version, ...(await writer.addFile(located.path, signal)) });
  }
  return added;
}
