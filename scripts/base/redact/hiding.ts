// What the rules of redaction call where they have found a secret.

/** What stands for a secret that was found, and the note that it was. */
export interface Hiding {
  by(secret: string, bare?: boolean): string;
  count(rule: string): void;
}
