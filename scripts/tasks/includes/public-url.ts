// An address as it may stand in a lock file or a message: without credentials.

/** Names of query parameters that hold credentials: of forges, of object stores' signed addresses, of people. */
const SECRET =
  /^(.*[-_])?(token|secret|password|passwd|pwd|auth|authorization|credentials?|signature|sig|apikey|jwt)$|[-_]key$|^x-(amz|goog)-/i;

/** The same for every token, so that a new one is no other file. */
export function publicUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  const secret = [...url.searchParams.keys()].filter((name) => SECRET.test(name));
  if (url.username === '' && url.password === '' && secret.length === 0) return text;
  url.username = '';
  url.password = '';
  for (const name of secret) url.searchParams.delete(name);
  return url.href;
}

/** The credentials in the address itself, as a header; undefined where it has nothing. */
export function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}
