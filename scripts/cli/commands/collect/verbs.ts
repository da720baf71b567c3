// `collect analyze|redact|diff`: what is done with bundles that are there already, also with those of troubleshoot.

import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError, ExitCode, UsageError } from '../../../base/errors.ts';
import { count } from '../../../base/units.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { plain } from '../../../base/layout.ts';
import { analyze } from '../../../support/analyzers/analyze.ts';
import { ArchiveWriter, readArchive } from '../../../support/bundle/archive.ts';
import { type FileDifference, diffBundles } from '../../../support/bundle/diff.ts';
import { BundleWriter } from '../../../support/bundle/writer.ts';
import { accessOf } from '../../../support/cluster/reach.ts';
import { bundleRedactor } from '../../../support/redaction.ts';
import type { FileStore } from '../../../support/bundle/store.ts';
import type { CollectorFailure } from '../../../support/types.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import type { Verb } from './flags.ts';
import { askedOf, clusterOf, once, whereOf } from './inputs.ts';

export function runVerb(verb: Verb, args: Arguments, io: Io): Promise<number> {
  const [, ...operands] = args.operands;
  const rest = { ...args, operands };
  if (verb === 'diff') return runDiff(rest, io);
  return verb === 'analyze' ? runAnalyze(rest, io) : runRedact(rest, io);
}

async function specsOf(args: Arguments, io: Io): ReturnType<typeof askedOf> {
  const wiring = realWiring(io.env, io.cwd);
  const access = once(() => accessOf(clusterOf(args, wiring)));
  return askedOf(args, io, { purpose: 'collect', access });
}

async function runAnalyze(args: Arguments, io: Io): Promise<number> {
  const [bundle, ...specs] = args.operands;
  if (bundle === undefined || specs.length === 0)
    throw new UsageError('analyze needs a bundle and specs: analyze BUNDLE SPEC…');
  const { spec } = await specsOf({ ...args, operands: specs }, io);
  if (spec.analyzers.length === 0) throw new ConfigError([{ where: specs.join(', '), message: 'has no analyzers' }]);
  const store = await readArchive(resolve(io.cwd, bundle));
  try {
    const results = await analyze(spec.analyzers, store, { failures: await failuresOf(store), nowMs: Date.now() });
    const wish = outputWish(args);
    if (wish.output === 'json') {
      const shown = results.map(({ place, ...others }) => ({ ...others, place: whereOf(place) }));
      io.stdout.write(`${JSON.stringify({ type: 'collect.analyze', results: shown })}\n`);
    } else {
      const { marks, ...style } = styleFor(terminalOf(io.stdout, io.env));
      const mark = { pass: style.good(marks.done), warn: style.warn(marks.warning), fail: style.bad(marks.failed) };
      for (const { outcome, title, message } of results)
        io.stdout.write(`${mark[outcome]} ${plain(title)}: ${plain(message)}\n`);
    }
    const failOn = args.values['fail-on'];
    const has = (outcome: string): boolean => results.some((result) => result.outcome === outcome);
    if (failOn !== undefined && has('fail')) return ExitCode.unhealthy;
    return failOn === 'warn' && has('warn') ? ExitCode.warnings : ExitCode.ok;
  } finally {
    await store.close();
  }
}

/** Why collectors of a bundle of hoist's own gave nothing; nobody knows that of other bundles. */
async function failuresOf(store: FileStore): Promise<CollectorFailure[]> {
  const content = await store.read('execution-data/collect.json');
  if (!content) return [];
  interface Report {
    title: string;
    kind: string;
    host: boolean;
    outcome: string;
    problems: string[];
  }
  try {
    const { collectors } = JSON.parse(content.toString('utf8')) as { collectors: Report[] };
    return collectors
      .filter(({ outcome }) => outcome !== 'ok' && outcome !== 'partial')
      .map(({ title, kind, host, outcome, problems }) => ({
        collector: title,
        kind,
        host,
        name: title.split('/').slice(1).join('/') || undefined,
        place: undefined,
        reason: outcome as CollectorFailure['reason'],
        message: problems[0] ?? outcome,
      }));
  } catch {
    return [];
  }
}

async function runRedact(args: Arguments, io: Io): Promise<number> {
  const [bundle, ...specs] = args.operands;
  if (bundle === undefined) throw new UsageError('redact needs a bundle: redact BUNDLE [REDACTOR-SPEC…]');
  const redactors = specs.length === 0 ? [] : (await specsOf({ ...args, operands: specs }, io)).spec.redactors;
  const redactor = bundleRedactor(redactors, { tokenize: args.switches['tokenize'] === true });
  const source = resolve(io.cwd, bundle);
  const target = resolve(io.cwd, args.values['archive'] ?? join(dirname(source), `redacted-${basename(source)}`));
  const store = await readArchive(source);
  const archive = new ArchiveWriter(target, basename(target).replace(/\.tar\.gz$|\.tgz$/, ''), new Date());
  const writer = new BundleWriter({ redactor, archive });
  try {
    for (const path of store.list()) {
      io.signal.throwIfAborted();
      const link = store.targetOf(path);
      if (link !== undefined) writer.link(path, link);
      else if (store.sizeOf(path) > 1 << 20) await writer.add({ path, content: store.stream(path) ?? Buffer.alloc(0) });
      else await writer.add({ path, content: (await store.read(path)) ?? Buffer.alloc(0) });
    }
    await writer.finish();
    await archive.close();
  } finally {
    await Promise.all([writer.close(), store.close()]);
  }
  for (const { path, reason } of writer.leftOut)
    io.stderr.write(`warning: ${plain(path)} was left out: ${plain(reason)}\n`);
  const wish = outputWish(args);
  if (wish.output === 'json') {
    io.stdout.write(`${JSON.stringify({ type: 'collect.redact', archivePath: target, leftOut: writer.leftOut })}\n`);
  } else io.stdout.write(`${target}\n`);
  return ExitCode.ok;
}

async function runDiff(args: Arguments, io: Io): Promise<number> {
  const [before, after, ...more] = args.operands;
  if (before === undefined || after === undefined || more.length > 0)
    throw new UsageError('diff needs two bundles: diff BEFORE AFTER');
  const stores = await Promise.all([before, after].map((file) => readArchive(resolve(io.cwd, file))));
  try {
    const [old, now] = stores as [FileStore, FileStore];
    const found = await diffBundles(old, now);
    const wish = outputWish(args);
    if (wish.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'collect.diff', differences: found })}\n`);
    else io.stdout.write([...found.flatMap(diffLines), `${count(found.length, 'difference')}\n`].join('\n'));
    return ExitCode.ok;
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

function diffLines({ path, change, objects }: FileDifference): string[] {
  const sign = { added: '+', removed: '-', changed: '~' }[change];
  const below = (mark: string, names: readonly string[] = []): string[] =>
    names.map((name) => `    ${mark} ${plain(name)}`);
  return [
    `${sign} ${plain(path)}`,
    ...below('+', objects?.added),
    ...below('-', objects?.removed),
    ...below('~', objects?.changed),
  ];
}
