// The steps that lead to an existing cluster: credential, rights, API. Nothing is changed before the rights are known.

import type { Step } from '../../engine/step.ts';
import { HealthError, UsageError } from '../../base/errors.ts';
import type { Exec } from '../../host/exec.ts';
import { type KubeClient, connect } from '../../kube/client/client.ts';
import { type KubeEntries, type KubeTarget, readConnection } from '../../kube/kubeconfig/read.ts';
import type { StepInputs } from '../provider.ts';
import { assertNotExpired, explainRefusal } from './credential.ts';
import { nodesOf } from './nodes.ts';
import { ownKubeconfig } from './own-kubeconfig.ts';
import type { Records } from './record.ts';
import { assertRights, neededRights } from './rights.ts';

export interface ExistingDeps {
  exec: Exec;
  paths: readonly string[];
  records: Records;
}

/** What the steps of one run share; `credential` connects. */
interface Run {
  name: string;
  entries: KubeEntries;
  inputs: StepInputs;
  deps: ExistingDeps;
  /** @throws where a step uses it without needing `credential`. */
  connected(): Connected;
  connect(connected: Connected): void;
}

interface Connected {
  client: KubeClient;
  target: KubeTarget;
}

export function existingSteps(name: string, entries: KubeEntries, inputs: StepInputs, deps: ExistingDeps): Step[] {
  let connected: Connected | undefined;
  const run: Run = {
    name,
    entries,
    inputs,
    deps,
    connected() {
      if (!connected) throw new Error('a step runs before "credential"');
      return connected;
    },
    connect: (made) => void (connected = made),
  };
  return [credentialStep(run), apiStep(run), kubeconfigStep(run), nodesStep(run)];
}

function credentialStep({ entries, deps, ...run }: Run): Step {
  const { context } = entries;
  return {
    name: 'credential',
    async run({ note }) {
      const target = await readConnection({ paths: deps.paths, context, exec: deps.exec });
      const { connection, user } = target;
      // The file may have been changed since the server was found to be allowed.
      if (connection.server !== entries.server) {
        throw new UsageError(`the context "${context}" has changed meanwhile: it is of ${connection.server} now`);
      }
      assertNotExpired(target, new Date());
      note(user === '' ? context : `${context} as ${user}`);
      run.connect({ client: connect(connection), target });
    },
  };
}

function apiStep({ entries: { context }, inputs: { access, work }, ...run }: Run): Step {
  return {
    name: 'api',
    needs: ['credential'],
    async run({ signal, note }) {
      const { client, target } = run.connected();
      try {
        const { gitVersion } = await client.json<{ gitVersion: string }>({ path: '/version', signal, attempts: 3 });
        const who = `user "${target.user}" (context "${context}")`;
        await assertRights(client, await neededRights(client, work, signal), who, signal);
        note(`Kubernetes ${gitVersion}, all rights are there`);
      } catch (error) {
        client.close();
        throw explainRefusal(error, target);
      }
      access.open(client, target.connection);
    },
  };
}

function kubeconfigStep({ name, entries, deps: { records } }: Run): Step {
  const { server, context } = entries;
  return {
    name: 'kubeconfig',
    needs: ['api'],
    async run() {
      const known = await records.read(name);
      const createdAt = known?.server === server ? known.createdAt : new Date().toISOString();
      await records.write(name, { version: 1, context, server, createdAt }, ownKubeconfig(entries));
    },
  };
}

function nodesStep({ inputs: { access } }: Run): Step {
  return {
    name: 'nodes',
    needs: ['api'],
    async run({ signal, note, warn }) {
      const nodes = await nodesOf(access.client(), signal);
      if (nodes === undefined) {
        note('may not be listed');
        return;
      }
      const late = nodes.filter((node) => !node.ready);
      const names = late.map((node) => `${node.name} (${node.why ?? 'not Ready'})`).join(', ');
      if (late.length === nodes.length) {
        throw new HealthError(`no node is Ready${names === '' ? ': there is none' : `: ${names}`}`);
      }
      note(`${nodes.length - late.length} of ${nodes.length} are Ready`);
      if (late.length > 0) warn(`not Ready: ${names}`);
    },
  };
}
