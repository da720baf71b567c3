// What has to end with this process, also where that is killed by SIGKILL: a small shell outlives it and cleans up.

import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Each line is `+GROUP` or `-GROUP`. The end of the input is the end of the process that wrote it, whatever ended that: the
 * groups that are left are killed, then the folder is removed, and again when what was killed has ended. On Linux that goes for
 * what stands in the folder too: a command may run before its group can be written.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=' '
while read -r line; do
  id="\${line#?}"
  case "$line" in
    +*) groups="$groups$id " ;;
    -*) case "$groups" in *" $id "*) groups="\${groups%% $id *} \${groups#* $id }" ;; esac ;;
  esac
done
for id in $groups; do kill -KILL "-$id" 2>/dev/null; done
[ -e "$1" ] || exit 0
kill_in() {
  for proc in /proc/[0-9]*; do
    [ "$(readlink "$proc/cwd")" = "$1" ] || continue
    kill -KILL "-\${proc#/proc/}" || kill -KILL "\${proc#/proc/}"
  done 2>/dev/null
}
kill_in "$1"
rm -rf -- "$1"
sleep 1
kill_in "$1 (deleted)"
rm -rf -- "$1"
`;

/** Linux and macOS have it. */
const SHELL = '/bin/sh';

export class Keeper {
  readonly #child: ChildProcess;

  /** @param folder absolute; removed with all that it holds when this process ends without having closed the keeper */
  constructor(folder: string) {
    this.#child = spawn(SHELL, ['-c', SCRIPT, 'hoist-keeper', folder], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
    });
    // Without it nothing is cleaned up after SIGKILL; all else goes on.
    this.#child.on('error', () => undefined);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.unref();
    (this.#child.stdin as { unref?: () => void } | null)?.unref?.();
  }

  /** The group of this leader is killed when this process ends. */
  watch(group: number): void {
    this.#child.stdin?.write(`+${group}\n`);
  }

  /** It has ended by itself: its number may be another's from now on. */
  release(group: number): void {
    this.#child.stdin?.write(`-${group}\n`);
  }

  /** To be called when the folder is gone. */
  close(): void {
    this.#child.stdin?.end();
  }
}
