// The admin's credentials, out of the kubeconfig that k3s writes in its server's container.

import { CreationError } from '../../../base/errors.ts';
import type { KubeConnection } from '../../../kube/client/connection.ts';
import { contextName } from '../../provider.ts';

/** k3d has k3s write it here; older versions and other hands only know the second path. */
export const KUBECONFIG_PATHS = ['/output/kubeconfig.yaml', '/etc/rancher/k3s/k3s.yaml'] as const;

const decoded = (text: string, key: string): string | undefined => {
  const value = new RegExp(`${key}: *"?([A-Za-z0-9+/=]+)`).exec(text)?.[1];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
};

/**
 * The connection to a server's published port. k3s writes one cluster and one user, so that no YAML parser is needed.
 * @param server `https://HOST:PORT` as seen from here: the file itself names the address inside the container.
 * @throws CreationError where the text is no kubeconfig of k3s.
 */
export function connectionFrom(text: string, server: string): KubeConnection {
  const ca = decoded(text, 'certificate-authority-data');
  const clientCertificate = decoded(text, 'client-certificate-data');
  const clientKey = decoded(text, 'client-key-data');
  if (ca === undefined || clientCertificate === undefined || clientKey === undefined) {
    throw new CreationError('the kubeconfig in the server node is not one that k3s wrote');
  }
  return { server, ca, clientCertificate, clientKey };
}

/** A kubeconfig with one context, `hoist-NAME`. JSON strings are YAML too. */
export function kubeconfigText(cluster: string, connection: KubeConnection): string {
  const name = JSON.stringify(contextName(cluster));
  const base64 = (pem: string | undefined): string => Buffer.from(pem ?? '').toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${name}
    cluster:
      server: ${JSON.stringify(connection.server)}
      certificate-authority-data: ${base64(connection.ca)}
users:
  - name: ${name}
    user:
      client-certificate-data: ${base64(connection.clientCertificate)}
      client-key-data: ${base64(connection.clientKey)}
contexts:
  - name: ${name}
    context:
      cluster: ${name}
      user: ${name}
current-context: ${name}
`;
}
