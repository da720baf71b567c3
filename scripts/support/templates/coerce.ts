// Values as the functions of templates take them, whatever their type.

import { messageOf } from '../../base/errors.ts';
import { CallError } from '../../base/go-template/template-errors.ts';
import { show } from '../../base/go-template/values.ts';
import { GoRegExp } from '../../base/go-regexp.ts';

/** As Go prints a value; nothing for a missing one. */
export function printed(value: unknown): string {
  return show(value, '');
}

export const number = (value: unknown): number =>
  (typeof value === 'boolean' ? Number(value) : Number(value ?? 0)) || 0;

export const int = (value: unknown): number => Math.trunc(number(value));

export const items = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export const map = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** A library's error becomes one of the call. */
export const called = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw new CallError(messageOf(error));
  }
};

/** @throws CallError for a pattern that is none. */
export const regexp = (pattern: unknown): GoRegExp => called(() => new GoRegExp(printed(pattern)));
