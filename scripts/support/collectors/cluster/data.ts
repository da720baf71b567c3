// data: a text of the spec itself.

import { type Collector, text } from '../collector.ts';

export const data: Collector = {
  claim: ({ spec }) => pathOf(spec),
  async run({ item, sink, suffix }) {
    await sink.add({ path: pathOf(item.spec) + suffix, content: Buffer.from(text(item.spec, 'data') ?? '') });
  },
};

function pathOf(spec: Readonly<Record<string, unknown>>): string {
  return `${text(spec, 'name') ?? ''}/${text(spec, 'collectorName') ?? 'data'}`;
}
