// Pulls before k3d starts: what is pulled, what is said of it, and what is refused.

import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import { DockerError } from '../../../../scripts/docker/docker-errors.ts';
import type { DockerSession } from '../../../../scripts/docker/session.ts';
import { PULL_RETRY, pullSteps } from '../../../../scripts/providers/k3d/create/prepull.ts';
import { runSteps } from '../../../../scripts/engine/run.ts';

const IMAGE = { name: 'docker.io/rancher/k3s:v1', purpose: 'nodes' } as const;

/** An engine that has the image for one platform, until it is pulled. */
function engineWith(arch: string | undefined, pulled: string): { session: DockerSession; pulls: string[] } {
  let has = arch;
  const pulls: string[] = [];
  const engine = {
    json() {
      if (has === undefined) return Promise.reject(new DockerError('No such image', 404));
      return Promise.resolve({ Id: '1', Os: 'linux', Architecture: has, Size: 1 });
    },
    stream({ query }: { query: { fromImage: string; platform: string } }) {
      pulls.push(`${query.fromImage} ${query.platform}`);
      has = pulled;
      return Promise.resolve(Readable.from([]));
    },
  };
  const info = { architecture: 'x86_64' };
  return { session: { engine, info, env: {} } as unknown as DockerSession, pulls };
}

const prepull = suite('pulls before k3d starts');

prepull('nothing where the engine has it', async () => {
  assert.equal(await pullSteps(engineWith('amd64', 'amd64').session, [IMAGE]), []);
});

prepull('one pull for an image that serves twice, and a note where it is there for another platform only', async () => {
  for (const [has, notes] of [
    [undefined, undefined],
    ['arm64', ['is there for linux/arm64 only']],
  ] as const) {
    const { session, pulls } = engineWith(has, 'amd64');
    const steps = await pullSteps(session, [IMAGE, { ...IMAGE, purpose: 'tools' }]);
    const run = await runSteps(steps, { pools: { download: 1 } });
    assert.equal(pulls, ['docker.io/rancher/k3s:v1 linux/amd64']);
    assert.equal(run.steps[0]?.notes, notes);
  }
});

prepull('an image of another platform is refused after the pull', async () => {
  const { session } = engineWith(undefined, 'arm64');
  const steps = await pullSteps(session, [IMAGE]);
  const error: unknown = await runSteps(steps, { pools: { download: 1 } }).catch((thrown: unknown) => thrown);
  assert.match(String(error), 'is for linux/arm64, the engine runs linux/amd64');
});

prepull('what a registry refuses, or a full disk, is not tried again', () => {
  const again = (message: string): boolean | undefined =>
    PULL_RETRY.when?.(new CreationError(message, { cause: new DockerError(message, 500) }));
  assert.is(again('connection reset by peer'), true);
  assert.is(again('manifest unknown'), false);
  assert.is(again('write /var/lib/docker: no space left on device'), false);
  assert.is(PULL_RETRY.when?.(new Error('of something else')), false);
});

prepull.run();
