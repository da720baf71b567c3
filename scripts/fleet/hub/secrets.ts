// Secrets of a hub, each read at most once in a while.

import { HoistError } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import { parseAnswer, type KubeClient } from '../../kube/client/client.ts';
import { isObjectName, textMap } from '../sets/parse.ts';
import type { SourceSecret } from '../targets/types.ts';
import { ONE_OBJECT_MAX, secretPath } from './paths.ts';

/** ms for which an answer is good: a pass over the fleet reads the same few Secrets for each cluster. */
const FRESH_MS = 30_000;

/** More are forgotten, oldest first: a kubeconfig for each of ten thousand clusters. */
const MOST = 20_000;

interface Body {
  type?: string;
  data?: Record<string, string>;
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

export class HubSecrets {
  readonly #read = new Map<string, { at: number; secret: Promise<SourceSecret | undefined> }>();

  constructor(
    readonly client: KubeClient,
    readonly clock: Clock,
  ) {}

  /** @throws KubeApiError where it may not be read, KubeConnectionError, HoistError for what can be no name */
  get(namespace: string, name: string): Promise<SourceSecret | undefined> {
    const wrong = [namespace, name].find((one) => !isObjectName(one));
    if (wrong !== undefined) {
      const what = `Secret ${namespace}/${name}: ${JSON.stringify(wrong)} can be no name of an object`;
      return Promise.reject(new HoistError(what));
    }
    const key = `${namespace}/${name}`;
    const now = this.clock.now();
    const known = this.#read.get(key);
    if (known !== undefined && now - known.at < FRESH_MS) return known.secret;
    const secret = this.#fetch(namespace, name);
    this.#read.delete(key);
    this.#read.set(key, { at: now, secret });
    // A failure is not kept.
    secret.catch(() => this.#read.delete(key));
    const [oldest] = this.#read.keys();
    if (this.#read.size > MOST && oldest !== undefined) this.#read.delete(oldest);
    return secret;
  }

  async #fetch(namespace: string, name: string): Promise<SourceSecret | undefined> {
    const request = { path: secretPath(namespace, name), attempts: 3, maxChars: ONE_OBJECT_MAX };
    const response = await this.client.request(request);
    if (response.status === 404) return undefined;
    const { type, data, metadata } = parseAnswer(request, response) as Body;
    // A server may say anything; what is no text is left out.
    return {
      type: typeof type === 'string' ? type : undefined,
      data: data && textMap(data),
      labels: metadata?.labels && textMap(metadata.labels),
      annotations: metadata?.annotations && textMap(metadata.annotations),
    };
  }
}
