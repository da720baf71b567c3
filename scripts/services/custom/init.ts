// The first settings file and the first step of a project, for `up --init`.

import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../../host/files/make-folder.ts';
import { isErrno } from '../../base/errors.ts';

const CONTRACT = fileURLToPath(new URL('contract.ts', import.meta.url));

const SETTINGS = `# Settings of hoist; \`hoist up --plan\` shows all of them, and what comes of each.
name: dev

namespaces:
  - development

# More of it: hoist up --profile platform, or
# extends: platform

# Shell commands around a run:
# hooks:
#   before: [./build.sh]
#   after: [./smoke-test.sh]
`;

const step = (
  contract: string,
): string => `// A step of your own: copy it, change it, or remove it. \`hoist up --plan\` shows where it runs.

import type { CustomStep } from '${contract}';

export default {
  // Steps that must have succeeded before, as \`hoist up --plan\` names them; [] starts at once, while the cluster boots.
  needs: ['health/api'],
  timeout: '2m',
  async run({ $, log, context, namespaces }) {
    log(\`\${context} has the namespaces \${namespaces.join(', ')}\`);
    // Its output stands under the step's name; it ends with the step, whatever it has started.
    await $\`echo "a kubeconfig is at $KUBECONFIG"\`;
  },
} satisfies CustomStep;
`;

export interface InitResult {
  path: string;
  /** false: there was one already, which is as it was. */
  written: boolean;
}

/**
 * Writes a settings file and a step beside it, each only where there is none.
 * @param settings path of the settings file, absolute.
 */
export async function initProject(settings: string): Promise<InitResult[]> {
  const folder = dirname(settings);
  const steps = join(basename(folder) === 'config' ? dirname(folder) : folder, 'steps');
  const contract = relative(steps, CONTRACT);
  return [
    await writeNew(settings, SETTINGS),
    await writeNew(join(steps, 'example.ts'), step(contract.startsWith('.') ? contract : `./${contract}`)),
  ];
}

async function writeNew(path: string, text: string): Promise<InitResult> {
  await makeFolder(dirname(path));
  try {
    await writeFile(path, text, { flag: 'wx' });
    return { path, written: true };
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return { path, written: false };
    throw error;
  }
}
