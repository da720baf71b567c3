// From arguments to what is to be collected: specs read, checked and planned.

import { ConfigError, UsageError, messageOf } from '../../../base/errors.ts';
import type { ClusterContext } from '../../../context.ts';
import { type ClusterAccess, accessOf } from '../../../support/cluster/reach.ts';
import { durationMs } from '../../../support/collectors/collector.ts';
import { type CollectPlan, planOf } from '../../../support/plan/collect-plan.ts';
import { namedValues } from '../../../support/redaction.ts';
import { specsAt } from '../../../support/registry/spec-artifact.ts';
import { clusterTexts } from '../../../support/sources/objects.ts';
import { fetchText, readTexts } from '../../../support/sources/texts.ts';
import { type Spec, mergeSpecs } from '../../../support/spec/merge.ts';
import { type Problem, type SpecDocument, parseSpec } from '../../../support/spec/parse.ts';
import { renderTexts } from '../../../support/templates/spec-text.ts';
import { readValues } from '../../../support/templates/values.ts';
import type { Io } from '../../command.ts';
import { maskSecrets } from '../../redaction.ts';
import type { ClusterFlags, ClusterSpecFlags, ContentFlags, RunFlags, SpecFlags } from './flags.ts';
import { sinceOf, withSince } from './since.ts';

const CONCURRENCY = 10;
const TIMEOUT_MS = 600_000;

export interface Asked {
  spec: Spec;
  plan: CollectPlan;
  warnings: readonly Problem[];
  concurrency: number;
  timeoutMs: number;
}

export interface SpecArguments {
  /** The specs. */
  operands: readonly string[];
  flags: SpecFlags & Partial<ClusterSpecFlags & Pick<ContentFlags, 'redactors'>>;
}

interface Sources {
  purpose: 'collect' | 'preflight';
  /** Asked for only where a spec is in the cluster. */
  access: () => Promise<ClusterAccess>;
}

/** The specs as one, and what is to be run by it. @throws ConfigError with all that is wrong with the specs. */
export async function askedOf(
  { operands, flags }: SpecArguments & { flags: RunFlags & ContentFlags & Pick<ClusterFlags, 'namespace'> },
  io: Io,
  sources: Sources,
): Promise<Asked> {
  const since = sinceOf(flags, Date.now());
  const { spec: asIs, problems } = await readSpecs({ operands, flags }, io, sources);
  const spec = withSince(asIs, since);
  const timeoutMs = duration(flags, 'collector-timeout');
  const plan = planOf(spec, { namespace: flags.namespace ?? '', timeoutMs });
  const warnings = [...problems, ...plan.problems];
  refuse(warnings, flags.strict);
  const { concurrency: asked } = flags;
  const concurrency = asked === undefined ? (spec.concurrencyLimit ?? CONCURRENCY) : Number(asked);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError(`--concurrency must be a whole number from 1 on, not "${asked ?? ''}"`);
  return { spec, plan, warnings, concurrency, timeoutMs: duration(flags, 'timeout') ?? TIMEOUT_MS };
}

/** The specs as one. @throws ConfigError with all that is wrong with them. */
export async function specOf(args: SpecArguments, io: Io, sources: Sources): Promise<Spec> {
  const { spec, problems } = await readSpecs(args, io, sources);
  refuse(problems, args.flags.strict);
  return spec;
}

async function readSpecs(
  args: SpecArguments,
  io: Io,
  sources: Sources,
): Promise<{ spec: Spec; problems: readonly Problem[] }> {
  const { documents, problems: found } = await documentsOf(args, io, sources);
  const { spec, problems } = mergeSpecs(documents, sources.purpose);
  // From here on, what is said passes the specs' Redactors too.
  maskSecrets(namedValues(spec.redactors));
  const all = [...found, ...problems];
  if (documents.length === 0) {
    refuse(all, args.flags.strict);
    throw new ConfigError([
      { where: args.operands.join(', '), message: 'no document of troubleshoot.sh is in it' },
      ...all.map(({ place, message }) => ({ where: whereOf(place), message })),
    ]);
  }
  return { spec, problems: all };
}

/** @throws ConfigError with all errors; with `strict`, warnings are errors too. */
function refuse(problems: readonly Problem[], strict: boolean): void {
  const errors = problems.filter(({ severity }) => strict || severity === 'error');
  if (errors.length === 0) return;
  throw new ConfigError(errors.map(({ place, message }) => ({ where: whereOf(place), message })));
}

async function documentsOf(
  { operands, flags }: SpecArguments,
  { signal, cwd, env }: Io,
  { purpose, access }: Sources,
): Promise<{ documents: SpecDocument[]; problems: Problem[] }> {
  const ofCluster = flags['load-cluster-specs'] === true;
  if (operands.length === 0 && !ofCluster) {
    const more = purpose === 'collect' ? ', or --load-cluster-specs' : '';
    throw new UsageError(
      `${purpose} needs a spec: a file, an address, secret/NAMESPACE/NAME, - for standard input${more}`,
    );
  }
  const texts = await readTexts(operands, { cwd, env, stdin: process.stdin, access, signal });
  if (ofCluster) texts.push(...(await clusterTexts(await access(), { selector: flags.selector, signal })));
  const { values: files, set: sets } = flags;
  const values = await readValues(files, sets, cwd);
  const rendered = renderTexts(texts, { values, given: files.length + sets.length > 0 });
  const parsed = rendered.texts.map((one) => parseSpec(one));
  const problems = [...rendered.problems, ...parsed.flatMap((one) => one.problems)];
  const documents = parsed.flatMap((one) => one.documents);
  const { redactors = [] } = flags;
  const hiding = await redactorsOf(redactors, { cwd, env, stdin: process.stdin, access, signal });
  problems.push(...hiding.problems);
  const all = flags['follow-uri'] ? await followed(documents, { problems, env, signal }) : { documents, problems };
  return { documents: [...all.documents, ...hiding.documents], problems: all.problems };
}

/** @throws ConfigError where a spec has no Redactor: what it should hide would not be hidden. */
async function redactorsOf(
  names: readonly string[],
  inputs: Parameters<typeof readTexts>[1],
): Promise<{ documents: SpecDocument[]; problems: readonly Problem[] }> {
  const parsed = (await readTexts(names, inputs)).map((text) => ({ name: text.name, ...parseSpec(text) }));
  const without = parsed.filter(({ documents }) => !documents.some(({ kind }) => kind === 'Redactor'));
  if (without.length > 0)
    throw new ConfigError(without.map(({ name }) => ({ where: name, message: 'has no Redactor' })));
  const documents = parsed.flatMap((one) => one.documents).filter(({ kind }) => kind === 'Redactor');
  return { documents, problems: parsed.flatMap(({ problems }) => problems) };
}

/** The spec at its `uri` takes a document's place; where it cannot be had, the document stays, with a warning. */
async function followed(
  documents: readonly SpecDocument[],
  { problems, env, signal }: { problems: Problem[]; env: Io['env']; signal: AbortSignal },
): Promise<{ documents: SpecDocument[]; problems: Problem[] }> {
  const all = await Promise.all(
    documents.map(async (document): Promise<SpecDocument[]> => {
      const { uri, ...keys } = document.keys;
      if (typeof uri !== 'string' || uri === '') return [document];
      try {
        const texts = uri.startsWith('oci://') ? await specsAt(uri, { env, signal }) : [await fetchText(uri, signal)];
        const parsed = texts.map((text) => parseSpec({ name: uri, text }));
        problems.push(...parsed.flatMap((one) => one.problems));
        const same = parsed.flatMap((one) => one.documents).filter(({ kind }) => kind === document.kind);
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

function duration(flags: RunFlags, name: 'timeout' | 'collector-timeout'): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  const ms = durationMs(value);
  if (ms === undefined || ms <= 0) throw new UsageError(`--${name} must be a duration like 90s or 5m, not "${value}"`);
  return ms;
}

/** The cluster that the flags name; its kubeconfig is read when it is first asked for. */
export function accessFor(
  { kubeconfig, context, namespace }: ClusterFlags,
  { env, exec }: ClusterContext,
): () => Promise<ClusterAccess> {
  let made: Promise<ClusterAccess> | undefined;
  return () => (made ??= accessOf({ env, exec, kubeconfig, context, namespace }));
}
