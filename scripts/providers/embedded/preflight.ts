// Looks at all that an embedded cluster needs of this machine, for who asks for nothing else.

import { ConfigError } from '../../base/errors.ts';
import { localMachine } from '../../host/machine.ts';
import { cacheHome, stateHome } from '../../host/paths.ts';
import { checkRoom } from '../../host/preflight/disk.ts';
import { fail, type Finding, ok } from '../../host/preflight/finding.ts';
import { checkTools } from '../../tools/preflight.ts';
import type { ToolOptions } from '../../tools/options.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { bytesText } from '../../base/units.ts';
import type { Situation } from '../provider.ts';
import { situationFinding } from '../situation.ts';
import { refuseFixedFlags } from './processes/arguments.ts';
import { processNames } from './state.ts';

const MIB = 2 ** 20;
/** 685 MiB were seen of all processes, 530 MiB of kube-apiserver alone after it had much to do. */
const LEAST_MEMORY = 1024 * MIB;
/** etcd's data and the logs of a cluster that was used for a day. */
const LEAST_STATE = 512 * MIB;
/** All binaries, each once downloaded and once unpacked. */
const LEAST_CACHE = 768 * MIB;

export async function checkMachine(
  plan: ClusterPlan,
  situation: Situation,
  tools: ToolOptions,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { env } = tools;
  const [state, cache, found] = await Promise.all([
    checkRoom(stateHome(env), LEAST_STATE, 'Make room, or set XDG_STATE_HOME to a folder that has some.'),
    checkRoom(cacheHome(env), LEAST_CACHE, 'Make room, or set XDG_CACHE_HOME to a folder that has some.'),
    checkTools(processNames, tools, signal),
  ]);
  return [checkMemory(), state, cache, ...found, checkArguments(plan), situationFinding(plan.name, situation)];
}

function checkMemory(): Finding {
  const { memoryBytes, source } = localMachine();
  const text = `${bytesText(memoryBytes)} (${source})`;
  if (memoryBytes >= LEAST_MEMORY) return ok('memory', text);
  return fail(
    'memory',
    `${text}; a control plane needs ${bytesText(LEAST_MEMORY)}`,
    'Give this machine or its cgroup more.',
  );
}

function checkArguments(plan: ClusterPlan): Finding {
  try {
    refuseFixedFlags(plan);
    return ok('component arguments', 'none of them is one that hoist sets itself');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return fail('component arguments', error.message, 'Take them out of the settings.');
  }
}
