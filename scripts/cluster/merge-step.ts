// The step that puts a cluster's context into the user's kubeconfig.

import type { Step } from '../engine/step.ts';
import { mergeContext } from '../kube/kubeconfig/kubeconfig.ts';
import { type Access, contextName } from '../providers/provider.ts';

/** @param path the user's kubeconfig. @param setCurrent whether the context becomes the current one */
export function mergeStep(name: string, path: string, access: Access, setCurrent = true): Step {
  return {
    name: 'kubeconfig/merge',
    needs: ['kubeconfig'],
    // The cluster is of use without it, through its own file.
    optional: true,
    async run() {
      const { server, ca = '', token, clientCertificate, clientKey } = access.connection();
      const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
      const base64 = (pem: string | undefined): string => Buffer.from(pem ?? '').toString('base64');
      const certificate = {
        'client-certificate-data': base64(clientCertificate),
        'client-key-data': base64(clientKey),
      };
      const user = token === undefined ? certificate : { token };
      await mergeContext(path, { name: contextName(name), cluster, user, setCurrent });
    },
  };
}
