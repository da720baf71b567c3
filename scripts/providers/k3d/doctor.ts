// Looks at all that a k3d cluster needs, for who asks for nothing else.

import { ConfigError } from '../../base/errors.ts';
import type { DockerSession } from '../../docker/session.ts';
import { fail, type Finding, warn } from '../../host/preflight/finding.ts';
import { checkTools } from '../../tools/preflight.ts';
import type { ToolOptions } from '../../tools/options.ts';
import type { ClusterPlan } from '../../plan/plan.ts';
import { situationFinding } from '../situation.ts';
import { checkCertificates } from './access/certificates.ts';
import { HALF_MADE, inspectCluster } from './inspect.ts';
import { checkEngine, checkK3d, checkMemory, checkRights } from './k3d-checks.ts';
import type { K3dRun } from './run.ts';

export interface DoctorInputs {
  session: DockerSession;
  tools: ToolOptions;
  /** Throws ConfigError where the settings cannot be used on this engine; the rest is looked at even so. */
  prepare: () => Promise<K3dRun>;
}

export async function checkAll(
  cluster: ClusterPlan,
  { session, tools, prepare }: DoctorInputs,
  signal: AbortSignal,
): Promise<Finding[]> {
  const beside = Promise.all([
    checkTools(['k3d'], tools, signal),
    checkCertificates(cluster.k3d?.caCertificates, tools.env, new Date()),
  ]);
  try {
    const { plan, identity, layout } = await prepare();
    const situation = await inspectCluster(session.engine, plan.name, identity, layout);
    const making =
      situation.kind === 'absent' || (situation.kind === 'damaged' && situation.reasons.includes(HALF_MADE));
    const found = await checkK3d(plan, session, { making });
    const warned = plan.warnings.map((text) =>
      warn('settings', text, '`hoist up --plan` shows where each comes from.'),
    );
    return [...found, ...(await beside).flat(), situationFinding(plan.name, situation), ...warned];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { info, endpoint } = session;
    const bad = fail(
      'settings',
      error.message,
      error.hint ?? 'Change them; `hoist up --plan` shows where each comes from.',
    );
    return [checkEngine(info, endpoint.host), checkRights(info), checkMemory(info), ...(await beside).flat(), bad];
  }
}
