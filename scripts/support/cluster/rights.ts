// Asks the API server once, before anything runs, for all that the collectors must be allowed to do.

import type { KubeClient } from '../../kube/client/client.ts';
import type { Right } from '../collectors/collector.ts';
import type { PlannedItem } from '../plan/collect-plan.ts';

interface Review {
  status: { allowed: boolean; reason?: string };
}

/** By step: what it lacks, as a sentence. Rights that cannot be asked for count as given. */
export async function lackingRights(
  client: KubeClient,
  items: readonly PlannedItem[],
  { namespace, signal }: { namespace: string; signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const asked = new Map<string, Promise<boolean>>();
  const allowed = (right: Right): Promise<boolean> => {
    const key = JSON.stringify(right);
    const known = asked.get(key) ?? review(client, right, signal);
    asked.set(key, known);
    return known;
  };
  const lacking = new Map<string, string>();
  await Promise.all(
    items.map(async ({ step, item, collector }) => {
      const rights = collector.rights?.(item, namespace) ?? [];
      const answers = await Promise.all(rights.map(allowed));
      const missing = rights.filter((_, i) => answers[i] === false);
      if (missing.length > 0) lacking.set(step, `not allowed to ${missing.map(wordsOf).join(', nor to ')}`);
    }),
  );
  return lacking;
}

async function review(client: KubeClient, right: Right, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await client.json<Review>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { ...right, group: right.group ?? '' } },
      },
      signal,
    });
    return status.allowed;
  } catch {
    return true;
  }
}

function wordsOf({ verb, group = '', resource, subresource, namespace, name }: Right): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  const which = name === undefined ? '' : ` ${name}`;
  return `${verb} ${what}${which} in ${namespace === undefined ? 'all namespaces' : `namespace ${namespace}`}`;
}
