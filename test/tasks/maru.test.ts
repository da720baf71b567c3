// The same generated task files through real maru and through `run`: same commands, environment, variables and success.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import { exec } from '../../scripts/host/execa.ts';
import { readMaruConfig } from '../../scripts/tasks/includes/maru-config.ts';
import { prepareTasks, runPrepared } from '../../scripts/tasks/run-tasks.ts';

const differential = suite('tasks: as maru');
const maru = spawnSync('maru', ['version'], { stdio: 'ignore' }).error === undefined;
const FILES = 300;
/** Another one makes other files: `MARU_SEED=1000`. */
const FIRST_SEED = Number(process.env['MARU_SEED'] ?? 1);

/** A generator of numbers that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Generated {
  files: Record<string, string>;
  args: string[];
  set: Map<string, string>;
  with: Map<string, string>;
  env: Record<string, string>;
}

/** maru's templates break where it quotes a text again, so none of them holds double quotes. What each command writes: its number, then everything that came from the file. */
const LOG = 'env | grep -E "^(V[0-9]|INPUT_|E[0-9]|F[0-9]|MARU=)" | sort | paste -sd ";" - >> "$LOG"';
const WORDS = ['a', 'b', 'two words', 'x-y', 'a/b.c', 'UPPER', 'dollar${V0}', '1.5e', 'true', '007'];

function generate(seed: number): Generated {
  const random = randomOf(seed);
  const int = (n: number): number => Math.floor(random() * n);
  const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T;
  const quoted = (text: string): string => JSON.stringify(text);
  let commands = 0;

  const inputsOf = new Map<string, string[]>();
  const taskNames = Array.from({ length: 2 + int(4) }, (_, i) => `t${i}`);
  const included = Array.from({ length: int(3) }, (_, i) => `i${i}`);
  const deep = included.length > 0 && random() < 0.4 ? ['d0'] : [];
  for (const name of [...taskNames, ...included, ...deep]) inputsOf.set(name, ['a', 'b-c', 'd'].slice(0, int(4)));

  // What a task does not declare is exported to it all the same. Each of its calls gives it: maru keeps that of an earlier one.
  const undeclared = new Set([...inputsOf.keys()].filter(() => random() < 0.1));
  const textWith = (inputs: readonly string[]): string => {
    const parts = ['w'];
    for (const name of inputs) if (random() < 0.5) parts.push(`\${{ index .inputs \`${name}\` }}`);
    if (random() < 0.4) parts.push(`\${{ .variables.V${int(2)} }}`);
    if (random() < 0.15) {
      parts.push(`\${{ if ${condition(inputs)} }}yes\${{ else }}no\${{ end }}`);
    }
    return parts.join('.');
  };
  const comparison = (inputs: readonly string[]): string => {
    const name = inputs[0];
    const left = name === undefined ? '.variables.V0' : `(index .inputs \`${name}\`)`;
    return `${pick(['eq', 'ne'])} ${left} ${pick(['`a`', '`b`', '`x-y`'])}`;
  };
  const condition = (inputs: readonly string[]): string => {
    const kind = random();
    if (kind < 0.5) return comparison(inputs);
    if (kind < 0.65) return `not (${comparison(inputs)})`;
    return `${pick(['and', 'or'])} (${comparison(inputs)}) (${comparison([])})`;
  };
  const action = (inputs: readonly string[], calls: readonly string[]): string => {
    const kind = random();
    const keys: string[] = [];
    if (random() < 0.25) {
      keys.push(`if: \${{ ${condition(inputs)} }}`);
    }
    if (kind < 0.35 && calls.length > 0) {
      const target = pick(calls);
      const declared = inputsOf.get(target.replace(/^(inc|deep):/, '')) ?? [];
      const given = [...declared, ...(undeclared.has(target.replace(/^.*:/, '')) ? ['extra'] : [])];
      keys.push(`task: ${target}`);
      if (given.length > 0)
        keys.push(
          `with:\n${given.map((name) => `          ${name}: ${quoted(pick([...WORDS.slice(0, 7), '${V1}', textWith(inputs)]))}`).join('\n')}`,
        );
      return keys.join('\n        ');
    }
    const id = commands++;
    const sets = random() < 0.2 ? `V${int(4)}` : undefined;
    const body = [`echo "${id} ${textWith(inputs)} $V0 $INPUT_A" >> "$LOG"`, LOG];
    if (sets !== undefined) body.push(`echo "  set${id} "`);
    if (random() < 0.06) body.push('false');
    keys.push(`cmd: |\n          ${body.join('\n          ')}`);
    if (sets !== undefined) {
      const pattern =
        random() < 0.3 ? `\n            pattern: ${quoted(pick(['^set', 'et\\d+$', '^x', '(?i)SET']))}` : '';
      keys.push(`setVariables:\n          - name: ${sets}${pattern}`);
    }
    if (random() < 0.2) keys.push(`env:\n          - E${int(3)}=${pick(['e', 'e-${V0}', 'e=f'])}`);
    if (random() < 0.1) keys.push('dir: sub');
    if (random() < 0.1) keys.push('mute: true');
    if (random() < 0.1) keys.push('shell: {linux: bash}');
    if (random() < 0.1) keys.push(`maxRetries: ${int(3)}`);
    if (random() < 0.1) keys.push('maxTotalSeconds: 30');
    if (random() < 0.2) keys.push(`description: step ${id}`);
    return keys.join('\n        ');
  };
  const task = (name: string, calls: readonly string[]): string => {
    const inputs = inputsOf.get(name) ?? [];
    const declared = inputs.map((input) => {
      const value = random() < 0.5 ? `\n        default: ${quoted(pick(WORDS.slice(0, 6)))}` : '';
      const deprecated = random() < 0.1 ? '\n        deprecatedMessage: use another one' : '';
      return `      ${input}:\n        description: x${value}${deprecated}`;
    });
    const actions = Array.from({ length: 1 + int(4) }, () => `      - ${action(inputs, calls)}`);
    return `  - name: ${name}\n${declared.length > 0 ? `    inputs:\n${declared.join('\n')}\n` : ''}    actions:\n${actions.join('\n')}\n`;
  };
  const patterned = (): string =>
    random() < 0.15 ? `    pattern: ${quoted(pick(['^[a-zA-Z]', '.', '^\\S+$', '(?s).*']))}\n` : '';
  const variable = (i: number): string => `  - name: V${i}\n    default: ${quoted(pick(WORDS))}\n${patterned()}`;
  const variables = `variables:\n${[0, 1].map(variable).join('')}`;
  const tasks = taskNames.map((name, i) =>
    task(name, [...taskNames.slice(i + 1), ...included.map((one) => `inc:${one}`)]),
  );
  const files: Record<string, string> = {
    'tasks.yaml': `${included.length > 0 ? 'includes:\n  - inc: lib/inc.yaml\n' : ''}${variables}tasks:\n${tasks.join('')}`,
    'sub/keep': '',
  };
  if (included.length > 0) {
    const own = `variables:\n  - name: V2\n    default: ${quoted(pick(WORDS))}\n  - name: V1\n    default: hidden\n`;
    const calls = deep.map((name) => `deep:${name}`);
    const inner = deep.length > 0 ? 'includes:\n  - deep: ../deep.yaml\n' : '';
    files['lib/inc.yaml'] =
      `${inner}${own}tasks:\n${included.map((name, i) => task(name, [...included.slice(i + 1), ...calls])).join('')}`;
    if (deep.length > 0) files['deep.yaml'] = `tasks:\n${deep.map((name) => task(name, [])).join('')}`;
  }
  const set = new Map<string, string>(random() < 0.3 ? [['v0', pick(WORDS.slice(0, 6))]] : []);
  const given = new Map(
    (inputsOf.get('t0') ?? []).filter(() => random() < 0.6).map((name) => [name, pick(WORDS.slice(0, 6))]),
  );
  const env: Record<string, string> = random() < 0.3 ? { MARU_V1: pick(WORDS.slice(0, 6)) } : {};
  const args = [
    'run',
    't0',
    '--no-progress',
    ...[...set].flatMap(([k, v]) => ['--set', `${k}=${v}`]),
    ...[...given].flatMap(([k, v]) => ['--with', `${k}=${v}`]),
  ];
  return { files, args, set, with: given, env };
}

function folderOf({ files }: Generated): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-maru-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, 'log'), '');
  return folder;
}

async function ours(made: Generated): Promise<{ good: boolean; log: string }> {
  const folder = folderOf(made);
  const ignore = (): undefined => undefined;
  try {
    const options = {
      file: 'tasks.yaml',
      tasks: ['t0'],
      set: made.set,
      with: made.with,
      jobs: 8,
      quiet: true,
      env: { PATH: process.env['PATH'], HOME: folder, LOG: join(folder, 'log'), ...made.env },
      cwd: folder,
      clock: systemClock,
      exec,
      signal: new AbortController().signal,
      sinks: { stdout: ignore, stderr: ignore },
      subscribers: [],
      cacheHome: folder,
      say: ignore,
      config: await readMaruConfig({}, folder),
    };
    const good = await prepareTasks(options).then(
      async (prepared) => (await runPrepared(prepared, options)).error === undefined,
      (error: unknown) => {
        if (error instanceof ConfigError) return false;
        throw error;
      },
    );
    return { good, log: readFileSync(join(folder, 'log'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function theirs(made: Generated): { good: boolean; log: string } {
  const folder = folderOf(made);
  const env = { PATH: process.env['PATH'], HOME: folder, LOG: join(folder, 'log'), ...made.env };
  const { status } = spawnSync('maru', made.args, { cwd: folder, env, stdio: 'ignore' });
  const log = readFileSync(join(folder, 'log'), 'utf8');
  rmSync(folder, { recursive: true });
  return { good: status === 0, log };
}

(maru ? differential : differential.skip)(`${FILES} generated files`, async () => {
  let [failed, lines] = [0, 0];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + FILES; seed++) {
    const made = generate(seed);
    const expected = theirs(made);
    const actual = await ours(made);
    const told = JSON.stringify({ seed, maru: expected, run: actual }, null, 1);
    assert.equal(
      actual,
      expected,
      `${told}
${made.files['tasks.yaml'] ?? ''}`,
    );
    failed += expected.good ? 0 : 1;
    lines += expected.log.split('\n').length;
  }
  // Otherwise the files would say little.
  assert.ok(failed > FILES / 50 && failed < FILES / 2, `${failed} of ${FILES} failed`);
  assert.ok(lines > FILES * 2);
});

differential.run();
