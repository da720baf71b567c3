// Specs in OCI registries: the artifacts that vendors publish beside their charts, and files that others have pushed.

import { HoistError } from '../../base/errors.ts';
import type { Environment } from '../../host/paths.ts';
import { AccessError, RegistryClient } from './client.ts';
import { ownLogin } from './credentials.ts';
import { type Reference, parseReference } from './reference.ts';

const SPECS = [
  { name: 'replicated-supportbundle', mediaType: 'replicated.supportbundle.spec' },
  { name: 'replicated-preflight', mediaType: 'replicated.preflight.spec' },
] as const;
/** Bytes of a spec that is still read. */
const MOST_BYTES = 16 << 20;

interface Manifest {
  layers?: readonly { mediaType?: string; digest?: string; size?: number }[];
}

/**
 * The texts of the specs at `oci://HOST/PATH[:TAG]`: of the artifacts below that path, as troubleshoot looks for them,
 * else of the artifact that the address itself names.
 * @throws HoistError where there is none
 */
export async function specsAt(
  address: string,
  { env, signal }: { env: Environment; signal: AbortSignal },
): Promise<string[]> {
  const reference = parseReference(address.slice('oci://'.length));
  const name = `${reference.registry}/${reference.repository}`;
  const client = new RegistryClient(reference.host, { env, signal, credentials: await ownLogin(name, env) });
  const below = await Promise.all(
    SPECS.map((spec) => textsOf(client, { ...reference, repository: `${reference.repository}/${spec.name}` }, spec)),
  );
  const found = below.flatMap((texts) => texts ?? []);
  if (found.length > 0) return found;
  const own = await textsOf(client, reference, undefined);
  if (own === undefined || own.length === 0)
    throw new HoistError(`${name}:${reference.version} holds no spec, and neither does anything below it`);
  return own;
}

/** undefined where there is no such artifact. */
async function textsOf(
  client: RegistryClient,
  { host, repository, version }: Reference,
  wanted: (typeof SPECS)[number] | undefined,
): Promise<string[] | undefined> {
  const { status, body } = await client.manifest(repository, version).catch((error: unknown) => {
    if (wanted !== undefined && error instanceof AccessError) return { status: 403, body: Buffer.alloc(0) };
    throw error;
  });
  if (status === 404) return undefined;
  // Below a path of one's own many registries give no more than "denied".
  if (wanted !== undefined && (status === 401 || status === 403)) return undefined;
  if (status !== 200) throw new HoistError(`${host} answered ${status} for ${repository}:${version}`);
  const { layers = [] } = JSON.parse(body.toString('utf8')) as Manifest;
  const isSpec = (mediaType = ''): boolean =>
    wanted === undefined
      ? SPECS.some((spec) => spec.mediaType === mediaType) || /yaml|text\/plain/.test(mediaType)
      : mediaType === wanted.mediaType;
  const texts = layers
    .filter(({ mediaType, digest }) => isSpec(mediaType) && /^sha256:[0-9a-f]{64}$/.test(digest ?? ''))
    .map(({ digest = '' }) => client.blob(repository, digest, MOST_BYTES));
  return (await Promise.all(texts)).map((text) => text.toString('utf8'));
}
