// Applies a single object on the server side, and tries again what is only a matter of moments.

import { setTimeout as sleep } from 'node:timers/promises';
import { parseAnswer, type KubeClient, type KubeRequest } from '../client/client.ts';
import { KubeApiError } from '../client/errors.ts';
import { type ConflictPolicy, type OwnedField, conflictsOf, resolveConflicts } from './conflicts.ts';
import { isBeingDeleted, waitGone } from './gone.ts';
import { stringifyExact } from '../manifests/exact-json.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { KubeObject } from '../object.ts';
import type { ApplyAnswer } from './outcome.ts';
import { collectionPath, type Resource } from '../resources.ts';
import { waitServiceAccounts } from '../watch/wait.ts';

export interface SendOptions {
  fieldManager: string;
  onConflict: ConflictPolicy;
  signal: AbortSignal | undefined;
  /** ms that a matter of moments may take. */
  patienceMs: number;
  /** Whether the object's definition belongs to the same set. */
  justDefined: boolean;
  /** Whether the whole object is wanted in the answer, not its metadata alone. */
  whole: boolean;
  /** Whether the server is only asked what would come of it. */
  dryRun?: boolean;
}

/** The answer to an apply, and what became of the fields that others had changed. */
export interface Sent extends ApplyAnswer {
  taken: readonly OwnedField[];
  left: readonly OwnedField[];
}

// A server that does not know the form, like some aggregated ones, takes the second.
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/**
 * Applies the object; one that is being deleted is made again when it is gone.
 * @throws KubeApiError, KubeConnectionError, ServicesError, or the signal's reason
 */
export async function send(
  client: KubeClient,
  manifest: Manifest,
  resource: Resource,
  options: SendOptions,
): Promise<Sent> {
  const { metadata } = manifest.object;
  const deadline = performance.now() + options.patienceMs;
  const sender = { client, collection: collectionPath(resource, metadata.namespace), options, deadline };
  for (;;) {
    const sent = await settle(sender, manifest.object);
    if (options.dryRun === true || !isBeingDeleted(sent.object)) return sent;
    const waiting = { timeoutMs: Math.max(1, deadline - performance.now()), signal: options.signal };
    await waitGone(client, sender.collection, sent.object, waiting);
  }
}

interface Sender {
  client: KubeClient;
  collection: string;
  options: SendOptions;
  /** On the clock of `performance`. */
  deadline: number;
}

/** Applies; where others own fields, what is decided about those is sent with force. */
async function settle(sender: Sender, object: Manifest['object']): Promise<Sent> {
  try {
    return { ...(await persist(sender, object, false)), taken: [], left: [] };
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error;
    const resolution = resolveConflicts(object, conflictsOf(error), sender.options.onConflict);
    if (resolution === undefined) throw error;
    return { ...(await persist(sender, resolution.object, true)), taken: resolution.taken, left: resolution.left };
  }
}

async function persist(sender: Sender, object: Manifest['object'], force: boolean): Promise<ApplyAnswer> {
  const { client, collection, options, deadline } = sender;
  const { metadata } = object;
  const request: KubeRequest = {
    method: 'PATCH',
    path: `${collection}/${encodeURIComponent(metadata.name)}`,
    query: {
      fieldManager: options.fieldManager,
      ...(force ? { force: true } : {}),
      ...(options.dryRun === true ? { dryRun: 'All' } : {}),
    },
    contentType: 'application/apply-patch+yaml',
    accept: options.whole ? undefined : metadataOnly,
    body: stringifyExact(object),
    signal: options.signal,
    attempts: 5,
  };
  for (let tried = 1; ; tried++) {
    try {
      const started = performance.now();
      const response = await client.request(request);
      const elapsedMs = performance.now() - started;
      const answered = parseAnswer(request, response) as KubeObject;
      return { status: response.status, object: answered, date: response.headers['date'], elapsedMs };
    } catch (error) {
      const leftMs = deadline - performance.now();
      if (!(error instanceof KubeApiError) || leftMs <= 0) throw error;
      if (lacksDefaultAccount(error)) {
        const namespace = metadata.namespace ?? 'default';
        await waitServiceAccounts(client, [namespace], { timeoutMs: leftMs, signal: options.signal });
      } else if (isMomentary(error, options, tried)) {
        await sleep(Math.random() * Math.min(200, 5 * 2 ** tried), undefined, { signal: options.signal });
      } else {
        throw error;
      }
    }
  }
}

function isMomentary(error: KubeApiError, options: SendOptions, tried: number): boolean {
  // Another writer came in between, not another owner of a field.
  const raced = error.status === 409 && !error.causes.some((cause) => cause.reason === 'FieldManagerConflict');
  if (raced) return tried < 5;
  // A definition is Established a moment before each part of the server has heard of it.
  return options.justDefined && error.status === 404 && error.details.kind !== 'namespaces';
}

/** A namespace's default account is made by a controller, some moments after the namespace. */
function lacksDefaultAccount(error: KubeApiError): boolean {
  return error.status === 403 && /error looking up service account \S+\/default:/.test(error.message);
}
