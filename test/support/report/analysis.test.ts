// The JSON that viewers of bundles read.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analysisJson, failureFile, skippedJson } from '../../../scripts/support/report/analysis.ts';
import type { AnalyzeResult, CollectorFailure } from '../../../scripts/support/types.ts';

const analysis = suite('analysis.json');

const place = { file: 'a.yaml', line: 1, column: 1 };
const result: AnalyzeResult = {
  title: 'Node count: 3+',
  message: 'only 1',
  outcome: 'fail',
  kind: 'nodeResources',
  host: false,
  place,
};
const failure: CollectorFailure = {
  collector: 'exec/app=web',
  kind: 'exec',
  host: false,
  name: 'app=web',
  place,
  reason: 'failed',
  message: 'no pods matched',
};

analysis('a failed check has the severity, the error and the labels that the viewers show', () => {
  assert.equal(JSON.parse(analysisJson([result])), [
    {
      name: 'node.count.3.',
      labels: { desiredPosition: '1', iconKey: '', iconUri: '' },
      insight: {
        name: 'node.count.3.',
        labels: { iconKey: '', iconUri: '' },
        primary: 'Node count: 3+',
        detail: 'only 1',
        severity: 'error',
      },
      severity: 'error',
      analyzerSpec: '',
      error: 'only 1',
    },
  ]);
  const severities = (['warn', 'pass'] as const).map((outcome) => {
    const [entry] = JSON.parse(analysisJson([{ ...result, outcome }])) as { severity: string; error?: string }[];
    return [entry?.severity, entry?.error];
  });
  assert.equal(severities, [
    ['warn', undefined],
    ['debug', undefined],
  ]);
});

analysis('a title with a slash makes a folder as in troubleshoot, and only skipped collectors are skipped ones', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const { path, content } = failureFile(failure, now);
  assert.is(path, 'collector-errors/exec/app=web-error.json');
  assert.equal(JSON.parse(content.toString()), {
    collector: 'exec/app=web',
    error: 'no pods matched',
    timestamp: '2026-01-02T03:04:05.000Z',
  });
  assert.is(skippedJson([failure], now), undefined);
  const skipped = JSON.parse(skippedJson([{ ...failure, reason: 'forbidden' }], now) ?? '') as { reason: string }[];
  assert.is(skipped[0]?.reason, 'insufficient RBAC permissions');
});

analysis.run();
