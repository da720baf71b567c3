// From arguments to what is to be collected: specs read, checked and planned.

import { ConfigError, UsageError } from '../../../base/errors.ts';
import type { ClusterContext } from '../../../context.ts';
import { durationMs } from '../../../support/collectors/collector.ts';
import { type CollectPlan, planOf } from '../../../support/plan/plan.ts';
import { readTexts } from '../../../support/sources/texts.ts';
import { type Spec, mergeSpecs } from '../../../support/spec/merge.ts';
import { type Problem, parseSpec } from '../../../support/spec/parse.ts';
import type { Arguments, Io } from '../../command.ts';

const CONCURRENCY = 10;
const TIMEOUT_MS = 600_000;

export interface Asked {
  spec: Spec;
  plan: CollectPlan;
  warnings: readonly Problem[];
  concurrency: number;
  timeoutMs: number;
}

/** @throws ConfigError with all that is wrong with the specs. */
export async function askedOf(args: Arguments, io: Io, purpose: 'collect' | 'preflight'): Promise<Asked> {
  if (args.operands.length === 0) throw new UsageError(`${purpose} needs a spec: a file, or - for standard input`);
  const texts = await readTexts(args.operands, { cwd: io.cwd, stdin: process.stdin });
  const parsed = texts.map((one) => parseSpec(one));
  const documents = parsed.flatMap((one) => one.documents);
  const { spec, problems } = mergeSpecs(documents, purpose);
  const plan = planOf(spec, {
    namespace: args.values['namespace'] ?? '',
    timeoutMs: duration(args, 'collector-timeout'),
  });
  const all = [...parsed.flatMap((one) => one.problems), ...problems, ...plan.problems];
  const strict = args.switches['strict'] ?? false;
  const errors = all.filter(({ severity }) => strict || severity === 'error');
  if (errors.length > 0)
    throw new ConfigError(errors.map(({ place, message }) => ({ where: whereOf(place), message })));
  if (documents.length === 0) {
    throw new ConfigError([{ where: args.operands.join(', '), message: 'no document of troubleshoot.sh is in it' }]);
  }
  const asked = args.values['concurrency'];
  const concurrency = asked === undefined ? (spec.concurrencyLimit ?? CONCURRENCY) : Number(asked);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError(`--concurrency must be a whole number from 1 on, not "${asked ?? ''}"`);
  return { spec, plan, warnings: all, concurrency, timeoutMs: duration(args, 'timeout') ?? TIMEOUT_MS };
}

export function whereOf({ file, line, column }: Problem['place']): string {
  return `${file}:${line}:${column}`;
}

function duration(args: Arguments, flag: string): number | undefined {
  const value = args.values[flag];
  if (value === undefined) return undefined;
  const ms = durationMs(value);
  if (ms === undefined || ms <= 0) throw new UsageError(`--${flag} must be a duration like 90s or 5m, not "${value}"`);
  return ms;
}

export interface ClusterArguments {
  env: ClusterContext['env'];
  exec: ClusterContext['exec'];
  kubeconfig: string | undefined;
  context: string | undefined;
  namespace: string | undefined;
}

export function clusterOf(args: Arguments, { env, exec }: ClusterContext): ClusterArguments {
  const { kubeconfig, context, namespace } = args.values;
  return { env, exec, kubeconfig, context, namespace };
}
