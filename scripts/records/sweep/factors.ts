// What a sweep varies: one setting at a time, each through its values.

import { didYouMean } from '../../base/suggest.ts';
import { ConfigError, type Problem } from '../../base/errors.ts';
import { settingOptions, type Option } from '../../settings/options.ts';

export interface Factor {
  option: Option;
  /** As they were written; the first is the one that the others have to beat. */
  values: readonly string[];
}

/** One thing to measure: a single setting changed. */
export interface Variant {
  option: Option;
  value: string;
}

/**
 * Reads `agents=1,2,3`; a setting is named by its key, flag or env variable. Values that hold commas cannot be swept.
 * @throws ConfigError with everything that is wrong with any of them
 */
export function readFactors(texts: readonly string[]): Factor[] {
  const problems: Problem[] = [];
  const factors: Factor[] = [];
  for (const text of texts) {
    const equals = text.indexOf('=');
    const [name, list] = [text.slice(0, equals), text.slice(equals + 1)];
    const values = list.split(',').map((value) => value.trim());
    const option = optionOf(name);
    const where = `--sweep ${text}`;
    if (equals < 0) problems.push({ where, message: 'expected SETTING=VALUE,VALUE such as agents=1,2,3' });
    else if (option === undefined) problems.push({ where, message: unknown(name) });
    else if (option.kind === 'list') problems.push({ where, message: 'a list of values cannot be swept' });
    else if (values.length < 2 || values.includes(''))
      problems.push({ where, message: 'at least two values are needed' });
    else if (new Set(values).size < values.length) problems.push({ where, message: 'a value is named twice' });
    else if (factors.some((factor) => factor.option === option))
      problems.push({ where, message: 'this setting is swept twice' });
    else factors.push({ option, values });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return factors;
}

/** What to measure, in turn: A B C, A B C, so that what changes on the machine meanwhile hits all alike. */
export function turnsOf(factors: readonly Factor[], repeat: number): Variant[] {
  const round = factors.flatMap(({ option, values }) => values.map((value) => ({ option, value })));
  return Array.from({ length: repeat }, () => round).flat();
}

function optionOf(name: string): Option | undefined {
  return settingOptions.find(({ key, env, flag }) => name === key || name === env || name === flag);
}

function unknown(name: string): string {
  const known = settingOptions.flatMap(({ key, env, flag }) => [key, env, flag]);
  return `there is no setting ${name}${didYouMean(name, known)}`;
}
