// How long a hub that cannot be read is asked again, and the error that a run ends with after that.

import { ExitCode, HoistError } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import { KubeApiError, KubeConnectionError } from '../../kube/client/errors.ts';

/** ms since the last whole answer after which a hub is given up: two requests that are not answered at all. */
const PATIENCE_MS = 60_000;

/** A run that ends has not looked at its clusters: as much a failure of the fleet as a cluster that cannot be looked at. */
export class UnreadableHub extends HoistError {
  override readonly exitCode = ExitCode.unhealthy;
}

/** The error of a run whose hub answered so; anything else than an answer, or none, is handed on. */
export function unreadable(error: unknown, more = ''): unknown {
  if (error instanceof UnreadableHub) return error;
  if (!(error instanceof KubeApiError || error instanceof KubeConnectionError)) return error;
  return new UnreadableHub(`the hub cannot be read: ${error.message}${more}`, { hint: error.hint, cause: error });
}

/** Counts what failed in a row, and the time since the last success. */
export class Patience {
  #failures = 0;
  #since: number;

  constructor(
    readonly clock: Clock,
    /** Failed attempts after which it is over, however soon they come. */
    readonly most: number,
  ) {
    this.#since = clock.now();
  }

  /** Failed attempts so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes a failed attempt. @returns why there is to be no other one; undefined where there is */
  failed(): string | undefined {
    this.#failures += 1;
    const ms = this.clock.now() - this.#since;
    if (ms >= PATIENCE_MS) return `no whole answer within ${Math.round(ms / 1000)} s`;
    return this.#failures >= this.most ? `tried ${this.most} times` : undefined;
  }
}

/** Whether another attempt may bring another answer: a refusal, and what is no API server, stay what they are. */
export function mayPass(error: unknown): boolean {
  if (error instanceof KubeApiError) return error.status >= 500 || error.status === 429;
  return error instanceof KubeConnectionError && error.code !== 'NOT_KUBERNETES' && error.code !== 'ENDLESS_LIST';
}
