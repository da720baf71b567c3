// The command line of each component, from plan, layout and ports: pure.

import type { DaemonOptions } from '../../../host/daemon.ts';
import type { Command } from '../../../host/exec.ts';
import type { ClusterPlan } from '../../../plan/plan.ts';
import type { Component } from '../../../plan/tuning.ts';
import type { Layout } from '../layout.ts';
import type { Ports, ProcessName } from '../state.ts';

export const componentOf: Readonly<Record<ProcessName, Component>> = {
  etcd: 'etcd',
  'kube-apiserver': 'apiserver',
  'kube-controller-manager': 'controllerManager',
  'kube-scheduler': 'scheduler',
  kwok: 'kwok',
};

/** Flags that hoist itself needs to find and reach the processes; users cannot set them. */
export function fixedFlags(name: ProcessName, layout: Layout, ports: Ports): Readonly<Record<string, string>> {
  const serving = {
    'bind-address': '127.0.0.1',
    'tls-cert-file': layout.certificate,
    'tls-private-key-file': layout.key,
  };
  const kubeconfig = layout.componentKubeconfig(name);
  switch (name) {
    case 'etcd':
      // Sockets in the cluster's own folder, given relative to it, since a socket's path is limited to 107 bytes.
      return {
        name: 'hoist',
        'data-dir': layout.etcdData,
        'listen-client-urls': 'unix://etcd.sock',
        'listen-peer-urls': 'unix://etcd-peer.sock',
        // Must look like host:port, although it is never dialled.
        'advertise-client-urls': 'http://localhost:2379',
        'initial-advertise-peer-urls': 'http://localhost:2380',
        'initial-cluster': 'hoist=http://localhost:2380',
      };
    case 'kube-apiserver':
      return {
        'bind-address': '127.0.0.1',
        'advertise-address': '127.0.0.1',
        'secure-port': String(ports.apiserver),
        'etcd-servers': 'unix://etcd.sock',
        'cert-dir': layout.pki,
        'token-auth-file': layout.tokens,
        'service-account-key-file': layout.serviceAccountKey,
        'service-account-signing-key-file': layout.serviceAccountKey,
        'service-account-issuer': 'https://kubernetes.default.svc',
      };
    case 'kube-controller-manager':
      return {
        ...serving,
        kubeconfig,
        'secure-port': String(ports.controllerManager),
        'service-account-private-key-file': layout.serviceAccountKey,
        'root-ca-file': layout.certificate,
      };
    case 'kube-scheduler':
      return { ...serving, kubeconfig, 'secure-port': String(ports.scheduler) };
    case 'kwok':
      // Without an address it serves nothing: its metrics and profiles know of no authentication.
      return { kubeconfig };
  }
}

/** Flags without which the cluster would not be what people expect; users may set them otherwise. */
const DEFAULT_FLAGS: Readonly<Record<ProcessName, Readonly<Record<string, string>>>> = {
  etcd: {},
  'kube-apiserver': {
    'authorization-mode': 'Node,RBAC',
    'service-cluster-ip-range': '10.96.0.0/16',
    // The address of a loopback interface may not be an endpoint of the service "kubernetes".
    'endpoint-reconciler-type': 'none',
    'allow-privileged': 'true',
  },
  'kube-controller-manager': {
    'leader-elect': 'false',
    // Simulated nodes do not fail, they are late where the machine is busy or was asleep. Their pods would then stay
    // unready forever: kwok makes a pod ready once.
    'node-monitor-grace-period': '24h',
  },
  'kube-scheduler': { 'leader-elect': 'false' },
  // Without leases nodes report their status about once a minute, and are given up after 50 s: pods are not ready from then on.
  kwok: { 'manage-all-nodes': 'true', 'node-lease-duration-seconds': '40' },
};

/** What the user and the tuning say of a component, and the defaults: all of its flags but those that are one cluster's own. */
export function componentFlags(name: ProcessName, plan: ClusterPlan): Readonly<Record<string, string>> {
  const chosen = Object.fromEntries(plan.components[componentOf[name]].map((a) => [a.flag, a.value]));
  return { ...DEFAULT_FLAGS[name], ...chosen };
}

/** The whole command line and the environment; what the user and the tuning say beats the defaults, what hoist needs beats both. */
export function componentCommand(
  name: ProcessName,
  file: string,
  { plan, layout, ports }: { plan: ClusterPlan; layout: Layout; ports: Ports },
): Command & Pick<DaemonOptions, 'env'> {
  const defaults = name === 'kwok' ? { config: layout.stages } : {};
  const flags = { ...defaults, ...componentFlags(name, plan), ...fixedFlags(name, layout, ports) };
  const env = Object.fromEntries((plan.environment ?? []).map((a) => [a.flag, a.value]));
  return { file, args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`), env };
}
