// registryImages, of the cluster and of the host: whether images can be pulled from their registries.

import { HoistError, messageOf } from '../../base/errors.ts';
import { type Credentials, RegistryClient } from '../registry/client.ts';
import { loginIn, ownLogin } from '../registry/credentials.ts';
import { type Reference, parseReference } from '../registry/reference.ts';
import { type Collector, type Running, firstText, json, list, mapping } from './collector.ts';

/** Images that are asked for at once. */
const AT_ONCE = 8;

interface Found {
  exists: boolean;
  error?: string;
}

type Login = (reference: Reference, image: string) => Promise<Credentials | undefined>;

export const registryImages: Collector = {
  title: 'registry-images',
  claim: ({ spec }) => `registry/${firstText(spec, 'collectorName') ?? 'images'}.json`,
  async run(running) {
    const { item, suffix } = running;
    const path = `registry/${firstText(item.spec, 'collectorName') ?? 'images'}${suffix}.json`;
    await imagesInto(running, path, await clusterLogin(running));
  },
};

export const hostRegistryImages: Collector = {
  title: 'Registry Images',
  claim: ({ spec }) => `host-collectors/registry-images/${firstText(spec, 'collectorName') ?? 'images'}.json`,
  async run(running) {
    const { item, suffix, host } = running;
    const path = `host-collectors/registry-images/${firstText(item.spec, 'collectorName') ?? 'images'}${suffix}.json`;
    const username = firstText(item.spec, 'username');
    const given = username === undefined ? undefined : { username, password: firstText(item.spec, 'password') ?? '' };
    await imagesInto(running, path, (_, image) =>
      given === undefined ? ownLogin(image, host.env) : Promise.resolve(given),
    );
  },
};

/** The login of the spec's pull secret; that of this machine where the spec has none. */
async function clusterLogin({ item, cluster, host, signal }: Running): Promise<Login> {
  const secret = mapping(item.spec, 'imagePullSecret');
  const name = firstText(secret, 'name');
  const data = mapping(secret, 'data');
  let encoded = firstText(data, '.dockerconfigjson');
  if (encoded === undefined && Object.keys(data).length === 0 && name !== undefined) {
    const reach = await cluster();
    const namespace = firstText(item.spec, 'namespace') ?? reach.namespace;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const found = await reach.client.json<{ data?: Record<string, string> }>({ path, signal, attempts: 3 });
    encoded = found.data?.['.dockerconfigjson'];
  }
  if (encoded === undefined && Object.keys(secret).length > 0)
    throw new HoistError('the image pull secret has no .dockerconfigjson');
  if (encoded === undefined) return (_, image) => ownLogin(image, host.env);
  const config = Buffer.from(encoded, 'base64').toString('utf8');
  return (reference) => Promise.resolve(loginIn(config, reference));
}

async function imagesInto(running: Running, path: string, login: Login): Promise<void> {
  const { item, sink, signal } = running;
  const names = [...new Set(list(item.spec, 'images'))];
  const found = new Map<string, Found>();
  const queue = [...names];
  const worker = async (): Promise<void> => {
    for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
      found.set(image, await findImage(running, image, login));
      running.progress(found.size, names.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  signal.throwIfAborted();
  const images = Object.fromEntries(names.map((name) => [name, found.get(name)]));
  await sink.add({ path, content: json({ images }) });
  const bad = names.filter((name) => found.get(name)?.exists !== true);
  if (bad.length > 0) running.note(`${bad.length} of ${names.length} images not found`);
}

/** That an image is not there is an answer; a repository that is not there, or no access, is an error. */
async function findImage({ host, signal }: Running, image: string, login: Login): Promise<Found> {
  try {
    const reference = parseReference(image);
    const credentials = await login(reference, image);
    const client = new RegistryClient(reference.host, { env: host.env, signal, credentials });
    const { status, codes } = await client.manifest(reference.repository, reference.version);
    if (status === 200) return { exists: true };
    if (status === 404 && codes.includes('MANIFEST_UNKNOWN')) return { exists: false };
    const code = codes.length > 0 ? `: ${codes.join(', ')}` : '';
    return { exists: false, error: `failed to get image manifest: ${reference.host} answered ${status}${code}` };
  } catch (error) {
    if (signal.aborted) return { exists: false, error: 'not asked: the time was over' };
    return { exists: false, error: `failed to get image manifest: ${messageOf(error)}` };
  }
}
