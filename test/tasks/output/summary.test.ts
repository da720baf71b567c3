import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { styleFor } from '../../../scripts/progress/style.ts';
import { timeText } from '../../../scripts/tasks/output/summary.ts';
import type { StepRecord } from '../../../scripts/engine/step.ts';

const summary = suite('tasks: summary');

const step = (name: string, needs: string[], startedMs: number, endedMs: number): StepRecord => ({
  name,
  needs,
  queuedMs: startedMs,
  startedMs,
  endedMs,
  attempts: 1,
  outcome: 'done',
});

summary('of what runs in the background, the path counts what the next step waited for', () => {
  const steps = [step('server', [], 0, 5000), step('tests', ['server'], 1000, 5000)];
  const run = { outcome: 'done', wallMs: 5000, steps, criticalPath: ['server', 'tests'], parallelGain: 1.8 } as const;
  const style = styleFor({ colour: false, unicode: false });
  const text = timeText({ run, failures: [], lastShown: undefined, style, mask: (one) => one }, false);
  assert.equal(text, [
    '+ done: 2 actions in 5.0 s, parallel gain 1.8x',
    '  critical path: server 1.0 s -> tests 4.0 s',
  ]);
});

summary.run();
