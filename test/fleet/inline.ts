// A connection as a kubeconfig that holds everything itself, as a Secret of a ClusterDeployment has it.

import type { KubeConnection } from '../../scripts/kube/client/connection.ts';

export function inlineKubeconfig({ server, ca = '', clientCertificate, clientKey }: KubeConnection): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const user = {
    ...(clientCertificate === undefined ? {} : { 'client-certificate-data': encoded(clientCertificate) }),
    ...(clientKey === undefined ? {} : { 'client-key-data': encoded(clientKey) }),
  };
  return JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': encoded(ca) } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}
