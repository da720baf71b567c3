// Which charts a chart on the local disk needs that its charts folder lacks, and where each of them is to be had.

import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readTextBounded } from '../../../host/files/bounded.ts';
import { isFileName } from '../../../base/names.ts';
import { isErrno } from '../../../base/errors.ts';
import { fits } from './choose-version.ts';
import type { RepoSetting } from '../../../settings/schema.ts';
import type { ChartRef } from './chart-ref.ts';
import { type Json, at, items, text } from '../json.ts';

/** A chart that has to be put into the charts folder of another one. */
export interface Dependency {
  name: string;
  /** The folder of the chart that needs it, relative to the one that is released; empty for that one itself. */
  into: string;
  /** Exact where the chart has a lock file, else as it was asked for. */
  version: string | undefined;
  /** `local` with an absolute path. */
  ref: ChartRef;
}

export interface Dependencies {
  /** Those whose folder is that of another one come after it. */
  list: readonly Dependency[];
  /** Repositories among their addresses that no setting names. */
  repos: readonly RepoSetting[];
  /** Why it cannot be completed, one sentence each. */
  problems: readonly string[];
}

interface Declared {
  name: string;
  version: string | undefined;
  repository: string;
}

/** @param known repositories of the settings: credentials stand there, and `@NAME` is one of them */
export async function readDependencies(folder: string, known: readonly RepoSetting[]): Promise<Dependencies> {
  const list: Dependency[] = [];
  const repos = new Map<string, RepoSetting>();
  const problems: string[] = [];
  const refOf = async (of: string, { name, repository }: Declared): Promise<ChartRef | string> => {
    if (repository === '') return 'which its charts folder lacks, and which has no repository';
    if (repository.startsWith('file://')) {
      const path = resolve(of, repository.slice('file://'.length));
      if (await isChart(path)) return { kind: 'local', path };
      return `but there is no chart in ${path}`;
    }
    const base = repository.replace(/\/$/, '');
    if (base.startsWith('oci://')) return { kind: 'oci', reference: `${base}/${name}` };
    const alias = /^(?:@|alias:)(.+)$/.exec(base)?.[1];
    const named = known.find((repo) =>
      alias === undefined ? repo.url.replace(/\/$/, '') === base : repo.name === alias,
    );
    if (named) return { kind: 'repo', repo: named.name, name };
    if (!/^https?:\/\//.test(base) || !URL.canParse(base)) return `but there is no repository ${shown(repository)}`;
    const { username, password } = new URL(base);
    if (username !== '' || password !== '')
      return `from ${shown(base)} with credentials in its address; those go into "username" and "password" of a repository in helm.repos`;
    const unnamed = nameOf(base);
    repos.set(unnamed, { name: unnamed, url: base });
    return { kind: 'repo', repo: unnamed, name };
  };
  const visit = async (of: string, into: string, above: readonly string[]): Promise<void> => {
    for (const declared of await lacking(of, problems)) {
      const { name, version } = declared;
      const ref = await refOf(of, declared);
      if (typeof ref === 'string') {
        problems.push(`the chart in ${of} needs "${name}", ${ref}`);
        continue;
      }
      list.push({ name, into, version, ref });
      if (ref.kind !== 'local') continue;
      if ([of, ...above].includes(ref.path)) problems.push(`the chart in ${ref.path} needs itself`);
      else await visit(ref.path, join(into, 'charts', name), [of, ...above]);
    }
  };
  await visit(resolve(folder), '', []);
  return { list, repos: [...repos.values()], problems };
}

/** What a chart declares and does not have; with versions of the lock file, where there is one. */
async function lacking(folder: string, problems: string[]): Promise<Declared[]> {
  const chart = await readYaml(join(folder, 'Chart.yaml'));
  // Charts of the first form of the API have a file of their own for it.
  const former = at(chart, 'apiVersion') === 'v1';
  const declared = declaredIn(former ? await readYaml(join(folder, 'requirements.yaml')) : chart).filter(({ name }) => {
    // It becomes the name of a folder: helm's own rule, which helm asks for only after it has written.
    if (!isFileName(name))
      problems.push(`the chart in ${folder} needs ${JSON.stringify(name)}, which is no name of a chart`);
    return isFileName(name);
  });
  const missing: Declared[] = [];
  const there = declared.length === 0 ? [] : await chartsIn(join(folder, 'charts'));
  for (const one of declared) if (!there.some((file) => isOf(file, one.name))) missing.push(one);
  if (missing.length === 0) return [];
  const lockName = former ? 'requirements.lock' : 'Chart.lock';
  const lock = await readYaml(join(folder, lockName));
  if (lock === undefined) return missing;
  const locked = declaredIn(lock);
  return missing.map((one) => {
    const same = locked.find(({ name, repository }) => name === one.name && repository === one.repository);
    if (same?.version !== undefined && fits(same.version, one.version)) return { ...one, version: same.version };
    problems.push(
      `${join(folder, lockName)} has another "${one.name}" than the chart; \`helm dependency update\` mends it`,
    );
    return one;
  });
}

function declaredIn(value: Json): Declared[] {
  return items(at(value, 'dependencies')).map((one) => {
    const version = text(at(one, 'version'));
    const repository = text(at(one, 'repository'));
    return { name: text(at(one, 'name')), version: version === '' ? undefined : version, repository };
  });
}

/** Names of archives, and of charts in folders, which may be called otherwise. */
async function chartsIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  return Promise.all(
    found.map(async (one) =>
      one.name.endsWith('.tgz') ? one.name : text(at(await readYaml(join(folder, one.name, 'Chart.yaml')), 'name')),
    ),
  );
}

function isOf(file: string, name: string): boolean {
  return file === name || (file.startsWith(`${name}-`) && /^v?\d/.test(file.slice(name.length + 1)));
}

/** undefined where there is none, or none that can be read: helm says what is wrong with it. */
async function readYaml(path: string): Promise<Json> {
  const { parse } = await import('yaml');
  try {
    return parse(await readTextBounded(path)) as Json;
  } catch {
    return undefined;
  }
}

async function isChart(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'Chart.yaml')).catch(() => undefined)) !== undefined;
}

/** An address as a message may show it. */
function shown(repository: string): string {
  return repository.replace(/\/\/[^/@]*@/, '//');
}

/** A name for an address that has none, as folders and steps may be called. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`.replace(/[^\w.]+/g, '_').replace(/_$/, '');
}
