// How an object does, in a word: as `kubectl get` says it.

interface ContainerState {
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string }; terminated?: { reason?: string; exitCode?: number } };
}

interface Loose {
  spec?: { replicas?: number; completions?: number; suspend?: boolean };
  status?: {
    phase?: string;
    reason?: string;
    containerStatuses?: ContainerState[];
    conditions?: { type?: string; status?: string; reason?: string }[];
    readyReplicas?: number;
    numberReady?: number;
    desiredNumberScheduled?: number;
    succeeded?: number;
    failed?: number;
  };
}

export interface State {
  state: string;
  bad: boolean;
}

const good = (state: string): State => ({ state, bad: false });

export function stateOf(kind: string, object: object): State {
  const { spec = {}, status = {} } = object as Loose;
  switch (kind) {
    case 'Pod':
      return podState(status);
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
      return ofReady(status.readyReplicas ?? 0, spec.replicas ?? 1);
    case 'DaemonSet':
      return ofReady(status.numberReady ?? 0, status.desiredNumberScheduled ?? 0);
    case 'Job': {
      const failed = status.conditions?.some(({ type, status: is }) => type === 'Failed' && is === 'True') ?? false;
      return { state: `${status.succeeded ?? 0}/${spec.completions ?? 1} succeeded`, bad: failed };
    }
    case 'Node': {
      const ready = status.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'True' ? good('Ready') : { state: ready?.reason ?? 'NotReady', bad: true };
    }
    case 'PersistentVolumeClaim':
    case 'PersistentVolume':
    case 'Namespace': {
      const { phase = '' } = status;
      return { state: phase, bad: !['Bound', 'Available', 'Released', 'Active', ''].includes(phase) };
    }
    default:
      return good('');
  }
}

function ofReady(ready: number, wanted: number): State {
  return { state: `${ready}/${wanted} ready`, bad: ready < wanted };
}

function podState({ phase = 'Unknown', reason, containerStatuses = [] }: NonNullable<Loose['status']>): State {
  const restarts = containerStatuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const stuck = containerStatuses.find(({ ready, state }) => ready !== true && (state?.waiting ?? state?.terminated));
  const why = stuck?.state?.waiting?.reason ?? stuck?.state?.terminated?.reason ?? reason;
  const ready = containerStatuses.filter((one) => one.ready === true).length;
  const words = phase === 'Succeeded' ? phase : `${why ?? phase} ${ready}/${containerStatuses.length}`;
  const bad = phase !== 'Succeeded' && (phase !== 'Running' || ready < containerStatuses.length);
  return { state: `${words}${restarts > 0 ? `, ${restarts} restarts` : ''}`, bad };
}
