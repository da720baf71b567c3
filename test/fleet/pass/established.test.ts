import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { untilEstablished } from '../../../scripts/fleet/pass/established.ts';
import { type Answer, scriptedSpoke } from '../scripted.ts';

const established = suite('fleet/established');

type Condition = [type: string, status: string, message?: string];
const definition = (...list: Condition[]): Answer => ({
  body: { status: { conditions: list.map(([type, status, message]) => ({ type, status, message })) } },
});
/** Definitions in turn, the last one for all that follow. */
async function waited(...answers: Answer[]): Promise<{ end: string | undefined; waits: number[]; asked: string[] }> {
  const { spoke, waits, asked } = scriptedSpoke((_, at) => answers[Math.min(at, answers.length - 1)] ?? {});
  const end = await untilEstablished(spoke, 'a/b', new AbortController().signal).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  return { end, waits, asked };
}

established('a definition that is served, at once or later', async () => {
  const served = definition(['NamesAccepted', 'True'], ['Established', 'True']);
  const now = await waited(served);
  assert.equal(now, {
    end: undefined,
    waits: [],
    asked: ['GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/a%2Fb'],
  });
  const late = await waited(
    {},
    definition(['Established', 'False']),
    definition(['Other', 'True'], ['NamesAccepted', 'True']),
    served,
  );
  assert.equal([late.end, late.waits], [undefined, [10, 20, 40]]);
});

established('names that are not accepted, and one that takes more than 10 s', async () => {
  const refused = await waited(definition(['Established', 'False'], ['NamesAccepted', 'False', 'taken']));
  assert.equal([refused.end, refused.waits], ['HoistError: its names are not accepted: taken', []]);
  assert.match((await waited(definition(['NamesAccepted', 'False']))).end ?? '', /not accepted: $/);
  const { end, waits } = await waited({});
  assert.match(end ?? '', 'it is not established after 10 s');
  assert.equal(waits.slice(0, 8), [10, 20, 40, 80, 160, 320, 500, 500]);
  const sum = waits.reduce((all, ms) => all + ms, 0);
  assert.ok(sum > 10_000 && sum <= 10_500, String(sum));
});

established.run();
