// clusterInfo: the version of the API server.

import { messageOf } from '../../../base/errors.ts';
import { type Collector, json } from '../collector.ts';

export const clusterInfo: Collector = {
  title: 'cluster-info',
  claim: () => 'cluster-info/cluster_version.json',
  timeoutMs: 10_000,
  async run({ cluster, sink, signal }) {
    const { client } = await cluster();
    try {
      const info = await client.json<{ gitVersion: string }>({ path: '/version', signal });
      await sink.add({ path: 'cluster-info/cluster_version.json', content: json({ info, string: info.gitVersion }) });
    } catch (error) {
      await sink.add({ path: 'cluster-info/errors.json', content: json([messageOf(error)]) });
      throw error;
    }
  },
};
