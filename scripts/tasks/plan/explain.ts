// Where the value of a variable comes from, for --explain.

import { UsageError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { type Text, whereOf } from '../file/source.ts';
import type { Declarations } from '../variables/presets.ts';

/** @throws UsageError where nothing declares, gives or sets the variable */
export function explain(
  name: string,
  declarations: Declarations,
  setters: ReadonlyMap<string, readonly Text[]>,
): string {
  const value = declarations.values.get(name);
  const set = setters.get(name) ?? [];
  if (value === undefined && set.length === 0) {
    const known = [...declarations.values.keys(), ...setters.keys()];
    throw new UsageError(`there is no variable "${name}" in what these tasks reach${didYouMean(name, known)}`);
  }
  const owner = declarations.owner(name);
  const secret = declarations.declared.get(name)?.sensitive === true;
  const shown = (text: string): string => (secret ? '***' : JSON.stringify(text));
  const lines = [
    ...(value === undefined
      ? [`${name} has no value at the start`]
      : [`${name} = ${shown(value.text)}`, `  from ${value.source}`]),
    ...(owner === undefined
      ? []
      : [
          `  declared at ${whereOf(owner.at)}${owner.default === undefined ? ', without a default' : `, default ${shown(owner.default)}`}`,
        ]),
    ...(owner?.pattern === undefined ? [] : [`  must match ${owner.pattern.value}`]),
    ...(secret ? ['  sensitive: masked in output, errors and records'] : []),
    ...set.map((text) => `  set by the action at ${whereOf(text.at)}`),
    `  can be given as --set ${name}=VALUE${owner === undefined ? '' : `, MARU_${name} or UDS_${name}`}`,
  ];
  return `${lines.join('\n')}\n`;
}
