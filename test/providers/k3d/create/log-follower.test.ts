import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectDocker, type DockerClient } from '../../../../scripts/docker/client.ts';
import { followLogs, type LogFollower } from '../../../../scripts/providers/k3d/create/log-follower.ts';
import { type EngineDouble, startEngine } from '../../../doubles/k3d-engine.ts';

interface Context {
  double: EngineDouble;
  engine: DockerClient;
  logs: LogFollower | undefined;
  start(lines: readonly string[]): Promise<unknown>;
  make(node: string): Promise<unknown>;
  /** Resolves when the engine's events, or the log of that node, are followed. */
  followed(what: string): Promise<void>;
}

const follower = suite<Context>('following the logs of nodes');
const NODE = 'k3d-dev-agent-0';
const FATAL = 'time="2026-11-22T11:10:36Z" level=fatal msg="kubelet exited: exit status 2"';
const HOUR_MS = 3_600_000;

/** Something that happens once. */
class Moment {
  reached!: () => void;
  readonly promise = new Promise<void>((resolve) => (this.reached = resolve));
}

follower.before.each(async (context) => {
  const follows = new Map<string, Moment>();
  const followed = (what: string): Moment => {
    const known = follows.get(what) ?? new Moment();
    follows.set(what, known);
    return known;
  };
  const onFollow = (what: string): void => followed(what).reached();
  const double = await startEngine({ kubeconfig: '', apiPort: '1', onFollow });
  const engine = connectDocker({ host: double.host, source: 'test' });
  const post = (path: string, body: object) => engine.json({ method: 'POST', path, body });
  const make = (name: string) => post('/double/container', { name, labels: { app: 'k3d', 'k3d.role': 'agent' } });
  await make(NODE);
  Object.assign(context, {
    ...{ double, engine, logs: undefined },
    start: (lines: readonly string[]) => post('/double/start', { name: NODE, lines }),
    ...{ make, followed: (what: string) => followed(what).promise },
  });
});
follower.after.each(async ({ double, engine, logs }) => {
  logs?.stop();
  engine.close();
  await double.close();
});

follower('a new node that says it ends has failed at once', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  await context.start([FATAL]);
  logs.follow(NODE);
  assert.equal(await logs.trouble, { node: NODE, line: FATAL });
});

follower('a node that ran before may end once and begin again', async (context) => {
  const logs = (context.logs = followLogs(context.engine, true, HOUR_MS));
  logs.follow(NODE);
  await context.start([FATAL]);
  await context.followed(NODE);
  // What ends the log comes behind its line. The engine starts it again by itself.
  const node = context.double.containers.get(NODE);
  if (node) node.state = 'restarting';
  for (const follow of node?.followers ?? []) follow.end();
  node?.followers.clear();
  await context.start(['time="…" level=info msg="Wrote kubeconfig"']);
  await logs.kubeconfig;
  assert.not.ok(logs.lines.get(NODE)?.includes(FATAL));
  assert.is(await Promise.race([logs.trouble, Promise.resolve('none yet')]), 'none yet');
});

follower('one that ran before, says it ends and does not begin again has failed', async (context) => {
  const logs = (context.logs = followLogs(context.engine, true, 10));
  logs.follow(NODE);
  await context.start([FATAL]);
  assert.equal(await logs.trouble, { node: NODE, line: FATAL });
});

follower('a node whose k3s the kernel killed has failed, with the limit that it outgrew', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  await context.start(['info']);
  logs.follow(NODE);
  const node = context.double.containers.get(NODE);
  if (node) Object.assign(node, { processes: ['/bin/sh'], memory: 5 });
  await context.followed('events');
  context.double.killIn(NODE);
  assert.equal(await logs.trouble, { node: NODE, line: 'k3s was killed', outgrown: 5 });
});

follower('a pod that the kernel killed, and a node that is not followed, are no trouble', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  await context.start(['info']);
  const [other, last] = ['k3d-other-agent-0', 'k3d-dev-agent-1'];
  for (const name of [other, last]) {
    await context.make(name);
    const node = context.double.containers.get(name);
    if (node) Object.assign(node, { processes: ['/bin/sh'], state: 'running' });
  }
  for (const name of [NODE, last]) logs.follow(name);
  await context.followed('events');
  // Looked at one after the other: the first two would be the trouble, were they any.
  for (const name of [NODE, other, last]) context.double.killIn(name);
  assert.is((await logs.trouble).node, last);
});

follower('the engine itself may say that a node that ended outgrew its memory', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  const node = context.double.containers.get(NODE);
  if (node) Object.assign(node, { oomKilled: true, memory: 7 });
  await context.start([FATAL]);
  logs.follow(NODE);
  assert.equal(await logs.trouble, { node: NODE, line: FATAL, outgrown: 7 });
});

follower('a container that ends without a word, or with blank ones, has failed', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  const node = context.double.containers.get(NODE);
  if (node) Object.assign(node, { state: 'exited', lines: [] });
  logs.follow(NODE);
  assert.equal(await logs.trouble, { node: NODE, line: 'its container ends without a word' });
  const other = (context.logs = followLogs(context.engine, false, HOUR_MS));
  if (node) node.lines = ['last word', '  '];
  other.follow(NODE);
  assert.is((await other.trouble).line, 'last word');
});

follower.run();
