// Renders a set for a cluster's labels: objects and patches, once for each set and combination of the labels that it reads.

import { createHash } from 'node:crypto';
import { messageOf } from '../../base/errors.ts';
import { isMapping, type Json } from '../sets/parse.ts';
import { setId, type SecretMapping, type SetPatch, type SyncSet } from '../sets/types.ts';
import { TemplateError } from '../../base/go-template/template-errors.ts';
import { templateOf } from '../templates/template.ts';
import { type Item, makeItem } from './item.ts';
import { RECREATE } from './names.ts';

export interface RenderedPatch extends SetPatch {
  /** The patch as JSON. */
  value: unknown;
  hash: string;
}

export interface Rendered {
  id: string;
  set: SyncSet;
  items: readonly Item[];
  patches: readonly RenderedPatch[];
  mappings: readonly SecretMapping[];
  /** Why it could not be rendered at all; what it owns must then be left alone. */
  problem?: string | undefined;
  /** Why the Secrets that it maps are not among the items; the rest of it is applied all the same. */
  mappingProblem?: string | undefined;
}

interface Variant {
  /** The labels that were read, and what they were. */
  reads: ReadonlyMap<string, string>;
  rendered: Rendered;
}

/** Keeps what it has rendered as long as the sets are the same. */
export class Renderer {
  /** By the set's digest. */
  #variants = new Map<string, Variant[]>();

  render(set: SyncSet, labels: Readonly<Record<string, string>>): Rendered {
    const variants = this.#variants.get(set.digest) ?? [];
    for (const { reads, rendered } of variants) {
      if ([...reads].every(([key, value]) => labelOf(labels, key) === value)) return rendered;
    }
    const reads = new Map<string, string>();
    const rendered = renderSet(set, (key) => {
      const value = labelOf(labels, key);
      reads.set(key, value);
      return value;
    });
    this.#variants.set(set.digest, [...variants, { reads, rendered }]);
    return rendered;
  }

  /** Forgets sets that no longer exist. */
  keep(sets: readonly SyncSet[]): void {
    const digests = new Set(sets.map((set) => set.digest));
    this.#variants = new Map([...this.#variants].filter(([digest]) => digests.has(digest)));
  }
}

function labelOf(labels: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(labels, key) ? (labels[key] ?? '') : '';
}

function renderSet(set: SyncSet, label: (key: string) => string): Rendered {
  const id = setId(set);
  const owners = set.mode === 'Sync' ? [id] : [];
  const recreate = set.annotations[RECREATE] === 'true';
  const rendered: Rendered = { id, set, items: [], patches: [], mappings: set.secretMappings };
  if (set.problem !== undefined) return { ...rendered, mappings: [], problem: set.problem };
  try {
    rendered.items = set.resources.map((resource, at) =>
      makeItem(set.resourceTemplates ? (fill(resource, label, `resources[${at}]`) as Json) : resource, {
        behavior: set.behavior,
        owners,
        recreate,
      }),
    );
    rendered.patches = set.patches.map((patch, at) => renderPatch(patch, set.patchTemplates, label, `patches[${at}]`));
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    return { ...rendered, items: [], patches: [], problem: error.message };
  }
  return rendered;
}

class RenderError extends Error {}

/** Every text of the value as a template; keys are not templates. */
function fill(value: unknown, label: (key: string) => string, path: string): unknown {
  if (typeof value === 'string') return value.includes('{{') ? text(value, label, path) : value;
  if (Array.isArray(value)) return value.map((one, at) => fill(one, label, `${path}[${at}]`));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, label, `${path}.${key}`)]));
}

function text(template: string, label: (key: string) => string, path: string): string {
  try {
    return templateOf(template).render(label);
  } catch (error) {
    if (error instanceof TemplateError) throw new RenderError(`${path}: template: ${error.message}`);
    throw error;
  }
}

function renderPatch(
  patch: SetPatch,
  isTemplate: boolean,
  label: (key: string) => string,
  path: string,
): RenderedPatch {
  const source = isTemplate ? text(patch.patch, label, `${path}.patch`) : patch.patch;
  let value: unknown;
  try {
    value = parsePatch(source);
  } catch (error) {
    throw new RenderError(`${path}.patch: is not JSON: ${messageOf(error)}`);
  }
  if (patch.patchType === 'json' ? !Array.isArray(value) : !isMapping(value)) {
    throw new RenderError(
      `${path}.patch: a ${patch.patchType} patch is ${patch.patchType === 'json' ? 'a list' : 'a mapping'}`,
    );
  }
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 22);
  return { ...patch, patch: source, value, hash };
}

function parsePatch(source: string): unknown {
  return JSON.parse(source) as unknown;
}
