// Clients of clusters: shared by those that are the same server with the same credentials, until the last has let go.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Clients } from '../../../scripts/fleet/spoke/clients.ts';

const test = suite('fleet/spoke/clients');

test('one client for each server and credentials', () => {
  const clients = new Clients();
  const one = clients.take({ server: 'https://a.invalid' });
  const same = clients.take({ server: 'https://a.invalid' });
  const other = clients.take({ server: 'https://a.invalid', token: 't' });
  assert.is(one.client, same.client);
  assert.is(one.key, same.key);
  assert.is.not(one.client, other.client);
  clients.close();
});

test('it is kept until the last user has let go, each of them once', () => {
  const clients = new Clients();
  const connection = { server: 'https://a.invalid' };
  const first = clients.take(connection);
  const second = clients.take(connection);
  first.release();
  first.release();
  const third = clients.take(connection);
  assert.is(third.client, first.client, 'the second user still has it');
  second.release();
  third.release();
  const next = clients.take(connection);
  assert.is.not(next.client, first.client);
  clients.close();
  next.release();
});

test.run();
