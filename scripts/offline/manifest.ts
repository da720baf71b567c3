// What an offline bundle says of itself: every part with its digest, and what each is for.

import * as z from 'zod';
import { isClusterName } from '../base/names.ts';
import { TAR_FILE_MAX, TAR_NAME_MAX } from '../host/files/tar-header.ts';
import { BundleError } from './bundle-errors.ts';

export const BUNDLE_FORMAT = 1;

/** Bytes of one part: what the archive's format has digits for. */
export const PART_MAX = TAR_FILE_MAX;
/** Parts of a bundle, and of a list in its manifest. */
export const PARTS_MAX = 100_000;

/** Levels of a manifest: values of charts are not that deep. */
const NESTING_MAX = 100;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');
const part = { sha256, bytes: z.int().min(0).max(PART_MAX) };
/** Shown to people, so that it has no line breaks and no control characters in it. */
const text = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'has a control character');
const toolName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'is no name of a tool');
const toolVersion = z.string().regex(/^\w[\w.+-]{0,62}$/, 'is no version');

/** Whether a path stays below any folder, whatever it is joined to: plain names with single slashes between. */
export function isPartPath(path: string): boolean {
  if (Buffer.byteLength(path) > 1024) return false;
  return path.split('/').every((name) => {
    return name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[\u0000-\u001f\u007f\\]/.test(name);
  });
}

const path = z.string().refine(isPartPath, 'must be a relative path without ".."');
/** What a header of a tar archive has room for. */
const memberPath = path.refine((name) => Buffer.byteLength(name) <= TAR_NAME_MAX, 'is too long for an archive');
const list = <T extends z.ZodType>(item: T): z.ZodArray<T> => z.array(item).max(PARTS_MAX);

const archives = list(
  z.strictObject({
    into: z.enum(['engine', 'nodes']),
    images: list(z.strictObject({ name: text, digest: text })),
    /** The files of the archive. */
    files: list(z.strictObject({ path: memberPath, ...part })),
  }),
);

const manifestSchema = z.strictObject({
  kind: z.literal('hoist-offline-bundle'),
  format: z.literal(BUNDLE_FORMAT),
  /** Version of hoist that wrote it. */
  hoist: text,
  /** ISO 8601. */
  createdAt: text,
  platform: z.strictObject({ os: text, arch: text }),
  provider: z.enum(['embedded', 'k3d', 'existing']),
  /** Name of the cluster that the settings make. */
  cluster: text.refine(isClusterName, 'is no name of a cluster'),
  kubernetes: text,
  settings: z.strictObject({
    /** As a settings file would have them. */
    tree: z.record(z.string(), z.unknown()),
    /** Where in the tree paths stand that are those of files in the bundle. */
    paths: list(z.array(z.union([z.string(), z.int().min(0)])).max(16)),
  }),
  tools: list(z.strictObject({ name: toolName, version: toolVersion, ...part })),
  /** Manifests, values, charts, the user's own steps: below one folder. */
  files: list(z.strictObject({ path, ...part })),
  /** For the engine as `docker save` writes them, for the nodes as `ctr images export` does. */
  images: archives,
});

export type BundleManifest = z.output<typeof manifestSchema>;

export type PackedArchive = BundleManifest['images'][number];

/** One part, known by its digest. */
export interface Part {
  sha256: string;
  bytes: number;
}

/** What an interrupted save has noted of archives; nothing where it is damaged. */
export function readArchiveList(json: string): PackedArchive[] {
  try {
    return archives.parse(JSON.parse(json));
  } catch {
    return [];
  }
}

/** @throws BundleError where the text is no manifest, or one of another version of hoist. */
export function parseBundleManifest(json: string, file: string): BundleManifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new BundleError(file, 'its manifest is not JSON');
  }
  if (nesting(value) > NESTING_MAX) throw new BundleError(file, 'its manifest is nested deeper than any');
  const { format } = (typeof value === 'object' && value !== null ? value : {}) as { format?: unknown };
  if (typeof format === 'number' && format !== BUNDLE_FORMAT)
    throw new BundleError(file, `it has the format ${format}, and this version of hoist reads ${BUNDLE_FORMAT}`);
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BundleError(file, `its manifest is wrong: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  refuseCollisions(parsed.data.files, file);
  for (const image of parsed.data.images) refuseCollisions(image.files, file);
  return parsed.data;
}

/** How deep lists and mappings stand in each other; level by level, as there may be more of them than a stack takes. */
function nesting(value: unknown): number {
  let depth = 0;
  for (let level = [value]; level.length > 0 && depth <= NESTING_MAX; depth++)
    level = level.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  return depth;
}

/** No path twice, and none that is the folder of another one. */
function refuseCollisions(files: readonly { path: string }[], file: string): void {
  const all = new Set<string>();
  const folders = new Set<string>();
  for (const { path: one } of files) {
    if (all.has(one)) throw new BundleError(file, `its manifest names ${JSON.stringify(one)} twice`);
    all.add(one);
    const names = one.split('/');
    for (let depth = 1; depth < names.length; depth++) folders.add(names.slice(0, depth).join('/'));
  }
  const both = [...all].find((one) => folders.has(one));
  if (both !== undefined)
    throw new BundleError(file, `its manifest has ${JSON.stringify(both)} as a file and a folder`);
}

/** All parts that a manifest names, each once. @throws BundleError where one digest has two sizes. */
export function partsOf(manifest: BundleManifest, file: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  const { tools, files, images } = manifest;
  for (const { sha256: digest, bytes } of [...tools, ...files, ...images.flatMap((image) => image.files)]) {
    const known = parts.get(digest);
    if (known !== undefined && known.bytes !== bytes)
      throw new BundleError(file, `its manifest gives the part ${digest} two sizes`);
    parts.set(digest, { sha256: digest, bytes });
  }
  return parts;
}
