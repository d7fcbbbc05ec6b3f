/** The tally's TLS key and certificate: made once, pinned by the key's digest in network.yaml. */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export type TlsCredentials = { readonly key: string; readonly cert: string; readonly pin: string };

/** Nobody looks at the dates: nodes compare the key with the pin. They are far, so that nobody has to renew it. */
const YEARS_VALID = 50;

/** A P-256 key and a certificate that it signs itself, in PEM. */
export async function makeTlsCredentials(nowMs: number): Promise<TlsCredentials> {
  const notAfterDate = new Date(nowMs);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + YEARS_VALID);
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'privcount tally server' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - 86_400_000),
    notAfterDate,
  });
  return { key, cert, pin: pinOfCertificate(cert) };
}

/** SHA-256 of the certificate's SubjectPublicKeyInfo, in hexadecimal. Throws if these are no PEM of a certificate. */
export function pinOfCertificate(cert: string | Uint8Array): string {
  const spki = new X509Certificate(cert).publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('hex');
}

/** The same of a private key in PEM: it must be the certificate's. */
export function pinOfKey(key: string | Uint8Array): string {
  const spki = createPublicKey({ key: Buffer.from(key), format: 'pem' }).export({
    format: 'der',
    type: 'spki',
  });
  return createHash('sha256').update(spki).digest('hex');
}
