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
      subject: parsed.subject.replaceAll('\n', ','),
      subjectAlternativeNames: parsed.subjectAltName?.split(', ').map((name) => name.replace(/^\w+( \w+)?:/, '')) ?? [],
      issuer: parsed.issuer.replaceAll('\n', ','),
      notAfter: notAfter.toISOString(),
      notBefore: notBefore.toISOString(),
      isValid: notBefore.getTime() <= now && now <= notAfter.getTime(),
      isCA: parsed.ca,
    };
  });
}
