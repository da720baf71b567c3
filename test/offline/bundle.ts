// Offline bundles for tests: a small right one, and any wrong one, written byte by byte.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { HoistError, messageOf } from '../../scripts/base/errors.ts';
import { tarHeader, tarPadding } from '../../scripts/host/files/tar-header.ts';
import type { BundleManifest } from '../../scripts/offline/manifest.ts';
import { MANIFEST_NAME, partName } from '../../scripts/offline/reader.ts';

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

export const partOf = (content: string): { sha256: string; bytes: number } => ({
  sha256: sha256(content),
  bytes: Buffer.byteLength(content),
});

export function manifestOf(own: Partial<BundleManifest> = {}): BundleManifest {
  return {
    kind: 'hoist-offline-bundle',
    format: 1,
    hoist: '0.1.0',
    createdAt: '2026-01-01T00:00:00.000Z',
    platform: { os: process.platform, arch: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    provider: 'embedded',
    cluster: 'dev',
    kubernetes: '1.36.3',
    settings: { tree: {}, paths: [] },
    tools: [],
    files: [],
    images: [],
    ...own,
  };
}

export interface Member {
  name: string;
  content: string | Buffer;
  /** Where the header says something else. */
  size?: number;
}

export const partMember = (content: string): Member => ({ name: partName(sha256(content)), content });
export const manifestMember = (manifest: unknown): Member => ({
  name: MANIFEST_NAME,
  content: typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
});

/** The bytes of an archive of these members, whatever they are. */
export function archive(...members: Member[]): Buffer {
  const blocks = members.flatMap(({ name, content, size }) => {
    const bytes = Buffer.from(content);
    return [tarHeader(name, size ?? bytes.length, 0), bytes, Buffer.alloc(tarPadding(bytes.length))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function writeArchive(path: string, ...members: Member[]): string {
  writeFileSync(path, archive(...members));
  return path;
}

/** What a use of a bundle is refused with. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, HoistError);
    return messageOf(error);
  }
  throw new Error('it was accepted');
}
