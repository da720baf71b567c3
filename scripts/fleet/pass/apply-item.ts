// Applies one object: server-side apply, with what is to be done where a server refuses it.

import { HoistError } from '../../base/errors.ts';
import { type KubeRequest, parseAnswer } from '../../kube/client/client.ts';
import { KubeApiError } from '../../kube/client/errors.ts';
import { groupOf } from '../../kube/resources.ts';
import { type Item, learn, withoutFields } from '../desired/item.ts';
import { FIELD_MANAGER, isProtected } from '../desired/names.ts';
import { fieldChanges } from '../difference/fields.ts';
import { type Listed, metadataOnly, ownFields, sound, takenOver, versionNumber } from '../ladder/listed.ts';
import { type ApplyContext, pathOf } from './apply-context.ts';
import { recreate, wouldRecreate } from './recreate.ts';

export type ApplyOutcome = 'created' | 'changed' | 'recreated' | 'unchanged';

/** How many rounds of refused fields one object may take. */
const MAX_DROPS = 10;

/** @throws KubeApiError where the server refuses it for good, and what the spoke throws */
export async function applyItem(
  original: Item,
  listed: Listed | undefined,
  takeOver: boolean,
  context: ApplyContext,
): Promise<ApplyOutcome> {
  const { spoke, dryRun } = context;
  if (original.behavior === 'CreateOnly') return createOnly(original, context);
  if (takeOver && listed !== undefined && !dryRun) await takeOverFields(original, listed, context);
  let item = spoke.variants.get(original) ?? original;
  for (let drops = 0; ; drops++) {
    try {
      const outcome = await send(item, listed, context);
      if (item !== original) {
        spoke.variants.set(original, item);
        context.warn(`${title(item)}: ${item.dropped.join(', ')} unknown to the server and left out`);
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof KubeApiError)) throw error;
      const unknown = unknownFields(error);
      if (unknown.length > 0 && !context.strict && drops < MAX_DROPS) {
        item = withoutFields(item, unknown);
        continue;
      }
      if (isImmutable(error) && item.recreate && !isProtected(groupOf(item.apiVersion), item.kind)) {
        await (dryRun ? wouldRecreate : recreate)(item, context);
        return 'recreated';
      }
      throw explained(error, item);
    }
  }
}

function title(item: Pick<Item, 'kind' | 'namespace' | 'name'>): string {
  return `${item.kind} ${item.namespace === undefined ? '' : `${item.namespace}/`}${item.name}`;
}

async function send(item: Item, listed: Listed | undefined, context: ApplyContext): Promise<ApplyOutcome> {
  const { spoke, resource, signal, dryRun } = context;
  if (dryRun) return rehearse(item, context);
  const request: KubeRequest = {
    method: 'PATCH',
    path: pathOf(item, resource),
    query: { fieldManager: FIELD_MANAGER, force: true },
    contentType: 'application/apply-patch+yaml',
    accept: metadataOnly,
    body: item.body,
    signal,
  };
  const response = await raced(() => spoke.request(request), request);
  const { metadata } = sound(parseAnswer(request, response));
  learn(item, ownFields(metadata.managedFields));
  spoke.seen.set(item, versionNumber(metadata));
  if (response.status === 201) return 'created';
  return listed?.metadata.resourceVersion === metadata.resourceVersion ? 'unchanged' : 'changed';
}

/** A server gives a rehearsed object the version that it has: what would change shows only in its fields. */
async function rehearse(item: Item, { spoke, resource, signal, differs }: ApplyContext): Promise<ApplyOutcome> {
  const path = pathOf(item, resource);
  const live = await spoke.request({ path, signal });
  const before = live.status === 404 ? undefined : parseAnswer({ path }, live);
  const after = await spoke.json({
    method: 'PATCH',
    path,
    query: { fieldManager: FIELD_MANAGER, force: true, dryRun: 'All' },
    contentType: 'application/apply-patch+yaml',
    body: item.body,
    signal,
  });
  // Of a new object, what the server adds by itself is of no interest.
  const fields = fieldChanges(before, before === undefined ? JSON.parse(item.body) : after);
  differs?.(fields);
  if (before === undefined) return 'created';
  return fields.length === 0 ? 'unchanged' : 'changed';
}

/** Another writer may come in between; the server has then repeated it five times itself. */
async function raced<T extends { status: number; body: string }>(
  attempt: () => Promise<T>,
  request: KubeRequest,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const response = await attempt();
    if (response.status !== 409 || tried >= 3 || request.signal?.aborted === true) return response;
  }
}

async function createOnly(
  item: Item,
  { spoke, resource, signal, dryRun, differs }: ApplyContext,
): Promise<ApplyOutcome> {
  const path = pathOf(item, resource).split('/').slice(0, -1).join('/');
  const request: KubeRequest = {
    method: 'POST',
    path,
    query: { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) },
    accept: metadataOnly,
    body: item.body,
    signal,
  };
  const response = await spoke.request(request);
  if (response.status === 409) {
    // It exists without our label. Never looked at again in this process: that is what CreateOnly means.
    spoke.seen.set(item, NaN);
    return 'unchanged';
  }
  parseAnswer(request, response);
  differs?.(fieldChanges(undefined, JSON.parse(item.body)));
  return 'created';
}

/** What hive or kubectl's client-side apply owns becomes ours, so that fields which the set has dropped go. */
async function takeOverFields(item: Item, listed: Listed, { spoke, resource, signal }: ApplyContext): Promise<void> {
  const { managedFields = [], resourceVersion } = listed.metadata;
  const request: KubeRequest = {
    method: 'PATCH',
    path: pathOf(item, resource),
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/json-patch+json',
    accept: metadataOnly,
    body: [
      { op: 'replace', path: '/metadata/managedFields', value: takenOver(managedFields, item.apiVersion) },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ],
    signal,
  };
  const response = await spoke.request(request);
  // Changed since it was listed, or gone: the next pass sees it as it is now, and until then the apply is right but for what was dropped.
  if (response.status === 409 || response.status === 404) return;
  parseAnswer(request, response);
}

/** The paths of fields that the server's schema does not have. */
function unknownFields(error: KubeApiError): string[] {
  const found = [...error.message.matchAll(/(\.[^\s:,]+): field not declared in schema/g)].map(
    (match) => match[1] ?? '',
  );
  return [...new Set(found)].filter((path) => !/^\.(apiVersion|kind|metadata)$/.test(path));
}

function isImmutable(error: KubeApiError): boolean {
  if (error.status !== 422) return false;
  const texts = [error.message, ...error.causes.map((cause) => cause.message ?? '')];
  return texts.some((text) => /immutable|cannot change|may not be changed|updates to .* are forbidden/i.test(text));
}

function explained(error: KubeApiError, item: Item): Error {
  if (isImmutable(error) && !item.recreate) {
    return new HoistError(
      `${error.message} (the set may allow its recreation by the annotation sync.hoist.dev/recreate: "true")`,
      { cause: error },
    );
  }
  return error;
}
