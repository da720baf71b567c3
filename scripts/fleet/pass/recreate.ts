// Replaces an object that cannot be changed: only after the server has said that it would take the new one.

import { HoistError, messageOf } from '../../base/errors.ts';
import { type KubeRequest, parseAnswer } from '../../kube/client/client.ts';
import { type Item, learn } from '../desired/item.ts';
import { FIELD_MANAGER } from '../desired/names.ts';
import { type Listed, metadataOnly, ownFields, versionNumber } from '../ladder/listed.ts';
import { type ApplyContext, pathOf } from './apply-context.ts';

/** ms until the old object must be gone; finalizers may hold it. */
const GONE_MS = 30_000;

/** @throws HoistError where the new object would not be taken, or the old one does not go */
export async function recreate(item: Item, context: ApplyContext): Promise<void> {
  const { spoke, resource, signal } = context;
  const path = pathOf(item, resource);
  const collection = collectionOf(path);
  await wouldRecreate(item, context);
  const old = await spoke.json<Listed & Record<string, unknown>>({ path, signal });
  await removeOld(path, old, context);
  try {
    const request = applyRequest(path, item, signal);
    const { metadata } = parseAnswer(request, await spoke.request(request)) as Listed;
    learn(item, ownFields(metadata.managedFields));
    spoke.seen.set(item, versionNumber(metadata));
  } catch (error) {
    const metadata = { ...old.metadata, uid: undefined, resourceVersion: undefined, managedFields: undefined };
    await spoke.json({ method: 'POST', path: collection, body: { ...old, metadata }, signal });
    throw new HoistError(`it was deleted to be created again, which failed, and was put back: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function collectionOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** @throws KubeApiError where the server would not take the new object */
export async function wouldRecreate(item: Item, { spoke, resource, signal }: ApplyContext): Promise<void> {
  // Under another name, since its own is taken: everything but the name is judged.
  const trial = JSON.parse(item.body) as { metadata: { name: string } };
  trial.metadata.name = `${trial.metadata.name.slice(0, 40)}-hoist-trial`;
  const path = collectionOf(pathOf(item, resource));
  await spoke.json({ method: 'POST', path, query: { dryRun: 'All' }, body: trial, signal });
}

function applyRequest(path: string, item: Item, signal: AbortSignal): KubeRequest {
  return {
    method: 'PATCH',
    path,
    query: { fieldManager: FIELD_MANAGER, force: true },
    contentType: 'application/apply-patch+yaml',
    accept: metadataOnly,
    body: item.body,
    signal,
  };
}

async function removeOld(path: string, { metadata }: Listed, { spoke, signal }: ApplyContext): Promise<void> {
  const { uid, resourceVersion } = metadata;
  await spoke.json({
    method: 'DELETE',
    path,
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid, resourceVersion },
    },
    signal,
  });
  const { clock } = spoke.options;
  const deadline = clock.now() + GONE_MS;
  for (let wait = 20; ; wait = Math.min(1_000, wait * 2)) {
    const response = await spoke.request({ path, accept: metadataOnly, signal });
    if (response.status === 404) return;
    const now = parseAnswer({ path }, response) as Listed;
    if (now.metadata.uid !== uid) return;
    if (clock.now() > deadline) throw new HoistError('the old object is still being deleted after 30 s');
    await clock.sleep(wait, signal);
  }
}
