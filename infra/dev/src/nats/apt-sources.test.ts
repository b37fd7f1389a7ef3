import { describe, expect, test } from 'vitest'
import { distributionMirror, parseDeb822Sources, parseOneLineSources, sourcesFor } from './apt-sources.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

const deb822 = `Types: deb
# an older snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: ${keyring}

Types: deb deb-src
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: ${keyring}

Enabled: no
Types: deb
URIs: http://old.example/debian
Suites: bookworm
Components: main
`

describe('the stanza format', () => {
  test('every enabled mirror is read', () => {
    expect(parseDeb822Sources(deb822)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: keyring,
      },
      {
        uri: 'http://mirror.example/debian-security',
        suites: ['bookworm-security'],
        components: ['main'],
        signedBy: keyring,
      },
    ])
  })

  test('a key that stands in the stanza itself is kept whole', () => {
    const key =
      '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w\n -----END PGP PUBLIC KEY BLOCK-----'
    const [mirror] = parseDeb822Sources(
      `Types: deb\nURIs: http://a/debian\nSuites: trixie\nComponents: main\nSigned-By:${key}\n`,
    )
    expect(mirror!.signedBy).toBe(key)
    expect(sourcesFor(mirror!, 'sid')).toContain(`Signed-By: ${key}`)
  })
})

describe('the one-line format', () => {
  test('options, comments and sources of source code are told apart', () => {
    const text = `# the mirror
deb [arch=amd64 signed-by=${keyring}] http://mirror.example/debian bookworm main contrib # ours
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/ubuntu noble main universe
`
    expect(parseOneLineSources(text)).toEqual([
      { uri: 'http://mirror.example/debian', suites: ['bookworm'], components: ['main', 'contrib'], signedBy: keyring },
      { uri: 'http://mirror.example/ubuntu', suites: ['noble'], components: ['main', 'universe'], signedBy: undefined },
    ])
  })
})

test('the mirror of the distribution is the one with its release, not the security archive, not a vendor', () => {
  const vendor = { uri: 'http://vendor.example', suites: ['nodistro'], components: ['main'], signedBy: undefined }
  const mirrors = [vendor, ...parseDeb822Sources(deb822).toReversed()]
  expect(distributionMirror(mirrors, 'bookworm')?.uri).toBe('http://mirror.example/debian')
  expect(distributionMirror([vendor], 'bookworm')).toBeUndefined()
})

test('the sources of our own apt state name the same mirror and keyring, and another suite', () => {
  const [mirror] = parseDeb822Sources(deb822)
  expect(sourcesFor(mirror!, 'sid')).toBe(
    `Types: deb\nURIs: http://mirror.example/debian\nSuites: sid\nComponents: main\nSigned-By: ${keyring}\n`,
  )
})
