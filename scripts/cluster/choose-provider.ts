// Says which provider makes the cluster, and why.

import type { ProviderChoice } from '../plan/plan.ts';
import type { Settings } from '../settings/schema.ts';

export function chooseProvider(settings: Settings, sourceOf: (path: readonly string[]) => string): ProviderChoice {
  const { provider } = settings;
  if (provider !== 'auto') return { name: provider, reason: sourceOf(['provider']) };
  return { name: 'embedded', reason: 'auto: embedded' };
}
