import { createKey, isId, isScope, listKeys, revokeKey, type Scope, SCOPES, type StoredKey } from '@spool/log'
import type { Command, Context } from '../command.ts'
import { harmlessLine } from '../output/harmless.ts'
import { table } from '../output/table.ts'
import { failed, usageProblem } from '../problem.ts'
import { expiryOf } from './expiry.ts'

/** So much of a key's hash is shown as its id. */
const ID_LENGTH = 12
const MAX_NAME_LENGTH = 200

export const keys: Command = {
  words: '[list] | create | revoke <id>',
  options: {
    tenant: { type: 'string', value: 'TENANT', summary: 'whose key it is (create: "default"), or only those of it' },
    name: { type: 'string', value: 'NAME', summary: 'create: what you will know it by' },
    expires: { type: 'string', value: 'WHEN', summary: 'create: 90d, 12h or 2027-01-31; without it, never' },
    scopes: { type: 'string', value: 'LIST', summary: `create: what for, of ${SCOPES.join(',')}; without it, all` },
  },
  details: [
    'list shows the keys that there are, without themselves; so does `spool keys` without a word.',
    'create shows the key this once: only its hash is kept. It counts at once, at every gateway.',
    'read: all that is read and followed; run: start, cancel, answer, fork; produce: messages of programs of your own,',
    'and files; erase: delete sessions and memories.',
    'revoke takes an id as list shows it, or the beginning of one that fits no other key. The key admits nobody from',
    'then on, and what is streamed under it is cut off. The key that `npm start` made is granted again when that starts:',
    'to be rid of it, also delete <SPOOL_DATA>/api-key.',
    'The id of a key that you hold: printf %s "$KEY" | sha256sum | cut -c1-12',
  ].join('\n'),
  async run(context) {
    const [action = 'list', ...words] = context.given.words
    if (action === 'create' && words.length === 0) return create(context)
    if (action === 'list' && words.length === 0) return list(context)
    if (action === 'revoke' && words.length === 1) return revoke(context, words[0]!)
    throw usageProblem('spool keys create, spool keys list or spool keys revoke <id>\nsee: spool keys --help')
  },
}

async function create({ given, output, connections }: Context): Promise<void> {
  const tenant = tenantOf(given.text('tenant') ?? 'default')
  const name = nameOf(given.text('name') ?? '')
  const expires = given.text('expires')
  const scopes = given.text('scopes')
  const grant = {
    tenant,
    name,
    ...(expires !== undefined && { expires: expiryOf(expires, Date.now()) }),
    ...(scopes !== undefined && { scopes: scopesOf(scopes) }),
  }
  const { key, stored } = await createKey(await connections.bus(), grant)
  output.data({ key, ...shown(stored) })
  output.line(key)
  const until = stored.expires === undefined ? '' : `, until ${stored.expires}`
  output.note(`Key ${idOf(stored)} of the tenant ${tenant}${until}. It is shown this once.`)
}

async function list({ given, output, connections }: Context): Promise<void> {
  const tenant = given.text('tenant')
  const all = await listKeys(await connections.bus())
  const wanted = all.filter((key) => tenant === undefined || key.tenant === tenant)
  for (const key of wanted) output.data(shown(key))
  if (wanted.length === 0) return output.note(tenant === undefined ? 'There are no keys.' : `${tenant} has no keys.`)
  const rows = wanted.map((key) => [idOf(key), key.tenant, key.name, key.created, scopesShown(key), expiryShown(key)])
  for (const line of table([['ID', 'TENANT', 'NAME', 'CREATED', 'SCOPES', 'EXPIRES'], ...rows])) output.line(line)
}

async function revoke({ output, connections }: Context, id: string): Promise<void> {
  if (!/^[0-9a-f]{4,64}$/.test(id)) {
    throw usageProblem(
      'An id is at least 4 of the hexadecimal digits that `spool keys list` shows. Nothing was revoked.',
    )
  }
  const bus = await connections.bus()
  const found = (await listKeys(bus)).filter(({ hash }) => hash.startsWith(id))
  const [key] = found
  if (key === undefined) throw failed(`No key has the id ${id}; see: spool keys list`)
  if (found.length > 1) {
    const ids = found.map(({ hash }) => hash.slice(0, ID_LENGTH)).join(', ')
    throw failed(`${id} fits ${found.length} keys (${ids}). Nothing was revoked; give more of the id.`)
  }
  await revokeKey(bus, key.hash)
  output.data({ revoked: true, ...shown(key) })
  output.line(`revoked ${idOf(key)}, ${key.tenant} ${harmlessLine(key.name)}`.trimEnd())
}

function tenantOf(text: string): string {
  if (isId(text)) return text
  throw usageProblem('A tenant is named by 1 to 128 letters, digits, "-" or "_". No key was made.')
}

function nameOf(text: string): string {
  const name = text.trim()
  if (name.length > MAX_NAME_LENGTH) throw usageProblem(`A name has at most ${MAX_NAME_LENGTH} characters.`)
  if (harmlessLine(name) !== name) throw usageProblem('A name is one line of text without control characters.')
  return name
}

function scopesOf(text: string): Scope[] {
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.filter((word) => !isScope(word))
  if (unknown.length === 0) return SCOPES.filter((scope) => words.includes(scope))
  throw usageProblem(`--scopes takes ${SCOPES.join(', ')}, separated by commas. No key was made.`)
}

const idOf = ({ hash }: StoredKey) => hash.slice(0, ID_LENGTH)

const shown = (key: StoredKey) => ({
  id: idOf(key),
  tenant: key.tenant,
  name: key.name,
  created: key.created,
  expires: key.expires ?? null,
  scopes: key.scopes ?? null,
})

/** A key for nothing can be read, and is not one for everything. */
const scopesShown = ({ scopes }: StoredKey) => (scopes === undefined ? 'all' : scopes.join(',') || 'none')

function expiryShown({ expires }: StoredKey): string {
  if (expires === undefined) return ''
  return Date.now() < Date.parse(expires) ? expires : `${expires} (over)`
}
