import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../child.ts';
import { locateTool } from '../../scripts/tools/locate.ts';
import { sha256 } from './publisher.ts';
import { type Workbench, fakeGo, pinAt, toolScript, workbench } from './workbench.ts';

const test = suite<{ bench: Workbench }>('two processes at once');
const tool = toolScript('1.2.3');

test.before.each(async (context) => {
  context.bench = await workbench();
});
test.after.each(({ bench }) => bench.close());

/** Starts a process that provides kwok; resolves with its exit code. */
async function provideElsewhere({ options, site }: Workbench): Promise<number> {
  const code = `
    import { exec } from ${moduleAt('scripts/host/execa.ts')};
    import { pinAt, provide } from ${moduleAt('test/tools/workbench.ts')};
    const pins = { kwok: pinAt(${JSON.stringify(site.url)}, 'kwok') };
    const platform = { os: 'linux', arch: 'amd64' };
    await provide(['kwok'], { env: process.env, exec, pins, platform });`;
  const child = spawn(process.execPath, scriptOf(code), {
    env: { ...options.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = (await once(child, 'exit')) as [number];
  return exitCode;
}

test('download once', async ({ bench }) => {
  const { site, options } = bench;
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  let askedForSums = 0;
  let serve = (): void => undefined;
  const bothCame = new Promise<void>((resolve) => (serve = resolve));
  // The file is served only when both have found it missing.
  site.routes.set('/1.2.3/sums', (_, response) => {
    if (++askedForSums === 2) serve();
    response.end(sha256(tool));
  });
  site.routes.set('/1.2.3/kwok', (_, response) => {
    response.writeHead(200).flushHeaders();
    void bothCame.then(() => response.end(tool));
  });
  assert.equal(await Promise.all([provideElsewhere(bench), provideElsewhere(bench)]), [0, 0]);
  assert.is(site.asked.filter((path) => path === '/1.2.3/kwok').length, 1);
  assert.is((await locateTool('kwok', options))?.source, 'cache');
});

test('build once', async ({ bench }) => {
  const { site, options } = bench;
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  let asked = 0;
  let answer = (): void => undefined;
  const bothCame = new Promise<void>((resolve) => (answer = resolve));
  // Neither learns that it has to build before both have asked.
  site.routes.set('/1.2.3/sums', (_, response) => {
    if (++asked === 2) answer();
    void bothCame.then(() => response.writeHead(404).end());
  });
  const builds = await fakeGo(bench);
  assert.equal(await Promise.all([provideElsewhere(bench), provideElsewhere(bench)]), [0, 0]);
  assert.is((await builds()).length, 1);
  assert.is((await locateTool('kwok', options))?.source, 'cache');
});

test.run();
