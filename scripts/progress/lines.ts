// Plain lines for logs and pipes: one for each event worth a line, and a sign of life from steps that run long.

import type { EngineEvent } from '../engine/event.ts';
import { amount, fraction, left } from './format.ts';
import { count, duration, elapsed } from '../base/units.ts';
import { noticeOf } from './notices.ts';
import type { RenderOptions, Renderer } from './renderer.ts';
import { type Paint, styleFor } from './style.ts';
import { type RunningStep, Tally } from './tally.ts';
import { plain } from '../base/layout.ts';

const CHECK_MS = 1_000;
const WORD_CELLS = 9;

/**
 * Each line is the time since the start, one word that says what happened, and the step. The start of a step is worth none.
 * A step that still runs after 10, 20 and 30 s, and then every 30 s, is worth one, so that a log never goes silent; one
 * that knows how much there is to do is worth one for each tenth of that instead.
 */
export function createLines({ terminal, clock, verbose }: RenderOptions): Renderer {
  const style = styleFor(terminal);
  const tally = new Tally();
  const lastSign = new Map<string, number>();
  const lastTenth = new Map<string, number>();
  let startMs = clock.now();
  let cancelCheck: (() => void) | undefined;

  const write = (atMs: number, word: string, paint: Paint, text: string): void => {
    const time = style.dim(elapsed(atMs).padStart(7));
    terminal.write(`${time}  ${paint(word)}${' '.repeat(WORD_CELLS - word.length)}  ${text}\n`);
  };

  const check = (): void => {
    const nowMs = clock.now() - startMs;
    for (const step of tally.shown()) {
      if (tenthsOf(step) !== undefined) continue;
      const sign = signDue(nowMs - step.startedMs);
      if (sign <= (lastSign.get(step.name) ?? 0)) continue;
      lastSign.set(step.name, sign);
      write(nowMs, 'running', style.dim, stillRunning(step, nowMs));
    }
    cancelCheck = clock.after(CHECK_MS, check);
  };

  const tellTenth = (name: string, atMs: number): void => {
    const step = tally.running.get(name);
    const tenths = step && tenthsOf(step);
    if (!step || tenths === undefined || tenths <= (lastTenth.get(name) ?? 0)) return;
    lastTenth.set(name, tenths);
    if (tenths < 10) write(atMs, 'running', style.dim, tenthDone(step, tenths));
  };

  const close = (): void => {
    cancelCheck?.();
    cancelCheck = undefined;
  };

  /** The steps of a group that succeeded are one line together. */
  const endOfGroup = (name: string | undefined, atMs: number): void => {
    const group = name === undefined ? undefined : tally.groups.get(name);
    if (!group || group.ended < group.total || group.failed > 0 || verbose) return;
    const took = duration(atMs - (group.startedMs ?? atMs));
    write(atMs, 'done', style.good, `${group.name} (${count(group.total, 'step')}, ${took})`);
  };

  const onEvent = (event: EngineEvent): void => {
    tally.add(event);
    if (event.type === 'step-progress') tellTenth(event.step, event.atMs);
    if (event.type === 'run-started') {
      startMs = clock.now() - event.atMs;
      write(event.atMs, 'start', style.bold, count(event.steps.length, 'step'));
      cancelCheck = clock.after(CHECK_MS, check);
    }
    const notice = verbose || isWorthALine(event) ? noticeOf(event, style) : undefined;
    if (notice) write(event.atMs, notice.word, notice.paint, notice.text);
    if (event.type === 'step-ended') endOfGroup(event.record.group, event.atMs);
    if (event.type === 'run-ended') close();
  };
  return { onEvent, close };
}

/** What a step writes is not, and no step that was never started: the summary names those together. */
function isWorthALine(event: EngineEvent): boolean {
  if (event.type === 'step-ended' && event.record.group !== undefined && event.record.outcome === 'done') return false;
  if (event.type === 'step-ended') return event.record.startedMs !== undefined || event.record.outcome === 'failed';
  return event.type !== 'step-output';
}

/** The last moment at which a step that runs for `ms` is to give a sign of life, in ms since its start; 0 for none yet. */
function signDue(ms: number): number {
  const tens = Math.floor(ms / 10_000);
  return (tens <= 3 ? tens : tens - (tens % 3)) * 10_000;
}

/** Tenths that are done, of a step that takes long and knows how much there is to do. */
function tenthsOf({ progress }: RunningStep): number | undefined {
  // A step that waits has no tenths of its own.
  if (progress?.leftMs === undefined || progress.waitsFor !== undefined) return undefined;
  const done = fraction(progress);
  return done === undefined ? undefined : Math.floor(done * 10);
}

function tenthDone({ name, progress = { done: 0 } }: RunningStep, tenths: number): string {
  return [`${name}: ${tenths * 10} %`, amount(progress), left(progress)].filter((part) => part !== '').join(', ');
}

function stillRunning(step: RunningStep, nowMs: number): string {
  const parts = [
    `still running after ${duration(nowMs - step.startedMs)}`,
    ...(step.progress ? [plain(amount(step.progress))] : []),
    ...(step.attempt > 1 ? [`attempt ${step.attempt}`] : []),
    ...(step.retry ? [`waiting to try again: ${plain(step.retry.message)}`] : []),
  ];
  return `${plain(step.name)}: ${parts.join(', ')}`;
}
