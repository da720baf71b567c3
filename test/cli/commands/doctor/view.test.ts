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

test('lines are as long as the terminal allows, and no longer, for names of any length', () => {
  const detail = 'aa bbb c dddd ee fff g hhhh ii jjj k llll mm nnn o pppp qq rrr s tttt';
  for (const name of ['a', 'a'.repeat(24), 'a'.repeat(25), 'a'.repeat(26)]) {
    for (let columns = 46; columns < 100; columns++) {
      const findings = [{ name, status: 'ok' as const, detail }];
      const lines = findingLines({ provider: 'embedded', findings }, { style, quiet: false, columns }).slice(0, -1);
      const [first = '', ...more] = lines;
      const begin = `✓ ${name} `.length;
      for (const line of lines) assert.ok(line.length <= columns, `${columns}: ${line}`);
      const words = [first.slice(begin), ...more].map((line) => line.trim());
      assert.is(words.join(' '), detail);
      // The first word of a line would not have fitted into the one before.
      for (const [at, line] of lines.slice(0, -1).entries()) {
        const next = words[at + 1]?.split(' ')[0] ?? '';
        assert.ok(line.length + 1 + next.length > columns, `${columns}: "${line}" has room for "${next}"`);
      }
      const indents = new Set(more.map((line) => line.search(/\S/)));
      assert.ok(indents.size <= 1);
      if (name.length < 26)
        assert.ok(
          more.every((line) => line.search(/\S/) === first.indexOf('aa bbb')),
          first,
        );
    }
  }
});

test('failures and warnings are counted; quiet, only what failed is shown, with what to do next', () => {
  const findings = [
    { name: 'a', status: 'fail' as const, detail: 'bad', hint: 'Mend it.' },
    { name: 'b', status: 'fail' as const, detail: 'Bad.', hint: 'Mend it.' },
    { name: 'c', status: 'warn' as const, detail: 'odd?', hint: 'Look.' },
    { name: 'd', status: 'warn' as const, detail: 'odd' },
    { name: 'e', status: 'ok' as const, detail: 'good' },
  ];
  const of = (list: Diagnosis['findings'], quiet = false): string[] =>
    findingLines({ provider: 'k3d', findings: list }, { style, quiet, columns: Infinity });
  assert.equal(of(findings), [
    '✗ a  bad. Mend it.',
    '✗ b  Bad. Mend it.',
    '! c  odd? Look.',
    '! d  odd',
    '✓ e  good',
    'k3d: 2 failures, 2 warnings',
  ]);
  assert.equal(of(findings, true), ['✗ a  bad. Mend it.', '✗ b  Bad. Mend it.', 'k3d: 2 failures, 2 warnings']);
  assert.equal(of(findings.slice(1, 2)).at(-1), 'k3d: 1 failure');
  assert.equal(of(findings.slice(3), true), ['k3d: no problems found, 1 warning']);
});

test.run();
