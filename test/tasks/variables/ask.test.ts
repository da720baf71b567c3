// Variables with `prompt: true`: asked for where somebody can answer, their default or an error where nobody can.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Question } from '../../../scripts/tasks/variables/ask.ts';
import { type World, createWorld, refusal } from '../world.ts';

const ask = suite<World>('tasks: ask');

ask.before.each((context) => void Object.assign(context, createWorld()));
ask.after.each((context) => context.close());

const FILE = `
variables:
  - {name: ZONE, prompt: true, description: where to build, default: eu, pattern: "^[a-z]+$"}
  - {name: TOKEN, prompt: true, sensitive: true}
tasks: [{name: default, actions: [{cmd: 'echo "$ZONE $TOKEN"'}]}]
`;

/** Answers by name, in order, and keeps what was asked. */
function answers(given: Record<string, string[]>) {
  const asked: Question[] = [];
  const answer = (question: Question): Promise<string> => {
    asked.push(question);
    return Promise.resolve(given[question.name]?.shift() ?? '');
  };
  return { asked, answer };
}

ask('the answer counts, an empty one is the default, and a wrong one is asked for again', async ({ run }) => {
  const { asked, answer } = answers({ ZONE: ['42', 'us'], TOKEN: ['s3cr3t-token'] });
  const { stdout } = await run(FILE, { ask: answer });
  assert.is(stdout, 'us ***\n');
  assert.equal(
    asked.map(({ name, wrong }) => [name, wrong]),
    [
      ['ZONE', undefined],
      ['ZONE', 'it must match ^[a-z]+$'],
      ['TOKEN', undefined],
    ],
  );
  assert.equal(asked[0], {
    name: 'ZONE',
    description: 'where to build',
    default: 'eu',
    sensitive: false,
    wrong: undefined,
  });
  assert.ok(asked[2]?.sensitive);
  assert.is((await run(FILE, { ask: answers({ TOKEN: ['s3cr3t-token'] }).answer })).stdout, 'eu ***\n');
});

ask('what was given is not asked for', async ({ run }) => {
  const { asked, answer } = answers({});
  await run(FILE, { ask: answer, set: new Map([['zone', 'us'], ['TOKEN', 'token']]) }); // prettier-ignore
  assert.equal(asked, []);
});

ask('without a terminal the default counts, and one without a default is refused with its place', async ({ run }) => {
  const message = await refusal(run(FILE));
  assert.match(message, 'tasks.yaml:4:6: variable "TOKEN" is to be asked for, but there is no terminal');
  assert.match(message, '--set TOKEN=… or MARU_TOKEN');
  assert.is((await run(FILE, { set: new Map([['TOKEN', 'token']]) })).stdout, 'eu ***\n');
});

ask('after three wrong answers it is given up', async ({ run }) => {
  const { asked, answer } = answers({ ZONE: ['1', '2', '3', '4'], TOKEN: ['token'] });
  assert.match(await refusal(run(FILE, { ask: answer })), 'variable "ZONE" has no value that is good: it must match');
  assert.is(asked.filter(({ name }) => name === 'ZONE').length, 3);
});

ask(
  'without a terminal a default that does not match its pattern is refused; a dry run and a strict check ask nothing',
  async ({ run }) => {
    const wrong = FILE.replace('default: eu', 'default: "42"').replace('sensitive: true', 'default: x');
    assert.match(await refusal(run(wrong)), 'variable "ZONE" has no value that is good: it must match ^[a-z]+$');
    const broken = FILE.replace('"^[a-z]+$"', '"("').replace('sensitive: true', 'default: x');
    assert.match(await refusal(run(broken)), /variable "ZONE" has no value that is good: .*\(/);
    const { asked, answer } = answers({});
    await run(FILE, { ask: answer, dryRun: true });
    await run(FILE, { ask: answer, strict: true }).catch(() => undefined);
    assert.equal(asked, []);
  },
);

ask('nobody is asked for what is only looked at', async ({ run }) => {
  for (const only of [{ dryRun: true }, { strict: true, dryRun: true }] as const) {
    const { asked, answer } = answers({});
    await run(FILE, { ask: answer, ...only });
    assert.equal(asked, []);
  }
});

ask.run();
