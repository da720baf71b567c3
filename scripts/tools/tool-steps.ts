// The engine steps that end with each missing tool in the cache.

import type { Step } from '../engine/step.ts';
import { DownloadError } from './download/http.ts';
import { locateTool } from './locate.ts';
import { type ToolOptions, pinOf, platformOf } from './options.ts';
import { PINS, TOOL_SETS, type ToolName } from './pins.ts';
import { Provider } from './provide.ts';

/** The step that asks publishers and Go, before the steps of the tools. */
const SOURCES = 'tool/sources';

/** The name of the step that provides a tool; what needs the tool needs this step, where it is among the steps. */
export function toolStepName(name: ToolName): string {
  return `tool/${PINS[name].set}`;
}

/**
 * One step for each set of tools that lacks some, and one before them that decides between download and build; none
 * where all are there. A download that is cut short is tried again and goes on where it was.
 * @param sourcesStep the name of that step, where several lists of tools meet in a run.
 * @throws ConfigError where an explicit path is not an executable file.
 */
export async function toolSteps(
  names: readonly ToolName[],
  options: ToolOptions,
  sourcesStep = SOURCES,
): Promise<Step[]> {
  const located = await Promise.all(names.map((name) => locateTool(name, options)));
  const missing = names.filter((_, at) => !located[at]);
  if (missing.length === 0) return [];

  const provider = new Provider(options);
  const { os, arch } = platformOf(options);
  const sources: Step = {
    name: sourcesStep,
    provision: true,
    run: (context) => provider.findSources(missing, context),
  };
  const steps = TOOL_SETS.flatMap((set): Step[] => {
    const tools = missing.filter((name) => PINS[name].set === set);
    if (tools.length === 0) return [];
    const published = tools.some((name) => pinOf(name, options).published[os]?.archs.includes(arch));
    return [
      {
        name: `tool/${set}`,
        needs: [sourcesStep],
        provision: true,
        pool: published ? 'download' : 'build',
        retry: { attempts: 4, backoffMs: 500, when: (error) => error instanceof DownloadError && error.kind === 'cut' },
        run: (context) => provider.provide(tools, context),
      },
    ];
  });
  return [sources, ...steps];
}
