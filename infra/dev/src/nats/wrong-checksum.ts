/** What was downloaded is not what was published. Never worked around: somebody may be in between. */
export class WrongChecksum extends Error {
  readonly code = 'wrong_checksum'

  constructor(address: string, expected: string, actual: string) {
    super(
      `The checksum of ${address} is wrong. Expected SHA-256 ${expected}, got ${actual}. ` +
        'Nothing was unpacked. Check the address, or install nats-server by another way you trust and put it on PATH.',
    )
    this.name = 'WrongChecksum'
  }
}
