// data: a text of the spec itself.

import { type Collector, firstText, text } from '../collector.ts';

export const data: Collector = {
  claim: ({ spec }) => pathOf(spec),
  async run({ item, sink, suffix }) {
    await sink.add({ path: pathOf(item.spec) + suffix, content: Buffer.from(text(item.spec, 'data') ?? '') });
  },
};

function pathOf(spec: Readonly<Record<string, unknown>>): string {
  return (
    [firstText(spec, 'name'), firstText(spec, 'collectorName')].filter((part) => part !== undefined).join('/') || 'data'
  );
}
