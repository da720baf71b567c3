// What `hoist up` does: prepare, run, show, record.

import { join } from 'node:path';
import { UsageError } from '../../../base/errors.ts';
import { snapshotName } from '../../../base/names.ts';
import { StepsFailedError } from '../../../engine/errors.ts';
import type { RunRecord } from '../../../engine/event.ts';
import type { OpenedBundle } from '../../../cluster/bundle/open.ts';
import { type Left, leftOf } from '../../../cluster/left.ts';
import { type Prepared, prepare } from '../../../cluster/prepare-cluster.ts';
import { clusterContent, secretsOf } from '../../../cluster/record/run-content.ts';
import { type UpResult, planHash, up } from '../../../cluster/up.ts';
import { count } from '../../../base/units.ts';
import { lastRunOfPlan } from '../../../records/read.ts';
import { usualTime } from '../../../records/usual.ts';
import { duration } from '../../../base/units.ts';
import { createRecorder } from '../../../records/recorder.ts';
import { CLUSTER_VERDICTS } from '../../verdicts.ts';
import type { ClusterContext } from '../../../context.ts';
import type { RunSummary } from '../../../progress/summary.ts';
import { type CommandArguments, type CommandContext, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { recordRun } from '../../record.ts';
import { markTold } from '../../run.ts';
import { maskSecrets, redactedText, redacting } from '../../redaction.ts';
import { openScreen } from '../../screen.ts';
import { keepBundle } from './failed-bundle.ts';

type UpArguments = CommandArguments<{
  plan: boolean;
  recreate: boolean;
  from: string | undefined;
  bundle: string | undefined;
  label: string | undefined;
  'yes-this-is': string | undefined;
}>;

export async function runUp(args: UpArguments, io: Io): Promise<number> {
  const common = commandContext(args, io);
  const { bundle: file } = args.flags;
  if (file === undefined) return upWith(undefined, args, common, io);
  const bundle = await openBundle(file, args, common.context, io);
  try {
    return await upWith(bundle, args, common, io);
  } finally {
    await bundle.close();
  }
}

async function upWith(
  opened: OpenedBundle | undefined,
  args: UpArguments,
  { output, context, request }: CommandContext,
  io: Io,
): Promise<number> {
  const { flags } = args;
  const from = flags.from === undefined ? undefined : snapshotName(flags.from);
  const confirmed = { ...request.flags, 'yes-this-is': flags['yes-this-is'] };
  const prepared = await prepare({ ...request, given: opened?.settings, flags: confirmed }, context, {
    run: !flags.plan,
  });
  if (flags.plan) {
    const { showPlan } = await import('./view.ts');
    io.stdout.write(await showPlan(prepared, { output: output.output, from }, context));
    return 0;
  }
  const { renderer, say, conclude } = await openScreen(output, io, context);
  maskSecrets(secretsOf(prepared));
  for (const note of [...prepared.secrets.notes, ...(output.verbose ? prepared.details : [])]) say(note);

  const recorder = createRecorder('up', context.now);
  const hash = planHash(prepared);
  const { label, recreate } = flags;
  const record = async (end: { found?: string; error?: unknown }): Promise<void> => {
    const content = { ...(await clusterContent(prepared, context)), label, ...end };
    await recordRun(recorder, content, { logDir: prepared.logDir, env: context.env, say });
  };
  const show = async (result: UpResult | undefined, error: unknown): Promise<void> => {
    renderer.close();
    const run = recorder.run();
    if (!run) return;
    const previous =
      result && (await lastRunOfPlan(prepared.logDir, hash, { found: result.situation.kind }).catch(() => undefined));
    const [left, bundle] = result
      ? (['cluster', undefined] as const)
      : await Promise.all([leftOf(prepared, context), keepBundle(prepared, { run, error }, { io, context, say })]);
    const ended = { previousMs: previous?.durationMs, left, bundle, args };
    const summary = summaryOf(prepared, run, { result, error }, ended);
    conclude(summary);
    if (error !== undefined) markTold(error);
  };
  const tellUsual = (found: string): void => {
    if (io.stderr.isTTY && output.output !== 'json') sayUsual(prepared.logDir, { planHash: hash, found }, say);
  };
  try {
    const subscribers = [redacting(recorder.subscriber), renderer.onEvent];
    const { signal } = io;
    const options = { recreate, from, images: opened?.images, signal, subscribers, say, onFound: tellUsual };
    const result = await up(prepared, options, context);
    await show(result, undefined);
    await record({ found: result.situation.kind });
    return 0;
  } catch (error) {
    await show(undefined, error);
    if (recorder.run()) await record({ error });
    throw error;
  }
}

/** How long such a run takes, beside whatever the run does. */
function sayUsual(logDir: string, plan: { planHash: string; found: string }, say: (line: string) => void): void {
  usualTime(logDir, { tool: 'up', ...plan }).then(
    (usual) => usual && say(`usually ${duration(usual.ms)}`),
    () => undefined,
  );
}

/** @throws UsageError where settings are named beside the bundle's own; BundleError where it cannot be used. */
async function openBundle(
  file: string,
  { flags }: UpArguments,
  context: ClusterContext,
  io: Io,
): Promise<OpenedBundle> {
  if (flags.config !== undefined || flags.profile !== undefined)
    throw new UsageError(
      `--bundle has the settings in it, so that --${flags.config === undefined ? 'profile' : 'config'} has no use`,
      {
        hint: 'Flags and env variables of single settings are taken; else save a bundle of the other settings.',
      },
    );
  const say = (line: string): void => {
    if (!flags.quiet) io.stderr.write(`${redactedText(line)}\n`);
  };
  const { openForUp } = await import('../../../cluster/bundle/open.ts');
  return openForUp(file, { signal: io.signal, say, plan: flags.plan }, context);
}

function summaryOf(
  prepared: Prepared,
  run: RunRecord,
  { result, error }: { result: UpResult | undefined; error: unknown },
  {
    previousMs,
    left,
    bundle,
    args,
  }: { previousMs: number | undefined; left: Left; bundle: string | undefined; args: UpArguments },
): RunSummary {
  const { name } = prepared.plan.cluster;
  const facts: (readonly [string, string])[] = result
    ? [...changes(result), ['address', result.server], ['context', result.context], ['kubeconfig', result.kubeconfig]]
    : [];
  const failures = error instanceof StepsFailedError ? error.errors : [];
  return {
    subject: `cluster ${name}`,
    verdicts: CLUSTER_VERDICTS,
    run,
    facts,
    previousMs,
    failures,
    logs: join(prepared.logDir, 'cluster_setup_benchmark.log'),
    bundle,
    ...(result ? {} : { next: nextOf(prepared, left, sameCommand(args)) }),
  };
}

/** What goes on where this run ended: the same flags, but for those that would begin again or measure. */
function sameCommand({ flags, settings }: UpArguments): string {
  const { config, profile, 'env-file': envFile, 'yes-this-is': confirmed, quiet, verbose } = flags;
  const given = Object.entries({
    config,
    profile,
    'env-file': envFile,
    from: flags.from,
    bundle: flags.bundle,
    ...settings,
    'yes-this-is': confirmed,
  });
  const words = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return ['hoist', 'up', ...words, ...(quiet ? ['--quiet'] : []), ...(verbose ? ['--verbose'] : [])]
    .map(quoted)
    .join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function nextOf({ plan: { cluster } }: Prepared, left: Left, again: string): string {
  const { name, existing } = cluster;
  if (existing) return `What was applied is kept: \`${again}\` resumes.`;
  switch (left) {
    case 'cluster':
      return `The partial cluster was kept: \`${again}\` resumes, \`hoist down ${name}\` deletes it.`;
    case 'nothing':
      return `Nothing of the cluster is left: \`${again}\` starts over.`;
    case 'unknown':
      return `\`hoist status\` shows what exists, \`${again}\` tries again.`;
  }
}

/** `unchanged`, or what was done to how many objects and releases; nothing where there were none. */
function changes({ situation, objects, releases }: UpResult): [string, string][] {
  const { unchanged = 0, ...changed } = objects;
  const parts = [
    ...Object.entries(changed).map(([outcome, n]) => `${n} ${outcome}`),
    ...Object.entries(releases).map(([outcome, n]) => `${count(n, 'release')} ${outcome}`),
  ];
  if (situation.kind === 'same' && parts.length === 0) return [['changes', 'unchanged']];
  const all = [...parts, ...(unchanged > 0 ? [`${unchanged} unchanged`] : [])];
  return all.length === 0 ? [] : [['changes', all.join(', ')]];
}
