// Runs helm, whose output may repeat what it was given: secrets are taken out of all that it says.

import { ServicesError } from '../../base/errors.ts';
import { createRedactor } from '../../base/redact/redactor.ts';
import { ExecError, type Command, type Exec } from '../../host/exec.ts';

const SHOWN_LINES = 10;

export interface HelmRun {
  command: Command;
  env: Readonly<Record<string, string | undefined>>;
  /** Written to its stdin. */
  input?: string;
  /** What must not show up in messages. */
  secrets: readonly string[];
  signal: AbortSignal;
  /** Told each line of stderr: warnings of helm and of the API server. */
  onWarning?: (line: string) => void;
}

/**
 * Runs helm and resolves with its stdout.
 * @throws HelmError with what helm said
 */
export async function runHelm(exec: Exec, run: HelmRun): Promise<string> {
  const redactor = createRedactor({ values: run.secrets.flatMap((secret) => [secret, ...secret.split('\n')]) });
  const hide = (text: string): string => redactor.text(text);
  try {
    const result = await exec({
      ...run.command,
      env: run.env,
      signal: run.signal,
      ...(run.input === undefined ? {} : { input: run.input }),
    });
    for (const line of linesOf(result.stderr)) run.onWarning?.(hide(line));
    return result.stdout;
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof ExecError)) throw error;
    const said = linesOf(error.details.stderr).filter((line) => !line.startsWith('WARNING:'));
    const ended = error.details.reason === 'exit' && said.length > 0;
    const message = ended
      ? said
          .slice(-SHOWN_LINES)
          .join('\n')
          .replace(/^Error: /, '')
      : error.message;
    throw new HelmError(hide(message), { hint: error.hint });
  }
}

/** Helm ended with an error; the message is its own. */
export class HelmError extends ServicesError {}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
