// The secret values that a cluster is given: a server's answer may repeat it.

import { createRedactor, type Redactor } from '../../base/redact/redactor.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';
import type { Item } from '../desired/item.ts';
import { textMap } from '../sets/parse.ts';

/** Shorter ones stand in too many texts by chance. */
const SHORTEST = 4;

/** Credentials of the connection. */
export function credentialsOf({ token, clientKey }: KubeConnection): string[] {
  return [token, clientKey].filter((one): one is string => one !== undefined && one !== '');
}

/** Contents of the Secrets among the items. */
export function secretValuesOf(items: readonly Item[]): string[] {
  return items
    .filter(({ groupKind }) => groupKind === '/Secret')
    .flatMap(({ object }) => [
      ...Object.values(textMap(object['data'])).map((value) => Buffer.from(value, 'base64').toString()),
      ...Object.values(textMap(object['stringData'])),
    ])
    .filter(({ length }) => length >= SHORTEST);
}

/** Characters by which a value is recognized. */
const BEGINNING = 9;

/**
 * A redactor that knows the values which the text may hold; undefined where it holds none. Making one for a large value takes
 * longer than a pass, and a server hardly ever repeats what it was sent.
 */
export function redactorFor(text: string, values: readonly string[]): Redactor | undefined {
  const held = values.filter((value) => mayHold(text, value));
  return held.length === 0 ? undefined : createRedactor({ values: held });
}

/** Whether a line of the value begins in the text: as it is, within JSON or an address, or in base64 at any offset. */
function mayHold(text: string, value: string): boolean {
  return value.split(/\r?\n/).some((line) => {
    if (line.length < SHORTEST) return false;
    const start = line.slice(0, BEGINNING);
    const forms = [start, JSON.stringify(start).slice(1, -1), encodeURIComponent(start)];
    // Whole groups of three bytes, so that what follows does not matter.
    for (const before of ['', '-', '--']) {
      const code = Buffer.from(before + start).toString('base64');
      forms.push(code.slice(before === '' ? 0 : 4, Math.floor((before.length + start.length) / 3) * 4));
    }
    return forms.some((form) => form !== '' && text.includes(form));
  });
}
