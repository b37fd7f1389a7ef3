import { expect, test } from 'vitest'
import { isKeySetAddress } from './key-set-address.ts'

test.each([
  ['https://issuer.example.org/jwks.json', true],
  ['http://127.0.0.1:8000/jwks', true],
  ['http://localhost/jwks', true],
  ['http://[::1]/jwks', true],
  ['http://issuer.example.org/jwks', false],
  ['http://127.0.0.1.example.org/jwks', false],
  ['https://user:password@example.org/jwks', false],
  ['file:///etc/passwd', false],
  ['jwks', false],
])('keys are read from %s: %s', (address, isOne) => {
  expect(isKeySetAddress(address)).toBe(isOne)
})
