// Puts right what an engine's restart breaks: nodes get other addresses, and lose the name of their host.

import { isIP } from 'node:net';
import type { Step } from '../../../engine/step.ts';
import { readContainerFile } from '../../../docker/containers.ts';
import { execInContainer } from '../../../docker/exec-in.ts';
import { findNetwork, type Network } from '../../../docker/networks.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { Access } from '../../provider.ts';
import { nodesOf } from './labels.ts';
import { type K3dRun, networkOf } from '../run.ts';

const HOST = 'host.k3d.internal';
const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/coredns';

/**
 * For a cluster that is there already; k3d does much of the same when it starts one.
 * @param needs the end of k3d, where it is running: both write into the same files.
 */
export function healStep(run: K3dRun, access: Access, needs: readonly string[]): Step {
  return {
    name: 'heal',
    needs: ['api', ...needs],
    async run({ signal, note }) {
      const { engine } = run.docker;
      const network = await findNetwork(engine, networkOf(run.plan), signal);
      if (network === undefined) return;
      const [names, records] = await Promise.all([
        healHosts(run, network, signal),
        healRecords(access.client(), network, signal),
      ]);
      const done = [...(names > 0 ? [`${HOST} on ${names} nodes`] : []), ...(records ? ['addresses in DNS'] : [])];
      note(done.length === 0 ? 'nothing to heal' : done.join(', '));
    },
  };
}

/** @returns on how many nodes the name was missing. */
async function healHosts(run: K3dRun, network: Network, signal: AbortSignal): Promise<number> {
  const { engine } = run.docker;
  const { gateway } = network;
  if (gateway === undefined) return 0;
  const nodes = await nodesOf(engine, run.plan.name, signal);
  const healed = await Promise.all(
    nodes.map(async ({ id }) => {
      const hosts = await readContainerFile(engine, id, '/etc/hosts', signal);
      if (hosts?.includes(HOST) !== false) return false;
      await execInContainer(engine, id, ['sh', '-c', `echo '${gateway} ${HOST}' >> /etc/hosts`], signal);
      return true;
    }),
  );
  return healed.filter(Boolean).length;
}

/** CoreDNS answers for the containers of the network with the addresses that k3d put into its config map. */
async function healRecords(client: KubeClient, network: Network, signal: AbortSignal): Promise<boolean> {
  let hosts: string;
  try {
    const { data } = await client.json<{ data?: { NodeHosts?: string } }>({ path: CONFIG_MAP, signal });
    hosts = data?.NodeHosts ?? '';
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return false;
    throw error;
  }
  const healed = currentRecords(hosts, network.members);
  if (healed === hosts) return false;
  await client.json({
    method: 'PATCH',
    path: CONFIG_MAP,
    contentType: 'application/merge-patch+json',
    body: { data: { NodeHosts: healed } },
    signal,
  });
  return true;
}

/** The same records, each name of a container with the address that it has now. */
export function currentRecords(hosts: string, members: Network['members']): string {
  const addresses = new Map(members.map(({ name, address }) => [name, address]));
  return hosts
    .split('\n')
    .map((line) => {
      const [address = '', name = '', ...more] = line.trim().split(/\s+/);
      const now = addresses.get(name);
      return now === undefined || isIP(now) === 0 || now === address ? line : [now, name, ...more].join(' ');
    })
    .join('\n');
}
