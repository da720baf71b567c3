// Runs bin/hoist for benches in a world of its own: state, kubeconfig and logs in a temporary folder, tools from the user's cache.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoistError } from '../../scripts/base/errors.ts';
import { exec } from '../../scripts/host/execa.ts';
import type { ExecResult } from '../../scripts/host/exec.ts';

/** The project's root. */
export const root = join(import.meta.dirname, '..', '..');

/** A world for clusters; `remove` ends with its folder gone. */
export interface World {
  dir: string;
  env: Record<string, string>;
  /** Runs `hoist ARGS`; its output in the error where it fails. */
  hoist: (args: readonly string[], options?: { signal?: AbortSignal }) => Promise<ExecResult>;
  remove: () => Promise<void>;
}

/** ms that no command of a bench may exceed. */
const TIMEOUT_MS = 120_000;

export async function makeWorld(): Promise<World> {
  await freshBundle();
  const dir = await mkdtemp(join(tmpdir(), 'hoist-bench-'));
  const env = {
    XDG_STATE_HOME: join(dir, 'state'),
    KUBECONFIG: join(dir, 'kubeconfig'),
    DEPLOY_LOG_DIR: join(dir, 'logs'),
    // A value for the secret of the default settings, so that each of the six namespaces gets one.
    DOCKER_CONFIG_JSON: '{"auths":{"registry.example":{"auth":"YmVuY2g6YmVuY2g="}}}',
  };
  return {
    dir,
    env,
    hoist: (args, { signal } = {}) =>
      exec({
        file: join(root, 'bin', 'hoist'),
        args,
        env,
        cwd: root,
        timeoutMs: TIMEOUT_MS,
        ...(signal ? { signal } : {}),
      }),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Users run the bundle: sources that are newer than it would be loaded one by one, which takes half a second more. */
async function freshBundle(): Promise<void> {
  const bundle = join(root, 'bin', 'bundle.mjs');
  const isFresh = `process.exit((await import(${JSON.stringify(bundle)})).freshBundle() === undefined ? 1 : 0)`;
  const args = ['--input-type=module', '-e', isFresh];
  const isStale = await exec({ file: process.execPath, args }).then(
    () => false,
    () => true,
  );
  if (isStale) await exec({ file: process.execPath, args: [join(root, 'bin', 'build.mjs')], cwd: root });
}

const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];

/** Paths of tools, as `up` uses them, those of the control plane where not said; fetched or built first where they are missing. */
export async function toolPaths(world: World, names = CONTROL_PLANE): Promise<Record<string, string>> {
  await world.hoist(['tools', 'fetch', ...names]);
  const { stdout } = await world.hoist(['tools', 'list', '--output', 'json']);
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
    tools: { name: string; located?: { path: string } }[];
  };
  const found = last.tools.flatMap(({ name, located }) => (located ? [[name, located.path] as const] : []));
  if (found.length === 0) throw new HoistError('no tools are there', { hint: 'Run `hoist tools fetch`.' });
  return Object.fromEntries(found);
}
