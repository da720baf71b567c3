// The findings of doctor on a narrow terminal and in a pipe.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findingLines } from '../../../../scripts/cli/commands/doctor/view.ts';
import { styleFor } from '../../../../scripts/progress/style.ts';
import type { Diagnosis } from '../../../../scripts/cluster/doctor/doctor.ts';

const test = suite('cli/commands/doctor/view');
const style = styleFor({ colour: false, unicode: true });

const diagnosis: Diagnosis = {
  provider: 'embedded',
  findings: [
    { name: 'memory', status: 'ok', detail: 'enough' },
    { name: 'tools', status: 'ok', detail: 'etcd 3.6.8, kube-apiserver 1.36.3, kwok 0.8.0 are in the cache' },
    { name: 'room in /home/somebody/.local/state/hoist', status: 'warn', detail: 'little', hint: 'Free some.' },
  ],
};

test('a text that is wider than the terminal goes on below its beginning', () => {
  assert.equal(findingLines(diagnosis, { style, quiet: false, columns: 60 }), [
    '✓ memory                     enough',
    '✓ tools                      etcd 3.6.8, kube-apiserver',
    '                             1.36.3, kwok 0.8.0 are in the',
    '                             cache',
    '! room in /home/somebody/.local/state/hoist  little. Free',
    '                             some.',
    'embedded: no problems found, 1 warning',
  ]);
});

test('in a pipe each finding is one line', () => {
  const lines = findingLines(diagnosis, { style, quiet: false, columns: Infinity });
  assert.is(lines.length, 4);
  assert.match(lines[1] ?? '', /kwok 0\.8\.0 are in the cache$/);
});

test.run();
