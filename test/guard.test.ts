// The guard against uvu's silent passes, on real runs of uvu.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { programAt } from './child.ts';
import { type FileResult, judge, missingRuns } from './guard.ts';
import { needsTools } from './tool-users.ts';

const guard = suite('guard');

function play(program: readonly string[]): FileResult {
  const { status, stdout } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  return judge('f', status, stdout);
}

guard('a before hook that throws is a failure', () => {
  assert.ok(play(programAt('test/fixtures/guard/before-throws.ts')).failed > 0);
});

guard('a test that ends the process is a failure', () => {
  assert.is(play(programAt('test/fixtures/guard/ends-early.ts')).failed, 1);
});

guard('a failed test is counted, and so are those that passed', () => {
  const { passed, failed } = play(programAt('test/fixtures/guard/fails.ts'));
  assert.equal([passed, failed], [1, 1]);
});

guard('skipped tests are counted as such', () => {
  assert.equal(play(programAt('test/fixtures/guard/skips.ts')), { file: 'f', passed: 1, failed: 0, skipped: 1 });
});

guard('a file in which no test ran is a failure', () => {
  assert.is(judge('f', 0, '  Total:     0\n  Passed:    0\n  Skipped:   0\n').why, 'it ran no test');
});

guard('a suite that is never run is found', () => {
  assert.is(
    missingRuns("const a = suite('a');\nconst b = suite<{ x: number }>('b');\na.run();\n"),
    'these suites are never run: b',
  );
  assert.is(missingRuns("const a = suite('a');\na.run();\n"), undefined);
  assert.is(missingRuns('// nothing'), 'it has no suite');
});

guard('test files that need the tools of a cluster are known by what they import', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  assert.ok(needsTools(root, 'test/e2e/embedded.test.ts'));
  assert.ok(needsTools(root, 'test/services/helm/charts/dependencies.test.ts'));
  assert.not.ok(needsTools(root, 'test/engine/run.test.ts'));
  assert.not.ok(needsTools(root, 'test/tools/build.test.ts'));
});

guard.run();
