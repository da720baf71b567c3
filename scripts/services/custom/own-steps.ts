// Steps of the user and the commands of `hooks:` as steps of the engine.

import type { Subscriber } from '../../engine/event.ts';
import { nearest } from '../../base/suggest.ts';
import type { Step } from '../../engine/step.ts';
import { ConfigError, type Problem } from '../../base/errors.ts';
import type { OwnStep } from './files.ts';
import { type ScriptContext, ownRun } from './own-run.ts';

/** Longest time of one command of a hook. */
const HOOK_MS = 10 * 60_000;

/** What steps of the user learn of the run. */
export interface OwnInputs extends ScriptContext {
  kubeconfig: string;
  context: string;
  cluster: string;
  namespaces: readonly string[];
}

/**
 * @param others all other steps of the run.
 * @throws ConfigError where a step needs one that does not exist.
 */
export function ownSteps(steps: readonly OwnStep[], others: readonly Step[], inputs: OwnInputs): Step[] {
  const known = new Set([...others, ...steps].map((step) => step.name));
  const problems = steps.flatMap((step) =>
    (step.needs ?? []).filter((need) => !known.has(need)).map((need) => unknownNeed(step, need, known)),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return steps.map((step) => ({
    name: step.name,
    // What waits for anything of the cluster expects to reach it.
    needs: step.needs?.length === 0 ? [] : [...new Set(['kubeconfig', ...(step.needs ?? [])])],
    timeoutMs: step.timeoutMs,
    optional: step.optional,
    async run(context) {
      const { signal } = context;
      const log = (line: string): void => context.output(line);
      const note = (text: string): void => context.note(text);
      const warn = (text: string): void => context.warn(text);
      await ownRun(context, inputs, step, ($) => step.run({ $, signal, log, note, warn, ...inputs }));
    },
  }));
}

function unknownNeed({ name, shown }: OwnStep, need: string, known: ReadonlySet<string>): Problem {
  // A file's own name is what comes to mind first.
  const guess = nearest(need, known) ?? [...known].find((other) => other === `steps/${need}`);
  const hint = guess === undefined ? '; `up --plan` lists all steps' : `; did you mean "${guess}"?`;
  return { where: shown, message: `step "${name}" needs "${need}", which does not exist${hint}` };
}

export interface Hooks {
  before: readonly string[];
  after: readonly string[];
}

/** The steps with those of the hooks around them, and what must subscribe to their run. */
export function withHooks(
  steps: readonly Step[],
  hooks: Hooks,
  surroundings: ScriptContext,
): { steps: Step[]; subscriber: Subscriber } {
  const ended = new Ended();
  const before = chain('before', hooks.before, surroundings);
  const gate = before.at(-1)?.name;
  const inner = steps.map((step) =>
    gate === undefined || (step.needs ?? []).length > 0 ? step : { ...step, needs: [gate] },
  );
  const firm = inner.filter((step) => step.optional !== true);
  // All others have ended before these do.
  const needed = new Set(firm.flatMap((step) => step.needs ?? []));
  const required = firm.map((step) => step.name).filter((name) => !needed.has(name));
  const optional = inner.filter((step) => step.optional === true).map((step) => step.name);
  const after = chain('after', hooks.after, surroundings, {
    needs: required.length > 0 || !gate ? required : [gate],
    ready: (signal) => ended.all(optional, signal),
  });
  return { steps: [...before, ...inner, ...after], subscriber: ended.subscriber };
}

/** One step a command, each after the one before it. */
function chain(
  when: keyof Hooks,
  commands: readonly string[],
  surroundings: ScriptContext,
  { needs = [], ready }: { needs?: readonly string[]; ready?: (signal: AbortSignal) => Promise<void> } = {},
): Step[] {
  const name = (i: number): string => `hooks/${when}/${i + 1}`;
  return commands.map((command, i) => ({
    name: name(i),
    needs: i === 0 ? needs : [name(i - 1)],
    timeoutMs: HOOK_MS,
    async run(context) {
      if (i === 0) await ready?.(context.signal);
      const origin = { shown: `hooks.${when}.${i}` };
      // Its input is not a terminal: a command that reads it would wait forever.
      await ownRun(context, surroundings, origin, ($) => $({ stdio: ['ignore', 'pipe', 'pipe'] })(verbatim(command)));
    },
  }));
}

/** The text as a template without holes, which is what zx does not quote. */
function verbatim(text: string): TemplateStringsArray {
  return Object.assign([text], { raw: [text] });
}

/** Knows which steps have ended, however: a need would not do, since a failed optional step fails what needs it. */
class Ended {
  readonly #names = new Set<string>();
  readonly #waiting = new Set<() => void>();

  readonly subscriber: Subscriber = (event) => {
    if (event.type !== 'step-ended') return;
    this.#names.add(event.step);
    for (const check of this.#waiting) check();
  };

  /** Resolves when all of them have ended. @throws the signal's reason */
  all(names: readonly string[], signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => end(() => reject(signal.reason as Error));
      const check = (): void => {
        if (names.every((name) => this.#names.has(name))) end(resolve);
      };
      const end = (settle: () => void): void => {
        this.#waiting.delete(check);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      this.#waiting.add(check);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      check();
    });
  }
}
