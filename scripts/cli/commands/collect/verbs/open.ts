// `collect open`: a bundle as a cluster that kubectl can look at, served by a real API server.

import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { brief } from '../../../../base/layout.ts';
import { count, duration } from '../../../../base/units.ts';
import type { ClusterContext } from '../../../../context.ts';
import type { Subscriber } from '../../../../engine/event.ts';
import { runSteps } from '../../../../engine/run.ts';
import { startChild } from '../../../../host/child.ts';
import { Viewer } from '../../../../providers/viewer/viewer.ts';
import { type OpenedBundle, openSteps } from '../../../../support/open/open-steps.ts';
import { resolveTools } from '../../../../tools/locate.ts';
import { toolStepName, toolSteps } from '../../../../tools/tool-steps.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { type OutputOptions, outputOptions } from '../../../output.ts';
import { redactedValue } from '../../../redaction.ts';
import { openScreen } from '../../../screen.ts';
import { maxUnpacked } from '../flags.ts';
import { leftOutLines } from '../left-out.ts';
import type { CollectArguments } from '../run.ts';

export async function runOpen({ operands, flags }: CollectArguments, io: Io): Promise<number> {
  const [bundle, ...command] = operands;
  if (bundle === undefined) throw new UsageError('open needs a bundle: open BUNDLE [-- COMMAND…]');
  const output = outputOptions({ flags });
  const context = realWiring(io.env, io.cwd);
  const { stateHome, exec, clock } = context;
  const parent = join(stateHome, 'open');
  const viewer = await Viewer.prepare({ parent, sharedPair: join(stateHome, 'pki', 'serving.pem'), exec }, io.signal);
  const startMs = clock.now();
  const stops: (() => void)[] = [];
  try {
    const { renderer, say } = await openScreen(output, io, context);
    const opened = await open(resolve(io.cwd, bundle), {
      viewer,
      context,
      mostBytes: maxUnpacked(flags),
      signal: io.signal,
      stops,
      onEvent: renderer.onEvent,
    });
    renderer.close();
    for (const line of leftOutLines(opened.filesLeftOut)) say(`warning: ${line}`);
    for (const note of notesOf(opened)) say(`note: ${note}`);
    const kubeconfig = await viewer.writeKubeconfig();
    const tookMs = clock.now() - startMs;
    if (command.length > 0) return await runOn(command, { kubeconfig, io });
    io.stdout.write(openedText(opened, { output, kubeconfig, server: viewer.server, tookMs }));
    await viewer.guard(() => ended(io.signal), new AbortController().signal);
    return ExitCode.ok;
  } finally {
    for (const stop of stops) stop();
    await viewer.close();
  }
}

async function open(
  file: string,
  {
    viewer,
    context: { tools },
    mostBytes,
    signal,
    stops,
    onEvent,
  }: {
    viewer: Viewer;
    context: ClusterContext;
    mostBytes: number | undefined;
    signal: AbortSignal;
    stops: (() => void)[];
    onEvent: Subscriber;
  },
): Promise<OpenedBundle> {
  const names = ['etcd', 'kube-apiserver'] as const;
  const provisioning = await toolSteps(names, tools);
  const { steps, opened } = openSteps({
    file,
    mostBytes,
    server: viewer,
    needs: provisioning.length > 0 ? [toolStepName('etcd')] : [],
    binaries: () => resolveTools(names, tools),
    onStop: (stop) => stops.push(stop),
  });
  // A bundle that cannot be read does not wait for the API server.
  const options = { onFailure: 'cancel', pools: { download: 4, build: 1 } } as const;
  await runSteps([...provisioning, ...steps], { signal, subscribers: [onEvent], ...options });
  return opened();
}

/** The code with which it ended, as a shell has it. @throws UsageError where it cannot be started */
export async function runOn(
  [file = '', ...args]: readonly string[],
  { kubeconfig, io }: { kubeconfig: string; io: Pick<Io, 'env' | 'cwd' | 'signal'> },
): Promise<number> {
  const env = { ...io.env, KUBECONFIG: kubeconfig };
  const child = await startChild({ file, args, env, cwd: io.cwd, interactive: true, onData: () => undefined }).catch(
    (error: unknown) => {
      throw new UsageError(`${file} cannot be started: ${(error as Error).message}`);
    },
  );
  const stop = (): boolean => child.signal('SIGTERM');
  io.signal.addEventListener('abort', stop, { once: true });
  const { code, signal } = await child.ended;
  io.signal.removeEventListener('abort', stop);
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
    // Nothing else may keep the process: what is waited for is a signal.
    const beat = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => clearInterval(beat), { once: true });
  });
}

/** What of a bundle is not shown as it is. */
export function notesOf({ leftOut, placeholders, mended }: Omit<OpenedBundle, 'objects' | 'filesLeftOut'>): string[] {
  const { reduced, removed, why } = mended;
  const reason = why === undefined ? '' : `: ${brief(why)}`;
  return [
    ...[...leftOut].map(([what, number]) => `left out: ${number} ${what}`),
    ...(placeholders > 0 ? [`${count(placeholders, 'node or namespace')} that only other objects name`] : []),
    ...(reduced > 0 ? [`${count(reduced, 'object')} shown by name alone${reason}`] : []),
    ...(removed > 0 ? [`${count(removed, 'object')} that the API server cannot read${reason}`] : []),
  ];
}

export function openedText(
  opened: OpenedBundle,
  {
    output,
    kubeconfig,
    server,
    tookMs,
  }: {
    output: Pick<OutputOptions, 'output' | 'quiet'>;
    kubeconfig: string;
    server: string;
    tookMs: number;
  },
): string {
  const { objects, leftOut, placeholders, mended } = opened;
  const filesLeftOut = redactedValue(opened.filesLeftOut);
  if (output.output === 'json') {
    const result = {
      kubeconfig,
      server,
      objects,
      leftOut: Object.fromEntries(leftOut),
      filesLeftOut,
      placeholders,
      mended,
    };
    return `${JSON.stringify({ type: 'collect.open', ...result, durationMs: Math.round(tookMs) })}\n`;
  }
  const lines = [`export KUBECONFIG=${kubeconfig}`];
  if (!output.quiet)
    lines.push(
      `${count(objects, 'object')} in ${duration(tookMs)}, read-only; kubectl get, describe and logs work. Ctrl-C ends it.`,
    );
  return `${lines.join('\n')}\n`;
}
