// Pure: the digest of all that a release is made from. The same digest means the same release.

import { createHash } from 'node:crypto';
import type { LocalChart, Service } from './service.ts';

/** As long as a label's value may be, and no longer than it has to. */
const LENGTH = 40;

/** @param chart undefined where it has to be fetched first, as the version of the settings then says all that is known */
export function inputsOf(
  { name, namespace, values, withoutWebhooks }: Pick<Service, 'name' | 'namespace' | 'values' | 'withoutWebhooks'>,
  chart: LocalChart | undefined,
): string {
  return createHash('sha256')
    .update(
      JSON.stringify([name, namespace, chart?.digest, values.text, ...(withoutWebhooks ? ['without webhooks'] : [])]),
    )
    .digest('hex')
    .slice(0, LENGTH);
}
