// The table of component flags: from the first to the last minor version that knows a flag, both included.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type K3sComponent,
  coversMinor,
  flagNames,
  flagVerdict,
} from '../../../../scripts/providers/k3d/k3s-args/component-flags.ts';

interface Table {
  minors: [number, number];
  components: Record<K3sComponent, { since: Record<string, number>; until: Record<string, number> }>;
}

const file = new URL('../../../../scripts/providers/k3d/k3s-args/component-flags.json', import.meta.url);
const table = JSON.parse(readFileSync(file, 'utf8')) as Table;
const flags = suite('flags of components');

flags('the first and the last minor version are covered, their neighbours are not', () => {
  const [first, last] = table.minors;
  assert.equal([first - 1, first, last, last + 1].map(coversMinor), [false, true, true, false]);
});

flags('a flag is known in the version that brought it and in the last one that has it, not one beyond', () => {
  let checked = 0;
  for (const [component, { since, until }] of Object.entries(table.components) as [
    K3sComponent,
    Table['components'][K3sComponent],
  ][]) {
    for (const [flag, first] of Object.entries(since)) {
      assert.equal(flagVerdict(component, flag, first - 1), { since: first }, `${component} ${flag}`);
      if ((until[flag] ?? first) >= first)
        assert.is(flagVerdict(component, flag, first), 'known', `${component} ${flag}`);
      checked++;
    }
    for (const [flag, last] of Object.entries(until)) {
      assert.equal(flagVerdict(component, flag, last + 1), { until: last }, `${component} ${flag}`);
      if ((since[flag] ?? last) <= last) assert.is(flagVerdict(component, flag, last), 'known', `${component} ${flag}`);
      checked++;
    }
  }
  assert.ok(checked > 20, String(checked));
});

flags('a flag that was always there is known in any version, and a wrong name in none', () => {
  const [first, last] = table.minors;
  for (const minor of [first, last]) {
    assert.is(flagVerdict('kube-apiserver', 'etcd-servers', minor), 'known');
    assert.is(flagVerdict('kube-apiserver', 'etcd_servers', minor), 'unknown');
    assert.is(flagVerdict('kube-scheduler', 'etcd-servers', minor), 'unknown');
  }
  assert.ok([...flagNames('kube-apiserver')].includes('etcd-servers'));
});

flags.run();
