// Component arguments that look right and are not: what each does in truth, and what stands for it.

import type { K3sComponent } from './component-flags.ts';

/**
 * - `refuse`: k3s would end; the run stops before anything is made.
 * - `drop`: does nothing; taken out, with a warning.
 * - `warn`: works, and is most likely not what is wanted.
 */
export interface Rule {
  component: K3sComponent;
  flag: string;
  /** Only where it has this value. */
  value?: string;
  /** Only from this minor on. */
  since?: number;
  verdict: 'refuse' | 'drop' | 'warn';
  because: string;
}

const PULLS = 'the setting k3d.maxParallelImagePulls, which becomes a KubeletConfiguration drop-in,';

/** From the sources of Kubernetes 1.30 to 1.36 and k3s 1.34, and from runs. */
export const RULES: readonly Rule[] = [
  {
    component: 'kube-scheduler',
    flag: 'v',
    verdict: 'warn',
    because: 'it only makes the log longer, and scheduling slower',
  },
  {
    component: 'kube-controller-manager',
    flag: 'concurrent-service-syncs',
    since: 31,
    verdict: 'drop',
    because: 'it does nothing since Kubernetes 1.31: the service controller left for the cloud controller manager',
  },
  {
    component: 'kube-controller-manager',
    flag: 'concurrent-rc-syncs',
    verdict: 'refuse',
    because:
      'k3s ends on it: the name is concurrent_rc_syncs, and ReplicaSets are synced by concurrent-replicaset-syncs, which is most likely meant',
  },
  {
    component: 'kubelet',
    flag: 'max-parallelism',
    verdict: 'refuse',
    because: `k3s ends on it: no kubelet has that flag; ${PULLS} is the way`,
  },
  {
    component: 'kubelet',
    flag: 'max-parallel-image-pulls',
    verdict: 'refuse',
    because: `k3s ends on it: it is no flag; ${PULLS} is the way`,
  },
  {
    component: 'kubelet',
    flag: 'image-pull-progress-deadline',
    verdict: 'refuse',
    because: 'k3s ends on it: it left with dockershim in Kubernetes 1.24; containerd needs no deadline',
  },
  {
    component: 'kubelet',
    flag: 'serialize-image-pulls',
    value: 'false',
    verdict: 'drop',
    because: 'that is what k3s does by itself',
  },
];

/** Defaults of kube-controller-manager's workers; less than that only makes a cluster slower. */
const FIVE = `deployment replicaset statefulset job cron-job endpoint service-endpoint resource-quota serviceaccount-token
  ttl-after-finished ephemeralvolume horizontal-pod-autoscaler validating-admission-policy-status`;

export const SYNC_DEFAULTS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(FIVE.split(/\s+/).map((name) => [`concurrent-${name}-syncs`, 5])),
  'concurrent-namespace-syncs': 10,
  'concurrent-gc-syncs': 20,
  'concurrent-daemonset-syncs': 2,
};
