// Checks of collected texts by regular expressions, and of JSON and YAML by a value.

import { parse as parseYaml } from 'yaml';
import { GoRegExp, GoRegExpError } from '../../../base/go-regexp.ts';
import { messageOf } from '../../../base/errors.ts';
import {
  BadCheck,
  MissingFile,
  text,
  texts,
  type Check,
  type Files,
  type Spec,
  type CheckVerdict,
} from '../base/check.ts';
import { holds, operator, words } from '../base/compare.ts';
import { firstOf, goBool, noMatch, outcomesOf, verdictOf } from '../base/outcomes.ts';
import { atPath, jsonPath } from '../base/paths.ts';
import { render } from '../base/template.ts';

const ICON = { key: 'kubernetes_text_analyze', file: 'text-analyze.svg' };

export const textAnalyze: Check = {
  title: (spec) => text(spec, 'collectorName') || 'Regular Expression',
  icon: ICON,
  collectors: [],
  async run(spec, files) {
    const paths = matchingTexts(spec, files);
    if (paths.length === 0) {
      if (spec['ignoreIfNoFiles'] === true || text(spec, 'ignoreIfNoFiles') === 'true') return [];
      throw new MissingFile(pathOf(spec, text(spec, 'fileName')));
    }
    const regex = compiled(text(spec, 'regex'));
    const groups = compiled(text(spec, 'regexGroups'));
    if (!regex && !groups) throw new BadCheck('it has neither regex nor regexGroups');
    const verdicts: CheckVerdict[] = [];
    for (const path of paths) {
      const content = await files.text(path);
      // Where several files are looked at, each verdict says which it is about.
      const about = paths.length > 1 ? { file: path } : {};
      if (regex) verdicts.push(named(byRegex(spec, regex.test(content), path), about));
      if (groups) verdicts.push(named(byGroups(spec, groups, content), about));
    }
    return verdicts;
  },
};

const named = (verdict: CheckVerdict, { file }: { file?: string }): CheckVerdict =>
  file === undefined || verdict.reason === undefined ? verdict : { ...verdict, message: `${file}: ${verdict.message}` };

function compiled(pattern: string): GoRegExp | undefined {
  if (pattern === '') return undefined;
  try {
    return new GoRegExp(pattern, 2000);
  } catch (error) {
    if (error instanceof GoRegExpError) throw new BadCheck(error.message);
    throw error;
  }
}

/** Outputs of `exec` are two folders deeper than specs say. */
function pathOf(spec: Spec, fileName: string): string {
  const path = joined(text(spec, 'collectorName'), fileName);
  const isOutput = /-(?:stdout\.txt|stderr\.txt|errors\.json)$/.test(fileName);
  return isOutput && !/[*?[]/.test(path) ? joined(text(spec, 'collectorName'), `*/*/${fileName}`) : path;
}

const joined = (folder: string, file: string): string =>
  [folder, file]
    .join('/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

function matchingTexts(spec: Spec, files: Files): string[] {
  const excluded = texts(spec, 'excludeFiles').map((file) => pathOf(spec, file));
  const fileName = text(spec, 'fileName');
  const found = files.matching(pathOf(spec, fileName), excluded);
  // Outputs of host collectors stand where specs name them, too.
  return found.length > 0 ? found : files.matching(joined(text(spec, 'collectorName'), fileName), excluded);
}

/** All outcomes are looked at, and the last that fits counts; a failure is not taken back by a warning. */
export function byRegex(spec: Spec, matched: boolean, about: string): CheckVerdict {
  const outcomes = outcomesOf(spec);
  let verdict: CheckVerdict | undefined;
  for (const outcome of outcomes) {
    const wanted = outcome.when === '' ? outcome.outcome === 'pass' : goBool(outcome.when);
    if (wanted !== matched) continue;
    const next = verdictOf(outcome, outcome.message);
    const worse = verdict && severity(verdict) > severity(next);
    verdict = worse && verdict ? { ...next, outcome: verdict.outcome } : next;
  }
  return verdict ?? noMatch(outcomes, `that the expression ${matched ? 'matches' : 'does not match'} ${about}`);
}

const severity = ({ outcome }: CheckVerdict): number => ['pass', 'warn', 'fail'].indexOf(outcome);

export function byGroups(spec: Spec, pattern: GoRegExp, content: string): CheckVerdict {
  const match = pattern.find(content);
  const values: Record<string, string> = {};
  if (match) {
    for (const [number, name] of pattern.groupNames.entries())
      if (name !== '') values[name] = match.groups[number] ?? '';
  }
  return firstOf(outcomesOf(spec), {
    holds: (when) => groupHolds(when, values),
    found: match
      ? Object.entries(values)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ') || 'a match without names'
      : 'no match',
    message: ({ message }) => render(message, values),
  });
}

function groupHolds(when: string, values: Readonly<Record<string, string>>): boolean {
  const [name = '', sign = '', raw = ''] = words(when, 3);
  const wanted = raw === "''" || raw === '""' ? '' : raw;
  if (!Object.hasOwn(values, name)) return false;
  const actual = values[name] ?? '';
  if (/^[-+]?\d+$/.test(wanted))
    return /^[-+]?\d+$/.test(actual) && holds(operator(sign), Number(actual) - Number(wanted));
  const op = operator(sign);
  if (op !== '=') throw new BadCheck(`"${sign}" compares numbers only, and "${wanted}" is none`);
  return actual === wanted;
}

function compareCheck(title: string, parse: (content: string) => unknown): Check {
  return {
    title: (spec) => text(spec, 'collectorName') || title,
    icon: ICON,
    collectors: [],
    async run(spec, files) {
      const path = joined(text(spec, 'collectorName'), text(spec, 'fileName'));
      const document = read(parse, await files.text(path), path);
      const actual = valueOf(spec, document);
      const equal = sameUnordered(actual, read(parse, text(spec, 'value'), 'value'));
      return [
        firstOf(
          outcomesOf(spec).map((outcome) => ({ ...outcome, when: outcome.when || String(outcome.outcome === 'pass') })),
          {
            holds: (when) => goBool(when) === equal,
            found: `${JSON.stringify(actual)}, which is ${equal ? '' : 'not '}the value`,
            message: ({ message }) => render(message, document),
          },
        ),
      ];
    },
  };
}

export const jsonCompare = compareCheck('Json Compare', (content) => JSON.parse(content) as unknown);
export const yamlCompare = compareCheck('Yaml Compare', (content) => parseYaml(content) as unknown);

function read(parse: (content: string) => unknown, content: string, what: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    throw new BadCheck(`${what} cannot be read: ${messageOf(error)}`);
  }
}

function valueOf(spec: Spec, document: unknown): unknown {
  const path = text(spec, 'path');
  if (path !== '') return atPath(document, path);
  const expression = text(spec, 'jsonPath');
  if (expression === '') return document;
  const found = jsonPath(document, expression);
  return found.length === 1 ? found[0] : found;
}

/** Equal, where the order of a list does not count. */
export function sameUnordered(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    const sorted = (list: unknown[]): string[] => list.map(stable).sort();
    return a.length === b.length && sorted(a).every((item, i) => item === sorted(b)[i]);
  }
  return stable(a) === stable(b);
}

function stable(value: unknown): string {
  if (value === undefined) return 'undefined';
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
