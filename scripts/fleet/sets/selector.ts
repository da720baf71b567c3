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
  return (selector.matchExpressions ?? []).flatMap(({ key, operator, values }) => {
    const count = (values ?? []).length;
    if (operator === 'In' || operator === 'NotIn') {
      return count > 0 ? [] : [`${operator} of "${key}" needs values`];
    }
    if (operator === 'Exists' || operator === 'DoesNotExist') {
      return count === 0 ? [] : [`${operator} of "${key}" takes no values`];
    }
    return [`"${operator}" is no selector operator: In, NotIn, Exists or DoesNotExist`];
  });
}
