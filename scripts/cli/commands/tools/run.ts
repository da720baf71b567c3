// What `hoist tools` does.

import { bytesText } from '../../../base/units.ts';
import { runSteps } from '../../../engine/run.ts';
import { UsageError } from '../../../base/errors.ts';
import { didYouMean, nearest } from '../../../base/suggest.ts';
import { TOOL_NAMES, listTools, pruneTools } from '../../../tools/command.ts';
import type { ToolName } from '../../../tools/pins.ts';
import { toolSteps } from '../../../tools/tool-steps.ts';
import { localMachine } from '../../../host/machine.ts';
import { chooseRenderer } from '../../../progress/choose.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { type ClusterContext } from '../../../context.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, FlagValues, Io, outputFlags } from '../../command.ts';
import { type OutputOptions, outputOptions } from '../../output.ts';

const EMBEDDED: readonly ToolName[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];

interface ToolsArguments extends Pick<Arguments, 'operands'> {
  flags: FlagValues<typeof outputFlags> & { all: boolean };
}

export async function runTools({ flags, operands }: ToolsArguments, io: Io): Promise<number> {
  const output = outputOptions({ flags });
  const wiring = realWiring(io.env, io.cwd);
  const [action = 'list', ...names] = operands;
  switch (action) {
    case 'list':
      await list(output, io, wiring);
      return 0;
    case 'fetch':
      await fetch(names.map(toolName), output, io, wiring);
      return 0;
    case 'prune':
      await prune(flags.all, output, io, wiring);
      return 0;
    default: {
      throw new UsageError(`tools cannot "${action}"${didYouMean(action, ['list', 'fetch', 'prune'])}`);
    }
  }
}

function toolName(name: string): ToolName {
  const known = TOOL_NAMES.find((tool) => tool === name);
  if (known) return known;
  const guess = nearest(name, TOOL_NAMES);
  throw new UsageError(
    `there is no tool "${name}"; ${guess === undefined ? `there are: ${TOOL_NAMES.join(', ')}` : `did you mean "${guess}"?`}`,
  );
}

async function list(options: OutputOptions, io: Io, { tools }: ClusterContext): Promise<void> {
  const listing = await listTools(tools);
  if (options.output === 'json') {
    io.stdout.write(`${JSON.stringify({ type: 'tools', tools: listing })}\n`);
    return;
  }
  const rows = listing.map(({ name, pinned, located }) => {
    const found = located ? `${located.version ?? '?'}  ${located.source}  ${located.path}` : 'not installed';
    return `${name.padEnd(25)}${pinned.padEnd(9)}${found}`;
  });
  io.stdout.write(`${['tool                     pinned   found', ...rows].join('\n')}\n`);
}

async function fetch(
  names: readonly ToolName[],
  options: OutputOptions,
  io: Io,
  wiring: ClusterContext,
): Promise<void> {
  const stdout = terminalOf(io.stdout, wiring.env);
  const stderr = terminalOf(io.stderr, wiring.env);
  const epochMs = (): number => wiring.now().getTime();
  const steps = await toolSteps(names.length > 0 ? names : EMBEDDED, wiring.tools);
  if (steps.length === 0) {
    if (!options.quiet && options.output === 'text') await list(options, io, wiring);
    return;
  }
  const renderer = await chooseRenderer(options, { stdout, stderr, env: wiring.env, clock: wiring.clock, epochMs });
  try {
    const { cpus } = localMachine();
    const pools = { download: Math.max(4, cpus), build: Math.max(1, Math.floor(cpus / 2)) };
    await runSteps(steps, { pools, signal: io.signal, subscribers: [renderer.onEvent], clock: wiring.clock });
  } finally {
    renderer.close();
  }
  if (!options.quiet && options.output === 'text') await list(options, io, wiring);
}

async function prune(all: boolean, options: OutputOptions, io: Io, { tools }: ClusterContext): Promise<void> {
  const { removed, busy } = await pruneTools({ ...tools, all });
  if (options.output === 'json') {
    io.stdout.write(`${JSON.stringify({ type: 'pruned', removed, busy })}\n`);
    return;
  }
  const bytes = removed.reduce((sum, r) => sum + r.bytes, 0);
  const lines = [
    ...removed.map((r) => `removed ${r.path}`),
    ...busy.map((name) => `skipped, in use by another process: ${name}`),
    `${removed.length} removed, ${bytesText(bytes)}`,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}
