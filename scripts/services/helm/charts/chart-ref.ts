// Pure: what a service's `chart` names: a chart of a repository, of an OCI registry, or of the local disk.

export type ChartRef =
  | { kind: 'repo'; repo: string; name: string }
  /** Without the version. */
  | { kind: 'oci'; reference: string }
  /** As written. */
  | { kind: 'local'; path: string };

/**
 * Reads the text of the setting. `REPO/NAME` and a relative folder of two parts look the same: a user who starts a path
 * with `./` or `../` says that it is one, and what no repository is called may be one.
 * @param isRepo whether a repository has that name
 */
export function parseChartRef(text: string, isRepo: (name: string) => boolean): ChartRef {
  if (text.startsWith('oci://')) return { kind: 'oci', reference: text };
  const [repo = '', name = '', ...rest] = text.split('/');
  if (repo !== '' && name !== '' && rest.length === 0 && isRepo(repo)) return { kind: 'repo', repo, name };
  return { kind: 'local', path: text };
}

/** Whether it can be meant as a path and nothing else. */
export function isPath(text: string): boolean {
  return /^\.{0,2}\/|^\.{1,2}$|\.tgz$/.test(text);
}
