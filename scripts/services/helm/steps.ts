// The steps that release services: one that looks what is there, then for each service its release and its readiness.

import type { Step, StepContext } from '../../engine/step.ts';
import type { Exec } from '../../host/exec.ts';
import { resolveTools } from '../../host/tools/locate.ts';
import type { ToolOptions } from '../../host/tools/options.ts';
import { toolStepName, toolSteps } from '../../host/tools/steps.ts';
import { apply } from '../../kube/apply.ts';
import type { KubeClient } from '../../kube/client.ts';
import { upgradeCommand } from './commands.ts';
import { runHelm } from './helm.ts';
import { type HelmHome, helmEnvironment, helmHome } from './home.ts';
import { inputsOf } from './inputs.ts';
import { readInstalled } from './installed.ts';
import { waitReady } from './ready.ts';
import { INPUTS_LABEL, REVISION_LABEL, type ReleaseStates, listReleases } from './releases.ts';
import { type LocalChart, type Service, readyStep, releaseStep } from './service.ts';

export interface HelmInputs {
  services: readonly Service[];
  /** Namespaces that have a step of their own. */
  namespaces: readonly string[];
  client: () => KubeClient;
  /** Name of the cluster, and the path of its kubeconfig. */
  cluster: string;
  kubeconfig: string;
  exec: Exec;
  tools: ToolOptions;
}

export async function helmSteps(inputs: HelmInputs): Promise<Step[]> {
  if (inputs.services.length === 0) return [];
  const provisioning = await toolSteps(['helm'], inputs.tools);
  const releases = new Releases(inputs);
  return [
    ...provisioning,
    { name: 'releases', needs: ['api'], run: ({ signal }) => releases.look(signal) },
    ...inputs.services.flatMap((service) => releases.stepsOf(service, provisioning.length > 0)),
  ];
}

class Releases {
  private states: ReleaseStates = new Map();
  private readonly revisions = new Map<Service, number>();
  private readonly home: HelmHome;

  constructor(private readonly inputs: HelmInputs) {
    this.home = helmHome(inputs.tools.env);
  }

  async look(signal: AbortSignal): Promise<void> {
    this.states = await listReleases(this.inputs.client(), signal);
  }

  stepsOf(service: Service, provision: boolean): Step[] {
    const { name, namespace } = service;
    const made = this.inputs.namespaces.includes(namespace);
    return [
      {
        name: releaseStep(name),
        needs: [
          'releases',
          'kubeconfig',
          ...(made ? [`namespace/${namespace}`] : []),
          ...(provision ? [toolStepName('helm')] : []),
          ...service.needs,
        ],
        pool: 'work',
        run: (context) => this.release(service, made, context),
      },
      {
        name: readyStep(name),
        needs: [releaseStep(name)],
        run: (context) => this.ready(service, context),
      },
    ];
  }

  private async release(service: Service, namespaceMade: boolean, context: StepContext): Promise<void> {
    const { name, namespace, values } = service;
    const chart = chartOf(service);
    const state = this.states.get(`${namespace}/${name}`);
    const inputs = inputsOf(service, chart);
    if (state?.status === 'deployed' && state.inputs === inputs) {
      this.revisions.set(service, state.revision);
      context.note('unchanged');
      return;
    }
    const { tools, exec, kubeconfig, cluster } = this.inputs;
    if (!namespaceMade) await this.makeNamespace(namespace, context.signal);
    const { helm } = await resolveTools(['helm'], tools);
    const revision = (state?.revision ?? 0) + 1;
    const command = upgradeCommand(helm, {
      release: name,
      namespace,
      kubeconfig,
      chart: chart.path,
      labels: { [INPUTS_LABEL]: inputs, [REVISION_LABEL]: String(revision) },
      timeoutSeconds: Math.ceil(service.timeoutMs / 1000),
      atomic: service.atomic,
    });
    await runHelm(exec, {
      command,
      env: helmEnvironment(this.home, tools.env, cluster),
      input: values.text,
      secrets: values.secrets,
      signal: context.signal,
      onWarning: (line) => context.output(line),
    });
    this.revisions.set(service, revision);
  }

  private async ready(service: Service, context: StepContext): Promise<void> {
    const { signal } = context;
    const { name, namespace } = service;
    const client = this.inputs.client();
    const revision = this.revisions.get(service) ?? 0;
    const awaited = await readInstalled(client, { name, namespace, revision }, signal);
    await waitReady(client, service, awaited, { signal, onProgress: (progress) => context.progress(progress) });
  }

  private async makeNamespace(name: string, signal: AbortSignal): Promise<void> {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await apply(this.inputs.client(), [{ object, where: `namespace of services` }], { signal });
  }
}

function chartOf({ chart, name }: Service): LocalChart {
  if (!chart) throw new Error(`the chart of "${name}" is used before it was fetched`);
  return chart;
}
