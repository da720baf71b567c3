// What a reference of a container image may look like: the grammar of the distribution project, by which kubelets read it.

const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/;
const MOST_NAME = 255;

/** Why no image can be called so; undefined where one can. */
export function imageProblem(reference: string): string | undefined {
  if (reference === '') return 'is empty';
  if (/[\s\p{C}]/u.test(reference)) return 'has a blank or control character in it';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) return 'is an address: an image is named without its scheme';
  const [named = '', digest, ...more] = reference.split('@');
  if (more.length > 0) return 'has more than one "@"';
  if (digest !== undefined && !DIGEST.test(digest)) {
    return `has the digest "${digest}", which must be sha256: and 64 hexadecimal digits`;
  }
  // A colon before the last slash is that of a port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const [name, tag] = colon < 0 ? [named, undefined] : [named.slice(0, colon), named.slice(colon + 1)];
  if (tag !== undefined && !TAG.test(tag)) {
    return `has the tag "${tag}", which must be at most 128 letters, digits, "_", "." and "-", and begin with none of the last two`;
  }
  return nameProblem(name);
}

function nameProblem(name: string): string | undefined {
  if (name.length > MOST_NAME) return `has a name of ${name.length} characters, more than ${MOST_NAME}`;
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && (/[.:]|^localhost$/.test(first) || first !== first.toLowerCase());
  if (isHost && !HOST.test(first)) return `names the registry "${first}", which is no HOST or HOST:PORT`;
  const wrong = (isHost ? rest : [first, ...rest]).find((part) => !COMPONENT.test(part));
  if (wrong === undefined) return undefined;
  if (wrong === '') return 'has an empty part between its slashes, or no name before its tag';
  return `has the part "${wrong}", which must be of lower-case letters and digits, with single "." and "_" or dashes between them`;
}
