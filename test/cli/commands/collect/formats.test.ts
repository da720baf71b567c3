// Results of checks as JUnit and YAML, and from when on logs are wanted.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { checkOutput, formatChecks } from '../../../../scripts/cli/commands/collect/formats.ts';
import { sinceOf } from '../../../../scripts/cli/commands/collect/since.ts';
import type { AnalyzeResult } from '../../../../scripts/support/types.ts';

const formats = suite('collect: formats of checks');

const place = { file: 'a "b".yaml', line: 3, column: 5 };
const result = (outcome: AnalyzeResult['outcome'], message: string, uri?: string): AnalyzeResult => ({
  title: `<${outcome}>`,
  message,
  uri,
  outcome,
  kind: 'clusterVersion',
  host: false,
  place,
});
const results = [
  result('pass', 'fine'),
  result('warn', 'old & "slow"'),
  result('fail', 'first\nsecond \u0007\u001b[31m\u{1F600}', 'https://ex.io/?a=1&b=2'),
];

formats('JUnit: a failure fails, a warning is skipped and says so, every text is text', () => {
  assert.is(
    formatChecks(results, 'junit', { name: 'preflight', wallMs: 1234 }),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="preflight" tests="3" failures="1" skipped="1" time="1.234">
    <testcase name="&lt;pass&gt;" classname="clusterVersion" file="a &quot;b&quot;.yaml" line="3"/>
    <testcase name="&lt;warn&gt;" classname="clusterVersion" file="a &quot;b&quot;.yaml" line="3">
      <skipped message="warning: old &amp; &quot;slow&quot;"/>
    </testcase>
    <testcase name="&lt;fail&gt;" classname="clusterVersion" file="a &quot;b&quot;.yaml" line="3">
      <failure message="first&#10;second \u{1F600} (https://ex.io/?a=1&amp;b=2)"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

formats('YAML: the same as in JSON, with places', () => {
  const { checks } = parse(formatChecks(results, 'yaml', { name: 'a' })) as { checks: Record<string, unknown>[] };
  assert.equal(checks[0], {
    title: '<pass>',
    message: 'fine',
    outcome: 'pass',
    kind: 'clusterVersion',
    host: false,
    place: 'a "b".yaml:3:5',
  });
  assert.is(checks.length, 3);
});

formats('other formats are errors that list those which there are', () => {
  assert.throws(
    () => checkOutput({ output: 'xml', quiet: false, verbose: false }),
    '--output must be text, json, yaml or junit, not "xml"',
  );
  assert.is(checkOutput({ output: 'junit', quiet: true, verbose: false }).output.output, 'text');
});

formats('--since and --since-time are one moment, or an error', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  const since = (since?: string, time?: string): string | undefined => sinceOf({ since, 'since-time': time }, now);
  assert.is(since(), undefined);
  assert.is(since('2h'), '2026-01-02T01:04:05.000Z');
  assert.is(since(undefined, '2026-01-01T00:00:00+01:00'), '2025-12-31T23:00:00.000Z');
  for (const wrong of ['yesterday', '-1h', '0s']) assert.throws(() => since(wrong), '--since must be');
  for (const wrong of ['now', '2026', '2026-13-01T00:00:00Z'])
    assert.throws(() => since(undefined, wrong), '--since-time must be');
  assert.throws(() => since('1h', '2026-01-01T00:00:00Z'), 'do not go together');
});

formats.run();
