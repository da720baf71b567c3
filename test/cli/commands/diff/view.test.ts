import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { driftLines } from '../../../../scripts/cli/commands/diff/view.ts';
import type { Drift } from '../../../../scripts/cluster/diff.ts';

const view = suite('drift as text');
const none: Drift = { cluster: [], objects: [], releases: [], compared: { objects: 3, releases: 1 } };

view('nothing differs', () => {
  assert.equal(driftLines(none, 'dev'), ['cluster "dev" is as `up` would make it: 3 objects and 1 release compared']);
});

view('each kind of difference', () => {
  const drift: Drift = {
    ...none,
    cluster: [{ what: 'nodes', have: 'one', want: 'two' }],
    objects: [
      { title: 'ConfigMap one/a', where: 'a.yaml:1', kind: 'missing', changes: [] },
      {
        title: 'ConfigMap one/b',
        where: 'a.yaml:9',
        kind: 'changed',
        changes: [{ path: 'data.x', have: '1', want: undefined }],
      },
      { title: 'Job one/c', where: 'c.yaml:1', kind: 'refused', changes: [], reason: 'field is immutable' },
    ],
    releases: [
      { name: 'web', namespace: 'one', kind: 'changed', changes: [{ path: 'version', have: '1.0.0', want: '1.1.0' }] },
    ],
  };
  assert.equal(driftLines(drift, 'dev'), [
    '~ cluster: nodes: one → two',
    '+ ConfigMap one/a does not exist (a.yaml:1)',
    '~ ConfigMap one/b (a.yaml:9)',
    '    data.x: "1" → (not there)',
    '! Job one/c would be refused (c.yaml:1): field is immutable',
    '~ release one/web',
    '    version: "1.0.0" → "1.1.0"',
    'cluster "dev": 5 differences, 3 objects and 1 release compared',
  ]);
});

view.run();
