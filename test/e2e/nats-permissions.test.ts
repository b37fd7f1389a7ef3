import { newId } from '@spool/events'
import { type Archive, type BusForbids, Bus, busReadiness, ChainWriter, enqueue, Log, provision } from '@spool/log'
import { natsBinaries, type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logStreams, natsAccounts } from '../../infra/dev/src/nats/nats-accounts.ts'
import { OPERATOR, READER, type Service, SERVICES } from '../../infra/dev/src/nats/nats-table.ts'

const everybody = [...SERVICES, OPERATOR, READER] as const
const passwords = Object.fromEntries(everybody.map((user) => [user, `of-${user}`])) as Record<
  (typeof everybody)[number],
  string
>
const all = SERVICES
const ref = { tenant: 'acme', session: 'chat' }
const place = '0.acme.chat'
const anywhere = '0.acme.anywhere'
const durable = JSON.stringify({ config: { ack_policy: 'none', inactive_threshold: 60e9 } })
const inStream = (stream: string) => durable.replace('{', `{"stream_name":"${stream}",`)

/** What may be asked, and by whom; nobody else gets an answer, and nothing changes. */
const requests: readonly (readonly [subject: string, body: string, allowed: readonly Service[]])[] = [
  [`log.${anywhere}`, '{}', all],
  [`intake.${place}.q1`, '{}', ['gateway']],
  [`control.${place}.confirm.c1`, '{}', ['gateway']],
  [`work.run.${place}.1`, '{}', all],
  [`work.tool.${place}.1`, '{}', ['gateway', 'agent-orchestrator', 'llm-proxy']],
  ['$KV.KEYS.abcdef', '{"tenant":"acme"}', []],
  ['$KV.KEYS.ticket-secret', '{}', ['gateway']],
  [`$O.BLOBS.C.acme.chat.b1`, 'x', ['gateway', 'agent-orchestrator']],
  ['$JS.API.STREAM.MSG.GET.OBJ_BLOBS', '{"seq":1}', all],
  ['$JS.API.STREAM.PURGE.OBJ_BLOBS', '{"filter":"none"}', ['gateway', 'agent-orchestrator', 'persistence']],
  ['$JS.API.STREAM.INFO.LOG', '', all],
  ['$JS.API.STREAM.MSG.GET.LOG', '{"seq":1}', all],
  ['$JS.API.STREAM.PURGE.LOG', '{"filter":"log.none"}', ['persistence']],
  ['$JS.API.STREAM.MSG.DELETE.LOG', '{"seq":999}', ['persistence']],
  ['$JS.API.STREAM.MSG.GET.INTAKE', '{"seq":1}', ['gateway', 'agent-orchestrator']],
  ['$JS.API.CONSUMER.CREATE.LOG.any', inStream('LOG').replace('"config":{', '"config":{"name":"any",'), all],
  [
    '$JS.API.CONSUMER.CREATE.KV_KEYS.any',
    inStream('KV_KEYS').replace('"config":{', '"config":{"name":"any",'),
    ['gateway'],
  ],
  ['$JS.API.CONSUMER.CREATE.WORK.any', inStream('WORK').replace('"config":{', '"config":{"name":"any",'), []],
  ['$JS.API.CONSUMER.DURABLE.CREATE.WORK.any', inStream('WORK'), []],
  ['$JS.API.DIRECT.GET.KV_KEYS.$KV.KEYS.of-somebody', '', []],
  ['$JS.API.DIRECT.GET.KV_KEYS.$KV.KEYS.ticket-secret', '', []],
  ['$JS.API.STREAM.MSG.GET.KV_KEYS', '{"seq":1}', ['gateway']],
  ...['INTAKE.intake', 'CONTROL.control', 'WORK.run', 'WORK.tool', 'WORK.memory'].map(
    (queue) => [`$JS.API.CONSUMER.MSG.NEXT.${queue}`, '{"batch":1,"no_wait":true}', ['agent-orchestrator']] as const,
  ),
  ['$JS.API.CONSUMER.MSG.NEXT.WORK.llm', '{"batch":1,"no_wait":true}', ['llm-proxy']],
  ['$JS.API.CONSUMER.DELETE.WORK.run', '', []],
  ...['INTAKE', 'CONTROL', 'WORK', 'KV_KEYS'].map((stream) => [`$JS.API.STREAM.PURGE.${stream}`, '{}', []] as const),
  ...['LOG', 'WORK', 'KV_KEYS', 'OBJ_BLOBS'].map((stream) => [`$JS.API.STREAM.DELETE.${stream}`, '', []] as const),
  ['$JS.API.STREAM.UPDATE.LOG', '{"name":"LOG","subjects":["log.0.>"],"max_bytes":1}', []],
  ['$JS.API.STREAM.CREATE.MINE', '{"name":"MINE","subjects":["mine"]}', []],
  ['$JS.API.STREAM.SNAPSHOT.LOG', '{"deliver_subject":"mine"}', []],
  ['query.tail', '', all],
  ['query.messages', '', ['gateway']],
  ['query.search', '', ['gateway']],
  ['query.erase', '', ['gateway', 'agent-orchestrator']],
  ['query.recall', '', ['agent-orchestrator']],
  ['epoch.0', '{"epoch":9,"first":1}', []],
]

const listening: readonly (readonly [subject: string, allowed: readonly Service[]])[] = [
  ['live.>', ['gateway', 'agent-orchestrator']],
  ['query.erase', ['persistence']],
  ['heard.ctl.>', ['agent-orchestrator', 'llm-proxy']],
  ['erased.>', ['agent-orchestrator']],
  ['answer.>', ['gateway']],
  ['ready.llm-proxy', ['llm-proxy']],
  ['log.>', []],
  ['work.>', []],
  ['$KV.KEYS.>', []],
  ['$JS.API.>', []],
  ['>', []],
]

describe.each(['oldest', 'newest'] as const)('accounts of services, %s server', (age) => {
  let nats: RunningNats
  let spool: Bus
  const buses = {} as Record<Service, Bus>
  const forbidden = {} as Record<Service, BusForbids[]>

  beforeAll(async () => {
    nats = await startNats({ binary: (await natsBinaries())[age], config: natsAccounts(logStreams(1), passwords) })
    spool = await connected(OPERATOR)
    await provision(spool, { logMaxBytes: 64 * 1024 ** 2 })
    await spool.js.publish('$KV.KEYS.of-somebody', '{"tenant":"acme"}')
    await spool.js.publish('$KV.KEYS.ticket-secret', '{"secret":"x"}')
    for (const user of SERVICES) {
      forbidden[user] = []
      buses[user] = await connected(user, (error) => forbidden[user].push(error))
    }
    const answered = new Set(requests.map(([subject]) => subject).filter((subject) => subject.startsWith('query.')))
    for (const subject of answered)
      buses.persistence.nc.subscribe(subject, { callback: (_, message) => void message.respond('an answer') })
    await buses.persistence.nc.flush()
  })
  afterAll(async () => {
    await Promise.all([spool, ...Object.values(buses)].map((bus) => bus?.close()))
    await nats?.stop()
  })

  const connected = (user: (typeof everybody)[number], onForbidden?: (error: BusForbids) => void) =>
    Bus.connect({ servers: nats.url.replace('//', `//${user}:${passwords[user]}@`), name: user, onForbidden })

  test.each(SERVICES)(
    '%s gets what it asks for where that is its own, and is told that it is not where it is not',
    async (user) => {
      const { nc } = buses[user]
      // It need not ask itself.
      const asked = requests.filter(([subject]) => user !== 'persistence' || !subject.startsWith('query.'))
      for (const [subject, body, allowed] of asked) {
        const before = await extents()
        const outcome = await outcomeOf(nc, subject, body)
        const may = allowed.includes(user)
        expect(`${subject} ${outcome}`).toBe(`${subject} ${may ? 'answered' : 'forbidden'}`)
        if (!may) expect(await extents()).toEqual(before)
      }
    },
  )

  test.each(SERVICES)('%s hears what is for it, and nothing else', async (user) => {
    const { nc } = buses[user]
    for (const [subject, allowed] of listening) {
      const refused = Promise.withResolvers<string>()
      const subscription = nc.subscribe(subject, {
        callback: (error) => {
          if (error) refused.resolve('forbidden')
        },
      })
      const outcome = await Promise.race([refused.promise, nc.flush().then(() => 'listens')])
      expect(`${subject} ${outcome}`).toBe(`${subject} ${allowed.includes(user) ? 'listens' : 'forbidden'}`)
      subscription.unsubscribe()
    }
    const inboxes: string[] = []
    const own = nc.subscribe('_INBOX.>', { callback: (_, message) => void inboxes.push(message.subject) })
    await nc.flush()
    for (const other of [spool, ...SERVICES.filter((service) => service !== user).map((service) => buses[service])]) {
      await other.nc.request('$JS.API.STREAM.INFO.LOG')
      other.nc.publish('_INBOX.of.somebody', 'an answer')
      await other.nc.flush()
    }
    await nc.flush()
    expect(inboxes).toEqual([])
    own.unsubscribe()
  })

  /** For the server: remove everything. */
  const lethal = { id: newId(), type: 'custom.note', body: Buffer.from('{}') }

  test.each(SERVICES)('%s reaches no further by having an answer, or an event, sent elsewhere', async (user) => {
    const { nc } = buses[user]
    const log = await Log.open(spool, {} as Archive)
    const session = `lethal-${user}`
    await new ChainWriter(log, { tenant: 'acme', session }, 0).append({ ...lethal, id: newId() })
    const last = JSON.stringify({ last_by_subj: `log.0.acme.${session}` })
    const targets = [
      ...['LOG', 'WORK', 'INTAKE', 'KV_KEYS'].map((stream) => `$JS.API.STREAM.PURGE.${stream}`),
      '$JS.API.STREAM.DELETE.LOG',
      '$JS.API.STREAM.CREATE.MINE',
      '$KV.KEYS.abcdef',
      `intake.${place}.q2`,
      `control.${place}.confirm.c2`,
      `work.tool.${place}.2`,
      'query.erase',
      ...(user === 'gateway' ? [] : ['answer.somebody']),
    ].filter((target) => !requests.some(([subject, , by]) => by.includes(user) && kindOf(subject) === kindOf(target)))
    const heard: string[] = []
    const callback = (_: unknown, message: { subject: string }) => void heard.push(message.subject)
    const ears = [spool.nc.subscribe('>', { callback }), buses.gateway.nc.subscribe('answer.>', { callback })]
    const before = await extents()
    for (const reply of targets) {
      nc.publish('$JS.API.STREAM.INFO.LOG', '', { reply })
      nc.publish('$JS.API.STREAM.MSG.GET.LOG', last, { reply })
      nc.publish('$JS.API.DIRECT.GET.LOG', last, { reply })
      const name = newId()
      const config = { name, ack_policy: 'none', deliver_policy: 'last', inactive_threshold: 60e9 }
      await nc.request(`$JS.API.CONSUMER.CREATE.LOG.${name}`, JSON.stringify({ stream_name: 'LOG', config }))
      nc.publish(`$JS.API.CONSUMER.MSG.NEXT.LOG.${name}`, '1', { reply })
      const push = { ...config, name: newId(), deliver_subject: reply }
      const pushed = JSON.stringify({ stream_name: 'LOG', config: push })
      await nc.request(`$JS.API.CONSUMER.CREATE.LOG.${push.name}`, pushed)
    }
    await nc.flush()
    // Asked last: what the server had been told before is done by now.
    await nc.request('$JS.API.STREAM.INFO.LOG')
    await spool.nc.flush()
    expect(heard.filter((subject) => targets.includes(subject))).toEqual([])
    expect(await extents()).toEqual(before)
    for (const ear of ears) ear.unsubscribe()
  })

  test('what is forbidden is said in words, fails at once, and a service that may not hear what it must is not ready', async () => {
    const told: string[] = []
    const proxy = await connected('llm-proxy', ({ message }) => told.push(message))
    const log = await Log.open(proxy, {} as Archive)
    expect(busReadiness(proxy)).toEqual({ ok: true })
    for (const id of ['a', 'b'])
      await expect(enqueue(log, log.subjects.intake(ref, id), '{}')).rejects.toThrow(/NATS does not answer/)
    const other = await Log.open(buses.persistence, {} as Archive)
    await expect(enqueue(other, other.subjects.work(ref, 'llm', 'm1'), '')).rejects.toThrow()
    // Once for each kind of subject: there may be one for each session.
    expect(told).toEqual([
      expect.stringMatching(
        /^NATS does not let the user llm-proxy publish to intake\.0\.acme\.chat\.a\. NATS_URL must/,
      ),
    ])
    proxy.nc.subscribe('ready.gateway')
    await proxy.nc.flush()
    await expect
      .poll(() => busReadiness(proxy))
      .toMatchObject({ ok: false, detail: expect.stringMatching(/subscribe to/) })
    await proxy.close()
  })

  async function extents(): Promise<unknown> {
    const found: unknown[] = []
    for await (const { config, state } of spool.jsm.streams.list())
      found.push([config.name, config.max_bytes, state.first_seq, state.last_seq, state.messages])
    return found.toSorted()
  }
})

/** A job comes under its own subject, so it is listened for where nothing else comes. */
async function outcomeOf(nc: Bus['nc'], subject: string, body: string): Promise<string> {
  const came = Promise.withResolvers<string>()
  const inbox = `_INBOX.${newId()}`
  const subscription = nc.subscribe(inbox, { callback: () => came.resolve('answered') })
  const isPull = subject.includes('.MSG.NEXT.')
  if (isPull) nc.publish(subject, body, { reply: inbox })
  const asked = nc.request(subject, body, { timeout: 2000 }).then(
    () => 'answered',
    (error: Error) => (/permissions violation/i.test(error.message) ? 'forbidden' : `neither: ${error.message}`),
  )
  const outcome = await Promise.race([asked, came.promise])
  subscription.unsubscribe()
  return outcome
}

/** Two jobs of one kind are the same right; a stream that may be purged is one by itself. */
const kindOf = (subject: string) =>
  subject.startsWith('$')
    ? subject
    : subject
        .split('.')
        .slice(0, subject.startsWith('query.') ? 2 : 1)
        .join('.')
