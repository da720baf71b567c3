// Small helpers of the tests in this folder.

import { connect, type KubeClient } from '../../scripts/kube/client/client.ts';
import { type Handler, type KubeServer, withKubeServer } from '../doubles/kube-server.ts';

/** Runs with a client of a server that answers as told; both are closed whatever happens. */
export async function withClient(
  handle: Handler,
  use: (client: KubeClient, server: KubeServer) => Promise<void>,
): Promise<void> {
  await withKubeServer(handle, async (server) => {
    const client = connect(server.connection);
    try {
      await use(client, server);
    } finally {
      client.close();
    }
  });
}

/** The error of that class that the promise rejects with; anything else fails the test. */
export async function thrown<T extends Error>(
  kind: abstract new (...args: never[]) => T,
  promise: Promise<unknown>,
): Promise<T> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`no ${kind.name} was thrown`);
}

/** All lines of a stream; `onBatch` is called after each batch with those so far. */
export async function drain(
  batches: AsyncIterable<string[]>,
  onBatch: (lines: readonly string[]) => void = () => undefined,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of batches) {
    lines.push(...batch);
    onBatch(lines);
  }
  return lines;
}

/**
 * The message of what gives up after some ms, its time written as N. On a busy machine the first answer may come later than
 * that: then it is tried with more.
 * @param blind what is said where nothing was seen in time
 */
export async function givingUp(blind: RegExp, attempt: (ms: number) => Promise<string>): Promise<string> {
  for (const ms of [60, 300, 1_500]) {
    const message = await attempt(ms);
    if (ms < 1_500 && blind.test(message)) continue;
    return message.replace(`after ${ms / 1000} s`, 'after N s').replace(`after ${ms} ms`, 'after N ms');
  }
  throw new Error('unreachable');
}
