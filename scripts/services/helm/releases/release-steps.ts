// The steps that release services: repositories, charts, a look at the existing releases, then each release and its readiness.

import type { Step, StepContext } from '../../../engine/step.ts';
import { ServicesError } from '../../../base/errors.ts';
import type { Exec } from '../../../host/exec.ts';
import { resolveTools } from '../../../tools/locate.ts';
import type { ToolOptions } from '../../../tools/options.ts';
import { toolStepName, toolSteps } from '../../../tools/tool-steps.ts';
import { apply } from '../../../kube/apply/apply.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import type { ImageSource } from '../../../plan/image-source.ts';
import { fetchBuilt } from '../charts/build-chart.ts';
import type { Facts } from '../implied/facts.ts';
import { fetchChart } from '../charts/fetch-chart.ts';
import { HelmError } from '../helm.ts';
import { helmHome } from '../home.ts';
import { pendingHooks } from './hooks.ts';
import { type ImpliedEdge, type ReleasePart, impliedEdges } from '../implied/implied.ts';
import { readInstalled } from './installed.ts';
import { knownFacts, learnFacts } from '../implied/learn.ts';
import { serviceParts } from '../implied/parts.ts';
import type { PreparedServices } from './prepare-releases.ts';
import { pruneUnused } from './prune.ts';
import { waitReady } from './ready.ts';
import { release } from './release.ts';
import { type ReleaseStates, listReleases } from './releases.ts';
import { refreshIndex } from '../charts/repos.ts';
import { type LocalChart, type Service, readyStep, releaseStep } from '../service.ts';
import { rollBack } from './rollback.ts';

export interface HelmInputs {
  services: PreparedServices;
  /** What the run makes beside the services. */
  surroundings: readonly ReleasePart[];
  client: () => KubeClient;
  /** Called for each release with what became of it, where it was not left as it is: `installed` or `upgraded`. */
  onRelease: (outcome: string) => void;
  /** Name of the cluster, and the path of its kubeconfig. */
  cluster: string;
  kubeconfig: string;
  exec: Exec;
  tools: ToolOptions;
}

export interface HelmSteps {
  steps: Step[];
  /** Edges that are known before the run. */
  edges: readonly ImpliedEdge[];
  /** Services whose edges become known during the run. */
  unknown: readonly string[];
  /** What the services will run, where that is known or will be. */
  images: readonly ImageSource[];
  /** Gives a step of the surroundings the needs that its objects have of services. */
  connect: (step: Step) => Step;
}

/** Names of the steps that fetch charts which are not there yet, and of those that look at repositories. */
const chartStep = (service: string): string => `chart/${service}`;
const repoStep = (repo: string): string => `repo/${repo}`;

export async function helmSteps(inputs: HelmInputs): Promise<HelmSteps> {
  const { services, surroundings, tools } = inputs;
  const provisioning = services.list.length === 0 ? [] : await toolSteps(['helm'], tools, 'tool/sources/helm');
  const run = new HelmRun(inputs, provisioning.length > 0 ? [toolStepName('helm')] : []);
  const waiting = surroundings.filter(({ waits }) => waits).map(({ made }) => made);
  const look: Step = { name: 'releases', needs: ['api'], run: ({ signal }) => run.look(signal) };
  const steps = [
    ...provisioning,
    ...run.repoSteps(),
    ...run.unknown.map((service) => run.chartStep(service)),
    ...run.pruneSteps(),
    ...(services.list.length === 0 ? [] : [look]),
    ...services.list.flatMap((service) => run.stepsOf(service)),
  ];
  return {
    steps,
    edges: run.edges(),
    unknown: run.unknown.map(({ name }) => name),
    images: services.list.map((service) => run.images(service)),
    connect: (step) => (waiting.includes(step.name) ? run.connect(step) : step),
  };
}

class HelmRun {
  readonly unknown: readonly Service[];
  private readonly facts: Map<string, Facts>;
  private readonly charts: Map<string, LocalChart>;
  private readonly revisions = new Map<string, number>();
  private readonly home;
  private readonly graph: ReadonlyMap<string, readonly string[]>;
  private states: ReleaseStates = new Map();
  private found: ImpliedEdge[] | undefined;

  constructor(
    private readonly inputs: HelmInputs,
    private readonly toolNeeds: readonly string[],
  ) {
    const { list, facts } = inputs.services;
    this.home = helmHome(inputs.tools.env);
    this.facts = new Map(facts);
    this.charts = new Map(list.flatMap(({ name, chart }) => (chart ? [[name, chart] as const] : [])));
    this.unknown = list.filter(({ name }) => !facts.has(name));
    this.graph = new Map(
      list.flatMap((service) => [
        [releaseStep(service.name), [...this.namespaceSteps(service), ...service.needs]] as const,
        [readyStep(service.name), [releaseStep(service.name)]] as const,
      ]),
    );
  }

  /** The edges between all parts whose facts are known by now. */
  edges(): ImpliedEdge[] {
    const { services, surroundings } = this.inputs;
    return impliedEdges([...surroundings, ...serviceParts(services.list, this.facts)], this.graph);
  }

  /** Adds what a step's objects need: at once where all is known, else when the last chart has been rendered. */
  connect(step: Step): Step {
    const edgesOf = (edges: readonly ImpliedEdge[]): string[] =>
      edges.filter((edge) => edge.step === step.name && edge.left !== true).map(({ needs }) => needs);
    const needs = [...(step.needs ?? []), ...edgesOf(this.edges())];
    if (this.unknown.length === 0) return { ...step, needs };
    return {
      ...step,
      // Any of the charts may have what this one needs.
      needs: [...new Set([...needs, ...this.unknown.map(({ name }) => chartStep(name))])],
      lateNeeds: () => edgesOf((this.found ??= this.edges())),
    };
  }

  images({ name }: Service): ImageSource {
    const needs = this.unknown.some((service) => service.name === name) ? [chartStep(name)] : [];
    return { service: name, needs, images: () => this.facts.get(name)?.images ?? [] };
  }

  repoSteps(): Step[] {
    const { services, tools } = this.inputs;
    return services.repos.map((repo) => ({
      name: repoStep(repo.name),
      provision: true,
      pool: 'download',
      optional: !this.unknown.some((service) => this.repoNeed(service).includes(repoStep(repo.name))),
      run: (context) => refreshIndex(repo, this.home, tools.env, context),
    }));
  }

  chartStep(service: Service): Step {
    return {
      name: chartStep(service.name),
      needs: [...this.repoNeed(service), ...this.toolNeeds],
      // A chart that comes slowly takes nothing of the time that is for the cluster.
      provision: true,
      pool: 'work',
      run: (context) => this.learn(service, context),
    };
  }

  /** Only runs that fetch add to the cache, so only they look what can go. */
  pruneSteps(): Step[] {
    if (this.unknown.length === 0) return [];
    const run = async ({ note }: StepContext): Promise<void> => {
      const removed = await pruneUnused(this.home, Date.now());
      if (removed > 0) note(`removed ${removed} that were not used for a month`);
    };
    return [{ name: 'charts/prune', needs: this.unknown.map(({ name }) => chartStep(name)), optional: true, run }];
  }

  /** The step of its namespace, where it has one. */
  private namespaceSteps({ namespace }: Service): string[] {
    const { surroundings } = this.inputs;
    return surroundings.filter(({ facts }) => facts.offers.includes(`namespace|${namespace}`)).map(({ made }) => made);
  }

  /** The steps of the repositories that it needs, where its chart has still to be fetched. */
  private repoNeed({ name, ref, dependencies }: Service): string[] {
    if (this.charts.has(name)) return [];
    const refs = [ref, ...dependencies.map((one) => one.ref)];
    return [...new Set(refs.flatMap((one) => (one.kind === 'repo' ? [repoStep(one.repo)] : [])))];
  }

  stepsOf(service: Service): Step[] {
    const { name } = service;
    const own = this.unknown.includes(service) ? [chartStep(name)] : [];
    const step: Step = {
      name: releaseStep(name),
      needs: ['releases', 'kubeconfig', ...this.namespaceSteps(service), ...this.toolNeeds, ...own, ...service.needs],
      pool: 'work',
      run: (context) => this.release(service, context),
    };
    return [
      service.implied ? this.connect(step) : step,
      {
        name: readyStep(name),
        needs: [releaseStep(name)],
        run: (context) => this.ready(service, this.revisions.get(name) ?? 0, context),
      },
    ];
  }

  async look(signal: AbortSignal): Promise<void> {
    this.states = await listReleases(this.inputs.client(), signal);
  }

  private helm = async (): Promise<string> => (await resolveTools(['helm'], this.inputs.tools)).helm;

  private async learn(service: Service, context: StepContext): Promise<void> {
    const { tools, exec, services } = this.inputs;
    const { env } = tools;
    const { home } = this;
    const known = this.charts.get(service.name);
    const chart = known ?? (await this.fetch(service, context));
    const { kubernetes } = services;
    const { signal } = context;
    const facts =
      (await knownFacts(service, chart, home, kubernetes)) ??
      (await learnFacts(service, chart, { home, env, exec, helm: await this.helm(), kubernetes, signal }));
    this.charts.set(service.name, chart);
    this.facts.set(service.name, facts);
  }

  private async fetch(service: Service, context: StepContext): Promise<LocalChart> {
    const { tools, exec, services } = this.inputs;
    const { ref, local } = service;
    const { plainHttp } = services;
    const fetching = { home: this.home, env: tools.env, exec, helm: this.helm, plainHttp };
    if (local) return fetchBuilt(service, local, services.repos, { tools: fetching, context });
    const repo = services.repos.find(({ name }) => ref.kind === 'repo' && name === ref.repo);
    return fetchChart(service, repo, fetching, context);
  }

  private async release(service: Service, context: StepContext): Promise<void> {
    const { client, tools, exec, cluster, kubeconfig, services } = this.inputs;
    const { name, namespace } = service;
    const chart = this.charts.get(name);
    if (!chart) throw new Error(`the release of "${name}" runs before its chart is there`);
    const input = {
      service,
      chart,
      facts: this.facts.get(name),
      state: this.states.get(`${namespace}/${name}`),
      makeNamespace: (signal: AbortSignal) => this.makeNamespace(namespace, signal),
    };
    const { stuck } = services;
    const { home, helm } = this;
    const { env } = tools;
    const using = { client: client(), home, env, exec, helm, cluster, kubeconfig, stuck };
    try {
      const revision = await release(input, using, context);
      this.revisions.set(name, revision);
      const unchanged = input.state?.status === 'deployed' && input.state.revision === revision;
      if (!unchanged) this.inputs.onRelease(input.state === undefined ? 'installed' : 'upgraded');
      // What may be taken back is not there for others before it is ready.
      if (service.atomic && !unchanged) await this.ready(service, revision, context);
    } catch (failed) {
      const error = await withHooks(failed, client(), namespace, context.signal);
      if (!service.atomic || context.signal.aborted || !(error instanceof ServicesError)) throw error;
      throw await rollBack(input, error, using, context);
    }
  }

  private async ready(service: Service, revision: number, context: StepContext): Promise<void> {
    const { name, namespace } = service;
    const client = this.inputs.client();
    const { signal } = context;
    const state = this.states.get(`${namespace}/${name}`);
    const known = state?.revision === revision ? state.record : undefined;
    const awaited = await readInstalled(
      client,
      { name, namespace, revision },
      { cache: this.home.awaited, known, signal },
    );
    await waitReady(client, service, awaited, { signal, onProgress: (progress) => context.progress(progress) });
  }

  /** Where no other part of the run makes it: an object of a release must not be there before helm makes it. */
  private async makeNamespace(name: string, signal: AbortSignal): Promise<void> {
    const { services, surroundings } = this.inputs;
    const parts = [...surroundings, ...serviceParts(services.list, this.facts)];
    if (name === 'default' || parts.some(({ facts }) => facts.offers.includes(`namespace|${name}`))) return;
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await apply(this.inputs.client(), [{ object, where: 'namespace of services' }], { signal });
  }
}

/** Helm does not say which of its hooks it has waited for. */
async function withHooks(error: unknown, client: KubeClient, namespace: string, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof HelmError) || signal.aborted || !error.message.includes('timed out waiting')) return error;
  const hooks = await pendingHooks(client, namespace, signal);
  return hooks.length === 0 ? error : new HelmError([error.message, ...hooks].join('\n'), { hint: error.hint });
}
