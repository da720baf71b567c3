// A folder with a kubeconfig whose contexts are emulated clusters, for commands that sync them.

import { type Place, createPlace } from '../../invoke.ts';
import { type Spokes, type SpokesOptions, startSpokes } from '../../../doubles/spokes.ts';

export interface FleetPlace extends Place {
  spokes: Spokes;
  /** `--context NAME,fleet=test` for each of them. */
  contexts: string[];
}

/** @param names of contexts */
export async function createFleetPlace(names: readonly string[], options: SpokesOptions = {}): Promise<FleetPlace> {
  const spokes = await startSpokes(options);
  const place = createPlace();
  const ca = Buffer.from(spokes.connection.ca ?? '').toString('base64');
  const config = {
    clusters: names.map((name) => ({
      name,
      cluster: { server: spokes.server(name), 'certificate-authority-data': ca },
    })),
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'u' } })),
  };
  place.write('kubeconfig', JSON.stringify(config));
  return {
    ...place,
    spokes,
    contexts: ['--kubeconfig', 'kubeconfig', ...names.flatMap((name) => ['--context', `${name},fleet=test`])],
  };
}

/** A set of mode Sync with one ConfigMap. */
export const setText = (name: string, data: string, more = ''): string => `---
apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: ${name}}
spec:
  resourceApplyMode: Sync
  clusterDeploymentSelector: {matchLabels: {fleet: test}}
  resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: default}, data: ${data}}]
${more}`;
