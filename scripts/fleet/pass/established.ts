// Waits until a definition that was just applied is served.

import { HoistError } from '../../base/errors.ts';
import type { Spoke } from '../spoke/spoke.ts';

/** ms; a healthy server needs some hundreds. */
const LIMIT_MS = 10_000;

interface Definition {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** @throws HoistError where the server does not accept its names, or takes too long */
export async function untilEstablished(spoke: Spoke, name: string, signal: AbortSignal): Promise<void> {
  const { clock } = spoke.options;
  const deadline = clock.now() + LIMIT_MS;
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${encodeURIComponent(name)}`;
  for (let wait = 10; ; wait = Math.min(500, wait * 2)) {
    const { status } = await spoke.json<Definition>({ path, signal });
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type, status: is }) => type === 'Established' && is === 'True')) return;
    const refused = conditions.find(({ type, status: is }) => type === 'NamesAccepted' && is === 'False');
    if (refused !== undefined) throw new HoistError(`its names are not accepted: ${refused.message ?? ''}`);
    if (clock.now() > deadline) throw new HoistError('it is not established after 10 s');
    await clock.sleep(wait, signal);
  }
}
