// Pure: what services say they need of each other: names turned into steps, and cycles refused.

import { didYouMean } from '../../../base/suggest.ts';
import type { Problem } from '../../../base/errors.ts';
import type { ServiceSetting } from '../../../settings/schema.ts';
import { readyStep } from '../service.ts';

type Where = (path: readonly (string | number)[]) => Pick<Problem, 'where' | 'excerpt'>;

/** Steps without a slash in their names that a service may need. */
const ALONE = ['nodes', 'manifests', 'resources'];

/** For each service the steps that it needs; what cannot be goes to `problems`. */
export function resolveNeeds(
  settings: readonly Pick<ServiceSetting, 'name' | 'needs'>[],
  where: Where,
  problems: Problem[],
): string[][] {
  const names = new Set(settings.map(({ name }) => name));
  const steps = settings.map(({ name, needs }, index) =>
    needs.map((need, at) => {
      // Which steps a run has is known, and checked, when it has all of them.
      if (ALONE.includes(need) || need.includes('/')) return need;
      if (!names.has(need)) {
        const asked = didYouMean(need, [...names, ...ALONE]);
        const message = `service "${name}" needs "${need}", which is no service${asked}`;
        problems.push({ ...where(['services', index, 'needs', at]), message });
      }
      return readyStep(need);
    }),
  );
  for (const cycle of cyclesOf(settings)) {
    const [first = '', second = ''] = cycle;
    const index = settings.findIndex(({ name }) => name === first);
    const at = settings[index]?.needs.indexOf(second) ?? 0;
    const message = `services need each other in a cycle: ${cycle.join(' → ')}`;
    problems.push({ ...where(['services', index, 'needs', at]), message });
  }
  return steps;
}

/** One cycle of each knot, its first name again at the end. */
function cyclesOf(settings: readonly Pick<ServiceSetting, 'name' | 'needs'>[]): string[][] {
  const needsOf = new Map(settings.map(({ name, needs }) => [name, needs]));
  const closed = new Set<string>();
  const cycles: string[][] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const from = path.indexOf(name);
    if (from >= 0) cycles.push([...path.slice(from), name]);
    if (from >= 0 || closed.has(name)) return;
    for (const need of needsOf.get(name) ?? []) visit(need, [...path, name]);
    closed.add(name);
  };
  for (const { name } of settings) visit(name, []);
  return cycles;
}
