// Which shell runs a command, and what of the command is rewritten before.

import type { Action } from '../file/model.ts';

const POWERSHELL = /^(powershell|pwsh)$/;

/** `sh -e -c`, or the shell that the action names for this platform. */
export function shellOf(shell: Action['shell'], platform: NodeJS.Platform): { file: string; args: string[] } {
  const own = platform === 'win32' ? shell?.windows : platform === 'darwin' ? shell?.darwin : shell?.linux;
  const file = own ?? (platform === 'win32' ? 'powershell' : 'sh');
  if (POWERSHELL.test(file)) return { file, args: ['-Command', "$ErrorActionPreference = 'Stop';"] };
  return file === 'cmd' && platform === 'win32' ? { file, args: ['/c'] } : { file, args: ['-e', '-c'] };
}

/** The command with `./uds ` and its like as the configuration has them. */
export function rewritten(cmd: string, commands: Readonly<Record<string, string>>): string {
  return Object.entries(commands).reduce((text, [name, target]) => text.replaceAll(`./${name} `, `${target} `), cmd);
}
