// What is different on purpose, each with the line of docs/collect.md that says why; everything else is a fault.

import type { Difference } from './shape.ts';

interface Rule {
  path: RegExp;
  what?: RegExp;
}

const OURS = /^only hoist/;
const THEIRS = /^only troubleshoot/;

const RULES: readonly Rule[] = [
  // The bundle's own: a page, what each collector cost, what was redacted.
  { path: /^(index\.html|execution-data\/(collect|redactions)\.json)$/, what: OURS },
  { path: /^(execution-data\/summary\.txt|version\.yaml)$/ },
  // What is not supported is named.
  { path: /^skipped-collectors\.json$/, what: OURS },
  // Earlier logs are asked only of containers that have been restarted.
  { path: /-previous\.log$/, what: THEIRS },
  // The API server says a hash of each kind where it is asked for each group, as hoist does.
  { path: /^cluster-resources\/resources\.json$/, what: /storageVersionHash/ },
  // Events come and go while both look.
  { path: /^cluster-resources\/events\// },
  // A second item with the path of another one gets "-2"; in troubleshoot one of them survives.
  { path: /-2\.json$/, what: OURS },
  // A port in use, a refused connection and a missing file of a pair are results, not failed collectors.
  { path: /^host-collectors\/errors\/(used|refused|no-pair|TCP .*)-error\.json$/, what: THEIRS },
  // Programs of the host that fail are errors; troubleshoot passes over some, and asks others than hoist.
  { path: /^host-collectors\/errors\/(Host Services|Time|Block Devices|Kernel Modules|pkgs)-error\.json$/ },
  { path: /^host-collectors\/system\/(kernel_modules|pkgs-packages|systemctl_services|block_devices|time)\.json$/ },
  // Addresses beside the interfaces.
  { path: /^host-collectors\/system\/ipv4Interfaces\.json$/, what: /Addrs/ },
  // Interfaces that are down; where no other is there, the list is empty.
  { path: /^host-collectors\/system\/ipv4Interfaces\.json$/, what: /hoist: \[\]$/ },
  // The words of the drivers, and the error of each database, not only of one.
  { path: /^analysis\.json$/, what: /(pg|my|redis) is away/ },
  // Which file does not match.
  { path: /^analysis\.json$/, what: /No matching files/ },
  // Never a check without a result.
  { path: /^analysis\.json$/, what: /^only hoist: (error \| Time \||debug \| pulls \||debug \| front-\w+ Status \|)/ },
];

export function isDeliberate({ path, what }: Difference): boolean {
  return RULES.some((rule) => rule.path.test(path) && (rule.what?.test(what) ?? true));
}
