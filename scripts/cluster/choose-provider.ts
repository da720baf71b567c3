// Says which provider makes the cluster, and why.

import type { DockerSession, NoEngine } from '../docker/session.ts';
import { locateTool } from '../tools/locate.ts';
import type { ToolOptions } from '../tools/options.ts';
import type { ProviderChoice } from '../plan/plan.ts';
import type { Settings } from '../settings/schema.ts';

/**
 * `auto` takes k3d where a Docker engine answers and k3d is there.
 * @param docker asks the engine; resolves with the reason where there is none.
 */
export async function chooseProvider(
  settings: Settings,
  sourceOf: (path: readonly string[]) => string,
  docker: () => Promise<DockerSession | NoEngine>,
  tools: ToolOptions,
): Promise<ProviderChoice> {
  const { provider } = settings;
  if (provider !== 'auto') return { name: provider, reason: sourceOf(['provider']) };
  const session = await docker();
  if ('why' in session) return { name: 'embedded', reason: `auto: no Docker engine: embedded (${session.why})` };
  const k3d = await locateTool('k3d', tools);
  const engine = `Docker ${session.info.serverVersion} answers`;
  if (k3d === undefined) return { name: 'embedded', reason: `auto: ${engine}, but k3d is not there: embedded` };
  return { name: 'k3d', reason: `auto: ${engine}, and k3d ${k3d.version ?? ''} is there: k3d` };
}
