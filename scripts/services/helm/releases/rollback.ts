// Takes a release that failed back to what was there before, as helm's --atomic does, but after its pods were asked why.

import { ServicesError, messageOf } from '../../../base/errors.ts';
import type { StepContext } from '../../../engine/step.ts';
import { type Target, rollbackCommand, uninstallCommand } from '../helm-commands.ts';
import { type ReleaseInput, type ReleaseTools, runnerOf } from './release.ts';
import { listReleases } from './releases.ts';

/**
 * Resolves with the error to throw: what went wrong, and what became of the release.
 * @param failure why it is taken back
 */
export async function rollBack(
  { service, state }: Pick<ReleaseInput, 'service' | 'state'>,
  failure: ServicesError,
  tools: ReleaseTools,
  context: StepContext,
): Promise<ServicesError> {
  const { name: release, namespace } = service;
  const target: Target = { release, namespace, kubeconfig: tools.kubeconfig };
  const run = runnerOf(service, tools, context);
  const undone = (what: string): ServicesError =>
    new ServicesError(`${failure.message}\n${what}`, { cause: failure, hint: failure.hint });
  try {
    const now = (await listReleases(tools.client, context.signal)).get(`${namespace}/${release}`);
    // Refused before helm has written anything.
    if (now === undefined || (now.revision === state?.revision && now.status === state.status)) return failure;
    const { lastGood } = state ?? {};
    if (lastGood === undefined) {
      await run((helm) => uninstallCommand(helm, target));
      return undone('it was removed again');
    }
    await run((helm) => rollbackCommand(helm, target, lastGood));
    return undone(`it was rolled back to revision ${lastGood}`);
  } catch (error) {
    context.signal.throwIfAborted();
    return undone(`it could not be rolled back: ${messageOf(error)}`);
  }
}
