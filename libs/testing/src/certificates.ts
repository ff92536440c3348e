import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import { der } from "./der.ts";

export interface Certificate {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  key: string;
}

export interface CertificateRequest {
  commonName: string;
  /** Groups, where the certificate names a Kubernetes user. */
  organizations?: string[];
  /** DNS names and IPv4 addresses of a server. */
  hosts?: string[];
}

/** A private certificate authority: what it issued is trusted only where `certificate` is given as the CA. */
export interface CertificateAuthority extends Certificate {
  /** A certificate for servers and clients, good from yesterday for ten years. */
  issue: (request: CertificateRequest) => Certificate;
}

interface Party {
  request: CertificateRequest;
  publicKey: KeyObject;
}

const oid = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
};

const dayMs = 24 * 3600 * 1000;

/** Makes a certificate authority with a new P-256 key; nothing is written to disk and no other program is needed. */
export function createCertificateAuthority(commonName = "leat test authority"): CertificateAuthority {
  const keys = newKeys();
  const authority: Party = { request: { commonName }, publicKey: keys.publicKey };
  return {
    certificate: certify(authority, authority, keys.privateKey),
    key: keyPem(keys.privateKey),
    issue: (request) => {
      const own = newKeys();
      return {
        certificate: certify({ request, publicKey: own.publicKey }, authority, keys.privateKey),
        key: keyPem(own.privateKey),
      };
    },
  };
}

function newKeys() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" });
}

/** RFC 5280 section 4.1. */
function certify(subject: Party, issuer: Party, issuerKey: KeyObject): string {
  const algorithm = der.sequence(der.objectIdentifier(oid.ecdsaWithSha256));
  const now = Date.now();
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.request),
    der.sequence(der.utcTime(new Date(now - dayMs)), der.utcTime(new Date(now + 3650 * dayMs))),
    distinguishedName(subject.request),
    publicKeyInfo(subject.publicKey),
    der.explicit(3, der.sequence(...extensions(subject, issuer))),
  );
  return pem(der.sequence(toBeSigned, algorithm, der.bitString(sign("sha256", toBeSigned, issuerKey))));
}

function distinguishedName({ organizations = [], commonName }: CertificateRequest): Buffer {
  const attribute = (type: string, value: string) =>
    der.set(der.sequence(der.objectIdentifier(type), der.utf8String(value)));
  return der.sequence(
    ...organizations.map((name) => attribute(oid.organization, name)),
    attribute(oid.commonName, commonName),
  );
}

function publicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function extensions(subject: Party, issuer: Party): Buffer[] {
  const isAuthority = subject === issuer;
  const always = [
    extension(oid.basicConstraints, der.sequence(...(isAuthority ? [der.boolean(true)] : [])), true),
    // Bit 0 is digitalSignature, bits 5 and 6 are keyCertSign and cRLSign.
    extension(
      oid.keyUsage,
      isAuthority ? der.bitString(Buffer.of(0b1000_0110), 1) : der.bitString(Buffer.of(0b1000_0000), 7),
      true,
    ),
    extension(oid.subjectKeyIdentifier, der.octetString(keyIdentifier(subject.publicKey))),
    extension(oid.authorityKeyIdentifier, der.sequence(der.implicit(0, keyIdentifier(issuer.publicKey)))),
  ];
  if (isAuthority) return always;
  const usages = [oid.serverAuth, oid.clientAuth].map((usage) => der.objectIdentifier(usage));
  const hosts = subject.request.hosts ?? [];
  const names =
    hosts.length === 0 ? [] : [extension(oid.subjectAlternativeName, der.sequence(...hosts.map(generalName)))];
  return [...always, extension(oid.extendedKeyUsage, der.sequence(...usages)), ...names];
}

function extension(type: string, value: Uint8Array, critical = false): Buffer {
  return der.sequence(der.objectIdentifier(type), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1").update(publicKeyInfo(key)).digest();
}

function generalName(host: string): Buffer {
  if (isIPv4(host)) return der.implicit(7, Buffer.from(host.split(".").map(Number)));
  return der.implicit(2, Buffer.from(host));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
