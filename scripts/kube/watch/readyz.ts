// Reads what an API server says of itself under /readyz?verbose and /livez?verbose.

/** One named check of the server, like `etcd` or `poststarthook/rbac/bootstrap-roles`. */
export interface Check {
  name: string;
  ok: boolean;
  /** What stands behind the verdict: `failed: reason withheld`, `excluded: ok`. */
  detail: string;
}

/** The single checks of a verbose answer, in their order; none where the text is something else. */
export function parseChecks(text: string): Check[] {
  const checks: Check[] = [];
  for (const line of text.split('\n')) {
    const match = /^\[([+-])\](\S+) (.*)$/.exec(line);
    if (match) checks.push({ name: match[2] ?? '', ok: match[1] === '+', detail: match[3] ?? '' });
  }
  return checks;
}
