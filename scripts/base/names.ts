// The one parser of names that become a file's or a folder's name: whatever comes from an operand, a flag, a label or a file.

import { UsageError } from './errors.ts';

/** RFC 1123 label: what Kubernetes accepts for a namespace, and what nothing can be hidden in. */
export const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
export const LABEL_RULE = 'must be lower-case letters, digits and "-", and start and end with a letter or digit';

/** RFC 1123 subdomain, of at most `SUBDOMAIN_MAX` characters: what every API server demands of the names of most objects. */
export const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const SUBDOMAIN_MAX = 253;

/** Most characters of a cluster's name: `hoist-NAME-…` has to fit into the names of containers and nodes. */
export const CLUSTER_NAME_MAX = 32;

/** Most characters of any other name. */
const NAME_MAX = 63;

/** Whether a cluster can have this name; names that are read from folders and labels pass through it too. */
export function isClusterName(text: string): boolean {
  return text.length <= CLUSTER_NAME_MAX && LABEL.test(text);
}

/** @throws UsageError where no cluster can have this name. */
export function clusterName(text: string): string {
  if (isClusterName(text)) return text;
  throw badName(text, 'a cluster', CLUSTER_NAME_MAX);
}

/** The rule is that of clusters. @throws UsageError where no snapshot can have this name. */
export function snapshotName(text: string): string {
  if (isClusterName(text)) return text;
  throw badName(text, 'a snapshot', CLUSTER_NAME_MAX);
}

/** helm's rule for charts, and for what comes from charts, indexes and engines: a name in a folder, and nothing else. */
const FILE_NAME = /^[A-Za-z0-9._+-]{1,200}$/;

/** Whether a text from outside may be a file's name as it is: no separator, no blank, neither `.` nor `..`. */
export function isFileName(text: string): boolean {
  return FILE_NAME.test(text) && text !== '.' && text !== '..';
}

function badName(text: string, what: string, max: number): UsageError {
  if (text === '') {
    return new UsageError(`the name of ${what} is empty`, {
      hint: 'Is it from a variable that is not set? Nothing was changed.',
    });
  }
  const shown = JSON.stringify(text.length > NAME_MAX ? `${text.slice(0, NAME_MAX)}…` : text);
  const rule = text.length > max ? `must have at most ${max} characters` : LABEL_RULE;
  return new UsageError(`${shown} is no name of ${what}: it ${rule}`);
}
