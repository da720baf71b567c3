// A folder of someone else: what only looks runs none of its code, and writes nothing but hoist's own cache.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Context {
  folder: string;
  /** Written by whatever of the folder runs. */
  proof: string;
}

const strange = suite<Context>('a strange folder', { folder: '', proof: '' });

const READ_ONLY: readonly (readonly string[])[] = [
  ['status'],
  ['compare'],
  ['tools', 'list'],
  ['up', '--plan'],
  ['doctor'],
  ['up', '--plan', '--output', 'json'],
];

strange.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-strange-'));
  const proof = join(folder, 'proof');
  Object.assign(context, { folder, proof });
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text, { mode: 0o755 });
  };
  const code = `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(proof)}, import.meta.url + '\\n');\n`;
  write('repo/evil.ts', code);
  const packages = ['zod', 'yaml', 'execa', 'zx', 'undici', 'p-limit', '*', 'node:*', './*', '../*'];
  const paths = Object.fromEntries(packages.map((name) => [name, ['./evil.ts']]));
  write('repo/tsconfig.json', JSON.stringify({ compilerOptions: { baseUrl: '.', paths } }));
  write('repo/steps/seed.ts', `${code}export default { async run() {} };\nexport const data = { async run() {} };\n`);
  write('repo/steps/broken.ts', 'export default { run( {} };\n');
  const shell = `#!/bin/sh\necho "$0" >> ${proof}\n`;
  for (const tool of ['docker', 'k3d', 'helm', 'kubectl', 'node', 'tsx', 'git', 'tar', 'login'])
    write(`repo/${tool}`, shell);
  write('repo/node_modules/zod/index.js', `require('fs').appendFileSync(${JSON.stringify(proof)}, 'node_modules')`);
  write('repo/.env', `HOIST_TOOL_HELM=${folder}/repo/helm\n`);
  write(
    'repo/kubeconfig',
    JSON.stringify({
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [
        {
          name: 'u',
          user: {
            exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './login', interactiveMode: 'Never' },
          },
        },
      ],
    }),
  );
  write(
    'repo/charts/web/Chart.yaml',
    JSON.stringify({
      apiVersion: 'v2',
      name: 'web',
      version: '0.1.0',
      dependencies: [{ name: 'inner', version: '0.1.0', repository: 'file://../inner' }],
    }),
  );
  write('repo/charts/inner/Chart.yaml', JSON.stringify({ apiVersion: 'v2', name: 'inner', version: '0.1.0' }));
  write('home/keep', 'mine');
});
strange.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

function settings({ folder }: Context, more: object): void {
  mkdirSync(join(folder, 'repo/config'), { recursive: true });
  const hooks = { before: [`echo hook >> ${folder}/proof`], after: [`echo hook >> ${folder}/proof`] };
  const services = [{ name: 'web', chart: '../charts/web', needs: ['steps/seed/data'] }];
  writeFileSync(
    join(folder, 'repo/config/cluster.yaml'),
    JSON.stringify({ name: 'strange', hooks, services, ...more }),
  );
}

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

function snapshot(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    // doctor asks go for its version, and go keeps count of that.
    (path) => lstatSync(join(folder, path)).isFile() && !/^(cache|hoist|home\/\.config\/go)\//.test(path),
  );
  return Object.fromEntries(files.sort().map((path) => [path, digestOf(join(folder, path))]));
}

function run(
  { folder }: Context,
  argv: readonly string[],
  env: Record<string, string> = {},
): { code: number | null; text: string } {
  const [file = '', ...args] = argv;
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: join(folder, 'repo'),
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: join(folder, 'home'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      TMPDIR: join(folder, 'cache'),
      DOCKER_HOST: `unix://${folder}/no-engine.sock`,
      ...env,
    },
  });
  return { code: status, text: stdout + stderr };
}

/** A copy whose bundle is older than its sources, so that these are run. */
function sourceCheckout(folder: string): string {
  const copy = join(folder, 'hoist');
  if (existsSync(copy)) return copy;
  mkdirSync(copy);
  for (const part of ['scripts', 'bin', 'config', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const WAYS: Readonly<Record<string, (folder: string, command: readonly string[]) => string[]>> = {
  'bin/hoist': (_, command) => [process.execPath, join(ROOT, 'bin/hoist'), ...command],
  'bin/hoist from source': (folder, command) => [
    process.execPath,
    join(sourceCheckout(folder), 'bin/hoist'),
    ...command,
  ],
  'tsx scripts/COMMAND.ts': (_, [name = '', ...rest]) => [
    join(ROOT, 'node_modules/.bin/tsx'),
    join(ROOT, `scripts/${name}.ts`),
    ...rest,
  ],
  'tsx scripts/COMMAND.ts from source': (folder, [name = '', ...rest]) => [
    join(ROOT, 'node_modules/.bin/tsx'),
    join(sourceCheckout(folder), `scripts/${name}.ts`),
    ...rest,
  ],
};

for (const [way, argvOf] of Object.entries(WAYS)) {
  strange(`by ${way} nothing of it runs, and nothing is written outside of the cache`, (context) => {
    const { folder, proof } = context;
    settings(context, { provider: 'embedded' });
    mkdirSync(join(folder, 'cache'));
    const before = snapshot(folder);
    for (const command of way.startsWith('tsx') ? READ_ONLY.slice(-3) : READ_ONLY) {
      const { code, text } = run(context, argvOf(folder, command));
      const what = `${command.join(' ')}: ${code}\n${text}`;
      assert.not.ok(existsSync(proof), what);
      assert.not.match(text, 'bug in hoist', what);
      assert.ok((command[0] === 'compare' ? [2] : [0, 3]).includes(code ?? -1), what);
      assert.equal(snapshot(folder), before, what);
    }
  });
}

strange('--plan names the files of its steps, and a need of a step within one is one of the file', (context) => {
  settings(context, { provider: 'embedded' });
  const { code, text } = run(context, [process.execPath, join(ROOT, 'bin/hoist'), 'up', '--plan']);
  assert.is(code, 0, text);
  assert.match(text, /Your own steps, named by their files;.*\n {2}steps\/broken\.ts\n {2}steps\/seed\.ts/);
  assert.match(text, /release\/web {2}\(and .*steps\/seed|steps\/seed[^]*release\/web/);
});

strange(
  'doctor runs no log-in program of a kubeconfig that the folder names, and asks no server with it',
  (context) => {
    const { proof } = context;
    settings(context, {
      provider: 'existing',
      context: 'c',
      kubeconfig: '../kubeconfig',
      existing: { allow: ['*.example'] },
    });
    for (const command of [['doctor'], ['up', '--plan'], ['status']]) {
      const { text } = run(context, [process.execPath, join(ROOT, 'bin/hoist'), ...command]);
      assert.not.ok(existsSync(proof), text);
      if (command[0] === 'doctor')
        assert.match(text, /was not asked: config\/cluster\.yaml:\d+:\d+ names the kubeconfig/);
    }
    const { text } = run(context, [process.execPath, join(ROOT, 'bin/hoist'), 'doctor', '--kubeconfig', 'kubeconfig']);
    assert.match(readFileSync(proof, 'utf8'), 'login', text);
  },
);

strange.run();
