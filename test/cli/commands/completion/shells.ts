// A folder with something of each kind to complete, and the three shells, which complete lines as for a person.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { runCompletion } from '../../../../scripts/cli/commands/completion/run.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import { commands } from '../../../../scripts/cli/commands.ts';

const bin = fileURLToPath(new URL('../../../../bin', import.meta.url));

export type Shell = 'sh' | 'bash' | 'zsh' | 'fish';

export const has = (shell: Shell): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

export async function scriptOf(shell: string): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) !== '' };
  await runCompletion([shell], commands, { stdout } as unknown as Io);
  return text;
}

/** Tasks with a space, a quote and a substitution in their names, those of an include, and a folder called like one. */
const TASKS = `
includes: [{ sub: ./sub.yaml }]
tasks:
  - name: default
    actions: [{ cmd: 'true' }]
  - name: build
    description: "Builds: all of it"
    actions: [{ cmd: 'true' }]
  - name: with space
    actions: [{ cmd: 'true' }]
  - name: wait $(touch ran)
    actions: [{ cmd: 'true' }]
`;

export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'hoist-completion-'));
  readonly env: Record<string, string>;

  constructor() {
    const { PATH = '' } = process.env;
    const home = join(this.folder, 'home');
    mkdirSync(home);
    mkdirSync(join(this.folder, 'build'));
    mkdirSync(join(this.folder, 'state/hoist/clusters/dev'), { recursive: true });
    this.write('tasks.yaml', TASKS);
    this.write('sub.yaml', "tasks: [{ name: one, description: it's one, actions: [{ cmd: 'true' }] }]\n");
    this.write('other.yaml', "tasks: [{ name: elsewhere, actions: [{ cmd: 'true' }] }]\n");
    this.write('kubeconfig', 'contexts: [{ name: "staging:eu", context: { cluster: c, user: u } }]\n');
    this.env = {
      PATH: [bin, PATH].join(delimiter),
      HOME: home,
      XDG_STATE_HOME: join(this.folder, 'state'),
      KUBECONFIG: join(this.folder, 'kubeconfig'),
      TERM: 'xterm',
      LC_ALL: 'C.UTF-8',
    };
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @throws assertion error where the shell writes errors */
  run(shell: Shell, args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(shell, args, {
      encoding: 'utf8',
      cwd: this.folder,
      env: this.env,
      timeout: 60_000,
    });
    assert.equal([status, stderr], [0, ''], stdout);
    return stdout;
  }
}
