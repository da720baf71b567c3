// Label selectors as Kubernetes evaluates them.

import { isTree } from '../../base/tree.ts';

export interface LabelRequirement {
  key: string;
  operator: string;
  values?: readonly string[] | null;
}

export interface LabelSelector {
  matchLabels?: Readonly<Record<string, string>> | null;
  matchExpressions?: readonly LabelRequirement[] | null;
}

export type Labels = Readonly<Record<string, string>>;

/** Whether the labels satisfy all of the selector's terms; a selector without terms matches everything. */
export function matches(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector.matchExpressions ?? []).every((requirement) => satisfies(requirement, labels));
}

/** An unknown operator matches nothing: `problemsOf` reports it, and until then no cluster may be touched by it. */
function satisfies({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const listed = value !== undefined && (values ?? []).includes(value);
  if (operator === 'In') return listed;
  if (operator === 'NotIn') return !listed;
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
}

/** What is wrong with one of a selector's two fields. */
export interface SelectorProblem {
  field: 'matchLabels' | 'matchExpressions';
  message: string;
}

/** What Kubernetes refuses about a selector, whatever its fields hold. */
export function selectorProblems(selector: LabelSelector): SelectorProblem[] {
  const { matchLabels, matchExpressions } = selector as Record<string, unknown>;
  return [
    ...labelProblems(matchLabels).map((message) => ({ field: 'matchLabels' as const, message })),
    ...expressionProblems(matchExpressions).map((message) => ({ field: 'matchExpressions' as const, message })),
  ];
}

function labelProblems(labels: unknown): string[] {
  if (isAbsent(labels)) return [];
  if (!isTree(labels)) return ['is no mapping'];
  return isTexts(Object.values(labels)) ? [] : ['has a value that is no text; quote it'];
}

function expressionProblems(expressions: unknown): string[] {
  if (isAbsent(expressions)) return [];
  if (!Array.isArray(expressions)) return ['is no list'];
  return expressions.every(isTree) ? expressions.flatMap(requirementProblems) : ['has an entry that is no mapping'];
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isTexts = (values: readonly unknown[]): boolean => values.every((one) => typeof one === 'string');

function requirementProblems({ key, operator, values: given }: Readonly<Record<string, unknown>>): string[] {
  if (typeof key !== 'string') return ['has an entry without a key that is a text'];
  const values: unknown = given ?? [];
  if (!Array.isArray(values) || !isTexts(values)) return [`the values of "${key}" must be a list of texts`];
  if (operator === 'In' || operator === 'NotIn') {
    return values.length > 0 ? [] : [`${operator} of "${key}" needs values`];
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    return values.length === 0 ? [] : [`${operator} of "${key}" takes no values`];
  }
  return [`${JSON.stringify(operator)} is no selector operator: In, NotIn, Exists or DoesNotExist`];
}
