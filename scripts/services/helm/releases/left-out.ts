// Leaves webhook configurations out of releases on clusters whose pods are simulated: no webhook would ever answer there.

import { join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import type { HelmHome } from '../home.ts';

/**
 * Helm hands what it has rendered to a program, and takes what that prints. Awk begins in a hundredth of the time of Node.
 * Webhooks behind an address outside of the cluster may answer, and stay.
 */
const script = `#!/bin/sh
exec awk '
  function flush() { if (!(webhook && inside)) printf "%s", text; text = ""; webhook = 0; inside = 0 }
  /^---/ { flush() }
  { text = text $0 "\\n" }
  /^kind:[ "'\\'']*(Mutating|Validating)WebhookConfiguration/ { webhook = 1 }
  /[{, ]"?service"?:/ { inside = 1 }
  END { flush(); print "---"; print "# webhook configurations are left out" }
'
`;

/** Path of the program. */
export async function webhookFilter(home: HelmHome): Promise<string> {
  const path = join(home.root, 'without-webhooks.sh');
  await makeFolder(home.root, 0o700);
  await writeAtomic(path, script, { mode: 0o700 });
  return path;
}
