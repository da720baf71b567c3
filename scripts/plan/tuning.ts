// The control plane's tuned arguments, each with the reason and the measurement behind it.

import type { ProviderName } from './provider-name.ts';

/** A component of the control plane whose arguments can be set. */
export type Component = 'etcd' | 'apiserver' | 'controllerManager' | 'scheduler' | 'kwok';

export interface Argument {
  /** Without the leading dashes. */
  flag: string;
  value: string;
  /** Why it is there, with what was measured; bench/tuning.ts measures it again. */
  reason: string;
  source: 'tuned' | 'user';
}

interface Tuned extends Omit<Argument, 'source'> {
  /** Left out elsewhere: it is the default there, or there is no such component. */
  only?: ProviderName;
}

const clientLimits = (gain: string): Tuned[] => [
  { flag: 'kube-api-qps', value: '300', reason: `default 20 requests/s: ${gain}` },
  { flag: 'kube-api-burst', value: '600', reason: 'goes with kube-api-qps' },
];

/** What gained time in bench/tuning.ts; an argument without gain is not here. */
const TUNED: Readonly<Partial<Record<Component, readonly Tuned[]>>> = {
  etcd: [
    {
      flag: 'heartbeat-interval',
      value: '10',
      reason: 'a single member elects itself in 0.05 s instead of 0.5 s, before kube-apiserver asks for the first time',
      only: 'embedded',
    },
    { flag: 'election-timeout', value: '100', reason: 'goes with heartbeat-interval', only: 'embedded' },
    {
      flag: 'unsafe-no-fsync',
      value: 'true',
      reason: 'a development cluster outlives a crash of hoist, not of the machine',
      only: 'embedded',
    },
  ],
  controllerManager: [
    ...clientLimits('200 replicas took 9.1 s, then 2.0 s'),
    {
      flag: 'use-service-account-credentials',
      value: 'false',
      reason: 'k3s turns it on, and controllers start one by one: first service account after 8.2 s instead of 2.9 s',
      only: 'k3d',
    },
  ],
  scheduler: clientLimits('200 replicas took 2.0 s, then 1.2 s'),
};

/** Tuned arguments, unless tuning is off, overridden and completed by the user's. */
export function componentArguments(
  provider: ProviderName,
  tuning: boolean,
  user: Readonly<Record<Component, Readonly<Record<string, string>>>>,
): Record<Component, Argument[]> {
  const one = (component: Component): Argument[] => {
    const own = Object.entries(user[component]).map(([flag, value]): Argument => ({
      flag,
      value,
      reason: `componentArgs.${component}`,
      source: 'user',
    }));
    const tuned = (tuning ? (TUNED[component] ?? []) : [])
      .filter(({ flag, only }) => (only ?? provider) === provider && !Object.hasOwn(user[component], flag))
      .map(({ flag, value, reason }): Argument => ({ flag, value, reason, source: 'tuned' }));
    return [...tuned, ...own];
  };
  return {
    etcd: one('etcd'),
    apiserver: one('apiserver'),
    controllerManager: one('controllerManager'),
    scheduler: one('scheduler'),
    kwok: one('kwok'),
  };
}

/** What kube-apiserver and the others take more of with a lazier garbage collector is no matter from here on. */
const AMPLE_BYTES = 8 * 2 ** 30;

/** Environment variables for all processes of the control plane. */
export function componentEnvironment(provider: ProviderName, tuning: boolean, memoryBytes: number): Argument[] {
  if (provider === 'existing' || !tuning || memoryBytes < AMPLE_BYTES) return [];
  const seen = {
    embedded: '200 replicas took 2.6 s, then 1.9 s, for 0.3 GiB more',
    k3d: 'the API was ready after 3.5 s, then 2.9 s',
  };
  const reason = `at least 8 GiB: Go's garbage collector runs less often; ${seen[provider]}`;
  return [{ flag: 'GOGC', value: '400', reason, source: 'tuned' }];
}
