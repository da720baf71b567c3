// A bundle is opened for `up`: what is missing is said and put in its place, and a plan touches no tools.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openForUp } from '../../../scripts/cluster/bundle/open.ts';
import { BundleError } from '../../../scripts/offline/bundle-errors.ts';
import { toolFile } from '../../../scripts/tools/options.ts';
import { PINS } from '../../../scripts/tools/pins.ts';
import { thrown } from '../../kube/helpers.ts';
import { manifestMember, manifestOf, partMember, partOf, writeArchive } from '../../offline/bundle.ts';
import { type Wired, wired } from '../wiring.ts';

const test = suite<Wired>('cluster/bundle/open');
wired(test);

const BINARY = '#!/bin/sh\n';
const TEXT = 'kind: ConfigMap\n';

async function open(
  context: Wired,
  plan = false,
  tree: Record<string, unknown> = {},
): Promise<{ said: string[]; name: unknown }> {
  const { folder, wiring } = context;
  const manifest = manifestOf({
    platform: { os: 'linux', arch: 'amd64' },
    settings: { tree: { name: 'packed', manifests: ['m'], ...tree }, paths: [['manifests', 0]] },
    tools: [{ name: 'etcd', version: PINS.etcd.version, ...partOf(BINARY) }],
    files: [{ path: 'm/a.yaml', ...partOf(TEXT) }],
  });
  writeArchive(join(folder, 'b.tar'), partMember(BINARY), partMember(TEXT), manifestMember(manifest));
  const said: string[] = [];
  const options = { signal: new AbortController().signal, say: (line: string) => void said.push(line), plan };
  const { settings, close } = await openForUp('b.tar', options, { tools: wiring.tools, cwd: folder });
  await close();
  return { said, name: (settings.tree as { name?: unknown }).name };
}

test('what is missing is put into the cache once', async (context) => {
  const first = await open(context);
  assert.equal(first, { said: ['b.tar: 1 tool and 1 file are put into the cache'], name: 'packed' });
  assert.ok(existsSync(toolFile(PINS.etcd, context.wiring.tools)));
  assert.equal((await open(context)).said, []);
});

test('a plan reads the files, and leaves the tools where they are', async (context) => {
  assert.equal((await open(context, true)).said, []);
  assert.not.ok(existsSync(toolFile(PINS.etcd, context.wiring.tools)));
});

test('settings of a bundle that name what is not in it are refused', async (context) => {
  await thrown(BundleError, open(context, false, { manifests: ['elsewhere'] }));
});

test.run();
