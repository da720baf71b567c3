// `collect analyze`: checks on a bundle, of hoist or of troubleshoot.

import { resolve } from 'node:path';
import { ConfigError, ExitCode, UsageError } from '../../../../base/errors.ts';
import { brief } from '../../../../base/layout.ts';
import { styleFor } from '../../../../progress/style.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { analyze } from '../../../../support/analyzers/analyze.ts';
import { readArchive } from '../../../../support/bundle/archive.ts';
import type { FileStore } from '../../../../support/bundle/store.ts';
import type { CollectorFailure } from '../../../../support/types.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { redactedValue } from '../../../redaction.ts';
import { failOn, maxUnpacked } from '../flags.ts';
import { checkOutput, formatChecks } from '../formats.ts';
import { accessFor, specOf, whereOf } from '../inputs.ts';
import { sayLeftOut } from '../left-out.ts';
import type { CollectArguments } from '../run.ts';

export async function runAnalyze({ operands, flags }: CollectArguments, io: Io): Promise<number> {
  const [bundle, ...specs] = operands;
  const { output, format } = checkOutput(flags);
  const failing = failOn(flags);
  if (bundle === undefined || specs.length === 0)
    throw new UsageError('analyze needs a bundle and specs: analyze BUNDLE SPEC…');
  const access = accessFor(flags, realWiring(io.env, io.cwd));
  const spec = await specOf({ operands: specs, flags }, io, { purpose: 'collect', access });
  if (spec.analyzers.length === 0) throw new ConfigError([{ where: specs.join(', '), message: 'has no analyzers' }]);
  const store = await readArchive(resolve(io.cwd, bundle), maxUnpacked(flags));
  sayLeftOut(store.leftOut, io);
  try {
    const results = await analyze(spec.analyzers, store, { failures: await failuresOf(store), nowMs: Date.now() });
    if (format !== undefined) io.stdout.write(formatChecks(results, format, { name: 'collect analyze' }));
    else if (output.output === 'json') {
      const shown = results.map(({ place, ...others }) => ({ ...others, place: whereOf(place) }));
      io.stdout.write(
        `${JSON.stringify({ type: 'collect.analyze', results: shown, leftOut: redactedValue(store.leftOut) })}\n`,
      );
    } else {
      const { marks, ...style } = styleFor(terminalOf(io.stdout, io.env));
      const mark = { pass: style.good(marks.done), warn: style.warn(marks.warning), fail: style.bad(marks.failed) };
      for (const { outcome, title, message } of results)
        io.stdout.write(`${mark[outcome]} ${brief(title)}: ${brief(message)}\n`);
    }
    const has = (outcome: string): boolean => results.some((result) => result.outcome === outcome);
    if (failing !== undefined && has('fail')) return ExitCode.unhealthy;
    return failing === 'warn' && has('warn') ? ExitCode.warnings : ExitCode.ok;
  } finally {
    await store.close();
  }
}

/** Why collectors of a bundle of hoist's own gave nothing; other bundles do not say so. */
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
