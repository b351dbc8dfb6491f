import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate of localhost, signed by its own key, valid for a hundred years: for tests only. */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUYeDF1Vk5U5lnbqcKW7oSZm8e6LIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE4NDMxMloYDzIxMjYxMDI4
MTg0MzEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASPtVIpW9XcO7ZU88FowogfzFSwUwrYZT9VogHKu0FQOCYK6okBOKcs
js0ppsenxje39tsrQ2I+GO2SfOvhep7wo28wbTAdBgNVHQ4EFgQUaVUlrfVO6uce
gg2XetAWwQZ74sEwHwYDVR0jBBgwFoAUaVUlrfVO6ucegg2XetAWwQZ74sEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAP+upAstVJBTDHmPtVHxRK0UXKtsCB27vQ6KnwTe4sOCAiAl
LLyiEgXI/AAEDV4uSKzNdZtJPTNF3TPE6GnifH6GmA==
-----END CERTIFICATE-----
`

/** Its private key. It protects nothing. */
export const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCR6bozshmWJIwbAs
XSIHsM2YCLlowyZYZlCXJH+QTBOhRANCAASPtVIpW9XcO7ZU88FowogfzFSwUwrY
ZT9VogHKu0FQOCYK6okBOKcsjs0ppsenxje39tsrQ2I+GO2SfOvhep7w
-----END PRIVATE KEY-----
`

/** Writes both into a folder; gives their paths. */
export function writeTestCertificate(folder: string): { certFile: string; keyFile: string } {
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  writeFileSync(certFile, testCertificate)
  writeFileSync(keyFile, testKey)
  return { certFile, keyFile }
}
