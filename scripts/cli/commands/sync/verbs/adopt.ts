// `hoist sync adopt CONTEXT`: a cluster of the kubeconfig registered on a hub.

import { resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { adopt as adoptCluster, checkName } from '../../../../fleet/hub/adopt.ts';
import type { KubeConnection } from '../../../../kube/client/connection.ts';
import { kubeconfigPaths } from '../../../../kube/kubeconfig/kubeconfig.ts';
import { readConnection } from '../../../../kube/kubeconfig/read.ts';
import { count } from '../../../../base/units.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import type { FormArguments } from '../flags.ts';
import { hubClient } from '../hub-input.ts';
import { namespaceOf, pairs, positive } from '../options.ts';

export async function adopt(args: FormArguments<'adopt'>, io: Io): Promise<number> {
  const { output } = outputOptions(args);
  const { flags } = args;
  const namespace = namespaceOf(flags);
  const context = realWiring(io.env, io.cwd);
  const [spoke, ...more] = args.operands;
  if (spoke === undefined || more.length > 0) throw new UsageError('name one context of the kubeconfig to adopt');
  const paths = kubeconfigPaths(io.env, flags.kubeconfig === undefined ? undefined : resolve(io.cwd, flags.kubeconfig));
  const { connection, expiresAt } = await readConnection({ paths, context: spoke, exec: context.exec });
  if (expiresAt !== undefined) {
    throw new UsageError(`the credentials of ${spoke} end at ${expiresAt}: a hub needs some that last`, {
      hint: 'Use a context with a service account token or a client certificate.',
    });
  }
  const client = await hubClient(flags, context);
  try {
    const names = await adoptCluster(client, {
      namespace,
      name: checkName('--name', flags.name ?? spoke),
      copies: positive(flags.copies ?? '1', '--copies'),
      labels: pairs(flags.label, '--label'),
      kubeconfig: JSON.stringify(kubeconfigOf(connection)),
      now: context.now(),
      signal: io.signal,
      concurrency: 32,
    });
    const stdout = terminalOf(io.stdout, io.env);
    const clusters = names.map((name) => `${namespace}/${name}`);
    if (output === 'json') stdout.write(`${JSON.stringify({ type: 'adopt', hub: client.server, clusters })}\n`);
    else
      stdout.write(
        `${count(names.length, 'cluster')} adopted: ${clusters.length > 3 ? `${clusters[0] ?? ''} … ${clusters.at(-1) ?? ''}` : clusters.join(', ')}\n`,
      );
    return ExitCode.ok;
  } finally {
    client.close();
  }
}

/** Everything inside: the hub has none of this machine's files. */
function kubeconfigOf(connection: KubeConnection): object {
  const encoded = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'spoke',
        cluster: {
          server: connection.server,
          'certificate-authority-data': encoded(connection.ca),
          'insecure-skip-tls-verify': connection.insecureSkipTlsVerify,
          'tls-server-name': connection.tlsServerName,
        },
      },
    ],
    users: [
      {
        name: 'admin',
        user: {
          token: connection.token,
          'client-certificate-data': encoded(connection.clientCertificate),
          'client-key-data': encoded(connection.clientKey),
        },
      },
    ],
    contexts: [{ name: 'admin', context: { cluster: 'spoke', user: 'admin' } }],
    'current-context': 'admin',
  };
}
