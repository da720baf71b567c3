// When a failed run keeps a bundle: only where steps failed and nobody interrupts, and what cannot be written is only said.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import { keepBundle } from '../../../../scripts/cli/commands/up/failed-bundle.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import type { Prepared } from '../../../../scripts/cluster/prepare-cluster.ts';
import { StepsFailedError } from '../../../../scripts/engine/errors.ts';
import { type Wired, wired } from '../../../cluster/wiring.ts';

const test = suite<Wired>('cli/commands/up/failed-bundle');
wired(test);

test('no bundle of other errors, of a run that was interrupted, and where there is no place for it', async (context) => {
  const logDir = context.write('file', '');
  const prepared = { logDir, plan: { cluster: { name: 'dev', provider: 'embedded' } } } as unknown as Prepared;
  const keep = async (error: unknown, isInterrupted = false): Promise<string[]> => {
    const said: string[] = [];
    const stop = new AbortController();
    if (isInterrupted) stop.abort();
    const io = { signal: stop.signal, env: {} } as unknown as Io;
    const run = { io, context: context.wiring, say: (line: string) => void said.push(line) };
    assert.is(await keepBundle(prepared, { run: {} as never, error }, run), undefined);
    return said;
  };
  const failed = new StepsFailedError([]);
  assert.equal(await keep(new CreationError('x')), []);
  assert.equal(await keep(failed, true), []);
  const [warning, ...more] = await keep(failed);
  assert.match(warning ?? '', /^warning: the support bundle of this run could not be written: .*EEXIST/);
  assert.equal(more, []);
});

test.run();
