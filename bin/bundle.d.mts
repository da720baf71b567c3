import type { Script } from 'node:vm';

export function freshBundle(root?: string): string | undefined;
export function compiledOf(path: string): string;
export function loadBundle(path: string): { exports: { main: () => Promise<void> }; script: Script };
