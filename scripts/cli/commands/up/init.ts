// What `hoist up --init` does.

import { join, relative, resolve } from 'node:path';
import { initProject } from '../../../services/custom/init.ts';
import type { CommandArguments } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { outputOptions } from '../../output.ts';

export async function runInit({ flags }: CommandArguments, io: Io): Promise<number> {
  const { output, quiet } = outputOptions({ flags });
  const { config } = flags;
  const files = await initProject(resolve(io.cwd, config ?? join('config', 'cluster.yaml')));
  const shown = files.map(({ path, written }) => ({ path: relative(io.cwd, path), written }));
  if (output === 'json') io.stdout.write(`${JSON.stringify({ type: 'init', files: shown })}\n`);
  else if (!quiet) {
    for (const { path, written } of shown)
      io.stdout.write(`${written ? 'wrote' : 'left'} ${path}${written ? '' : ' as it is'}\n`);
  }
  return 0;
}
