// Restarts k3s within a node whose container goes on: pods keep their sandboxes and addresses, as with systemd's KillMode=process.

import { type ContainerDetails, inspectContainer } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import { execInContainer, startInContainer } from '../../../docker/exec-in.ts';

/** Where a node remembers the processes that were started here; in memory, so that it is gone with the container's life. */
const PIDS = '/run/hoist-k3s';
/** After which ENDED and the node's time follow, on the last line. */
const ENDED = 'ended at';

/**
 * Ends k3s, its containerd and every container but the sandboxes of pods, whose shims live on. k3d's entrypoint would end the
 * container with k3s: it is suspended first. Volumes of the storage class that kubelet mounted are let go of, since their
 * folders are replaced. Exits with 3 where the processes are not as k3d starts them, before anything is ended.
 */
const END = `
entry= k3s= wrapper= shims=
field() { # field PID NAME: sets value
  value=
  while read -r key word rest; do [ "$key" = "$2:" ] && value=$word && return; done < "/proc/$1/status"
}
all() { for proc in /proc/[0-9]*; do [ -r "$proc/status" ] && echo "\${proc#/proc/}"; done; }
{
  pids=$(all)
  for pid in $pids; do
    field "$pid" Name
    case $value in
      k3d-entrypoint.*) field "$pid" PPid; [ "$value" = 1 ] && entry=$pid ;;
      containerd-shim*) shims="$shims $pid" ;;
    esac
  done
  [ -n "$entry" ] || exit 3
  field "$entry" State
  if [ "$value" = T ]; then
    read -r wrapper k3s < ${PIDS} || exit 3
    field "$k3s" PPid; [ "$value" = "$wrapper" ] || exit 3
  else
    for pid in $pids; do
      field "$pid" PPid; [ "$value" = "$entry" ] || continue
      # More than one: it still waits for the node.
      [ -z "$k3s" ] || exit 3
      k3s=$pid
    done
  fi
  [ -n "$k3s" ] || exit 3
  children=
  for pid in $pids; do field "$pid" PPid; [ "$value" = "$k3s" ] && children="$children $pid"; done

  kill -STOP "$entry"
  [ -z "$wrapper" ] || kill -9 "$wrapper"
  kill -9 "$k3s" $children
  for shim in $shims; do
    id=$(tr '\\000' ' ' < "/proc/$shim/cmdline"); id=\${id#* -id }; id=\${id%% *}
    for pid in $(all); do
      field "$pid" PPid; [ "$value" = "$shim" ] || continue
      sandbox=
      while read -r line; do case $line in */"$id"|*-"$id".scope|*:"$id") sandbox=yes ;; esac; done < "/proc/$pid/cgroup"
      [ -n "$sandbox" ] || kill -9 "$pid"
    done
  done
  tries=0
  for pid in $k3s $children; do
    while field "$pid" State && [ -n "$value" ] && [ "$value" != Z ]; do
      tries=$((tries + 1)); [ $tries -lt 100 ] || exit 4
      sleep 0.05
    done
  done
  while read -r device folder rest; do
    case $folder in /var/lib/kubelet/pods/*/kubernetes.io~local-volume/*|/var/lib/kubelet/pods/*/volume-subpaths/*) umount "$folder" ;; esac
  done < /proc/mounts
} 2> /dev/null
for folder; do rm -rf "$folder" || exit 5; done
echo "${ENDED} $(date +%s) $entry"
`;

/**
 * Starts k3s again, and stands in for k3d's entrypoint: when k3s ends, or the engine asks the entrypoint to end (a SIGTERM that
 * waits while it is suspended, bit 14 of what is pending), that one goes on, finds its k3s gone, and the container ends with it.
 */
const START = `
entry=$1; shift
/bin/k3s "$@" > /proc/1/fd/1 2> /proc/1/fd/2 &
k3s=$!
echo "$$ $k3s" > ${PIDS}
while kill -0 $k3s 2> /dev/null; do
  sleep 1
  while read -r key mask; do
    case $key$mask in ShdPnd:*[4567cdef]???) kill $k3s; wait $k3s; break ;; esac
  done < "/proc/$entry/status"
done
kill -CONT "$entry"
`;

/** A node in which nothing runs but the sandboxes of pods. */
export interface EndedK3s {
  /** ms since the epoch, by the node's clock. */
  endedAt: number;
  /** Starts k3s as k3d had started it. */
  start: (signal: AbortSignal) => Promise<void>;
}

/** Whether k3s can be restarted within the node: with the machine's own processes in sight it is not tried. */
function canStay({ State, HostConfig, Config }: ContainerDetails): boolean {
  return State.Status === 'running' && !HostConfig.PidMode && (Config.Cmd ?? []).length > 0;
}

/**
 * @param folders that are removed as soon as nothing uses them any more
 * @returns undefined where the node is not one whose k3s can be restarted by itself: its container has to be.
 */
export async function endK3s(
  engine: DockerClient,
  node: string,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<EndedK3s | undefined> {
  const details = await inspectContainer(engine, node, signal);
  if (!canStay(details)) return undefined;
  const { exitCode, output } = await execInContainer(engine, node, ['sh', '-c', END, 'end-k3s', ...folders], signal);
  const [, seconds, entry] = new RegExp(`^${ENDED} (\\d+) (\\d+)$`, 'm').exec(output) ?? [];
  if (exitCode !== 0 || seconds === undefined || entry === undefined) return undefined;
  const args = details.Config.Cmd ?? [];
  return {
    endedAt: Number(seconds) * 1000,
    start: (until) => startInContainer(engine, node, ['sh', '-c', START, 'start-k3s', entry, ...args], until),
  };
}
