// Sweeps: what is varied, in which turn, who wins, and how that is written back.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, messageOf } from '../../scripts/base/errors.ts';
import { milestonesOf } from '../../scripts/records/milestones.ts';
import { readFactors, turnsOf } from '../../scripts/records/sweep/factors.ts';
import { rank, rankingText } from '../../scripts/records/sweep/ranking.ts';
import { saveWinners } from '../../scripts/records/sweep/save.ts';
import { sampleRun, sampleStep, scratch } from './sample.ts';

const factors = suite('records/sweep/factors');

factors('one setting at a time, all in turn', () => {
  const read = readFactors(['agents=1,2', 'CONCURRENCY_LEVEL=4, 8']);
  assert.equal(
    turnsOf(read, 2).map(({ option, value }) => `${option.key}=${value}`),
    [
      'agents=1',
      'agents=2',
      'concurrency=4',
      'concurrency=8',
      'agents=1',
      'agents=2',
      'concurrency=4',
      'concurrency=8',
    ],
  );
});

factors('what has no name is no setting, and what has no equals sign is no sweep', () => {
  const refused = (text: string): string => {
    try {
      readFactors([text]);
    } catch (error) {
      return messageOf(error);
    }
    return '';
  };
  assert.is(refused('=1,2'), '--sweep =1,2: there is no setting ');
  assert.match(refused('agents'), /^--sweep agents: expected SETTING=VALUE,VALUE/);
  assert.match(refused('agents=,2'), 'at least two values are needed');
  assert.is(refused('agents=1,2'), '');
});

factors('all mistakes are told at once', () => {
  const wrong = [
    'agents',
    'agnets=1,2',
    'agents=1',
    'agents=1,1',
    'namespaces=a,b',
    'concurrency=1,2',
    'concurrency=3,4',
    'agents=1,',
  ];
  try {
    readFactors(wrong);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    for (const message of [
      /expected SETTING=VALUE/,
      /did you mean "agents"\?/,
      /at least two/,
      /named twice/,
      /list/,
      /swept twice/,
    ]) {
      assert.match(messageOf(error), message);
    }
    assert.is(messageOf(error).split('\n').length, 7);
  }
});

factors.run();

const ranking = suite('records/sweep/ranking');
const around = (ms: number): number[] => [0, 7, -5, 3, -2, 6, 1].map((noise) => ms + noise);

ranking('the fastest that is surely faster than the first wins', () => {
  const result = rank(
    'agents',
    [1000, 900, 800, 1100].map((ms, i) => ({ value: String(i), times: around(ms) })),
  );
  assert.is(result.winner, '2');
  const text = rankingText(result);
  assert.match(text, /^2 +7 +801 ms +3\.0 ms +-20 % +-2\d…-19 % +faster$/m);
  assert.match(text, /agents=2 wins on this machine\.\n$/);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

ranking('without a sure difference nothing wins', () => {
  const same = rank(
    'agents',
    [1, 2].map((value) => ({ value: String(value), times: around(1000) })),
  );
  assert.is(same.winner, undefined);
  assert.match(rankingText(same), /no value was seen to be faster than 1\.\n$/);
  const few = rank('agents', [
    { value: '1', times: [1000] },
    { value: '2', times: [500] },
    { value: '3', times: [] },
  ]);
  assert.is(few.winner, undefined);
  assert.match(rankingText(few), /a verdict needs 5 runs of each value\.\n$/);
  assert.is(rankingText(rank('agents', [])), 'agents: no run succeeded\n');
});

ranking.run();

const save = suite<{ path: string; remove: () => void }>('records/sweep/save', { path: '', remove: () => undefined });
save.before.each((context) => {
  Object.assign(context, scratch());
});
save.after.each(({ remove }) => {
  remove();
});

save('only the winners change in the settings file', async ({ path }) => {
  const file = join(path, 'cluster.yaml');
  writeFileSync(file, '# mine\nname: dev # the name\nagents: 1\n\nnamespaces:\n  - a\n');
  const winners = readFactors(['agents=1,2', 'k3s-image=x,y', 'tuning=true,false']).map(({ option, values }) => ({
    option,
    value: values[1] ?? '',
  }));
  await saveWinners(file, winners);
  assert.is(
    readFileSync(file, 'utf8'),
    '# mine\nname: dev # the name\nagents: 2\n\nnamespaces:\n  - a\nk3d:\n  image: y\ntuning: false\n',
  );
  writeFileSync(file, 'a: [');
  for (const bad of [file, join(path, 'nowhere.yaml')]) {
    const error: unknown = await saveWinners(bad, winners).then(undefined, (thrown: unknown) => thrown);
    assert.instance(error, ConfigError);
  }
  assert.is(readFileSync(file, 'utf8'), 'a: [');
});

save.run();

const milestones = suite('records/milestones');

milestones('the end of the step that shows it; what the provider does not have is left out', () => {
  const steps = [sampleStep('api', 0, 2100.4), sampleStep('dns', 2100, 3000, { outcome: 'failed' })];
  assert.equal(
    milestonesOf({ ...sampleRun({}), steps }, 4000, {
      'API Server Answering': 'api',
      'DNS SVC': 'dns',
      'App Running': 'no such',
    }),
    { 'Command Exec': 4000, 'API Server Answering': 2100 },
  );
});

milestones.run();
