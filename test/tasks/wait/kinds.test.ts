// Which resource a word means: kind, plural, singular, short name, with its group, a part of it, or its version.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../../scripts/kube/client/client.ts';
import { findKind } from '../../../scripts/tasks/wait/kinds.ts';
import { answer, withKubeServer } from '../../doubles/kube-server.ts';

const kinds = suite('tasks: kinds of waits');

const resource = (kind: string, scope: string, shortNames?: string[]) => ({
  resource: `${kind.toLowerCase()}s`,
  singularResource: kind.toLowerCase(),
  ...(shortNames && { shortNames }),
  scope,
  responseKind: { kind },
});
const LISTS: Record<string, object> = {
  '/api': {
    items: [
      {
        metadata: {},
        versions: [{ version: 'v1', resources: [resource('Pod', 'Namespaced', ['po']), resource('Node', 'Cluster')] }],
      },
    ],
  },
  '/apis': {
    items: [
      {
        metadata: { name: 'apps' },
        versions: [{ version: 'v1', resources: [resource('Deployment', 'Namespaced', ['deploy'])] }],
      },
      {
        metadata: { name: 'networking.istio.io' },
        versions: [
          { version: 'v1', resources: [{ ...resource('Gateway', 'Namespaced'), responseKind: undefined }] },
          { version: 'v1beta1', resources: [resource('Gateway', 'Namespaced')] },
        ],
      },
      { metadata: { name: 'empty' }, versions: [{ version: 'v1' }] },
      { metadata: { name: 'other' }, versions: [{ version: 'v2', resources: [resource('Gateway', 'Cluster')] }] },
    ],
  },
};

kinds('the first resource that the word names', async () => {
  await withKubeServer(
    ({ path }, response) => answer(response, 200, LISTS[path] ?? {}),
    async ({ connection }) => {
      const client = connect(connection);
      const { signal } = new AbortController();
      const cases: [words: string[], found: string | undefined][] = [
        [['pod', 'Pods', ' po ', 'POD', 'pods.v1.'], '/api/v1 pods true Pod'],
        [['node'], '/api/v1 nodes false Node'],
        [['deploy', 'deployment.apps', 'deployments.v1.apps'], '/apis/apps/v1 deployments true Deployment'],
        [
          ['gateway', 'gateways.networking.istio.io', 'gateway.networking', 'gateway.v1beta1.networking.istio.io'],
          '/apis/networking.istio.io/v1beta1 gateways true Gateway',
        ],
        [['gateway.other', 'gateway.v2.other'], '/apis/other/v2 gateways false Gateway'],
        [
          ['thing', 'pod.apps', 'gateway.net', 'gateway.istio.io', '', 'deployment.v2.apps', 'deployment.v1'],
          undefined,
        ],
      ];
      for (const [words, wanted] of cases) {
        for (const word of words) {
          const found = await findKind(client, word, signal);
          const { base, plural, namespaced } = found?.resource ?? {};
          const text = found && [base, plural, namespaced, found.kind].join(' ');
          assert.is(text, wanted, word);
        }
      }
      client.close();
    },
  );
});

kinds.run();
