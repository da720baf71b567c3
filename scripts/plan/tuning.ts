// The control plane's tuned arguments, each with the reason and the measurement behind it.

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

type Tuned = Omit<Argument, 'source'>;

const clientLimits = (gain: string): Tuned[] => [
  { flag: 'kube-api-qps', value: '300', reason: `default 20 requests/s: ${gain}` },
  { flag: 'kube-api-burst', value: '600', reason: 'goes with kube-api-qps' },
];

/** What gained time in bench/tuning.ts; an argument without gain is not here. */
const TUNED: Readonly<Partial<Record<Component, readonly Tuned[]>>> = {
  etcd: [
    {
      flag: 'unsafe-no-fsync',
      value: 'true',
      reason: 'a development cluster outlives a crash of hoist, not of the machine',
    },
  ],
  controllerManager: [
    ...clientLimits('200 replicas took 9.1 s, then 2.0 s'),
    {
      flag: 'use-service-account-credentials',
      value: 'false',
      reason: 'with it controllers start one by one: first service account after 8.2 s instead of 2.9 s',
    },
  ],
  scheduler: clientLimits('200 replicas took 2.0 s, then 1.2 s'),
};

/** Tuned arguments, unless tuning is off, overridden and completed by the user's. */
export function componentArguments(
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
    const tuned = (tuning ? (TUNED[component] ?? []) : []).map((t): Argument => ({ ...t, source: 'tuned' }));
    return [...tuned.filter((t) => !Object.hasOwn(user[component], t.flag)), ...own];
  };
  return {
    etcd: one('etcd'),
    apiserver: one('apiserver'),
    controllerManager: one('controllerManager'),
    scheduler: one('scheduler'),
    kwok: one('kwok'),
  };
}
