// What goldpinger says of each pod: whether all others reach it.

import { record, string, text, type Check, type CheckVerdict } from '../base/check.ts';

export const goldpinger: Check = {
  title: (spec) => text(spec, 'collectorName') || 'goldpinger',
  icon: { key: 'kubernetes', file: 'kubernetes.svg?w=16&h=16' },
  collectors: ['goldpinger'],
  async run(spec, files) {
    const all = record(await files.json(text(spec, 'filePath') || 'goldpinger/check_all.json'));
    const hosts = Array.isArray(all['hosts']) ? (all['hosts'] as unknown[]).map(record) : [];
    const responses = Object.entries(record(all['responses']));
    const verdicts = hosts.flatMap((host) => verdictsOf(string(host['podName']), responses));
    if (verdicts.length > 0) return verdicts;
    return [{ outcome: 'warn', message: 'goldpinger names no pods', reason: 'no outcome matched' }];
  },
};

function verdictsOf(target: string, responses: readonly [string, unknown][]): CheckVerdict[] {
  const bad = responses.flatMap(([source, response]): CheckVerdict[] => {
    const results = record(record(record(response)['response'])['podResults']);
    if (!Object.hasOwn(results, target)) {
      const message = `Ping result for "${target}" pod from "${source}" pod is missing`;
      return [{ outcome: 'warn', title: `Missing ping results for "${target}" pod`, message }];
    }
    const result = record(results[target]);
    if (result['OK'] === true) return [];
    const title = `Ping from "${source}" pod to "${target}" pod failed`;
    return [{ outcome: 'fail', title, message: `Ping error: ${string(result['error'])}` }];
  });
  if (bad.length > 0) return bad;
  const message = `Pings to "${target}" pod from all other pods in the cluster succeeded`;
  return [{ outcome: 'pass', title: `Pings to "${target}" pod succeeded`, message }];
}
