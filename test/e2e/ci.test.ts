// The GitHub action and the GitLab template, their steps run in a shell as a runner would.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type World, createWorld } from './hoist.ts';

const ci = suite<{ world: World }>('e2e: CI');

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): unknown => parse(readFileSync(join(root, path), 'utf8'));

ci.before.each((context) => {
  context.world = createWorld();
});
ci.after.each(({ world }) => world.close());

type Env = Record<string, string | undefined>;

/** @throws assertion error with what it wrote */
function shell(script: string, cwd: string, env: Env): string {
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env,
    encoding: 'utf8',
  });
  assert.is(status, 0, `${script}\n${stdout}${stderr}`);
  return stdout;
}

interface CacheInputs {
  path: string;
  key: string;
  'restore-keys'?: string;
}

interface Action {
  inputs: Record<string, { default: string }>;
  runs: {
    steps: {
      id?: string;
      if?: string;
      run?: string;
      uses?: string;
      env?: Record<string, string>;
      with?: CacheInputs;
    }[];
  };
}

/** What is kept between jobs, each of which begins in an empty folder: one entry for each key, of one path. */
class Caches {
  readonly #entries: { path: string; key: string; kept: string }[] = [];
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }
  /** The entry of the key, or the newest one whose key begins with one of `prefixes`; of the same path, as at GitHub. */
  restore(workspace: string, path: string, key: string, prefixes: readonly string[] = []): void {
    const ofPath = this.#entries.filter((one) => one.path === path).reverse();
    const found =
      ofPath.find((one) => one.key === key) ??
      prefixes.map((prefix) => ofPath.find((one) => one.key.startsWith(prefix))).find((one) => one !== undefined);
    if (found) cpSync(found.kept, join(workspace, path), { recursive: true });
  }
  save(workspace: string, path: string, key: string): void {
    const kept = join(this.#folder, `kept-${this.#entries.length}`);
    cpSync(join(workspace, path), kept, { recursive: true });
    this.#entries.push({ path, key, kept });
  }
}

/** `NAME=value` lines, as a runner reads them. */
function pairs(path: string): Record<string, string> {
  return Object.fromEntries(
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** Runs a job of the action; resolves with the summary of the job and its environment. */
function job(
  world: World,
  github: Record<string, string>,
  caches: Caches,
): { summary: string; env: Record<string, string>; keys: string[] } {
  const folder = join(world.folder, `runner-${github['run_id'] ?? ''}`);
  mkdirSync(folder);
  const file = (name: string): string => world.write(join(folder.slice(world.folder.length + 1), name), '');
  const files = { GITHUB_OUTPUT: file('output'), GITHUB_ENV: file('env'), GITHUB_PATH: file('path') };
  const summary = file('summary');
  const action = read('integrations/github/action.yml') as Action;
  const filled = (text: string): string =>
    text.replace(/\$\{\{ ([\w.]+)\.([\w-]+) \}\}/g, (_, context: string, name: string) =>
      context === 'inputs'
        ? (action.inputs[name]?.default ?? '')
        : context === 'steps.install.outputs'
          ? (pairs(files.GITHUB_OUTPUT)[name] ?? '')
          : (github[name] ?? ''),
    );
  // The action sets these itself.
  const given: Env = { ...world.env, KUBECONFIG: undefined, MERGE_KUBECONFIG: undefined, PROVIDER: undefined };
  const afterwards: (() => void)[] = [];
  const keys: string[] = [];
  const path = (): string =>
    [...readFileSync(files.GITHUB_PATH, 'utf8').trim().split('\n'), given['PATH']].join(delimiter);
  for (const step of action.runs.steps) {
    if (step.if === "github.base_ref != ''" && github['base_ref'] === '') continue;
    if (step.with !== undefined) {
      const [place, key, prefix] = [step.with.path, step.with.key, step.with['restore-keys'] ?? ''].map(filled) as [
        string,
        string,
        string,
      ];
      keys.push(key);
      // The tools are those that all tests share.
      if (place.startsWith('~')) continue;
      caches.restore(world.folder, place, key, prefix === '' ? [] : [prefix]);
      if (step.uses === 'actions/cache@v4') afterwards.push(() => caches.save(world.folder, place, key));
    }
    if (step.run === undefined) continue;
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)]);
    shell(step.run, world.folder, {
      ...given,
      ...pairs(files.GITHUB_ENV),
      ...files,
      PATH: path(),
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_ACTION_PATH: join(root, 'integrations/github'),
      RUNNER_TEMP: folder,
      ...(Object.fromEntries(own) as Env),
    });
  }
  for (const save of afterwards) save();
  // As the job ends in docs/ci.md.
  shell('hoist down --all --quiet', world.folder, { ...given, PATH: path() });
  // The next job begins in an empty folder.
  rmSync(join(world.folder, '.hoist-log'), { recursive: true });
  return {
    summary: readFileSync(summary, 'utf8'),
    env: { ...pairs(files.GITHUB_ENV), ...pairs(files.GITHUB_OUTPUT) },
    keys,
  };
}

ci('the action of GitHub: a cluster, and a summary beside the newest records of the base branch', ({ world }) => {
  world.write('config/cluster.yaml', 'name: ci\nnamespaces: [one]\n');
  const caches = new Caches(world.folder);
  const main = (run_id: string): ReturnType<typeof job> =>
    job(world, { ref_name: 'main', base_ref: '', run_id, run_attempt: '1', os: 'Linux', arch: 'X64' }, caches);
  const change = (run_id: string): ReturnType<typeof job> =>
    job(world, { ref_name: '7/merge', base_ref: 'main', run_id, run_attempt: '1', os: 'Linux', arch: 'X64' }, caches);
  const base = main('1');
  assert.match(base.summary, /^### hoist\n/);
  assert.match(base.summary, /\| .*api/);
  assert.match(base.env['key'] ?? '', /^hoist-tools-[0-9a-f]{16}$/);
  assert.equal(base.keys, [`${base.env['key'] ?? ''}-Linux-X64`, 'hoist-log-main-1-1']);
  assert.match(readFileSync(base.env['KUBECONFIG'] ?? '', 'utf8'), 'current-context: hoist-ci');
  assert.match(change('2').summary, '### main (A, 1) against 7-merge (B, 1)');
  main('3');
  assert.match(change('4').summary, '### main (A, 2) against 7-merge (B, 2)');
});

interface Template {
  '.hoist': {
    variables: Record<string, string>;
    cache: { key: string; paths: string[]; policy?: string }[];
    before_script: string[];
    after_script: string[];
  };
}

ci('the template of GitLab: a cluster, and the comparison with the base branch as an artifact', ({ world }) => {
  world.write('config/cluster.yaml', 'name: ci\nnamespaces: [one]\n');
  const template = (read('integrations/gitlab/hoist.gitlab-ci.yml') as Template)['.hoist'];
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const caches = new Caches(world.folder);
  const run = (given: Record<string, string>): void => {
    const variables: Record<string, string> = { CI_PROJECT_DIR: world.folder, ...given };
    const filled = (text: string): string => text.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? '');
    for (const [name, value] of Object.entries(template.variables)) variables[name] = filled(value);
    const [tools, ...logs] = template.cache.map(({ key, paths, policy }) => ({
      key: filled(key),
      path: filled(paths[0] ?? ''),
      policy,
    }));
    assert.is(tools?.key, `hoist-tools-${version}`);
    for (const { path, key } of logs) caches.restore(world.folder, path, key);
    // The tools are those that all tests share.
    const env: Env = {
      ...world.env,
      ...variables,
      XDG_CACHE_HOME: world.env['XDG_CACHE_HOME'],
      PATH: [join(root, 'bin'), world.env['PATH']].join(delimiter),
    };
    for (const line of [...template.before_script, ...template.after_script]) shell(line, world.folder, env);
    for (const { path, key, policy } of logs) if (policy !== 'pull') caches.save(world.folder, path, key);
    rmSync(join(world.folder, '.hoist-log'), { recursive: true });
    assert.equal(world.processes(), []);
  };
  run({ CI_COMMIT_REF_SLUG: 'main' });
  assert.match(world.read('hoist.md'), /\| .*api/);
  run({ CI_COMMIT_REF_SLUG: 'feature-x', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' });
  assert.match(world.read('hoist.md'), '### main (A, 1) against feature-x (B, 1)');
});

ci.run();
