// Objects as kube-apiserver stores them, made by hand for tests.

const bytes = (number: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([number * 8 + 2]), sized(value)]);
const sized = (value: Buffer): Buffer => Buffer.concat([varint(value.length), value]);
const text = (number: number, value: string): Buffer => bytes(number, Buffer.from(value));

function varint(number: number): Buffer {
  const out: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return Buffer.from([...out, rest]);
}

/** A `Time` of some seconds since 1970. */
const time = (seconds: number): Buffer =>
  Buffer.concat([Buffer.from([8]), varint(seconds), Buffer.from([16]), varint(0)]);

export interface Stored {
  kind: string;
  name: string;
  namespace?: string;
  uid?: string;
  seconds?: number;
  managers?: readonly string[];
  /** What follows the metadata: field 2, as a string. */
  rest?: string;
  /** Of a Secret, in place of the rest. */
  data?: Readonly<Record<string, string>>;
  /** Field 3. */
  type?: string;
}

export function stored({
  kind,
  name,
  namespace = '',
  uid,
  seconds = 1_700_000_000,
  managers = [],
  rest = '',
  data,
  type,
}: Stored): Buffer {
  // The number 17 of managedFields takes two bytes with its wire type.
  const managed = managers.map((manager) =>
    Buffer.concat([
      Buffer.from([0x8a, 0x01]),
      sized(Buffer.concat([text(1, manager), text(2, 'Update'), bytes(4, time(seconds))])),
    ]),
  );
  const metadata = Buffer.concat([
    text(1, name),
    text(3, namespace),
    text(5, uid ?? '00000000-0000-4000-8000-000000000000'),
    bytes(8, time(seconds)),
    ...managed,
  ]);
  const map = Object.entries(data ?? {}).map(([key, value]) => bytes(2, Buffer.concat([text(1, key), text(2, value)])));
  const content = data ? map : [text(2, rest)];
  const object = Buffer.concat([bytes(1, metadata), ...content, ...(type === undefined ? [] : [text(3, type)])]);
  const typeMeta = Buffer.concat([text(1, 'v1'), text(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), bytes(1, typeMeta), bytes(2, object)]);
}
