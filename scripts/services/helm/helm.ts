// Runs helm, whose output may repeat what it was given: secrets are taken out of all that it says.

import { ServicesError } from '../../base/errors.ts';
import { ExecError, type Command, type Exec } from '../../host/exec.ts';

/** Shorter values cannot be distinguished from ordinary words; they are not taken out of messages. */
const SHORTEST_SECRET = 4;
const SHOWN_LINES = 10;

export interface HelmCall {
  command: Command;
  env: Readonly<Record<string, string | undefined>>;
  /** Written to its stdin. */
  input?: string;
  /** What must not show up in messages. */
  secrets: readonly string[];
  signal: AbortSignal;
  /** Called with each line of stderr: warnings of helm and of the API server. */
  onWarning?: (line: string) => void;
}

/**
 * Runs helm and resolves with its stdout.
 * @throws HelmError with what helm said
 */
export async function runHelm(exec: Exec, run: HelmCall): Promise<string> {
  const hide = redactor(run.secrets);
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

/** Takes the values, also in base64 and as JSON writes them, out of a text. */
function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    JSON.stringify(secret).slice(1, -1),
    ...secret.split('\n'),
  ]);
  // Longest first, so that no rest of one that contains another stays.
  const needles = [...new Set(forms)]
    .filter((form) => form.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  return (text) => needles.reduce((left, needle) => left.replaceAll(needle, '[redacted]'), text);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
