// What checks of hosts share: the file of this host, or those of all nodes where it was collected in pods.

import { MissingFile, record, text, type Check, type Files, type Spec, type CheckVerdict } from '../base/check.ts';
import { firstOf, outcomesOf, type Outcome } from '../base/outcomes.ts';

/** The content of one host; `node` is undefined for this one. */
export interface HostContent {
  node: string | undefined;
  content: string;
}

/** @throws MissingFile where neither this host nor a node has the file */
export async function hostContents(files: Files, folder: string, file: string): Promise<HostContent[]> {
  const path = `host-collectors/${folder}/${file}`;
  if (files.paths.includes(path)) return [{ node: undefined, content: await files.text(path) }];
  const list = 'host-collectors/system/node_list.json';
  if (!files.paths.includes(list)) throw new MissingFile(path);
  const { nodes } = record(await files.json(list));
  const names = Array.isArray(nodes) ? nodes.map(String) : [];
  return Promise.all(
    names.map(async (node) => ({ node, content: await files.text(`host-collectors/${folder}/${node}/${file}`) })),
  );
}

interface HostCheck {
  title: string | ((spec: Spec) => string);
  /** The collector's kind, and the folder of its files below host-collectors. */
  collector: string;
  folder: string;
  /** The name of its file, where it is not that of the collector. */
  file?: string;
  /** The name of the collector where the spec gives none. */
  byDefault?: string;
  evaluate: (content: string, spec: Spec) => Evaluated;
}

interface Evaluated {
  holds: (when: string) => boolean;
  /** For where no outcome matches. */
  found: string;
  message?: (outcome: Outcome) => string;
}

/** A check whose outcomes are looked at in order for each host. */
export function hostCheck({ title, collector, folder, file, byDefault, evaluate }: HostCheck): Check {
  const titleOf = typeof title === 'string' ? (): string => title : title;
  return {
    title: titleOf,
    collectors: [collector],
    async run(spec, files): Promise<CheckVerdict[]> {
      const name = text(spec, 'collectorName') || (byDefault ?? collector);
      const contents = await hostContents(files, folder, file ?? `${name}.json`);
      return contents.map(({ node, content }) => {
        const shown = text(spec, 'checkName') || titleOf(spec);
        const found = evaluate(content, spec);
        return firstOf(outcomesOf(spec), {
          ...found,
          ...(node === undefined ? {} : { title: `${shown} - Node ${node}` }),
        });
      });
    },
  };
}

export const parsed = (content: string): Record<string, unknown> => record(JSON.parse(content));
