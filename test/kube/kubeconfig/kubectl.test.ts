// Kubeconfigs of hoist and kubectl: what one writes, the other reads and keeps.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { userKubeconfig } from '../../../scripts/kube/kubeconfig/kubeconfig.ts';
import { merge, MINE, oddKubeconfig, remove } from './odd.ts';

const test = suite('kubeconfig texts, by kubectl');

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const withKubectl: (name: string, run: () => void) => void = hasKubectl ? test : test.skip.bind(test);

function view(text: string): { ok: boolean; config: Record<string, unknown> } {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-kubectl-'));
  try {
    const file = join(folder, 'config');
    writeFileSync(file, text);
    const { status, stdout } = spawnSync('kubectl', ['config', 'view', '--raw', '-o', 'json', '--kubeconfig', file], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    return { ok: status === 0, config: status === 0 ? (JSON.parse(stdout) as Record<string, unknown>) : {} };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

withKubectl("kubectl reads the merged file: all that was there, and hoist's context", () => {
  let compared = 0;
  fc.assert(
    fc.property(oddKubeconfig, (text) => {
      const before = view(text);
      // kubectl is stricter with some of the generated values; it must be no stricter with ours.
      if (!before.ok) return;
      compared++;
      const after = view(merge(text));
      assert.ok(after.ok, text);
      const names = (config: Record<string, unknown>, key: string): string[] =>
        ((config[key] ?? []) as { name: string }[]).map((entry) => entry.name);
      for (const key of ['clusters', 'contexts', 'users']) {
        // kubectl sorts by name.
        assert.equal(names(after.config, key), [...names(before.config, key), 'hoist-dev'].sort(), key);
        const own = (entry: { name: string }): boolean => entry.name !== 'hoist-dev';
        assert.equal(((after.config[key] ?? []) as { name: string }[]).filter(own), before.config[key] ?? []);
      }
      assert.is(after.config['current-context'], 'hoist-dev');
    }),
    { numRuns: 15 },
  );
  assert.ok(compared >= 5, `only ${compared} were fit for kubectl`);
});

withKubectl('what kubectl rewrites keeps the note: the context before comes back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-kubectl-'));
  try {
    const file = join(folder, 'config');
    writeFileSync(file, merge(`current-context: mine\n${MINE}`));
    const set = spawnSync('kubectl', ['config', 'set-context', 'hoist-dev', '--namespace=x', '--kubeconfig', file]);
    assert.is(set.status, 0);
    const rewritten = spawnSync('cat', [file], { encoding: 'utf8' }).stdout;
    const left = parse(remove(rewritten) ?? '') as Record<string, unknown>;
    assert.is(left['current-context'], 'mine');
    assert.equal(
      (left['contexts'] as { name: string }[]).map((entry) => entry.name),
      ['mine', 'other'],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

withKubectl('kubectl writes a new context to the same file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hoist-kubectl-'));
  const paths = ['a', 'b', 'c'].map((name) => join(dir, name));
  const KUBECONFIG = paths.join(':');
  for (const present of [[], ['c'], ['b', 'c']]) {
    for (const path of paths) rmSync(path, { force: true });
    for (const name of present) writeFileSync(join(dir, name), '');
    const chosen = userKubeconfig({ KUBECONFIG }, undefined);
    const set = spawnSync('kubectl', ['config', 'set-context', 'x'], { env: { ...process.env, KUBECONFIG } });
    assert.is(set.status, 0);
    for (const path of paths) {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      assert.is(text.includes('name: x'), path === chosen, `${present.join()}: ${path}`);
    }
  }
  rmSync(dir, { recursive: true });
});

test.run();
