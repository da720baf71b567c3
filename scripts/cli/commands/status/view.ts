// A cluster's status as lines for people: pure.

import type { Style } from '../../../progress/style.ts';
import { plain } from '../../../base/layout.ts';
import type { ClusterStatus } from '../../../providers/provider.ts';

export function statusLines(status: ClusterStatus, lastRun: string | undefined, style: Style, now: Date): string[] {
  const paint = { running: style.good, degraded: style.warn, stopped: style.bad }[status.state];
  const mark = (ok: boolean): string => (ok ? style.good(style.marks.done) : style.bad(style.marks.failed));
  // Names, roles and reasons are the server's.
  const fact = (name: string, value: string): string => `  ${style.dim(name.padEnd(12))}${plain(value)}`;
  const width = Math.max(...[...status.components, ...status.nodes].map((item) => plain(item.name).length)) + 2;
  return [
    `${style.bold(plain(status.name))}  ${paint(status.state)}  ${status.provider}`,
    fact('address', status.server ?? '-'),
    fact('context', status.context),
    fact('age', age(now.getTime() - Date.parse(status.createdAt))),
    fact('location', status.location),
    fact('last run', lastRun ?? '-'),
    ...(status.components.length > 0 ? ['  components'] : []),
    ...status.components.map((c) => {
      const about = [
        plain(c.detail),
        c.pid && `pid ${c.pid}`,
        portOf(status, c.name),
        c.ageMs !== undefined && age(c.ageMs),
      ];
      return `    ${mark(c.ok)} ${plain(c.name).padEnd(width)}${about.filter(Boolean).join(', ')}`;
    }),
    ...(status.nodes.length > 0 ? ['  nodes'] : []),
    ...status.nodes.map(
      (n) =>
        `    ${mark(n.ready)} ${plain(n.name).padEnd(width)}${plain(`${n.role}, ${n.ready ? 'Ready' : (n.why ?? 'NotReady')}`)}`,
    ),
  ];
}

function portOf({ ports }: ClusterStatus, component: string): string | undefined {
  const key = component.replace(/^kube-/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const port = ports[key];
  return port === undefined ? undefined : `port ${port}`;
}

/** `4m12s`, `3h05m`, `2d04h`: as kubectl writes ages. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`;
  return `${Math.floor(s / 86_400)}d${two(Math.floor((s % 86_400) / 3600))}h`;
}
