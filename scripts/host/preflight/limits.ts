// Kernel limits that nodes in containers share with this machine.

import { readFile } from 'node:fs/promises';
import { type Finding, ok, warn } from './finding.ts';

/** Seen: a server takes 18 instances, an agent 6. The rest is for everything else that this user runs. */
const INSTANCES = { node: 18, others: 64 };
const WATCHES = 65_536;

/** @param folder where the kernel shows them. */
export async function checkInotify(nodes: number, folder = '/proc/sys/fs/inotify'): Promise<Finding[]> {
  const limits = { max_user_instances: INSTANCES.others + nodes * INSTANCES.node, max_user_watches: WATCHES };
  return Promise.all(
    Object.entries(limits).map(async ([name, least]) => {
      const text = await readFile(`${folder}/${name}`, 'utf8').catch(() => undefined);
      const setting = `fs.inotify.${name}`;
      if (text === undefined) return ok(setting, 'not a limit on this machine');
      const value = Number(text.trim());
      if (value >= least) return ok(setting, String(value));
      return warn(
        setting,
        `${value} is little for ${nodes} nodes, which then fail with "too many open files"`,
        `sudo sysctl -w ${setting}=${least}`,
      );
    }),
  );
}
