import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { basicOf, publicUrl } from '../../../scripts/tasks/includes/public-url.ts';

const urls = suite('tasks: public addresses');

urls('what credentials an address holds is left out; an address without any stays as it is written', () => {
  const cases: [address: string, shown: string][] = [
    ['https://host', 'https://host'],
    ['no url', 'no url'],
    ['https://ann@host/a', 'https://host/a'],
    ['https://:pw@host/a', 'https://host/a'],
    ['https://ann:pw@host/a?ref=1', 'https://host/a?ref=1'],
    ['https://host/a?private_token=x&ref=main', 'https://host/a?ref=main'],
    ['https://host/a?X-Amz-Signature=x&sig=y&api-key=z', 'https://host/a'],
    ['https://host/a?tokens=x&key=y&design=z', 'https://host/a?tokens=x&key=y&design=z'],
  ];
  for (const [address, shown] of cases) assert.is(publicUrl(address), shown, address);
});

urls('a login in an address, as a header', () => {
  const header = (address: string): string | undefined => basicOf(new URL(address));
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.is(header('https://host'), undefined);
  assert.is(header('https://ann@host'), basic('ann:'));
  assert.is(header('https://:p%40w@host'), basic(':p@w'));
  assert.is(header('https://ann:pw@host'), basic('ann:pw'));
});

urls.run();
