// Checks the arguments for k3s and its components before a cluster is made: an unknown one ends k3s, and k3d hangs.

import { didYouMean } from '../../../base/suggest.ts';
import type { Problem } from '../../../base/errors.ts';
import { coversMinor, flagNames, flagVerdict, type K3sComponent } from './component-flags.ts';
import { RULES, SYNC_DEFAULTS } from './rules.ts';
import { DISABLE_ITEMS, k3sFlagNames, k3sFlagScope } from './flags.ts';
import type { K3sVersion } from './version.ts';
import { chooseNodes, type Topology } from '../plan/node-filters.ts';

/** One argument of k3s, `--kubelet-arg=max-pods=50`, and the nodes that get it. */
export interface K3sArg {
  arg: string;
  /** k3d's node filters; none means all nodes, and is only right where there is a single one. */
  nodes: readonly string[];
  /** Where the user wrote it: `config/cluster.yaml:3:9`, `K3S_ARGS`. */
  where: string;
}

export interface CheckedArgs {
  /** What is given to k3d: without those that do nothing, and with raised minima. */
  args: readonly K3sArg[];
  /** Each would end k3s, or be refused by k3d. */
  problems: readonly Problem[];
  warnings: readonly string[];
}

const COMPONENTS: Readonly<Record<string, K3sComponent>> = {
  'kube-apiserver-arg': 'kube-apiserver',
  'kube-controller-manager-arg': 'kube-controller-manager',
  'kube-controller-arg': 'kube-controller-manager',
  'kube-scheduler-arg': 'kube-scheduler',
  'kubelet-arg': 'kubelet',
  'kube-proxy-arg': 'kube-proxy',
};

type ArgumentCheck = { arg: string } | { drop: string } | { problem: string } | { arg: string; warning: string };

/**
 * @param version undefined where the image does not name it: then only what no version knows is a problem.
 */
export function checkK3sArgs(
  given: readonly K3sArg[],
  version: K3sVersion | undefined,
  topology: Topology,
): CheckedArgs {
  const args: K3sArg[] = [];
  const problems: Problem[] = [];
  const warnings: string[] = [];
  for (const one of given) {
    const finding = check(one, version, topology);
    if ('problem' in finding) problems.push({ where: one.where, message: `${one.arg}: ${finding.problem}` });
    else if ('drop' in finding) warnings.push(`${one.where}: ${one.arg} is left out: ${finding.drop}`);
    else {
      args.push({ ...one, arg: finding.arg });
      if ('warning' in finding) warnings.push(`${one.where}: ${one.arg}: ${finding.warning}`);
    }
  }
  return { args, problems, warnings };
}

function check({ arg, nodes }: K3sArg, version: K3sVersion | undefined, topology: Topology): ArgumentCheck {
  const match = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(arg);
  if (!match?.[1]) return { problem: 'expected a flag of k3s, like --disable=traefik' };
  const [, name, value] = match;
  const chosen = chooseNodes(nodes, topology);
  if (typeof chosen === 'string') return { problem: chosen };
  const scope = k3sFlagScope(name);
  if (scope === undefined) {
    if (version !== undefined && !coversMinor(version.minor)) return { arg, warning: 'not known to this hoist' };
    return { problem: `k3s has no flag --${name}${didYouMean(name, k3sFlagNames)}` };
  }
  if (scope === 'server' && chosen.agents.length > 0) {
    return { problem: `--${name} is for servers only and ends an agent; use the node filter server:*` };
  }
  if (name === 'disable' && value !== undefined) return checkDisable(arg, value);
  const component = COMPONENTS[name];
  if (component === undefined) return { arg };
  if (value === undefined) return { problem: `expected --${name}=FLAG=VALUE` };
  return checkComponent({ arg, option: name, text: value }, component, version);
}

function checkDisable(arg: string, value: string): ArgumentCheck {
  const known: readonly string[] = DISABLE_ITEMS;
  const strange = value.split(',').filter((item) => !known.includes(item.trim()));
  if (strange.length === 0) return { arg };
  return { arg, warning: `k3s has nothing called ${strange.join(', ')} to disable; it has ${known.join(', ')}` };
}

function checkComponent(
  { arg, option, text }: { arg: string; option: string; text: string },
  component: K3sComponent,
  version: K3sVersion | undefined,
): ArgumentCheck {
  const [flag = '', ...rest] = text.replace(/^--?/, '').split('=');
  const value = rest.length > 0 ? rest.join('=') : undefined;
  const rule = RULES.find(
    (r) =>
      r.component === component &&
      r.flag === flag &&
      (r.value === undefined || r.value === value) &&
      (r.since === undefined || version === undefined || version.minor >= r.since),
  );
  if (rule?.verdict === 'refuse') return { problem: rule.because };
  if (rule?.verdict === 'drop') return { drop: rule.because };
  const unknown = checkName(component, flag, version);
  if (unknown) return unknown.problem === undefined ? { arg, warning: unknown.warning } : { problem: unknown.problem };
  const least = component === 'kube-controller-manager' ? SYNC_DEFAULTS[flag] : undefined;
  if (least !== undefined && Number(value) < least) {
    const warning = `raised to ${least}, the default: ${value} would make it slower`;
    return { arg: `--${option}=${flag}=${least}`, warning };
  }
  return rule === undefined ? { arg } : { arg, warning: rule.because };
}

function checkName(
  component: K3sComponent,
  flag: string,
  version: K3sVersion | undefined,
): { problem: string; warning?: never } | { warning: string; problem?: never } | undefined {
  const minor = version?.minor;
  const covered = minor === undefined || coversMinor(minor);
  const verdict = flagVerdict(component, flag, minor ?? 0);
  if (verdict === 'unknown') {
    if (!covered) return { warning: `not known to this hoist, which knows Kubernetes up to 1.36` };
    return { problem: `k3s ends on it: ${component} has no flag ${flag}${didYouMean(flag, flagNames(component))}` };
  }
  if (verdict === 'known' || minor === undefined) return undefined;
  const when = 'since' in verdict ? `only since Kubernetes 1.${verdict.since}` : `only up to 1.${verdict.until}`;
  return { problem: `k3s ends on it: ${component} has ${flag} ${when}, and this is 1.${minor}` };
}
