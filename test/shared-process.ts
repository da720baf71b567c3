// One process for many test files, one after another: starting Node and loading the code again for each costs as much as its tests.

import { type ChildProcess, spawn } from 'node:child_process';

/** How a file ended: its exit code; null for a signal; a sentence where it was stopped from outside. */
export interface Ended {
  code: number | null | string;
  output: string;
}

/** The line that ends the output of a file: no test writes it. */
export function fileEnd(code: number | string | undefined): string {
  return `\u0000file ended: ${code ?? 0}`;
}

const END = /\n\u0000file ended: (\d+)\n$/;

export class SharedProcess {
  readonly #child: ChildProcess;
  #output = '';
  #onEnd: ((code: number | null) => void) | undefined;

  /** @param program the bundled `file-after-file.ts` */
  constructor(program: string, options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#child = spawn(process.execPath, [program], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output += chunk;
      const code = END.exec(this.#output)?.[1];
      if (code === undefined) return;
      this.#output = this.#output.replace(END, '');
      this.#onEnd?.(Number(code));
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.#output += chunk));
    // A file may end the process while the next path is on its way to it.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('close', (code) => this.#onEnd?.(code));
  }

  /**
   * Runs one file; not two at a time. After one that failed the process is of no more use.
   * @param file path of a bundled test file
   * @param limitMs ms after which it is killed
   */
  async run(file: string, limitMs: number): Promise<Ended> {
    this.#output = '';
    const late = { passed: false };
    const timer = setTimeout(() => {
      late.passed = true;
      this.kill();
    }, limitMs);
    const code = await new Promise<number | null>((resolve) => {
      this.#onEnd = resolve;
      this.#child.stdin?.write(`${file}\n`);
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) resolve(this.#child.exitCode);
    });
    this.#onEnd = undefined;
    clearTimeout(timer);
    return { code: late.passed ? `took longer than ${limitMs / 1000} s` : code, output: this.#output };
  }

  /** With what its files started. */
  kill(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
