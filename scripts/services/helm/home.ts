// Where hoist's own helm lives: folders and an environment apart from the user's helm, which is never read or changed.

import { join } from 'node:path';
import { type Environment, cacheHome } from '../../host/paths.ts';

export interface HelmHome {
  root: string;
  /** Charts that were fetched, below their origin. */
  charts: string;
  /** What was found out about charts with given values. */
  facts: string;
  /** What releases wait for, by helm's record of them. */
  awaited: string;
  /** One folder a repository, and the merged list of them all. */
  repos: string;
  /** The merged list, in helm's own format. */
  repositoryConfig: string;
  /** Indexes by the names that helm expects. */
  repositoryCache: string;
  locks: string;
}

export function helmHome(env: Environment): HelmHome {
  const root = join(cacheHome(env), 'helm');
  return {
    root,
    charts: join(root, 'charts'),
    facts: join(root, 'facts'),
    awaited: join(root, 'awaited'),
    repos: join(root, 'repos'),
    repositoryConfig: join(root, 'repositories.yaml'),
    repositoryCache: join(root, 'repository'),
    locks: join(root, 'locks'),
  };
}

/**
 * The environment of every helm process: all of the user's HELM_ variables are taken out, hoist's own folders put in.
 * @param cluster whose discovery is cached apart; none for what needs no cluster
 */
export function helmEnvironment(
  home: HelmHome,
  env: Environment,
  cluster?: string,
): Readonly<Record<string, string | undefined>> {
  const theirs = Object.keys(env).filter((name) => name.startsWith('HELM_') || name === 'KUBECONFIG');
  return {
    ...Object.fromEntries(theirs.map((name) => [name, undefined])),
    HELM_REPOSITORY_CONFIG: home.repositoryConfig,
    HELM_REPOSITORY_CACHE: home.repositoryCache,
    HELM_CACHE_HOME: join(home.root, 'cache'),
    HELM_CONFIG_HOME: join(home.root, 'config'),
    HELM_DATA_HOME: join(home.root, 'data'),
    KUBECACHEDIR: join(home.root, 'discovery', cluster ?? 'none'),
  };
}
