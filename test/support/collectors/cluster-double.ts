// A cluster for one collector: answers from a table, and keeps what it was asked.

import { Readable } from 'node:stream';
import type { Reach } from '../../../scripts/support/collectors/collector.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';

export interface Asked {
  /** `METHOD /path`, with its query. */
  what: string;
  body: Record<string, unknown> | undefined;
}

type Answer = object | string | ((asked: Asked) => object | string);

interface Request {
  method?: string;
  path: string;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** @param table answers by `METHOD /path` as a regular expression; a text is sent as it is, what it lacks is not found. */
export function clusterDouble(
  table: Readonly<Record<string, Answer>>,
  more: Partial<Reach> = {},
): { cluster: Partial<Reach>; asked: Asked[] } {
  const asked: Asked[] = [];
  const answer = ({ method = 'GET', path, query = {}, body }: Request): object | string | undefined => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
    const one = { what: `${method} ${path}${text === '' ? '' : `?${text}`}`, body: body as Asked['body'] };
    asked.push(one);
    const found = Object.entries(table).find(([key]) => new RegExp(`^${key}$`).test(`${method} ${path}`))?.[1];
    return typeof found === 'function' ? (found as (given: Asked) => object | string)(one) : found;
  };
  const found = (request: Request): object | string => {
    const value = answer(request);
    if (value !== undefined) return value;
    throw new KubeApiError(`${request.path} was not found`, { status: 404 });
  };
  const client = {
    json: (request: Request) => Promise.resolve().then(() => found(request)),
    download: (request: Request) =>
      Promise.resolve().then(() => Readable.from([Buffer.from(found(request) as string)])),
    request: (request: Request) =>
      Promise.resolve().then(() => {
        const value = answer(request);
        if (value === undefined) return { status: 404, body: '' };
        return { status: 200, body: typeof value === 'string' ? value : JSON.stringify(value) };
      }),
  };
  return { cluster: { client: client as never, namespace: 'default', ...more }, asked };
}
