// Runs a `wait`: its fields with variables replaced, its deadline, and what was missing where that passed.

import { HoistError, TimeoutError, messageOf } from '../../../base/errors.ts';
import type { Wait } from '../../file/model.ts';
import type { Text } from '../../file/source.ts';
import { waitForCluster } from '../../wait/cluster.ts';
import { httpProbe, tcpProbe, until } from '../../wait/network.ts';
import { shellWord } from '../../wait/words.ts';
import { withAttempts } from '../attempts.ts';
import { CancelledError } from '../action-errors.ts';
import { Scene, labelOf } from '../render.ts';
import { endBadly } from '../step.ts';
import type { Doing, Runtime } from '../runtime.ts';

const DEFAULT_MS = 300_000;

/** @throws ActionError, CancelledError, HoistError for fields that cannot be read */
export async function runWait(wait: Wait, doing: Doing): Promise<void> {
  const { action, frame, flow, runtime } = doing;
  const scene = new Scene(runtime, frame, flow.variables);
  const env = scene.environment([]);
  const word = (text: Text | undefined): string => {
    if (text === undefined) return '';
    try {
      return shellWord(scene.command(text), (name) => env[name]);
    } catch (error) {
      throw error instanceof HoistError ? scene.problem(text, error.message) : error;
    }
  };
  let why = '';
  const onMiss = (miss: string): void => void (why = miss);
  const run = workOf(wait, word, { env, runtime, onMiss });
  flow.signal.throwIfAborted();
  const entry = runtime.ledger.begin(`${frame.task.name}: ${labelOf(action, scene)}`, flow.last);
  try {
    await withAttempts({ action, entry, signal: flow.signal, defaultTimeoutMs: DEFAULT_MS }, run);
    entry.end('done');
    Object.assign(flow, { last: entry.name, lastMs: performance.now() });
  } catch (error) {
    const late = error instanceof TimeoutError && why !== '' ? new TimeoutError(`${error.message}: ${why}`) : error;
    throw endBadly(late, { action, frame, flow, entry, runtime });
  }
  if (flow.signal.aborted) throw new CancelledError(messageOf(flow.signal.reason), flow.signal.reason);
}

interface WaitContext {
  env: Readonly<Record<string, string>>;
  runtime: Runtime;
  onMiss: (why: string) => void;
}

function workOf(
  { cluster, network }: Wait,
  word: (text: Text | undefined) => string,
  { env, runtime, onMiss }: WaitContext,
): (signal: AbortSignal) => Promise<void> {
  if (cluster !== undefined) {
    const namespace = word(cluster.namespace);
    const wanted = {
      kind: word(cluster.kind),
      name: word(cluster.name),
      namespace: namespace === '' ? undefined : namespace,
      condition: word(cluster.condition),
    };
    return (signal) => waitForCluster({ ...wanted, env, exec: runtime.exec, signal, onMiss });
  }
  const protocol = word(network?.protocol).toLowerCase();
  const address = word(network?.address);
  if (protocol === 'tcp') {
    const probe = tcpProbe(address);
    return (signal) => until(probe, signal, onMiss);
  }
  if (!/^https?$/.test(protocol)) throw new HoistError(`"protocol" must be tcp, http or https, not "${protocol}"`);
  const code = Number(word(network?.code) || 200);
  if (!Number.isInteger(code) || (code !== 0 && (code < 100 || code > 599)))
    throw new HoistError(`"code" must be an HTTP status`);
  const probe = httpProbe(`${protocol}://${address}`, code === 0 ? 200 : code);
  return (signal) => until(probe, signal, onMiss);
}
