// Task files that stand in a test as texts.

import { parseTaskFile } from '../../scripts/tasks/file/read.ts';
import { Program } from '../../scripts/tasks/includes/program.ts';
import { type CheckOptions, type Checked, checkPlan } from '../../scripts/tasks/plan/check.ts';
import type { Text } from '../../scripts/tasks/file/source.ts';
import { Source } from '../../scripts/tasks/file/source.ts';
import { Declarations, presetsOf } from '../../scripts/tasks/variables/presets.ts';

/** A program whose includes are URLs `https://x/NAME`, answered with the texts. */
export async function programOf(text: string, included: Readonly<Record<string, string>> = {}): Promise<Program> {
  return new Program({
    root: await parseTaskFile(text, 'tasks.yaml', '/w/tasks.yaml'),
    cwd: '/w',
    lookup: () => undefined,
    remote: (url) => {
      const name = url.replace('https://x/', '');
      return parseTaskFile(included[name] ?? '', name, url);
    },
  });
}

/** A text that stands nowhere else. */
function textOf(value: string): Text {
  return { value, at: { source: new Source('argv', value), offset: 0 } };
}

export interface CheckInputs extends Partial<Pick<CheckOptions, 'strict'>> {
  names?: readonly string[];
  given?: Readonly<Record<string, string>>;
  set?: Readonly<Record<string, string>>;
  included?: Readonly<Record<string, string>>;
}

export async function check(
  text: string,
  { names = ['default'], given = {}, set = {}, included, strict }: CheckInputs = {},
): Promise<Checked & { declarations: Declarations }> {
  const program = await programOf(text, included);
  const declarations = new Declarations(presetsOf(program.root, new Map(Object.entries(set)), {}));
  declarations.add(program.root);
  const options = { program, declarations, given: new Map(Object.entries(given)), strict };
  return { ...(await checkPlan(names.map(textOf), options)), declarations };
}
