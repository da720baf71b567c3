// What a cluster is given that nobody else may read: a server's answer may repeat it.

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
