import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectDocker, type DockerClient } from '../../../../scripts/docker/client.ts';
import {
  followLogs,
  type LogFollower,
  type NodeTrouble,
} from '../../../../scripts/providers/k3d/create/log-follower.ts';
import { type EngineDouble, startEngine } from '../../../doubles/k3d-engine.ts';

interface Context {
  double: EngineDouble;
  engine: DockerClient;
  logs: LogFollower | undefined;
  start(lines: readonly string[]): Promise<unknown>;
}

const follower = suite<Context>('following the logs of nodes');
const NODE = 'k3d-dev-agent-0';
const FATAL = 'time="2026-11-22T11:10:36Z" level=fatal msg="kubelet exited: exit status 2"';
const HOUR_MS = 3_600_000;

follower.before.each(async (context) => {
  const double = await startEngine({ kubeconfig: '', apiPort: '1' });
  const engine = connectDocker({ host: double.host, source: 'test' });
  const post = (path: string, body: object) => engine.json({ method: 'POST', path, body });
  await post('/double/container', { name: NODE, labels: { app: 'k3d', 'k3d.role': 'agent' } });
  Object.assign(context, {
    ...{ double, engine, logs: undefined },
    start: (lines: readonly string[]) => post('/double/start', { name: NODE, lines }),
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
  while (logs.lines.get(NODE)?.includes(FATAL) !== true) await new Promise((resolve) => setTimeout(resolve, 5));
  // The engine starts it again by itself.
  const node = context.double.containers.get(NODE);
  if (node) node.state = 'restarting';
  for (const follow of node?.followers ?? []) follow.end();
  node?.followers.clear();
  await context.start(['time="…" level=info msg="Wrote kubeconfig"']);
  await logs.kubeconfig;
  assert.is(await Promise.race([logs.trouble, Promise.resolve('none yet')]), 'none yet');
});

follower('one that ran before, says it ends and does not begin again has failed', async (context) => {
  const logs = (context.logs = followLogs(context.engine, true, 10));
  logs.follow(NODE);
  await context.start([FATAL]);
  assert.equal(await logs.trouble, { node: NODE, line: FATAL });
});

/** The kernel kills in the node, again and again until it is heard: the engine is listened to a moment later. */
async function killUntilHeard({ double, logs }: Context): Promise<NodeTrouble | undefined> {
  let heard: NodeTrouble | undefined;
  void logs?.trouble.then((trouble) => (heard = trouble));
  for (let tries = 0; heard === undefined && tries < 500; tries++) {
    double.killIn(NODE);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return heard;
}

follower('a node whose k3s the kernel killed has failed, with the limit that it outgrew', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  await context.start(['info']);
  logs.follow(NODE);
  const node = context.double.containers.get(NODE);
  if (node) Object.assign(node, { processes: ['/bin/sh'], memory: 5 });
  assert.equal(await killUntilHeard(context), { node: NODE, line: 'k3s was killed', outgrown: 5 });
});

follower('a pod that the kernel killed, and a node that is not followed, are no trouble', async (context) => {
  const logs = (context.logs = followLogs(context.engine, false, HOUR_MS));
  await context.start(['info']);
  let heard = 0;
  void logs.trouble.then(() => heard++);
  const node = context.double.containers.get(NODE);
  if (node) node.processes = ['/bin/sh'];
  for (let tries = 0; tries < 5; tries++) {
    context.double.killIn(NODE);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.is(heard, 0);
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
