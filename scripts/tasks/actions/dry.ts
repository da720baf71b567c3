// What --dry-run shows instead of running an action: the command, and the values of the variables that it names.

import { visible } from '../../base/terminal-text.ts';
import type { Action } from '../file/model.ts';
import { prepareCommand } from './kinds/command.ts';
import { Scene, labelOf } from './render.ts';
import type { Flow, Frame, Runtime } from './runtime.ts';

/** Stands for a value that only a run gives. */
const UNKNOWN = 'dry run';

/** Whether a text depends on what only a run gives. */
export function isUnknown(text: string, flow: Flow): boolean {
  return [...flow.variables.entries()].some(([name, { source }]) => source === UNKNOWN && text.includes(name));
}

export function showAction(action: Action, frame: Frame, flow: Flow, runtime: Runtime): void {
  const scene = new Scene(runtime, frame, flow.variables);
  const { work } = action;
  const entry = runtime.ledger.begin(`${frame.task.name}: ${labelOf(action, scene)}`, undefined);
  const channel = runtime.output.open(entry.name, { mute: false, background: false });
  const show = (stream: 'stdout' | 'stderr', text: string): void =>
    // Written past the guard of the terminal, and a command must not be able to hide a part of itself.
    void channel.write(stream, Buffer.from(`${visible(text)}\n`));
  if (work.kind === 'cmd') {
    const { cmd, env } = prepareCommand(work.cmd, action, scene);
    for (const name of namesIn(cmd)) {
      const known = flow.variables.get(name) !== undefined || name.startsWith('INPUT_');
      if (known && env[name] !== undefined) show('stderr', `    ${name}=${env[name]}`);
    }
    show('stdout', cmd.trimEnd());
  } else show('stdout', `# ${labelOf(action, scene)}`);
  for (const { name } of action.setVariables) {
    flow.variables.set(name.value, { text: `\${${name.value}}`, source: UNKNOWN, sensitive: false });
  }
  channel.end();
  entry.end('done');
}

function namesIn(cmd: string): Set<string> {
  return new Set([...cmd.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''));
}
