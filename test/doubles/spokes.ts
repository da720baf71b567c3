// Many clusters in one process: emulated API servers with objects, owners of fields and latency of their own, over one TLS port.
// Each is a path: https://127.0.0.1:PORT/spokes/NAME.

import { createHash } from 'node:crypto';
import type { Http2ServerResponse } from 'node:http2';
import { answer, type Arrived, type KubeServer, startKubeServer, statusObject } from './kube-server.ts';

export interface SpokesOptions {
  /** ms that a request takes, drawn for each; 0 by default. */
  latency?: (spoke: string, method: string) => number;
  /** Requests of one spoke that are worked on at a time; others wait. */
  inFlight?: number;
  /** Answers in place of the spoke; undefined lets it answer. */
  intercept?: (spoke: string, arrived: Arrived, response: Http2ServerResponse) => boolean;
}

interface Stored {
  kind: string;
  apiVersion: string;
  metadata: Record<string, unknown> & { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

interface Spoke {
  /** By collection path and name. */
  objects: Map<string, Map<string, Stored>>;
  revision: number;
  active: number;
  waiting: (() => void)[];
  deletes: string[];
  writes: number;
}

export interface Spokes extends KubeServer {
  spoke(name: string): Spoke;
  server(name: string): string;
}

export async function startSpokes(options: SpokesOptions = {}): Promise<Spokes> {
  const spokes = new Map<string, Spoke>();
  const spokeOf = (name: string): Spoke => {
    let spoke = spokes.get(name);
    if (spoke === undefined) {
      spoke = { objects: new Map(), revision: 1, active: 0, waiting: [], deletes: [], writes: 0 };
      spokes.set(name, spoke);
    }
    return spoke;
  };
  const server = await startKubeServer(async (arrived, response) => {
    // Nobody reads the list of requests here, and it would grow without end.
    server.arrived.length = 0;
    const match = /^\/spokes\/([^/]+)(\/.*)$/.exec(arrived.path);
    if (match === null) {
      answer(response, 404, statusObject(404, 'NotFound', 'no such spoke'));
      return;
    }
    const [, name = '', path = ''] = match;
    if (options.intercept?.(name, arrived, response) === true) return;
    const spoke = spokeOf(name);
    if (spoke.active >= (options.inFlight ?? 400)) await new Promise<void>((resolve) => spoke.waiting.push(resolve));
    spoke.active += 1;
    const ms = options.latency?.(name, arrived.method) ?? 0;
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    serve(spoke, path, arrived, response);
    spoke.active -= 1;
    spoke.waiting.shift()?.();
  });
  return Object.assign(server, {
    spoke: spokeOf,
    server: (name: string) => `${server.connection.server}/spokes/${name}`,
  });
}

function serve(spoke: Spoke, path: string, { method, query, body }: Arrived, response: Http2ServerResponse): void {
  if (method === 'POST') {
    create(spoke, path, sentAs(body), response);
    return;
  }
  const named = /^(.*\/namespaces\/[^/]+\/[^/]+|\/api\/v1\/[^/]+|\/apis\/[^/]+\/[^/]+\/[^/]+)\/([^/]+)$/.exec(path);
  const collection = /\/namespaces\/[^/]+\/[^/]+$|^\/api\/v1\/(?!namespaces\/)[^/]+$/.test(path) || named === null;
  // A group has the kinds that discovery has named, and no others.
  if (/^\/apis\/[^/]+\/[^/]+$/.test(path)) {
    answer(response, 404, statusObject(404, 'NotFound', 'no such group and version'));
    return;
  }
  if (method === 'GET' && collection) {
    list(spoke, path, response);
    return;
  }
  const [, folder = '', name = ''] = named ?? [];
  const objects = spoke.objects.get(folder) ?? new Map<string, Stored>();
  spoke.objects.set(folder, objects);
  const found = objects.get(name);
  if (method === 'PATCH') {
    const [status, object] = applied(spoke, objects, sentAs(body), query.get('fieldManager') ?? '');
    answer(response, status, {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
    });
  } else if (found === undefined) {
    answer(response, 404, statusObject(404, 'NotFound', `${name} not found`));
  } else if (method === 'DELETE') {
    objects.delete(name);
    spoke.deletes.push(name);
    answer(response, 200, statusObject(200, '', ''));
  } else answer(response, 200, found);
}

function create(spoke: Spoke, folder: string, sending: Sent, response: Http2ServerResponse): void {
  const objects = spoke.objects.get(folder) ?? new Map<string, Stored>();
  spoke.objects.set(folder, objects);
  const { name } = sending.object.metadata;
  if (objects.has(name)) answer(response, 409, statusObject(409, 'AlreadyExists', `${name} already exists`));
  else answer(response, ...applied(spoke, objects, sending, ''));
}

function list(spoke: Spoke, path: string, response: Http2ServerResponse): void {
  const at = path.lastIndexOf('/');
  const [api, plural] = [path.slice(0, at), path.slice(at + 1)];
  const items: { metadata: Stored['metadata'] }[] = [];
  for (const [folder, objects] of spoke.objects) {
    // Groups may have kinds of one name.
    if (!folder.startsWith(`${api}/`) || !folder.endsWith(`/${plural}`)) continue;
    for (const { metadata } of objects.values()) {
      if (metadata.labels?.['hive.openshift.io/managed'] === 'true') items.push({ metadata });
    }
  }
  answer(response, 200, {
    kind: 'PartialObjectMetadataList',
    metadata: { resourceVersion: String(spoke.revision) },
    items,
  });
}

interface Sent {
  digest: string;
  object: Stored;
  fields: Record<string, unknown>;
}

/** By digest: a thousand spokes are sent the same, and are to hold it once. */
const sent = new Map<string, Sent>();

function sentAs(body: string): Sent {
  const digest = createHash('sha1').update(body).digest('base64');
  let known = sent.get(digest);
  if (known === undefined) {
    const object = JSON.parse(body) as Stored;
    known = { digest, object, fields: fieldsOf(object) };
    sent.set(digest, known);
  }
  return known;
}

/** Server-side apply by one manager: the object becomes what is sent, and nothing happens where it is that already. */
function applied(
  spoke: Spoke,
  objects: Map<string, Stored>,
  { digest, object, fields }: Sent,
  manager: string,
): [number, Stored] {
  const { name } = object.metadata;
  const before = objects.get(name);
  if (before?.['digest'] === digest) return [200, before];
  spoke.revision += 1;
  spoke.writes += 1;
  const metadata = {
    ...object.metadata,
    uid: (before?.metadata['uid'] as string | undefined) ?? `uid-${name}-${spoke.revision}`,
    resourceVersion: String(spoke.revision),
    managedFields: [
      { manager, operation: 'Apply', apiVersion: object.apiVersion, fieldsType: 'FieldsV1', fieldsV1: fields },
    ],
  };
  const stored = { ...object, metadata, digest };
  objects.set(name, stored);
  return [before === undefined ? 201 : 200, stored];
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [`f:${key}`, fieldsOf(below)]));
}
