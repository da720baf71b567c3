// The hub's client with an eye on its requests: hive counts those as well, with remote="false".

import type { Clock } from '../../engine/clock.ts';
import { type KubeClient, type KubeRequest, type KubeResponse, parseAnswer } from '../../kube/client/client.ts';
import type { WireObserver } from '../spoke/spoke.ts';

/** Watches go on for as long as they can, and are not counted. */
export function observed(client: KubeClient, observer: WireObserver, clock: Clock): KubeClient {
  const request = async (one: KubeRequest): Promise<KubeResponse> => {
    const started = clock.now();
    let status = 0;
    try {
      const response = await client.request(one);
      status = response.status;
      return response;
    } finally {
      const { method = 'GET', path } = one;
      observer.request({ method, path, status, ms: clock.now() - started, remote: false });
    }
  };
  return {
    server: client.server,
    request,
    json: async <T>(one: KubeRequest) => parseAnswer(one, await request(one)) as T,
    stream: (one) => client.stream(one),
    download: (one) => client.download(one),
    close: () => client.close(),
  };
}
