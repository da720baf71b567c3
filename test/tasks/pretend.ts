// Children that are none, so that a test of what runs when costs no process.

import type { StartChild } from '../../scripts/host/child.ts';

export interface Pretend {
  start: StartChild;
  /** The commands so far, in the order in which they were started. */
  ran: string[];
  /** Environment of the command that started last. */
  env(): Readonly<Record<string, string | undefined>>;
}

/**
 * Commands are statements between ";": `say TEXT` with `$NAME` replaced, `fail CODE`, `fail CODE TIMES` for the first
 * attempts alone, `hang` until a signal comes, `die CODE` a turn after the next command has started.
 */
export function pretend(): Pretend {
  const ran: string[] = [];
  const attempts = new Map<string, number>();
  const dying: (() => void)[] = [];
  let last: Readonly<Record<string, string | undefined>> = {};
  const start: StartChild = async ({ args, env, onData }) => {
    const command = args.at(-1) ?? '';
    ran.push(command);
    last = env;
    for (const die of dying.splice(0)) setImmediate(die);
    const attempt = (attempts.get(command) ?? 0) + 1;
    attempts.set(command, attempt);
    let end: (ended: { code: number | null; signal: NodeJS.Signals | null }) => void = () => undefined;
    const ended = new Promise<Parameters<typeof end>[0]>((resolve) => (end = resolve));
    let code = 0;
    let lasts = false;
    for (const statement of command.split(';')) {
      const [word = '', ...rest] = statement.trim().split(' ');
      const text = rest.join(' ').replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '');
      if (word === 'say') await onData('stdout', Buffer.from(`${text}\n`));
      if (word === 'fail' && attempt <= Number(rest[1] ?? Infinity)) code = Number(rest[0]);
      if (word === 'hang' || word === 'die') lasts = true;
      if (word === 'die') dying.push(() => end({ code: Number(rest[0]), signal: null }));
    }
    // A running child keeps the process alive.
    const running = setInterval(() => undefined, 1_000);
    void ended.then(() => clearInterval(running));
    // As long as a real one: it has not ended when its start is known.
    if (!lasts) setImmediate(() => end({ code, signal: null }));
    return {
      // No process of this number, nor a group, can exist.
      pid: 2 ** 30 + ran.length,
      ended,
      closed: ended.then(() => undefined),
      signal(signal) {
        if (signal !== 0) end({ code: null, signal });
        return false;
      },
      detach: () => undefined,
    };
  };
  return { start, ran, env: () => last };
}
