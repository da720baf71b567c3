// What an engine says of itself, and what an old one leaves out.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineInfo, platformOf } from '../../scripts/docker/info.ts';
import { type AnsweringEngine, startEngine, stopEngine } from './answering.ts';

const info = suite<AnsweringEngine>('docker info');
info.before.each(startEngine);
info.after.each(stopEngine);

info('fields that an engine leaves out are empty, not absent', async (context) => {
  const wire = { Name: 'm', ServerVersion: '27', Architecture: 'x86_64', NCPU: 4, MemTotal: 8, ContainersRunning: 2 };
  const said = { CgroupVersion: '2', CgroupDriver: 'systemd', HttpProxy: 'p1', HttpsProxy: 'p2', NoProxy: 'p3' };
  const security = { SecurityOptions: ['name=rootless'], RegistryConfig: { Mirrors: ['https://m'] } };
  context.answer = [200, { ...wire, ...said, ...security }];
  const { cgroupVersion, cgroupDriver, httpProxy, httpsProxy, noProxy, rootless, registryMirrors } = await engineInfo(
    context.engine,
  );
  assert.equal([cgroupVersion, cgroupDriver, rootless, registryMirrors], [2, 'systemd', true, ['https://m']]);
  assert.equal([httpProxy, httpsProxy, noProxy], ['p1', 'p2', 'p3']);
  context.answer = [200, { ...wire, SecurityOptions: null }];
  const old = await engineInfo(context.engine);
  assert.equal([old.cgroupVersion, old.cgroupDriver, old.rootless, old.registryMirrors], [1, '', false, []]);
  assert.equal([old.httpProxy, old.httpsProxy, old.noProxy], ['', '', '']);
  assert.is(platformOf(old), 'linux/amd64');
  assert.is(platformOf({ architecture: 'riscv64' }), 'linux/riscv64');
});

info.run();
