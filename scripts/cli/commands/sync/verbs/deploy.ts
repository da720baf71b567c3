// `hoist sync deploy`: what is to be applied to the hub, as YAML on stdout.

import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { imageProblem } from '../../../../fleet/deploy/image.ts';
import { deployManifests, TOKEN_SECRET } from '../../../../fleet/deploy/manifests.ts';
import type { Io } from '../../../command.ts';
import type { FormArguments } from '../flags.ts';
import { namespaceOf, positive } from '../options.ts';

export async function deploy(args: FormArguments<'deploy'>, io: Io): Promise<number> {
  const { image, replicas } = args.flags;
  const namespace = namespaceOf(args.flags);
  if (image === undefined) throw new UsageError('--image is needed: build one with config/sync/Dockerfile');
  const problem = imageProblem(image);
  if (problem !== undefined) {
    throw new UsageError(`--image ${JSON.stringify(image)} ${problem}`, {
      hint: 'An image is [HOST[:PORT]/]NAME[:TAG][@DIGEST], like registry.example.com/hoist-sync:1.0.',
    });
  }
  const manifests = deployManifests({
    namespace,
    replicas: positive(replicas ?? '3', '--replicas'),
    image,
  });
  const { stringify } = await import('yaml');
  io.stdout.write(manifests.map((one) => stringify(one, { lineWidth: 120 })).join('---\n'));
  io.stderr.write(
    `the pods need Secret ${TOKEN_SECRET} in namespace ${namespace}: its key "token" is what viewers must know\n`,
  );
  return ExitCode.ok;
}
