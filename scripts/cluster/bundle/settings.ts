// The settings of a run as a bundle has them: one tree without what belongs to this machine, and the files that it names.

import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { ConfigError, type Problem, messageOf } from '../../base/errors.ts';
import { type Path, type Tree, isTree, valueAt } from '../../base/tree.ts';
import { readTextBounded } from '../../host/files/bounded.ts';
import { filesUnder } from '../../kube/manifests/manifests.ts';
import { isPartPath } from '../../offline/manifest.ts';
import type { LocalChart } from '../../services/helm/service.ts';
import type { Prepared } from '../prepare-cluster.ts';

/** A file that goes into the bundle. */
export interface PackedFile {
  /** In the bundle. */
  path: string;
  /** On this machine. */
  source: string;
}

export interface PackedSettings {
  tree: Record<string, unknown>;
  /** Where paths of packed files stand in the tree. */
  paths: Path[];
  files: PackedFile[];
  /** What is not packed and has to be there where the bundle is used, one sentence each. */
  notes: string[];
}

/** Files of a chart or of a folder of steps; more of them are no such folder. */
const FOLDER_MAX = 20_000;
/** Settings of the machine or of its user, and those that only fetching needs. */
const LEFT_OUT = ['kubeconfig', 'logDir', 'steps'] as const;

/**
 * @param charts the chart of each service, by its name: all are on the disk by now
 * @throws ConfigError with every file that cannot be packed
 */
export async function packSettings(
  prepared: Prepared,
  charts: ReadonlyMap<string, LocalChart>,
): Promise<PackedSettings> {
  const tree = structuredClone(prepared.loaded.writtenAs([]) ?? {}) as Record<string, unknown>;
  const packer = new Packer(prepared, tree);
  for (const key of LEFT_OUT) Reflect.deleteProperty(tree, key);
  tree['provider'] = prepared.plan.cluster.provider;
  tree['name'] = prepared.plan.cluster.name;
  await packer.manifests();
  await packer.services(charts);
  await packer.k3d();
  await packer.steps();
  packer.secrets();
  if (packer.problems.length > 0) throw new ConfigError(packer.problems);
  const { paths, files, notes } = packer;
  return { tree, paths, files, notes };
}

class Packer {
  readonly paths: Path[] = [];
  readonly files: PackedFile[] = [];
  readonly notes: string[] = [];
  readonly problems: Problem[] = [];

  constructor(
    private readonly prepared: Prepared,
    private readonly tree: Record<string, unknown>,
  ) {}

  async manifests(): Promise<void> {
    for (const key of [['resources', 'cluster'], ['resources', 'eachNamespace'], ['manifests']]) {
      const list = valueAt(this.tree, key);
      if (!Array.isArray(list)) continue;
      const kept: string[] = [];
      assignAt(this.tree, key, kept);
      for (const given of list) await this.manifestPath(key, kept, String(given));
    }
  }

  /** A folder is packed flat: the names keep the order, and the endings. */
  private async manifestPath(of: Path, kept: string[], given: string): Promise<void> {
    const key = [...of, kept.length];
    const path = this.onDisk(of, given);
    const found = await filesUnder(path, this.problems);
    const isFolder = found.length !== 1 || found[0] !== path;
    const base = key.join('-');
    for (const [at, source] of found.entries()) {
      const name = `${String(at).padStart(4, '0')}${extname(source)}`;
      await this.add(isFolder ? `${base}/${name}` : `${base}${extname(source)}`, source, of);
    }
    // A folder that has no manifests is nothing to apply.
    if (found.length > 0) this.point(key, isFolder ? base : `${base}${extname(path)}`);
  }

  async services(charts: ReadonlyMap<string, LocalChart>): Promise<void> {
    const list = valueAt(this.tree, ['services']);
    if (!Array.isArray(list)) return;
    const helm = valueAt(this.tree, ['helm']);
    // All charts are in the bundle: no repository is asked.
    if (isTree(helm)) for (const key of ['repos', 'plainHttp']) Reflect.deleteProperty(helm, key);
    for (const [index, service] of (list as Record<string, unknown>[]).entries()) {
      const name = String(service['name']);
      const chart = charts.get(name);
      if (chart === undefined) throw new Error(`the chart of "${name}" is not there`);
      const into = `charts/${index}/${basename(chart.path)}`;
      if ((await stat(chart.path)).isDirectory()) await this.folder(into, chart.path, ['services', index, 'chart']);
      else await this.add(into, chart.path, ['services', index, 'chart']);
      this.point(['services', index, 'chart'], into);
      Reflect.deleteProperty(service, 'version');
      const values = service['valuesFiles'];
      for (const [at, file] of (Array.isArray(values) ? values : []).entries())
        await this.file(['services', index, 'valuesFiles', at], String(file), ['services']);
      this.sources(service['valuesFrom']);
    }
  }

  async k3d(): Promise<void> {
    const k3d = valueAt(this.tree, ['k3d']);
    if (this.prepared.plan.cluster.provider !== 'k3d') {
      Reflect.deleteProperty(this.tree, 'k3d');
      return;
    }
    // Nothing is pulled: a cache would only wait for a registry that is not there, and the bundle has all images.
    this.tree['k3d'] = { ...(isTree(k3d) ? k3d : {}), caches: false, loadImages: false };
    for (const key of ['config', 'registries', 'caCertificates']) {
      const given = valueAt(k3d, [key]);
      if (typeof given !== 'string') continue;
      await this.file(['k3d', key], given, ['k3d', key]);
      if (key === 'registries') await this.refuseCredentials(['k3d', key], given);
    }
    if (this.prepared.plan.cluster.k3d?.native?.tree.files?.length)
      this.refuse(['k3d', 'config'], 'it names other files, which are not packed with it');
    const volumes = valueAt(k3d, ['volumes']);
    if (Array.isArray(volumes) && volumes.length > 0)
      this.notes.push(`not packed, as they are folders of the engine's machine: k3d.volumes ${volumes.join(', ')}`);
  }

  async steps(): Promise<void> {
    const [first] = this.prepared.ownSteps;
    if (first === undefined) return;
    this.tree['steps'] = '';
    await this.folder('steps', dirname(first.path), ['steps']);
    this.point(['steps'], 'steps');
  }

  secrets(): void {
    const list = valueAt(this.tree, ['secrets']);
    for (const secret of Array.isArray(list) ? (list as Tree[]) : []) this.sources(secret['data']);
  }

  /** Values are never packed: the references stay, and are looked for where the bundle is used. */
  private sources(data: unknown): void {
    for (const source of isTree(data) ? Object.values(data) : []) {
      const { env, file } = source as { env?: string; file?: string };
      if (env !== undefined) this.notes.push(`not packed, as it is secret: the env variable ${env}`);
      if (file !== undefined) this.notes.push(`not packed, as it is secret: the file ${file}`);
    }
  }

  private async refuseCredentials(key: Path, given: string): Promise<void> {
    const text = await readTextBounded(this.onDisk(key, given)).catch(() => '');
    if (/^\s*["']?(auth|password|identity_?token|token)["']?\s*:/im.test(text))
      this.refuse(
        key,
        `${given} has credentials in it, which a bundle never has; set k3d.registries to a file without`,
      );
  }

  private async file(key: Path, given: string, of: Path): Promise<void> {
    const into = `${key.join('-')}${extname(given)}`;
    await this.add(into, this.onDisk(of, given), key);
    this.point(key, into);
  }

  private async folder(into: string, folder: string, key: Path): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !relative(folder, path).split('/').includes('node_modules'))
      .sort();
    if (files.length > FOLDER_MAX) this.refuse(key, `${folder} has more than ${FOLDER_MAX} files`);
    else
      for (const path of files)
        if (!(await isFolder(path))) await this.add(`${into}/${relative(folder, path)}`, path, key);
  }

  private async add(path: string, source: string, key: Path): Promise<void> {
    try {
      if (!(await stat(source)).isFile()) this.refuse(key, `${source} cannot be packed: it is no regular file`);
      else if (!isPartPath(path)) this.refuse(key, `${source} cannot be packed: its name has what no path should have`);
      else this.files.push({ path, source: await realpath(source) });
    } catch (error) {
      this.refuse(key, `${source} cannot be packed: ${messageOf(error)}`);
    }
  }

  private point(key: Path, into: string): void {
    assignAt(this.tree, key, into);
    this.paths.push(key);
  }

  private onDisk(key: Path, given: string): string {
    return resolve(this.prepared.folderOf(key), given);
  }

  private refuse(key: Path, message: string): void {
    this.problems.push({ where: this.prepared.loaded.sourceOf(key), message });
  }
}

function assignAt(tree: unknown, key: Path, value: unknown): void {
  const parent = valueAt(tree, key.slice(0, -1)) as Record<string | number, unknown>;
  parent[key.at(-1) ?? ''] = value;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
