// What an HTML page of ours holds: its script as one text, from dist/ or bundled now where a source is newer, and inert data.

import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from './files/make-folder.ts';
import { harmless } from '../base/terminal-text.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Built {
  script: string;
  /** What it was made of, relative to the project's folder. */
  inputs: readonly string[];
}

/** @param folder of the page's `main.ts`. The text cannot end the element that it is put into. */
export async function pageScript(folder: string): Promise<string> {
  return ((await prebuilt(folder)) ?? (await bundled(folder))).script;
}

/** A script or style as a Content-Security-Policy names it. */
export function policyHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** JSON that cannot end its script element or open a comment in it, of texts that neither hide nor turn what is around them. */
export function inertJson(data: unknown): string {
  const text = JSON.stringify(data, (_, value: unknown) => (typeof value === 'string' ? harmless(value) : value));
  return text.replaceAll('<', '\\u003c');
}

/** Bundles the scripts of these pages into dist/. */
export async function prebuildPages(folders: readonly string[]): Promise<void> {
  await makeFolder(join(ROOT, 'dist', 'pages'));
  await Promise.all(folders.map(async (folder) => writeFile(fileOf(folder), JSON.stringify(await bundled(folder)))));
}

function fileOf(folder: string): string {
  return join(ROOT, 'dist', 'pages', `${relative(ROOT, folder).replaceAll(/\W/g, '-')}.json`);
}

/** undefined where there is none, or a source is newer. */
async function prebuilt(folder: string): Promise<Built | undefined> {
  const file = fileOf(folder);
  try {
    const { mtimeMs } = await stat(file);
    const built = JSON.parse(await readFile(file, 'utf8')) as Built;
    const sources = await Promise.all(built.inputs.map((input) => stat(join(ROOT, input))));
    return sources.every((source) => source.mtimeMs <= mtimeMs) ? built : undefined;
  } catch {
    return undefined;
  }
}

async function bundled(folder: string): Promise<Built> {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(folder, 'main.ts')],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    target: 'es2022',
    platform: 'browser',
    logLevel: 'silent',
  });
  const script = outputFiles.map(({ text }) => text.replaceAll('</', '<\\/')).join('');
  return { script, inputs: Object.keys(metafile.inputs) };
}
