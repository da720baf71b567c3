// Reads what identifies an object from the bytes that kube-apiserver stores: protobuf, of which only the metadata matters here.

/** `k8s` and a zero: what follows is a message `Unknown` with the kind and the object. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** A field of a message; numbers are left out, as all that is read here is of bytes. */
interface Field {
  number: number;
  /** Where its bytes are in the whole value. */
  start: number;
  end: number;
}

/** Numbers of fields in k8s.io/apimachinery: pkg/runtime/generated.proto, pkg/apis/meta/v1/generated.proto. */
const UNKNOWN = { typeMeta: 1, raw: 2 };
const TYPE_META = { kind: 2 };
const OBJECT = { metadata: 1 };
const META = { name: 1, namespace: 3, uid: 5, created: 8, managedFields: 17 };
const MANAGED = { manager: 1, time: 4 };
const TIME_SECONDS = 1;
/** Of k8s.io/api: core/v1/generated.proto. */
const SECRET = { data: 2, type: 3 };
const MAP_KEY = 1;

export interface StoredObject {
  kind: string;
  name: string;
  namespace: string;
  uid: string;
  /** The managers that have written fields of it. */
  managers: readonly string[];
}

/** undefined where it is not stored as protobuf: custom resources, what is encrypted, what is damaged. */
export function readStored(value: Buffer): StoredObject | undefined {
  const places = find(value);
  if (!places) return undefined;
  const text = (field: Field | undefined): string => (field ? value.toString('utf8', field.start, field.end) : '');
  return {
    kind: text(places.kind),
    name: text(places.name),
    namespace: text(places.namespace),
    uid: text(places.uid),
    managers: places.managers.map(text),
  };
}

/** The same object with another uid, and with a time, where one is given, in place of all that its metadata has. */
export function renewed(value: Buffer, uid: string, seconds: number | undefined): Buffer {
  const places = find(value);
  if (!places) return value;
  const copy = Buffer.from(value);
  if (places.uid && places.uid.end - places.uid.start === uid.length) copy.write(uid, places.uid.start, 'latin1');
  if (seconds === undefined) return copy;
  const time = varint(seconds);
  for (const { start, end } of places.times) {
    // The field's number, then as many bytes as a time of these decades has.
    if (
      end - start > time.length &&
      value[start] === TIME_SECONDS << 3 &&
      endOfVarint(value, start + 1) === start + 1 + time.length
    )
      time.copy(copy, start + 1);
  }
  return copy;
}

/** Whether it is a Secret of this type. */
export function isSecretOf(type: string, value: Buffer): boolean {
  const secret = secretFields(value);
  return (
    secret?.some(({ number, start, end }) => number === SECRET.type && value.toString('utf8', start, end) === type) ??
    false
  );
}

/** A Secret without some keys of its data. */
export function withoutData(value: Buffer, keys: readonly string[]): Buffer {
  const raw = rawOf(value);
  const left = secretFields(value)?.filter((field) => {
    if (field.number !== SECRET.data) return true;
    const key = one(fields(value, field), MAP_KEY);
    return !key || !keys.includes(value.toString('utf8', key.start, key.end));
  });
  if (!raw || !left) return value;
  const object = Buffer.concat(
    left.map(({ number, start, end }) => lengthDelimited(number, value.subarray(start, end))),
  );
  return Buffer.concat([
    MAGIC,
    ...fields(value, { start: MAGIC.length, end: value.length }).map(({ number, start, end }) =>
      lengthDelimited(number, number === UNKNOWN.raw ? object : value.subarray(start, end)),
    ),
  ]);
}

/** All fields of a Secret are of bytes but `immutable`, which a secret with a token has no use for. */
function secretFields(value: Buffer): Field[] | undefined {
  const raw = rawOf(value);
  if (!raw || readStored(value)?.kind !== 'Secret') return undefined;
  return fields(value, raw);
}

function rawOf(value: Buffer): Field | undefined {
  if (!find(value)) return undefined;
  return one(fields(value, { start: MAGIC.length, end: value.length }), UNKNOWN.raw);
}

function lengthDelimited(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

interface Places {
  kind: Field | undefined;
  name: Field | undefined;
  namespace: Field | undefined;
  uid: Field | undefined;
  managers: Field[];
  times: Field[];
}

function find(value: Buffer): Places | undefined {
  if (!value.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const whole = fields(value, { start: MAGIC.length, end: value.length });
    const raw = one(whole, UNKNOWN.raw);
    const type = one(whole, UNKNOWN.typeMeta);
    const metadata = raw && one(fields(value, raw), OBJECT.metadata);
    if (!type || !metadata) return undefined;
    const meta = fields(value, metadata);
    const managed = meta.filter(({ number }) => number === META.managedFields).map((field) => fields(value, field));
    const all = (number: number): Field[] => managed.flatMap((entry) => one(entry, number) ?? []);
    return {
      kind: one(fields(value, type), TYPE_META.kind),
      name: one(meta, META.name),
      namespace: one(meta, META.namespace),
      uid: one(meta, META.uid),
      managers: all(MANAGED.manager),
      times: [...all(MANAGED.time), ...meta.filter(({ number }) => number === META.created)],
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function one(list: readonly Field[], number: number): Field | undefined {
  return list.find((field) => field.number === number);
}

/** @throws RangeError where the bytes are no message. */
function fields(value: Buffer, { start, end }: { start: number; end: number }): Field[] {
  const found: Field[] = [];
  for (let at = start; at < end;) {
    const tagEnd = endOfVarint(value, at);
    const tag = readVarint(value, at, tagEnd);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 2) {
      const lengthEnd = endOfVarint(value, tagEnd);
      const from = lengthEnd;
      at = from + readVarint(value, tagEnd, lengthEnd);
      if (at > end) throw new RangeError('a field goes beyond its message');
      found.push({ number, start: from, end: at });
    } else if (wire === 0) at = endOfVarint(value, tagEnd);
    else if (wire === 1) at = tagEnd + 8;
    else if (wire === 5) at = tagEnd + 4;
    else throw new RangeError(`there is no wire type ${wire}`);
  }
  return found;
}

function endOfVarint(value: Buffer, start: number): number {
  for (let at = start; at < value.length && at < start + 10; at++) if ((value[at] ?? 0) < 0x80) return at + 1;
  throw new RangeError('a number has no end');
}

function readVarint(value: Buffer, start: number, end: number): number {
  let number = 0;
  for (let at = end - 1; at >= start; at--) number = number * 128 + ((value[at] ?? 0) & 0x7f);
  return number;
}

function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
