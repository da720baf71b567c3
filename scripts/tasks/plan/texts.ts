// All texts of an action that may hold templates.

import type { Action } from '../file/model.ts';
import type { Text } from '../file/source.ts';

export function textsOf(action: Action): Text[] {
  const { work, ready } = action;
  const given: (Text | undefined)[] = [action.description, action.if, action.dir, ...action.env];
  switch (work.kind) {
    case 'cmd':
      given.push(work.cmd);
      break;
    case 'task':
      given.push(work.task, ...work.with.values());
      break;
    case 'wait': {
      const { cluster, network } = work.wait;
      given.push(cluster?.kind, cluster?.name, cluster?.namespace, cluster?.condition);
      given.push(network?.protocol, network?.address, network?.code);
      break;
    }
    case 'apply':
      given.push(...work.apply.files, work.apply.namespace);
      break;
    case 'parallel':
    case 'nothing':
      break;
  }
  given.push(ready?.log, ready?.tcp, ready?.http, ready?.cmd);
  const loop = action.for;
  if (loop?.kind === 'text') given.push(loop.text);
  if (loop?.kind === 'list') given.push(...loop.items);
  if (loop?.kind === 'matrix') given.push(...[...loop.axes.values()].flat());
  return given.filter((text) => text !== undefined);
}
