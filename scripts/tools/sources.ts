// Decides how each missing tool is had: from its publisher where that answers, else by Go.

import { localMachine } from '../host/machine.ts';
import { buildEstimate } from './build/estimate.ts';
import { ConfigError, CreationError, messageOf } from '../base/errors.ts';
import { DownloadError, type HttpOptions, discard, get, getText } from './download/http.ts';
import { type ToolOptions, pathVariable, pinOf, platformOf, title } from './options.ts';
import { type GoBuild, type Pin, type ToolName, fillIn } from './pins.ts';
import { findSum, lockedSum } from './sums.ts';

export type Source =
  | {
      way: 'download';
      url: string;
      /** What the file must have; undefined where none was published or recorded. */
      sha256: string | undefined;
      member: string | undefined;
    }
  | {
      way: 'build';
      build: GoBuild;
      /** The version of Go. */
      go: string;
      /** Why it is not downloaded, and the publisher's host where that is unreachable. */
      reason: string;
      unreachable: string | undefined;
    };

/**
 * Asks all publishers at once, and Go where one of them does not answer.
 * @throws CreationError, one for all tools, where some can be had in neither way.
 */
export async function findSources(
  names: readonly ToolName[],
  options: ToolOptions,
  signal: AbortSignal,
): Promise<Map<ToolName, Source>> {
  const pins = names.map((name) => pinOf(name, options));
  const offers = await Promise.all(pins.map((pin) => offerOf(pin, options, signal)));
  const go = offers.some((offer) => 'reason' in offer) ? await goVersion(options, signal) : undefined;

  const sources = new Map<ToolName, Source>();
  const without: { pin: Pin; reason: string }[] = [];
  pins.forEach((pin, at) => {
    const offer = offers[at];
    if (!offer) return;
    if (!('reason' in offer)) sources.set(pin.name, offer);
    else if (pin.build && go !== undefined) {
      sources.set(pin.name, { way: 'build', build: pin.build, go, ...offer });
    } else without.push({ pin, reason: offer.reason });
  });
  if (without.length > 0) throw notToBeHad(without, go !== undefined);
  return sources;
}

type Offer = Extract<Source, { way: 'download' }> | { reason: string; unreachable: string | undefined };

/** What is about to be downloaded and built: a line for each of the two. */
export function announcement(sources: ReadonlyMap<ToolName, Source>, options: ToolOptions): string[] {
  const pins = (names: readonly ToolName[]): Pin[] => names.map((name) => pinOf(name, options));
  const builds: ToolName[] = [];
  const downloads: ToolName[] = [];
  const hosts = new Set<string>();
  const reasons = new Set<string>();
  const from = new Set<string>();
  let go = '';
  for (const [name, source] of sources) {
    if (source.way === 'download') {
      downloads.push(name);
      from.add(new URL(source.url).host);
      continue;
    }
    builds.push(name);
    ({ go } = source);
    if (source.unreachable === undefined) reasons.add(source.reason);
    else hosts.add(source.unreachable);
  }
  if (hosts.size > 0) reasons.add(`${[...hosts].join(' and ')} cannot be reached`);
  const titles = (names: readonly ToolName[]): string => pins(names).map(title).join(', ');
  return [
    ...(downloads.length > 0 ? [`downloading ${titles(downloads)} from ${[...from].join(' and ')}, once`] : []),
    ...(builds.length > 0
      ? [
          `building ${titles(builds)} with ${go}, ${buildEstimate(pins(builds), localMachine())}, once: ${[...reasons].join('; ')}`,
        ]
      : []),
  ];
}

async function offerOf(pin: Pin, options: ToolOptions, signal: AbortSignal): Promise<Offer> {
  const platform = platformOf(options);
  const published = pin.published[platform.os];
  if (!published?.archs.includes(platform.arch)) {
    return { reason: `not published for ${platform.os}/${platform.arch}`, unreachable: undefined };
  }
  const place = (template: string): string => mirrored(fillIn(template, pin, platform), options);
  const url = place(published.url);
  try {
    const sums = published.checksums === undefined ? undefined : place(published.checksums);
    const sha256 = await expectedSum(pin, { url, sums }, options, signal);
    const member = published.member === undefined ? undefined : fillIn(published.member, pin, platform);
    return { way: 'download', url, sha256, member };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    return { reason: messageOf(error), unreachable: error.kind === 'unreachable' ? new URL(url).host : undefined };
  }
}

/** The recorded sum wins forever; the publisher's counts the first time. Either way the site has answered after this. */
async function expectedSum(
  pin: Pin,
  { url, sums }: { url: string; sums: string | undefined },
  options: ToolOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const http: HttpOptions = { env: options.env, signal };
  const locked = await lockedSum(pin, options);
  if (locked !== undefined || sums === undefined) {
    discard(await get(url, { ...http, headers: { range: 'bytes=0-0' } }));
    return locked;
  }
  const text = await getText(sums, http);
  return findSum(text, new URL(url).pathname.split('/').at(-1) ?? '');
}

/** A mirror has the files of all publishers, each below the publisher's host name. */
function mirrored(url: string, { mirror, env }: ToolOptions): string {
  const base = mirror ?? env['HOIST_MIRROR'];
  if (base === undefined || base === '') return url;
  if (!/^https?:$/.test(URL.canParse(base) ? new URL(base).protocol : '')) {
    throw new ConfigError([{ where: 'HOIST_MIRROR', message: 'must be a URL like https://mirror.example/files' }]);
  }
  const { host, pathname } = new URL(url);
  return `${base.replace(/\/+$/, '')}/${host}${pathname}`;
}

/** The version of the Go that is installed; undefined where none is. */
export async function goVersion({ exec, env }: ToolOptions, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout } = await exec({
      ...{ file: 'go', args: ['version'], signal, timeoutMs: 60_000 },
      // A go.mod of the folder that hoist is started in may ask for another toolchain, which would be fetched and run.
      env: { ...env, GOTOOLCHAIN: env['GOTOOLCHAIN'] ?? 'local' },
    });
    return /\bgo\d\S*/.exec(stdout)?.[0];
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function notToBeHad(without: readonly { pin: Pin; reason: string }[], hasGo: boolean): CreationError {
  const titles = without.map(({ pin }) => title(pin)).join(', ');
  const reasons = [...new Set(without.map(({ reason }) => reason))];
  const listed = (of: typeof without): string => of.map(({ pin }) => pin.name).join(', ');
  const buildable = hasGo ? [] : without.filter(({ pin }) => pin.build);
  const others = without.filter(({ pin }) => !pin.build);
  if (buildable.length > 0) reasons.push('Go, which could build what is missing, is not installed');
  const ways = [
    'make the publishers reachable (proxy variables and HOIST_MIRROR are honoured)',
    ...(buildable.length > 0 ? [`install Go 1.26 or later, which builds ${listed(buildable)}`] : []),
    ...others.map(({ pin }) => `install ${pin.name} from ${pin.accepts.from} to below ${pin.accepts.below}`),
    `name binaries of your own: ${without.map(({ pin }) => `${pathVariable(pin.name)}=PATH`).join(' ')}`,
  ];
  return new CreationError(`cannot get ${titles}: ${reasons.join('; ')}`, { hint: `Either ${ways.join(', or ')}.` });
}
