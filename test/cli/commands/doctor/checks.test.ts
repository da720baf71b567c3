// Specs that `doctor` is given: their checks are findings beside its own.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../../../scripts/cluster/doctor/doctor.ts';
import { createWorld } from '../../../world.ts';

const test = suite('cli/commands/doctor/checks');

const SPEC = `apiVersion: troubleshoot.sh/v1beta2
kind: HostPreflight
metadata: {name: x}
spec:
  collectors:
    - memory: {}
    - subnetAvailable: {collectorName: taken, CIDRRangeAlloc: 127.0.0.0/33, desiredCIDR: 8}
  analyzers:
    - memory: {outcomes: [{fail: {when: "< 100Pi", message: too little, uri: "https://x.example/mem"}}, {pass: {message: fine}}]}
    - memory: {checkName: Any memory, outcomes: [{fail: {when: "< 1Mi", message: none}}, {pass: {message: fine}}]}
    - subnetAvailable: {collectorName: taken, outcomes: [{pass: {when: a-subnet-is-available, message: free}}]}
`;

test('each check is a finding, one that fails has its place, and the exit code is 3', async () => {
  const world = createWorld('doctor-spec');
  try {
    world.write('host.yaml', SPEC);
    const { code, stdout, stderr } = await world.hoist(['doctor', 'host.yaml', '--provider', 'embedded', '-o', 'json']);
    assert.is(code, 3, stderr);
    const { findings } = JSON.parse(stdout) as Diagnosis;
    const of = (name: string) => findings.find((one) => one.name === name);
    assert.equal(of('Any memory'), { name: 'Any memory', status: 'ok', detail: 'fine' });
    const memory = of('Amount of Memory');
    assert.is(memory?.status, 'fail');
    assert.match(memory?.hint ?? '', 'See https://x.example/mem. It is the check at host.yaml:9:7.');
    // A collector that fails is no check that passes.
    const subnet = findings.find(({ detail }) => detail.includes('127.0.0.0/33'));
    assert.is(subnet?.status, 'fail', stdout);
    assert.ok(of('provider'), 'its own findings');
  } finally {
    await world.close();
  }
});

test('a spec without checks is an error of the user', async () => {
  const world = createWorld('doctor-spec');
  try {
    world.write('none.yaml', SPEC.slice(0, SPEC.indexOf('  analyzers')));
    const { code, stderr } = await world.hoist(['doctor', 'none.yaml', '--provider', 'embedded']);
    assert.is(code, 2);
    assert.match(stderr, 'none.yaml: has no analyzers');
    assert.is((await world.hoist(['doctor', 'absent.yaml'])).code, 2);
  } finally {
    await world.close();
  }
});

test.run();
