// Label selectors, as maps with expressions and as the text that kubectl takes.

import { BadCheck, record, string } from './check.ts';

type Labels = Readonly<Record<string, string>>;

/** All of `matchLabels` and `matchExpressions`. */
export function matchesSelector(labels: Labels, wanted: { labels?: unknown; expressions?: unknown }): boolean {
  for (const [key, value] of Object.entries(record(wanted.labels))) if (labels[key] !== String(value)) return false;
  const expressions = Array.isArray(wanted.expressions) ? (wanted.expressions as unknown[]) : [];
  return expressions.every((expression) => {
    const { key, operator, values } = record(expression);
    return expressionHolds(labels[string(key)], string(operator), Array.isArray(values) ? values.map(String) : []);
  });
}

function expressionHolds(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      throw new BadCheck(`"${operator}" is none of In, NotIn, Exists, DoesNotExist`);
  }
}

/** `a=b,c!=d,e in (f,g),h,!i` */
export function matchesText(labels: Labels, selector: string): boolean {
  return [...selector.matchAll(/(?:[^,(]|\([^)]*\))+/g)].every(([part]) => {
    const requirement = part.trim();
    if (requirement === '') return true;
    const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(requirement);
    if (set) {
      const values = (set[3] ?? '').split(',').map((value) => value.trim());
      return expressionHolds(labels[set[1] ?? ''], set[2] === 'in' ? 'In' : 'NotIn', values);
    }
    const pair = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(requirement);
    if (pair) return (labels[pair[1] ?? ''] === pair[3]) === (pair[2] !== '!=');
    return requirement.startsWith('!') ? labels[requirement.slice(1)] === undefined : labels[requirement] !== undefined;
  });
}
