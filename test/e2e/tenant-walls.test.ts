import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bus, grantKey } from '@spool/log'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SocketClient } from '../../services/gateway/test/support/socket-client.ts'
import { DescribedApi, type DescribedOperation } from '../described/described-api.ts'
import { EVERY_OPERATION, type Things, type Use, WORD } from './support/every-operation.ts'
import { get, post, until } from './support/system.ts'

const OTHERS_KEY = 'key-of-the-other-tenant'
const AGENTS = `agents:
  everybodys: { model: 'demo/agent?tps=2000' }
  ours: { model: 'demo/agent?tps=2000', tenants: [default], memory: true, tools: [design_document] }
  asks: { model: 'demo/agent?tps=2000', confirmation: plan, tools: [clock, demo_postcard] }
`

let spool: SpoolUnderTest
let folder: string
let api: DescribedApi
let things: Things
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spool-walls-'))
  const file = join(folder, 'spool.config.yaml')
  writeFileSync(file, AGENTS)
  spool = await startSpool({ env: { SPOOL_CONFIG: file } })
  const bus = await Bus.connect({ servers: connections().natsUrl, name: 'test' })
  await grantKey(bus, OTHERS_KEY, 'other', 'test')
  await bus.close()
  api = await DescribedApi.of(spool.url)
  things = await makeThings()
  await until('the other key is known', async () => (await ask('GET', '/v1/sessions', OTHERS_KEY)).status === 200)
})
afterAll(async () => {
  await spool?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function connections(): { natsUrl: string } {
  return JSON.parse(readFileSync(join(spool.dataFolder, 'run', 'connections.json'), 'utf8')) as { natsUrl: string }
}

const runs = (session: string) => `/v1/sessions/${session}/runs`

/** All that a tenant can have. */
async function makeThings(): Promise<Things> {
  const user = 'ann'
  const session = 'walls'
  const wait = { prefer: 'wait=30' }
  const asked = {
    message: `Write a document about ${WORD}. Remember that I like ${WORD}.`,
    agent: 'ours',
    metadata: { user },
  }
  const { body: run } = await post(spool, runs(session), asked, wait)
  const question = { message: `Send a postcard about ${WORD}`, agent: 'asks' }
  const { body: asking } = await post(spool, runs('walls-asking'), question, wait)
  const { body: produced } = await post(spool, '/v1/sessions/walls-produced/messages', { role: 'assistant' })
  const chunks = `/v1/sessions/walls-produced/messages/${String(produced['message'])}/chunks`
  await post(spool, chunks, { text: WORD, sequence: 1 })
  const uploaded = await ask('POST', `/v1/blobs?session=${session}`, spool.key, { 'content-type': 'text/plain' }, WORD)
  const memories = () => get<{ memories: { id: string }[] }>(spool, `/v1/memories?user=${user}`)
  await until('it is remembered', async () => (await memories()).memories.length > 0)
  const { artifacts } = await get<{ artifacts: { id: string }[] }>(spool, `/v1/sessions/${session}/artifacts`)
  const { events } = await get<{ events: { seq: number }[] }>(spool, `/v1/sessions/${session}/events?limit=5`)
  return {
    session,
    run: String(run['run']),
    message: (run['message'] as { id: string }).id,
    artifact: artifacts[0]!.id,
    blob: (JSON.parse(uploaded.text) as { blob: string }).blob,
    cursor: `1-${events.at(-1)!.seq}`,
    memory: (await memories()).memories[0]!.id,
    user,
    asking: { session: 'walls-asking', run: String(asking['run']), confirmation: String(asking['confirmation']) },
    produced: { session: 'walls-produced', message: String(produced['message']) },
  }
}

interface Heard {
  status: number
  contentType: string | null
  text: string
}

/** Of a stream its beginning, if it has no end. */
async function ask(
  method: string,
  path: string,
  key: string | null,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<Heard> {
  const abort = new AbortController()
  const response = await fetch(spool.url + path, {
    method,
    signal: abort.signal,
    headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body !== undefined && { body }),
  })
  const contentType = response.headers.get('content-type')
  let text = ''
  const isStream = contentType?.startsWith('text/event-stream') === true
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString()
    if (isStream && text.includes('data:')) break
  }
  abort.abort()
  return { status: response.status, contentType, text }
}

function use({ id, method, path, body: described }: DescribedOperation, key: string | null): Promise<Heard> {
  const { path: ids = {}, query = {}, headers = {}, body } = useOf(id)
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (ids[name] === undefined) throw new Error(`EVERY_OPERATION says of ${id} nothing about {${name}}`)
    return ids[name]
  })
  const asked = new URLSearchParams(query).toString()
  const isRaw = typeof body === 'string'
  return ask(
    method,
    asked === '' ? address : `${address}?${asked}`,
    key,
    { ...headers, ...(body !== undefined && { 'content-type': described!.mediaType }) },
    body === undefined ? undefined : isRaw ? body : JSON.stringify(body),
  )
}

function useOf(id: string): Use {
  return EVERY_OPERATION[id]!(things)
}

/** All that the owner can see, as it is. */
async function allOfIt(): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {}
  for (const session of [things.session, things.asking.session, things.produced.session]) {
    for (const part of ['', '/messages', '/confirmations', '/artifacts', '/events?limit=1000']) {
      seen[session + part] = await get(spool, `/v1/sessions/${session}${part}`)
    }
  }
  seen['memories'] = await get(spool, '/v1/memories')
  seen['sessions'] = await get(spool, '/v1/sessions')
  return seen
}

/** Of a list; of what was deleted, how many. */
function thingsIn({ text }: Heard): unknown[] {
  const told = JSON.parse(text) as Record<string, unknown>
  return Object.values(told).flatMap((value) => (Array.isArray(value) ? value : Number(value) > 0 ? [value] : []))
}

const inOrder = Object.keys(EVERY_OPERATION)

test('nobody has forgotten a route: for each operation of the document it is said how it is used', () => {
  expect(api.operations.map(({ id }) => id).toSorted()).toEqual(inOrder.toSorted())
})

test('whoever has another tenant’s ids, all of them right, sees nothing and changes nothing', async () => {
  const before = await allOfIt()
  for (const id of inOrder) {
    const { other, status } = useOf(id)
    if (id === 'openSocket') continue
    const heard = await use(api.operation(id), OTHERS_KEY)
    const about = [id, heard.status, heard.text.slice(0, 300)]
    if (other === 'nothing') expect(about).toEqual([id, 404, expect.anything()])
    else expect(about).toEqual([id, status ?? 200, expect.anything()])
    if (other !== 'public') expect([id, heard.text]).toEqual([id, expect.not.stringContaining(WORD)])
    if (other === 'empty') expect([id, thingsIn(heard)]).toEqual([id, []])
    expect(api.faultsOf(api.operation(id), heard)).toEqual([])
  }
  expect(await allOfIt()).toEqual(before)
})

test('over a WebSocket neither', async () => {
  const before = await allOfIt()
  const { session, asking, produced } = things
  const socket = await SocketClient.open(spool.url, { key: OTHERS_KEY })
  const said = [
    await socket.ask({ op: 'follow', session }),
    await socket.ask({ op: 'cancel', session: asking.session, run: asking.run }),
    await socket.ask({ op: 'confirm', ...asking, run: undefined, action: 'cancel' }),
  ]
  expect(said.map(({ error }) => error?.status)).toEqual([404, 404, 404])
  const { ok } = await socket.ask({ op: 'run', session: asking.session, message: 'Hello' })
  expect(ok).toMatchObject({ session: asking.session })
  await socket.ask({ op: 'follow', session: asking.session })
  await socket.untilType(asking.session, 'run.completed')
  expect(JSON.stringify(socket.messages)).not.toContain(WORD)
  expect(JSON.stringify(socket.messages)).not.toContain(produced.message)
  socket.close()
  expect(await allOfIt()).toEqual(before)
})

async function statusAt(session: string, ticket: string, key: string | null = null): Promise<number> {
  return (await ask('GET', `/v1/sessions/${session}?ticket=${ticket}`, key)).status
}

test('a ticket opens its session in its tenant, and no other', async () => {
  const ticketOf = async (key: string) => {
    const body = JSON.stringify({ session: things.session })
    const { text } = await ask('POST', '/v1/tickets', key, { 'content-type': 'application/json' }, body)
    return (JSON.parse(text) as { ticket: string }).ticket
  }
  const [ours, theirs] = [await ticketOf(spool.key), await ticketOf(OTHERS_KEY)]
  expect([await statusAt(things.session, ours), await statusAt(things.session, theirs)]).toEqual([200, 404])
  expect(await statusAt(things.asking.session, ours)).toBe(403)
  // Beside a key it says nothing.
  expect(await statusAt(things.session, ours, OTHERS_KEY)).toBe(404)
})

test('its owner can do all of it, and is told what the document says', async () => {
  for (const id of inOrder) {
    if (id === 'openSocket') continue
    const heard = await use(api.operation(id), spool.key)
    expect([id, heard.status, heard.text.slice(0, 500)]).toEqual([id, useOf(id).status ?? 200, expect.anything()])
    expect(api.faultsOf(api.operation(id), heard)).toEqual([])
  }
})
