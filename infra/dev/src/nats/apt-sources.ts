/** One mirror of a distribution's own packages, as the machine is set up to use it. */
export interface AptMirror {
  uri: string
  suites: string[]
  components: string[]
  signedBy: string | undefined
}

/** Reads the newer format of `/etc/apt/sources.list.d/*.sources`: stanzas of `Field: value`. */
export function parseDeb822Sources(text: string): AptMirror[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter(
      (stanza) => wordsOf(stanza, 'types').includes('deb') && stanza.get('enabled')?.trim().toLowerCase() !== 'no',
    )
    .flatMap((stanza) =>
      wordsOf(stanza, 'uris').map((uri) => ({
        uri,
        suites: wordsOf(stanza, 'suites'),
        components: wordsOf(stanza, 'components'),
        signedBy: stanza.get('signed-by')?.trimEnd().replace(/^ /, ''),
      })),
    )
}

/** Reads the older format, `deb [signed-by=…] uri suite component…`, one per line. */
export function parseOneLineSources(text: string): AptMirror[] {
  return text.split('\n').flatMap((line) => {
    const entry = line.replace(/#.*/, '').match(/^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)$/)
    if (!entry) return []
    const [, options = '', uri = '', suite = '', components = ''] = entry
    const signedBy = options.match(/(?:^|\s)signed-by=(\S+)/i)?.[1]
    return [{ uri, suites: [suite], components: components.split(/\s+/).filter(Boolean), signedBy }]
  })
}

/** The mirror that carries the distribution itself: its release, and neither the security archive nor a vendor's. */
export function distributionMirror(mirrors: readonly AptMirror[], codename: string): AptMirror | undefined {
  return mirrors.find(({ suites, components }) => suites.includes(codename) && components.includes('main'))
}

/** The mirror with other suites, in the newer format, for an apt state of our own. */
export function sourcesFor(mirror: AptMirror, suite: string): string {
  const signedBy = mirror.signedBy === undefined ? '' : `Signed-By: ${mirror.signedBy}\n`
  // Ubuntu keeps nats-server in universe, Debian in main.
  const components = mirror.components.filter((component) => ['main', 'universe'].includes(component))
  return `Types: deb\nURIs: ${mirror.uri}\nSuites: ${suite}\nComponents: ${components.join(' ')}\n${signedBy}`
}

function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>()
  let current = ''
  for (const line of stanza.split('\n')) {
    const field = line.match(/^([A-Za-z0-9-]+):(.*)$/)
    if (field) fields.set((current = field[1]!.toLowerCase()), field[2]!)
    // A key may stand in the stanza itself, over many lines: kept as it is.
    else if (current !== '' && /^\s/.test(line)) fields.set(current, `${fields.get(current)}\n${line}`)
  }
  return fields
}

const wordsOf = (stanza: Map<string, string>, field: string) =>
  (stanza.get(field) ?? '').split(/\s+/).filter((word) => word !== '')
