// What is recorded of a snapshot beside its content: of which cluster and version it is, and how to know that it is whole.

import * as z from 'zod';
import { CreationError } from '../../base/errors.ts';
import type { ClusterPlan } from '../../plan/plan.ts';

export const MANIFEST_FORMAT = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.int().min(0);
/** Shown to people, so that it has no control characters in it. */
const word = z
  .string()
  .max(256)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u);

const archive = z.object({
  file: z.string().regex(/^archive-\d{1,4}\.tar$/),
  /** The container that it is of. */
  node: z.string(),
  /** What it holds: a folder of the node, or images. */
  of: z.enum(['datastore', 'storage', 'images']),
  images: z.array(z.object({ name: z.string(), digest: z.string() })).optional(),
  bytes,
  sha256,
});

export type SnapshotArchive = z.output<typeof archive>;

const manifestSchema = z.object({
  format: z.literal(MANIFEST_FORMAT),
  name: word,
  /** ISO 8601. */
  createdAt: word,
  cluster: word,
  provider: z.enum(['embedded', 'k3d']),
  /** Version of the control plane. */
  kubernetes: word,
  /** Differs between clusters: a snapshot of another cluster does not bring that one's credentials along. */
  identity: z.string(),
  content: z.object({
    /** Objects; of a k3d cluster archives. */
    keys: z.int().min(0),
    bytes,
    /** In hex; of a k3d cluster that of the list of its archives. */
    sha256,
  }),
  /** The archives of a k3d cluster, each a file of the snapshot's folder. */
  archives: z.array(archive).max(1000).optional(),
  /** As the cluster has recorded it. */
  plan: z.looseObject({
    name: z.string(),
    nodes: z.array(z.looseObject({ name: z.string() })),
    components: z.looseObject({}),
  }),
});

export interface SnapshotManifest extends Omit<z.output<typeof manifestSchema>, 'plan'> {
  plan: ClusterPlan;
}

/** @throws CreationError where the text is none, or of a version of hoist that wrote it otherwise. */
export function parseManifest(text: string, where: string): SnapshotManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data as unknown as SnapshotManifest;
  throw new CreationError(`${where} is damaged or of another version of hoist`, {
    hint: 'Remove the snapshot, and save it again.',
  });
}
