// What `hoist up --init` does.

import { join, relative, resolve } from 'node:path';
import { initProject } from '../../../services/custom/init.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';

export async function runInit(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const config = args.values['config'];
  const files = await initProject(resolve(io.cwd, config ?? join('config', 'cluster.yaml')));
  const shown = files.map(({ path, written }) => ({ path: relative(io.cwd, path), written }));
  if (wish.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'init', files: shown })}\n`);
  else if (!wish.quiet) {
    for (const { path, written } of shown)
      io.stdout.write(`${written ? 'wrote' : 'left'} ${path}${written ? '' : ' as it is'}\n`);
  }
  return 0;
}
