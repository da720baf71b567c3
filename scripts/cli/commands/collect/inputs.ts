// From arguments to what is to be collected: specs read, checked and planned.

import { ConfigError, UsageError, messageOf } from '../../../base/errors.ts';
import type { ClusterContext } from '../../../context.ts';
import type { ClusterAccess } from '../../../support/cluster/reach.ts';
import { durationMs } from '../../../support/collectors/collector.ts';
import { type CollectPlan, planOf } from '../../../support/plan/plan.ts';
import { clusterTexts } from '../../../support/sources/objects.ts';
import { fetchText, readTexts } from '../../../support/sources/texts.ts';
import { type Spec, mergeSpecs } from '../../../support/spec/merge.ts';
import { type Problem, type SpecDocument, parseSpec } from '../../../support/spec/parse.ts';
import { renderTexts } from '../../../support/templates/spec-text.ts';
import { readValues } from '../../../support/templates/values.ts';
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
export async function askedOf(
  args: Arguments,
  io: Io,
  { purpose, access }: { purpose: 'collect' | 'preflight'; access: () => Promise<ClusterAccess> },
): Promise<Asked> {
  const { documents, problems: found } = await documentsOf(args, io, { purpose, access });
  const { spec, problems } = mergeSpecs(documents, purpose);
  const timeoutMs = duration(args, 'collector-timeout');
  const plan = planOf(spec, { namespace: args.values['namespace'] ?? '', timeoutMs });
  const all = [...found, ...problems, ...plan.problems];
  const strict = args.switches['strict'] ?? false;
  const errors = all.filter(({ severity }) => strict || severity === 'error');
  if (errors.length > 0) {
    throw new ConfigError(errors.map(({ place, message }) => ({ where: whereOf(place), message })));
  }
  if (documents.length === 0) {
    throw new ConfigError([{ where: args.operands.join(', '), message: 'no document of troubleshoot.sh is in it' }]);
  }
  const asked = args.values['concurrency'];
  const concurrency = asked === undefined ? (spec.concurrencyLimit ?? CONCURRENCY) : Number(asked);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError(`--concurrency must be a whole number from 1 on, not "${asked ?? ''}"`);
  return { spec, plan, warnings: all, concurrency, timeoutMs: duration(args, 'timeout') ?? TIMEOUT_MS };
}

async function documentsOf(
  args: Arguments,
  io: Io,
  { purpose, access }: { purpose: 'collect' | 'preflight'; access: () => Promise<ClusterAccess> },
): Promise<{ documents: SpecDocument[]; problems: Problem[] }> {
  const ofCluster = args.switches['load-cluster-specs'] === true;
  if (args.operands.length === 0 && !ofCluster) {
    const more = purpose === 'collect' ? ', or --load-cluster-specs' : '';
    throw new UsageError(
      `${purpose} needs a spec: a file, an address, secret/NAMESPACE/NAME, - for standard input${more}`,
    );
  }
  const { signal, cwd } = io;
  const texts = await readTexts(args.operands, { cwd, stdin: process.stdin, access, signal });
  if (ofCluster) texts.push(...(await clusterTexts(await access(), { selector: args.values['selector'], signal })));
  const [files, sets] = [args.all['values'] ?? [], args.all['set'] ?? []];
  const values = await readValues(files, sets, cwd);
  const rendered = renderTexts(texts, { values, given: files.length + sets.length > 0 });
  const parsed = rendered.texts.map((one) => parseSpec(one));
  const problems = [...rendered.problems, ...parsed.flatMap((one) => one.problems)];
  const documents = parsed.flatMap((one) => one.documents);
  if (args.switches['follow-uri'] !== true) return { documents, problems };
  return followed(documents, { problems, signal });
}

/** The spec at its `uri` takes a document's place; where it cannot be had, the document stays, with a warning. */
async function followed(
  documents: readonly SpecDocument[],
  { problems, signal }: { problems: Problem[]; signal: AbortSignal },
): Promise<{ documents: SpecDocument[]; problems: Problem[] }> {
  const all = await Promise.all(
    documents.map(async (document): Promise<SpecDocument[]> => {
      const { uri, ...keys } = document.keys;
      if (typeof uri !== 'string' || uri === '') return [document];
      try {
        const parsed = parseSpec({ name: uri, text: await fetchText(uri, signal) });
        problems.push(...parsed.problems);
        const same = parsed.documents.filter(({ kind }) => kind === document.kind);
        if (same.length === 0) throw new UsageError(`no ${document.kind} is there`);
        // Not followed any further.
        return same.map((one) => ({ ...one, keys: { ...one.keys, uri: undefined } }));
      } catch (error) {
        const message = `${uri} cannot be followed, so that its own content is used: ${messageOf(error)}`;
        problems.push({ place: document.place, message, severity: 'warning' });
        return [{ ...document, keys }];
      }
    }),
  );
  return { documents: all.flat(), problems };
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

/** Makes it when it is first asked for. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
