// What is known of a service before anything is made.

import type { ServiceSetting } from '../../settings/schema.ts';
import type { ChartRef } from './charts/chart-ref.ts';
import type { Dependency } from './charts/dependencies.ts';
import type { Values } from './values.ts';

/** A chart that lies on the local disk. */
export interface LocalChart {
  /** A folder or an archive, absolute. */
  path: string;
  /** Hex sha256 of the existing content. */
  digest: string;
}

/** A service of the settings, with all that its release needs. */
export interface Service {
  name: string;
  namespace: string;
  ref: ChartRef;
  version: string | undefined;
  /** What lies on the disk, where the settings name a folder or an archive. */
  local: LocalChart | undefined;
  /** What has to be added to it before it can be released. */
  dependencies: readonly Dependency[];
  /** What is released; undefined where something has to be fetched first. */
  chart: LocalChart | undefined;
  values: Values;
  /** Names of steps. */
  needs: readonly string[];
  ready: ServiceSetting['ready'];
  timeoutMs: number;
  atomic: boolean;
  /** Whether its webhook configurations stay out of the cluster, where none could answer. */
  withoutWebhooks: boolean;
  /** Whether what its objects need is found out. */
  implied: boolean;
  /** Where a part of it stands in the settings, for messages. */
  where: (...path: readonly (string | number)[]) => { where: string; excerpt?: string | undefined };
}

/** The step that releases a service. */
export function releaseStep(name: string): string {
  return `release/${name}`;
}

/** The step that ends when a service is ready: what needs the service needs this step. */
export function readyStep(name: string): string {
  return `release/${name}/ready`;
}
