// Runs a command within the test's own process, in a folder of its own, and keeps what it wrote.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { InterruptedError, exitCodeOf } from '../../scripts/base/errors.ts';
import { parseArguments } from '../../scripts/cli/arguments.ts';
import type { Io } from '../../scripts/cli/command.ts';
import { commands } from '../../scripts/cli/commands.ts';

export interface Invoked {
  code: number;
  stdout: string;
  stderr: string;
  /** The message of what it threw. */
  error: string;
}

export interface Place {
  folder: string;
  write(file: string, text: string): void;
  /**
   * Runs `hoist NAME ARGV…` in the folder.
   *
   * @param until what it has written when it is interrupted
   */
  invoke(
    name: string,
    argv: readonly string[],
    env?: Readonly<Record<string, string>>,
    until?: RegExp,
  ): Promise<Invoked>;
  close(): void;
}

/** Of a command that finds nothing outside of a folder, and whose output goes nowhere. */
export function ioIn(folder: string, env: Readonly<Record<string, string>> = {}, cwd = folder): Io {
  const sink = (): NodeJS.WriteStream => new PassThrough().resume() as unknown as NodeJS.WriteStream;
  return {
    env: {
      PATH: process.env['PATH'],
      HOME: join(folder, 'home'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      DOCKER_HOST: `unix://${folder}/no-engine.sock`,
      ...env,
    },
    cwd,
    stdout: sink(),
    stderr: sink(),
    signal: new AbortController().signal,
  };
}

export function createPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-cli-'));
  return {
    folder,
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    async invoke(name, argv, env = {}, until) {
      const stop = new AbortController();
      const written = { stdout: '', stderr: '' };
      const sink = (key: keyof typeof written): NodeJS.WriteStream => {
        const stream = new PassThrough();
        stream.on('data', (chunk: Buffer) => {
          written[key] += chunk.toString();
          if (until?.test(written[key]) === true) stop.abort(new InterruptedError('SIGINT'));
        });
        return stream as unknown as NodeJS.WriteStream;
      };
      const io = { ...ioIn(folder, env), stdout: sink('stdout'), stderr: sink('stderr'), signal: stop.signal };
      const result = { code: 0, error: '' };
      try {
        const spec = await commands.find((one) => one.name === name)?.load();
        if (spec === undefined) throw new Error(`there is no command ${name}`);
        result.code = await spec.run(parseArguments(spec, argv), io);
      } catch (error) {
        result.code = exitCodeOf(error);
        result.error = error instanceof Error ? error.message : String(error);
      }
      // What was written is on its way through the streams.
      await new Promise((resolve) => setImmediate(resolve));
      return { ...result, ...written };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
