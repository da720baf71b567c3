// Pure builders of helm's command lines. Values go by stdin, so none of these holds a secret.

import type { Command } from '../../host/exec.ts';

/** Which release of which cluster. */
export interface Target {
  release: string;
  namespace: string;
  kubeconfig: string;
}

export interface Upgrade extends Target {
  /** A folder or an archive. */
  chart: string;
  /** Kept by helm with the release, and shown by the server with its secret. */
  labels: Readonly<Record<string, string>>;
  /** s that hooks may take. */
  timeoutSeconds: number;
  /** The definitions of the chart's crds folder are there already. */
  skipCrds: boolean;
  /** A program that is given what was rendered, and prints what is to be released. */
  postRenderer?: string | undefined;
}

/** Without --wait and --atomic: helm looks every 2 s whether workloads are ready, a watch knows at once, and why not. */
export function upgradeCommand(helm: string, upgrade: Upgrade): Command {
  const { release, chart, labels, timeoutSeconds, skipCrds, postRenderer } = upgrade;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return {
    file: helm,
    args: [
      'upgrade',
      release,
      chart,
      ...where(upgrade),
      '--install',
      // Without it helm keeps the values of the last release where none are given.
      '--reset-values',
      '--values=-',
      '--hide-notes',
      // It fetches the server's whole schema (0.08 s instead of 0.06 s in all) and checks nothing: helm only finds out that
      // the server could validate strictly (each one since 1.25 can), and then does not ask for it. Unknown fields are
      // warnings either way.
      '--disable-openapi-validation',
      `--timeout=${timeoutSeconds}s`,
      `--labels=${pairs.join(',')}`,
      ...(skipCrds ? ['--skip-crds'] : []),
      ...(postRenderer === undefined ? [] : [`--post-renderer=${postRenderer}`]),
    ],
  };
}

/** Makes a new revision that is like an earlier one. */
export function rollbackCommand(helm: string, target: Target, revision: number): Command {
  return { file: helm, args: ['rollback', target.release, String(revision), ...where(target)] };
}

export function uninstallCommand(helm: string, target: Target): Command {
  return { file: helm, args: ['uninstall', target.release, ...where(target), '--ignore-not-found'] };
}

export interface Render {
  release: string;
  namespace: string;
  chart: string;
  /** Of the cluster that it will run on, without a leading v. */
  kubeVersion: string;
}

/** Prints all objects of a release without a cluster; fails where the values do not fit the chart's schema. */
export function templateCommand(helm: string, { release, namespace, chart, kubeVersion }: Render): Command {
  const args = ['template', release, chart, `--namespace=${namespace}`, '--values=-', '--include-crds', '--skip-tests'];
  return { file: helm, args: [...args, `--kube-version=${kubeVersion}`] };
}

/** Prints the definitions that helm installs once, before all else. */
export function showCrdsCommand(helm: string, chart: string): Command {
  return { file: helm, args: ['show', 'crds', chart] };
}

/** Fetches a chart of an OCI registry into a folder. */
export function pullCommand(
  helm: string,
  pull: { reference: string; version: string | undefined; into: string; plainHttp: boolean },
): Command {
  const { reference, version, into, plainHttp } = pull;
  const args = ['pull', reference, `--destination=${into}`];
  return {
    file: helm,
    args: [...args, ...(version === undefined ? [] : [`--version=${version}`]), ...(plainHttp ? ['--plain-http'] : [])],
  };
}

function where({ namespace, kubeconfig }: Target): string[] {
  return [`--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`];
}
