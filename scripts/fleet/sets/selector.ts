// Label selectors as Kubernetes evaluates them.

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

/** What Kubernetes refuses about a selector, in its own terms. */
export function selectorProblems(selector: LabelSelector): string[] {
  // Whoever wrote it may have written anything.
  const { matchLabels, matchExpressions } = selector as Record<string, unknown>;
  const problems: string[] = [];
  if (!isAbsent(matchLabels) && !isTextMap(matchLabels)) problems.push('matchLabels must be a mapping of texts');
  if (isAbsent(matchExpressions)) return problems;
  if (!Array.isArray(matchExpressions)) return [...problems, 'matchExpressions must be a list'];
  return [...problems, ...matchExpressions.flatMap(requirementProblems)];
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isTexts = (values: readonly unknown[]): boolean => values.every((one) => typeof one === 'string');
const isTextMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isTexts(Object.values(value));

function requirementProblems(requirement: unknown): string[] {
  if (typeof requirement !== 'object' || requirement === null) return ['each of matchExpressions must be a mapping'];
  const { key, operator, values: given } = requirement as Record<string, unknown>;
  if (typeof key !== 'string') return ['each of matchExpressions needs a key, which is a text'];
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
