// `up --plan`: each setting with its source, each computed value with its reason, and the steps as a tree.

import { bytesText, count, duration } from '../../../base/units.ts';
import { checkGraph } from '../../../engine/graph.ts';
import type { Step } from '../../../engine/step.ts';
import type { Prepared } from '../../../cluster/prepare-cluster.ts';
import { settingRows } from '../../../cluster/record/settings-rows.ts';
import { allSteps, planHash } from '../../../cluster/up.ts';
import { usualTime } from '../../../records/usual.ts';
import { createAccess, type Situation } from '../../../providers/provider.ts';
import type { ClusterContext } from '../../../context.ts';

/** The text to print; nothing is touched. @param from a snapshot that a new cluster begins with */
export async function showPlan(
  prepared: Prepared,
  { output, from }: { output: 'text' | 'json'; from: string | undefined },
  wiring: ClusterContext,
): Promise<string> {
  const { plan, loaded } = prepared;
  const provider = await wiring.provider(plan.cluster.provider);
  const cluster = await provider.prepare(plan.cluster, { onlyShow: true });
  const situation = await cluster.inspect();
  const description = await cluster.describe(situation);
  const kubeconfig = provider.kubeconfigFile(plan.cluster.name);
  const inputs = {
    cluster,
    situation,
    from,
    access: createAccess(),
    kubeconfig,
    onObject: () => undefined,
    onRelease: () => undefined,
  };
  const all = await allSteps(prepared, inputs, wiring);
  const { releases } = all;
  const steps = withNamed(all.steps, prepared.ownSteps);
  checkGraph(steps, plan.pools);
  const rows = settingRows(loaded);
  const usual = await usualTime(prepared.logDir, { tool: 'up', planHash: planHash(prepared), found: situation.kind });
  if (output === 'json') {
    const outline = steps.map(({ name, needs = [], pool, optional = false }) => ({ name, needs, pool, optional }));
    const { computed, pools, providerReason } = plan;
    const given = { values: description.values, commands: description.commands };
    return `${JSON.stringify({ type: 'plan', settings: rows, cluster: plan.cluster, given, providerReason, computed, pools, situation: cluster.unknown === undefined ? situation : { kind: 'unknown', why: cluster.unknown }, usual, steps: outline, implied: releases, notLoaded: prepared.ownSteps.map(({ shown }) => shown) })}\n`;
  }
  const computed = Object.entries(plan.computed).map(([name, { value, reason }]) => ({ name, value, source: reason }));
  const lines = [
    `Provider: ${plan.cluster.provider} (${plan.providerReason})`,
    `Situation: ${cluster.unknown === undefined ? situationText(situation) : `not known: ${cluster.unknown}`}`,
    ...(usual === undefined ? [] : [`Usual time: ${duration(usual.ms)} (median of ${count(usual.runs, 'run')})`]),
    `Settings files: ${prepared.files.join(', ')}`,
    '',
    'Settings',
    ...table(rows.filter(({ value }) => !isEmpty(value)).map(({ name, value, source }) => [name, text(value), source])),
    '',
    'Computed',
    ...table(computed.map(({ name, value, source }) => [name, String(value), source])),
    '',
    'Nodes',
    ...table(plan.cluster.nodes.map((n) => [n.name, n.role, `${n.cpus} CPUs, ${bytesText(n.memoryBytes)}`])),
    '',
    description.title,
    ...table(description.values.map(({ name, value, source }) => [name, value, source])),
    '',
    ...(description.commands.length === 0 ? [] : ['Commands', ...description.commands.map((one) => `  ${one}`), '']),
    'Steps, each below the last one that it needs',
    ...tree(steps),
    ...impliedLines(releases),
    ...ownLines(prepared.ownSteps),
  ];
  return `${lines.join('\n')}\n`;
}

/** Files of own steps are not loaded: a need of a step within one is as good as a need of the file. */
function withNamed(steps: readonly Step[], own: readonly { name: string }[]): Step[] {
  const names = new Set(steps.map(({ name }) => name));
  const known = (need: string): string =>
    names.has(need) ? need : (own.find(({ name }) => need.startsWith(`${name}/`))?.name ?? need);
  return steps.map((step) => (step.needs === undefined ? step : { ...step, needs: step.needs.map(known) }));
}

function ownLines(own: readonly { shown: string }[]): string[] {
  if (own.length === 0) return [];
  const what =
    'Your own steps, named by their files; how many each holds and what they need is known when `up` loads them';
  return ['', what, ...own.map(({ shown }) => `  ${shown}`)];
}

/** What services need of others without having said so. */
function impliedLines({ edges, unknown }: Awaited<ReturnType<typeof allSteps>>['releases']): string[] {
  const lines = [
    ...edges.map(
      ({ step, needs, why, left }) => `  ${step} ${left ? 'would close a cycle with' : 'needs'} ${needs}: ${why}`,
    ),
    ...unknown.map((name) => `  release/${name}: known when its chart was fetched and rendered`),
  ];
  return lines.length === 0 ? [] : ['', 'Implied by the objects of services', ...lines];
}

function situationText(situation: Situation): string {
  switch (situation.kind) {
    case 'absent':
      return 'there is no such cluster yet';
    case 'same':
      return 'it runs as planned';
    case 'damaged':
      return `it is to be healed: ${situation.reasons.join(', ')}`;
    case 'different':
      return `it differs, --recreate would replace it: ${situation.differences.map((d) => d.what).join(', ')}`;
  }
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map((column) => Math.min(36, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))));
  return rows.map(([a = '', b = '', c = '']) =>
    `  ${a.padEnd(widths[0] ?? 0)}  ${b.padEnd(widths[1] ?? 0)}  ${c}`.trimEnd(),
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Each step once, below the need that comes last in the order of the steps; further needs stand behind it. */
export function tree(steps: readonly Pick<Step, 'name' | 'needs'>[]): string[] {
  const order = new Map(steps.map((step, i) => [step.name, i]));
  const depth = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    const needs = steps[order.get(name) ?? -1]?.needs ?? [];
    const own = needs.length === 0 ? 0 : 1 + Math.max(...needs.map(depthOf));
    depth.set(name, own);
    return own;
  };
  const children = new Map<string | undefined, string[]>();
  const others = new Map<string, string[]>();
  for (const { name, needs = [] } of steps) {
    const sorted = [...needs].sort((a, b) => depthOf(b) - depthOf(a));
    const parent = sorted[0];
    children.set(parent, [...(children.get(parent) ?? []), name]);
    others.set(name, sorted.slice(1));
  }
  const lines: string[] = [];
  const draw = (parent: string | undefined, indent: string): void => {
    const list = children.get(parent) ?? [];
    list.forEach((name, i) => {
      const last = i === list.length - 1;
      const more = others.get(name) ?? [];
      const root = parent === undefined;
      lines.push(
        `  ${indent}${root ? '' : last ? '└─ ' : '├─ '}${name}${more.length > 0 ? `  (and ${more.join(', ')})` : ''}`,
      );
      draw(name, root ? '' : `${indent}${last ? '   ' : '│  '}`);
    });
  };
  draw(undefined, '');
  return lines;
}
