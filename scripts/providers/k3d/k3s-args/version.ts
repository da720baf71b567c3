// The version of k3s that an image stands for, and comparing two of them.

/** k3s 1.34.2 with its own release number 1: `v1.34.2+k3s1`, as an image tag `v1.34.2-k3s1`. */
export interface K3sVersion {
  minor: number;
  patch: number;
  release: number;
}

const VERSION = /(?:^|[:/])v?1\.(\d+)\.(\d+)(?:[+-]k3s(\d+))?(?:-[a-z0-9]+)?(?:@sha256:[0-9a-f]+)?$/;

/**
 * The k3s version of an image (`rancher/k3s:v1.34.2-k3s1`) or of a version string (`v1.34.2+k3s1`).
 * @returns undefined where the name does not include it, as with `latest`, a digest alone, or an image of one's own.
 */
export function k3sVersionOf(text: string): K3sVersion | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  return { minor: Number(match[1]), patch: Number(match[2]), release: Number(match[3] ?? 1) };
}

/** Whether `version` is `least` or later. */
export function atLeast(version: K3sVersion, least: K3sVersion): boolean {
  if (version.minor !== least.minor) return version.minor > least.minor;
  if (version.patch !== least.patch) return version.patch > least.patch;
  return version.release >= least.release;
}
