// `hoist sync deploy`: what is to be applied to the hub, as YAML on stdout.

import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { deployManifests, TOKEN_SECRET } from '../../../../fleet/deploy/manifests.ts';
import { checkName } from '../../../../fleet/hub/adopt.ts';
import type { Arguments, Io } from '../../../command.ts';
import { positive, syncOptions } from '../options.ts';

export async function deploy(args: Arguments, io: Io): Promise<number> {
  const { namespace } = syncOptions(args);
  const image = args.values['image'];
  if (image === undefined) throw new UsageError('--image is needed: build one with config/sync/Dockerfile');
  const manifests = deployManifests({
    namespace: checkName('--namespace', namespace),
    replicas: positive(args.values['replicas'] ?? '3', '--replicas'),
    image,
  });
  const { stringify } = await import('yaml');
  io.stdout.write(manifests.map((one) => stringify(one, { lineWidth: 120 })).join('---\n'));
  io.stderr.write(
    `the pods need Secret ${TOKEN_SECRET} in namespace ${namespace}: its key "token" is what viewers must know\n`,
  );
  return ExitCode.ok;
}
