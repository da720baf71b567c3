// The command lines and the environment of Go: pure.

import type { LocalMachine } from '../../host/machine.ts';
import type { ToolOptions } from '../options.ts';
import { platformOf } from '../options.ts';
import type { GoBuild, Pin } from '../pins.ts';

/** A pin that Go can build. */
export type BuildablePin = Pin & { build: GoBuild };

export function isBuildable(pin: Pin): pin is BuildablePin {
  return pin.build !== undefined;
}

interface GoCommand {
  file: string;
  args: string[];
}

const MIB = 2 ** 20;
/** Memory that one compiler may fill before it collects garbage: less would cost time, more brings none. */
const ENOUGH_MIB = 3 * 1024;
const LEAST_MIB = 1536;

/** The packages that are still to be compiled: path, folder and files of each on a line, with tabs between. */
const TO_COMPILE = '{{if .Stale}}{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles ","}}{{end}}';

/** Only flags that decide what is compiled: `go list` and `go build` must have the same ones. */
function flagsOf(pins: readonly BuildablePin[]): string[] {
  const tags = pins.flatMap((pin) => pin.build.tag ?? []);
  return [
    ...['-mod=readonly', '-trimpath', '-buildvcs=false'],
    // These binaries are never debugged: a tenth of the compiler's time.
    '-gcflags=all=-dwarf=false',
    ...(tags.length > 0 ? ['-tags', tags.join(',')] : []),
  ];
}

function packagesOf(pins: readonly BuildablePin[]): string[] {
  return [...new Set(pins.map((pin) => pin.build.package))];
}

/** Downloads the modules, and lists what `goBuildCommand` will compile. */
export function goListCommand(pins: readonly BuildablePin[]): GoCommand {
  return { file: 'go', args: ['list', '-deps', ...flagsOf(pins), '-f', TO_COMPILE, ...packagesOf(pins)] };
}

/** Builds pins of one package into the file `output`; the name of each package is a line when its turn has come. */
export function goBuildCommand(pins: readonly BuildablePin[], output: string): GoCommand {
  const ldflags = [...new Set(pins.map((pin) => pin.build.ldflags))].join(' ');
  return {
    file: 'go',
    args: ['build', '-v', ...flagsOf(pins), '-ldflags', ldflags, '-o', output, ...packagesOf(pins)],
  };
}

/**
 * A workspace or a cross-compilation of the user's must not reach into a build of hoist's.
 * The compiler's garbage collector is off as far as the memory goes: another tenth of its time.
 */
export function goEnvironment(options: ToolOptions, machine: LocalMachine): Record<string, string | undefined> {
  const { os, arch } = platformOf(options);
  const eachMib = Math.floor((machine.memoryBytes * 0.7) / MIB / machine.cpus);
  const memory = eachMib < LEAST_MIB ? {} : { GOGC: 'off', GOMEMLIMIT: `${Math.min(eachMib, ENOUGH_MIB)}MiB` };
  return { ...options.env, ...memory, CGO_ENABLED: '0', GOOS: os, GOARCH: arch, GOWORK: 'off' };
}
