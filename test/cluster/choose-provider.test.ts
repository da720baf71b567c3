// Which provider makes the cluster: the one that the settings name, else what the machine has.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseProvider } from '../../scripts/cluster/choose-provider.ts';
import type { DockerSession } from '../../scripts/docker/session.ts';
import { exec } from '../../scripts/host/execa.ts';
import type { ProviderChoice } from '../../scripts/plan/plan.ts';
import type { Settings } from '../../scripts/settings/schema.ts';

const choices = suite<{ folder: string }>('choice of the provider');

choices.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-choice-'));
});
choices.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const running = { info: { serverVersion: '27.1.0' } } as unknown as DockerSession;

function choose(
  folder: string,
  provider: Settings['provider'],
  engine: DockerSession | { why: string },
): Promise<ProviderChoice & { asked: boolean }> {
  const state = { asked: false };
  const docker = (): Promise<DockerSession | { why: string }> => {
    state.asked = true;
    return Promise.resolve(engine);
  };
  const tools = { env: { PATH: folder, HOME: folder, XDG_CACHE_HOME: folder }, exec };
  return chooseProvider({ provider } as Settings, (path) => `${path.join('.')} of a test`, docker, tools).then(
    (choice) => ({ ...choice, ...state }),
  );
}

choices('a provider of the settings is taken as it is, and no engine is asked', async ({ folder }) => {
  for (const provider of ['k3d', 'embedded', 'existing'] as const) {
    assert.equal(await choose(folder, provider, { why: 'no socket' }), {
      name: provider,
      reason: 'provider of a test',
      asked: false,
    });
  }
});

choices('auto without an engine is embedded, and says what is wrong with the engine', async ({ folder }) => {
  const choice = await choose(folder, 'auto', { why: 'no socket' });
  assert.equal(choice, { name: 'embedded', reason: 'auto: no Docker engine: embedded (no socket)', asked: true });
});

choices('auto with an engine takes k3d where there is one', async ({ folder }) => {
  assert.equal(await choose(folder, 'auto', running), {
    name: 'embedded',
    reason: 'auto: Docker 27.1.0 answers, but k3d is not there: embedded',
    asked: true,
  });
  writeFileSync(join(folder, 'k3d'), '#!/bin/sh\necho "k3d version v5.9.0"\n');
  chmodSync(join(folder, 'k3d'), 0o755);
  assert.equal(await choose(folder, 'auto', running), {
    name: 'k3d',
    reason: 'auto: Docker 27.1.0 answers, and k3d 5.9.0 is there: k3d',
    asked: true,
  });
});

choices.run();
