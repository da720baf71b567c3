// Secrets of a hub, each read at most once in a while.

import type { Clock } from '../../engine/clock.ts';
import { parseAnswer, type KubeClient } from '../../kube/client/client.ts';
import type { SourceSecret } from '../targets/types.ts';
import { secretPath } from './paths.ts';

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

  /** @throws KubeApiError where it may not be read, KubeConnectionError */
  get(namespace: string, name: string): Promise<SourceSecret | undefined> {
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
    const request = { path: secretPath(namespace, name), attempts: 3 };
    const response = await this.client.request(request);
    if (response.status === 404) return undefined;
    const { type, data, metadata } = parseAnswer(request, response) as Body;
    return { type, data, labels: metadata?.labels, annotations: metadata?.annotations };
  }
}
