// One test's world of tools: a folder as cache and state, a publisher, pins that point at it, a Go that is a script.

import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineEvent } from '../../scripts/engine/event.ts';
import { runSteps } from '../../scripts/engine/run.ts';
import { exec } from '../../scripts/host/execa.ts';
import type { ToolOptions } from '../../scripts/tools/options.ts';
import { type Pin, PINS, type Published, type ToolName } from '../../scripts/tools/pins.ts';
import { toolSteps } from '../../scripts/tools/tool-steps.ts';
import { type Publisher, startPublisher } from './publisher.ts';

export interface Workbench {
  folder: string;
  site: Publisher;
  options: ToolOptions;
  close: () => Promise<void>;
}

/** A tool as a script that prints a version. */
export function toolScript(version: string): string {
  return `#!/bin/sh\necho "tool version v${version}"\n`;
}

/** A PATH with what the system has, and no Go. */
const SYSTEM_PATH = '/usr/bin:/bin';
export const MODULE = resolve('test/fixtures/tool-module');

export async function workbench(): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-tools-'));
  await mkdir(join(folder, 'bin'));
  const site = await startPublisher();
  const env = {
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_STATE_HOME: join(folder, 'state'),
    PATH: `${join(folder, 'bin')}:${SYSTEM_PATH}`,
    HOIST_MIRROR: undefined,
  };
  const options: ToolOptions = { env, exec, platform: { os: 'linux', arch: 'amd64' } };
  const close = async (): Promise<void> => {
    await site.close();
    await rm(folder, { recursive: true });
  };
  return { folder, site, options, close };
}

/** A pin of version 1.2.3 that the site publishes, with a checksum file, and that the fixture module builds. */
export function pinAt(url: string, name: ToolName, changes: Partial<Pin> & { published?: Pin['published'] } = {}): Pin {
  const published: Published = {
    archs: ['amd64'],
    url: `${url}/{version}/${name}`,
    checksums: `${url}/{version}/sums`,
  };
  return {
    name,
    set: PINS[name].set,
    version: '1.2.3',
    accepts: { from: '1.2.0', below: '1.3.0' },
    versionArgs: ['--version'],
    published: { linux: published },
    build: { module: MODULE, package: 'hoist.test/tool/cmd/greeter', ldflags: '-X main.version=1.2.3' },
    ...changes,
  };
}

/** Runs the steps of the tools to their end; throws what the engine throws. */
export async function provide(
  names: readonly ToolName[],
  options: ToolOptions,
  run: { signal?: AbortSignal; onEvent?: (event: EngineEvent) => void } = {},
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const steps = await toolSteps(names, options);
  const onEvent = run.onEvent ?? ((): void => undefined);
  const subscribers = [(event: EngineEvent): void => void events.push(event), onEvent];
  const signal = run.signal ? { signal: run.signal } : {};
  await runSteps(steps, { pools: { download: 4, build: 1 }, subscribers, random: () => 0, ...signal });
  return events;
}

/** Writes a script to where `-o` says. */
const BUILD_SCRIPTS = `
  while [ $# -gt 0 ]; do case "$1" in -o) target=$2; shift;; esac; shift; done
  echo "hoist.test/tool" >&2
  printf '%s' '${toolScript('1.2.3')}' > "$target"`;

/** Puts a script in the place of Go: it lists two packages, logs the arguments of builds and "builds" a script. */
export async function fakeGo(
  { folder }: Workbench,
  { body = BUILD_SCRIPTS }: { body?: string } = {},
): Promise<() => Promise<string[]>> {
  const log = join(folder, 'go.log');
  await writeFile(log, '');
  const go = join(folder, 'bin', 'go');
  await writeFile(
    go,
    `#!/bin/sh
     case "$1" in
       version) echo "go version go1.99.0 linux/amd64"; exit;;
       list)
         echo 'go: downloading hoist.test/other v1.0.0' >&2
         printf 'hoist.test/tool\\t/\\tone.go\\n\\nhoist.test/tool/two\\t/\\ttwo.go\\n'; exit;;
     esac
     echo "$PWD $*" >> '${log}'
     ${body}\n`,
  );
  await chmod(go, 0o755);
  return async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean);
}

/** A tar archive with the tool at a path. */
export async function archiveOf(folder: string, member: string, content: string): Promise<Buffer> {
  const source = await mkdtemp(join(folder, 'archive-'));
  await mkdir(join(source, member, '..'), { recursive: true });
  await writeFile(join(source, member), content, { mode: 0o755 });
  execFileSync('tar', ['-czf', join(source, 'out.tar.gz'), '-C', source, member]);
  return readFile(join(source, 'out.tar.gz'));
}
