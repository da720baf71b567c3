// What is known of a chart's objects: what they offer and want, by keys that fit together.

import type { LabelSelector } from '../../../kube/watch/workload.ts';

/** What objects can need of each other; the last word of a key is a name, with its namespace where it has one. */
export type Kind =
  | 'definition'
  | 'namespace'
  | 'storage class'
  | 'ingress class'
  | 'priority class'
  | 'service account'
  | 'role'
  | 'cluster role'
  | 'secret'
  | 'config map'
  | 'service';

/** `service|apps/web`, `definition|example.com/Widget` */
export type Key = `${Kind}|${string}`;

export interface Want {
  key: Key;
  /** The first object that wants it: `Deployment apps/web`. */
  by: string;
}

/** A webhook of a configuration that intercepts requests. */
export interface Webhook {
  configuration: string;
  rules: readonly { groups: readonly string[]; resources: readonly string[] }[];
  namespaceSelector: LabelSelector;
  objectSelector: LabelSelector;
}

/** Objects that are made, as a webhook sees them: one for many that look the same. */
export interface CreatedFact {
  group: string;
  kind: string;
  /** undefined for what belongs to no namespace. */
  namespace: string | undefined;
  labels: Readonly<Record<string, string>>;
  /** One of them. */
  title: string;
}

export interface FactObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}
