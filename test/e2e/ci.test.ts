// The GitHub action and the GitLab template, their steps run in a shell as a runner would.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
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

interface Action {
  inputs: Record<string, { default: string }>;
  runs: { steps: { id?: string; run?: string; uses?: string; env?: Record<string, string> }[] };
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
function job(world: World, github: Record<string, string>): { summary: string; env: Record<string, string> } {
  const folder = join(world.folder, `runner-${github['ref_name'] ?? ''}`.replace('/', '-'));
  mkdirSync(folder);
  const file = (name: string): string => world.write(join(folder.slice(world.folder.length + 1), name), '');
  const files = { GITHUB_OUTPUT: file('output'), GITHUB_ENV: file('env'), GITHUB_PATH: file('path') };
  const summary = file('summary');
  const action = read('integrations/github/action.yml') as Action;
  const filled = (text: string): string =>
    text.replace(/\$\{\{ (\w+)\.([\w-]+) \}\}/g, (_, context: string, name: string) =>
      context === 'inputs' ? (action.inputs[name]?.default ?? '') : (github[name] ?? ''),
    );
  // The action sets these itself.
  const given: Env = { ...world.env, KUBECONFIG: undefined, MERGE_KUBECONFIG: undefined, PROVIDER: undefined };
  for (const step of action.runs.steps) {
    if (step.run === undefined) continue;
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)]);
    shell(step.run, world.folder, {
      ...given,
      ...pairs(files.GITHUB_ENV),
      ...files,
      PATH: [...readFileSync(files.GITHUB_PATH, 'utf8').trim().split('\n'), given['PATH']].join(delimiter),
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_ACTION_PATH: join(root, 'integrations/github'),
      RUNNER_TEMP: folder,
      ...(Object.fromEntries(own) as Env),
    });
  }
  return { summary: readFileSync(summary, 'utf8'), env: { ...pairs(files.GITHUB_ENV), ...pairs(files.GITHUB_OUTPUT) } };
}

ci('the action of GitHub: a cluster, and a summary beside the base branch', ({ world }) => {
  world.write('config/cluster.yaml', 'name: ci\nnamespaces: [one]\n');
  const base = job(world, { ref_name: 'main', base_ref: '' });
  assert.match(base.summary, /^### hoist\n/);
  assert.match(base.summary, /\| .*api/);
  assert.match(base.env['key'] ?? '', /^hoist-tools-[0-9a-f]{16}$/);
  assert.match(readFileSync(base.env['KUBECONFIG'] ?? '', 'utf8'), 'current-context: hoist-ci');
  const change = job(world, { ref_name: 'feature/x', base_ref: 'main' });
  assert.match(change.summary, 'main');
  assert.match(change.summary, 'feature-x');
});

interface Template {
  '.hoist': { variables: Record<string, string>; before_script: string[]; after_script: string[] };
}

ci('the template of GitLab: a cluster, and the comparison as an artifact', ({ world }) => {
  world.write('config/cluster.yaml', 'name: ci\nnamespaces: [one]\n');
  const { variables, before_script, after_script } = (read('integrations/gitlab/hoist.gitlab-ci.yml') as Template)[
    '.hoist'
  ];
  const filled = Object.entries(variables)
    .filter(([name]) => name !== 'XDG_CACHE_HOME')
    .map(([name, value]) => [name, value.replace('$CI_PROJECT_DIR', world.folder)]);
  const env: Env = {
    ...world.env,
    ...(Object.fromEntries(filled) as Env),
    PATH: [join(root, 'bin'), world.env['PATH']].join(delimiter),
    CI_COMMIT_REF_SLUG: 'main',
  };
  for (const line of [...before_script, ...after_script]) shell(line, world.folder, env);
  assert.match(world.read('hoist.md'), /\| .*api/);
  assert.equal(world.processes(), []);
});

ci.run();
