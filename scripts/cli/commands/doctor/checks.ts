// The checks of HostPreflight and Preflight specs as findings of `doctor`.

import { ConfigError } from '../../../base/errors.ts';
import type { ClusterContext } from '../../../context.ts';
import { type Finding, fail, ok, warn } from '../../../host/preflight/finding.ts';
import { makeBundle } from '../../../support/make-bundle.ts';
import type { AnalyzeResult } from '../../../support/types.ts';
import type { Io } from '../../command.ts';
import { bundleOptions } from '../collect/bundle.ts';
import { accessFor, askedOf, whereOf } from '../collect/inputs.ts';

/** What `preflight` does where no flag is given. */
const FLAGS = {
  kubeconfig: undefined,
  context: undefined,
  namespace: undefined,
  values: [],
  set: [],
  'follow-uri': false,
  strict: false,
  'dry-run': false,
  tokenize: false,
  concurrency: undefined,
  timeout: undefined,
  'collector-timeout': undefined,
  redactors: [],
  since: undefined,
  'since-time': undefined,
} as const;

/** @throws ConfigError with all that is wrong with the specs; in-cluster checks are of the current context. */
export async function specFindings(operands: readonly string[], io: Io, context: ClusterContext): Promise<Finding[]> {
  const access = accessFor(FLAGS, context);
  const asked = await askedOf({ operands, flags: FLAGS }, io, { purpose: 'preflight', access });
  if (asked.spec.analyzers.length === 0)
    throw new ConfigError([{ where: operands.join(', '), message: 'has no analyzers: there is nothing to check' }]);
  const screen = { renderer: { onEvent: () => undefined, close: () => undefined }, say: () => undefined };
  const options = bundleOptions(asked, FLAGS, { io, context, screen });
  const { results } = await makeBundle({ ...options, file: undefined, access });
  io.signal.throwIfAborted();
  const odd = asked.warnings.map(({ place, message }) =>
    warn(
      `spec ${place.file}`,
      `${whereOf(place)}: ${message}`,
      'Mend the spec; `hoist preflight --strict` refuses it.',
    ),
  );
  return [...odd, ...results.map(findingOf)];
}

function findingOf({ title, message, outcome, uri, place }: AnalyzeResult): Finding {
  if (outcome === 'pass') return ok(title, message);
  const where = `It is the check at ${whereOf(place)}.`;
  const hint = uri === undefined || uri === '' ? where : `See ${uri}. ${where}`;
  return outcome === 'warn' ? warn(title, message, hint) : fail(title, message, hint);
}
