// What the log lines of nodes and of k3d mean.

/** One line of k3d's own log, without colours. */
export interface K3dLine {
  level: 'info' | 'warning' | 'error' | 'fatal' | 'other';
  message: string;
}

const LOGRUS = /^time="[^"]*" level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S+)/;
// On a terminal, or where colours are forced on: `INFO[0000] Prep: Network`.
const COLOURED = /^(INFO|WARN|ERRO|FATA)\[\d+\] (.*?)\s*$/;

const ESCAPES = /\x1b\[[0-9;]*m/g;
const LEVELS = { INFO: 'info', WARN: 'warning', ERRO: 'error', FATA: 'fatal' } as const;

export function parseK3dLine(line: string): K3dLine {
  const plain = line.replace(ESCAPES, '');
  const logrus = LOGRUS.exec(plain);
  if (logrus) {
    const [, level = '', message = ''] = logrus;
    const known = ['info', 'warning', 'error', 'fatal'].includes(level) ? (level as K3dLine['level']) : 'other';
    return { level: known, message: message.startsWith('"') ? unquote(message) : message };
  }
  const coloured = COLOURED.exec(plain);
  if (coloured) return { level: LEVELS[coloured[1] as keyof typeof LEVELS], message: coloured[2] ?? '' };
  return { level: 'other', message: plain };
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

/** The node whose container k3d is about to start, if the line says so. */
export function startingNode({ message }: K3dLine): string | undefined {
  return /^Starting node '([^']+)'/.exec(message)?.[1];
}

/** Whether k3d waits for an image that the engine pulls, which takes as long as the registry does. */
export function isPull({ message }: K3dLine): boolean {
  return message.startsWith("Pulling image '");
}

/** Each of these ends k3s, or means that it never began. */
const FATAL = [
  /level=fatal/,
  /unknown (?:shorthand )?flag/,
  /invalid argument ".*" for ".*" flag/,
  /flag provided but not defined/,
  /exec format error/,
  /(?:k3s|k3d-entrypoint[\w-]*\.sh): (?:not found|No such file or directory|Permission denied)/i,
  /^touch: \/var\/log\/k3d-entrypoints/,
];
/** A server that joins others may have to try again; k3s ends and is started again. */
const PASSING = /too many learner|etcd cluster join failed|failed to (?:reconcile|bootstrap) with local datastore/i;

/** Whether a line of a node's log says that its k3s has ended or will never run. */
export function isFatal(line: string): boolean {
  return FATAL.some((pattern) => pattern.test(line)) && !PASSING.test(line);
}

/** Whether the server has just written its kubeconfig. */
export function tellsKubeconfig(line: string): boolean {
  return line.includes('Wrote kubeconfig');
}
