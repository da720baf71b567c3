import { transformSync } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { changesOf, withSwitches } from './changes.ts';
import { type Switches, switchesFor } from './switch.ts';

const CODE = `
type Way = 'a' | 1 | true;
const LIMIT = 3 * 4;
const names: Record<string, number> = { 7: 1, b: 2 };
function pick(list: readonly number[] = [], first = 0): number | undefined {
  const { length = 9 } = list as { length?: number };
  return length > 1 && first < length - 1 ? list[first + 1] : (list[0] ?? -5);
}
const calls: string[] = [];
const called = (name: string, value: unknown): unknown => (calls.push(name), value);
const either = called('l', 0) || called('r', 'kept');
const late = async (): Promise<boolean> => !(await Promise.resolve(names['7'] === 1)) || LIMIT >= 12;
const short = { either };
return JSON.stringify([pick([4, 5], 0), pick([4]), pick(), short, await late(), calls, \`\${2 * 3}\`, 'a' + 1]);
`;

type Run = (switches: Switches) => Promise<string>;
const AsyncFunction = (async () => {
  await Promise.resolve();
}).constructor as new (name: string, code: string) => Run;

function outputOf(code: string, on = 0): Promise<string> {
  const body = code.replace(/^import .*?;/, '');
  const { code: plain } = transformSync(`async function code() {${body}}`, { loader: 'ts' });
  return new AsyncFunction('__switches', `${plain}; return code();`)(switchesFor((id) => id === on)).catch(String);
}

const changes = changesOf('code.ts', CODE);
const changing = suite('small changes behind switches');

changing('types, names, texts and the amounts of limits are left alone', () => {
  const texts = changes.map(({ start, end }) => CODE.slice(start, end));
  assert.equal(texts, [
    ...['*', '1', '2', '0', '9', '&&', '>', '1', '<', '-', '1', '+', '1', '??', '0', '5', '||', '0', '||'],
    ...["!(await Promise.resolve(names['7'] === 1))", '===', '1', '>=', '12', '4', '5', '0', '4', '*', '2', '3', '1'],
  ]);
});

changing('all switches off change nothing, and one that is on changes what it says', async () => {
  const switched = withSwitches(CODE, changes, '/switch.ts');
  assert.is(await outputOf(switched), await outputOf(CODE));
  for (const { id, start, end, text } of changes) {
    const written = CODE.slice(0, start) + text + CODE.slice(end);
    assert.is(await outputOf(switched, id), await outputOf(written), written);
  }
});

changing.run();
