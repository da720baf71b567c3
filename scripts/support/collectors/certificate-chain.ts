// Certificates in PEM, as the collectors show them.

import { X509Certificate } from 'node:crypto';
import { HoistError } from '../../base/errors.ts';

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** What is worth knowing of each certificate of a chain. @throws where there is none, or one cannot be read */
export function parseChain(pem: string): object[] {
  const blocks = pem.match(PEM) ?? [];
  if (blocks.length === 0) throw new HoistError('there is no certificate in it');
  return blocks.map((block) => {
    const parsed = new X509Certificate(block);
    const [notBefore, notAfter] = [new Date(parsed.validFrom), new Date(parsed.validTo)];
    const now = Date.now();
    return {
      certificate: '',
      subject: nameOf(parsed.subject),
      subjectAlternativeNames: parsed.subjectAltName?.split(', ').map((name) => name.replace(/^\w+( \w+)?:/, '')) ?? [],
      issuer: nameOf(parsed.issuer),
      notAfter: timeOf(notAfter),
      notBefore: timeOf(notBefore),
      isValid: notBefore.getTime() <= now && now <= notAfter.getTime(),
      isCA: parsed.ca,
    };
  });
}

/** RFC 3339 to the second. */
const timeOf = (date: Date): string => date.toISOString().replace('.000Z', 'Z');

/** The order in which Go writes the parts of a name. */
const PARTS = ['serialNumber', 'CN', 'postalCode', 'street', 'ST', 'L', 'OU', 'O', 'C'];

/** `CN=a,O=b` of the lines of a distinguished name. */
function nameOf(lines: string): string {
  const parts = lines.split('\n').filter((line) => line !== '');
  const rank = (part: string): number => PARTS.indexOf(part.slice(0, part.indexOf('='))) + 1 || PARTS.length + 1;
  return parts.sort((a, b) => rank(a) - rank(b)).join(',');
}
