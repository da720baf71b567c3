// Where an embedded cluster keeps what: one folder a cluster, everything below it.

import { join } from 'node:path';

export interface Layout {
  root: string;
  state: string;
  /** The pair that the API server, the controller manager and the scheduler serve with. */
  certificate: string;
  key: string;
  pki: string;
  serviceAccountKey: string;
  tokens: string;
  etcdData: string;
  /** What kwok does with nodes and pods. */
  stages: string;
  /** The cluster's own kubeconfig, for people. */
  kubeconfig: string;
  componentKubeconfig(component: string): string;
  log(component: string): string;
  logs: string;
}

export function layoutOf(clusters: string, name: string): Layout {
  const root = join(clusters, name);
  const pki = join(root, 'pki');
  const logs = join(root, 'logs');
  return {
    root,
    state: join(root, 'state.json'),
    // The names that kube-apiserver itself uses below --cert-dir, where it makes a pair if none is there.
    certificate: join(pki, 'apiserver.crt'),
    key: join(pki, 'apiserver.key'),
    pki,
    serviceAccountKey: join(pki, 'service-account.key'),
    tokens: join(pki, 'tokens.csv'),
    etcdData: join(root, 'etcd'),
    stages: join(root, 'stages.yaml'),
    kubeconfig: join(root, 'kubeconfig'),
    componentKubeconfig: (component) => join(pki, `${component}.kubeconfig`),
    log: (component) => join(logs, `${component}.log`),
    logs,
  };
}
