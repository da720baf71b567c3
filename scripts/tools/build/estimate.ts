// About how long a build with Go takes, before anything of it is known.

import type { LocalMachine } from '../../host/machine.ts';
import type { Pin, ToolSet } from '../pins.ts';

/** s of one CPU, with nothing compiled before; what a set shares with those before it is counted there. */
const CPU_SECONDS: Readonly<Record<ToolSet, number>> = { api: 360, nodes: 110, k3d: 0, helm: 60 };
/** Of `helm` where nothing of the others is built. */
const HELM_ALONE_SECONDS = 170;

/** `about 6 min on 2 CPUs`. */
export function buildEstimate(pins: readonly Pin[], { cpus }: Pick<LocalMachine, 'cpus'>): string {
  const sets = new Set(pins.map(({ set }) => set));
  const seconds = [...sets].reduce((sum, set) => sum + CPU_SECONDS[set], 0);
  const whole = sets.size === 1 && sets.has('helm') ? HELM_ALONE_SECONDS : seconds;
  const minutes = Math.max(1, Math.round(whole / cpus / 60));
  return `about ${minutes} min on ${cpus} CPU${cpus === 1 ? '' : 's'}`;
}
