// Keeps the evidence of why a creation failed, before the containers are removed.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { isFileName } from '../../../base/names.ts';
import { containerLog, inspectContainer, listContainers } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { jsonLines } from '../../../docker/streams.ts';
import { clusterLabels } from '../nodes/labels.ts';

interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  time: number;
}

/**
 * Writes each node's log and inspection, the engine's events of this cluster and k3d's output into a folder.
 * What cannot be had is left out: this runs when things are broken already.
 * @param since when the creation began, in ms since the epoch.
 */
export async function collectDiagnostics(
  engine: DockerClient,
  cluster: string,
  folder: string,
  { output, since, until }: { output: readonly string[]; since: number; until: number },
): Promise<void> {
  await makeFolder(folder, 0o700);
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 });
  const attempt = (act: () => Promise<void>): Promise<void> => act().catch(() => undefined);
  const found = await listContainers(engine, clusterLabels(cluster)).catch(() => []);
  const containers = found.filter(({ name }) => isFileName(name));
  await Promise.all([
    attempt(() => write('k3d.log', `${output.join('\n')}\n`)),
    attempt(async () => {
      const events: string[] = [];
      const answer = await engine.stream({
        path: '/events',
        query: { since: since / 1000, until: until / 1000, filters: { label: [`k3d.cluster=${cluster}`] } },
      });
      for await (const { time, Type, Action, Actor } of jsonLines<EngineEvent>(answer)) {
        const name = Actor.Attributes['name'] ?? Actor.ID;
        events.push(`${new Date(time * 1000).toISOString()} ${Type} ${Action} ${name}`);
      }
      await write('events.log', `${events.join('\n')}\n`);
    }),
    ...containers.flatMap(({ id, name }) => [
      attempt(async () => {
        const lines: string[] = [];
        for await (const line of containerLog(engine, id, { follow: false, tail: 2000, timestamps: true })) {
          lines.push(line);
        }
        await write(`${name}.log`, `${lines.join('\n')}\n`);
      }),
      attempt(async () =>
        write(`${name}.json`, JSON.stringify(withoutSecrets(await inspectContainer(engine, id)), null, 2)),
      ),
    ]),
  ]);
}

/** The cluster's token stands in its labels and in the nodes' environment. */
function withoutSecrets(details: object): unknown {
  const secret = /token|password|secret/i;
  return JSON.parse(JSON.stringify(details), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (secret.test(key)) return '…';
    return /^[A-Z0-9_]*(TOKEN|PASSWORD|SECRET|PROXY)[A-Z0-9_]*=/i.test(value) ? value.replace(/=.*/s, '=…') : value;
  });
}
