import { connect } from 'node:net'
import { newId } from '@spool/events'
import { type Archive, Bus, ChainWriter, enqueue, grantKey, Log, provision, publishJob } from '@spool/log'
import { natsBinaries, type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logStreams, natsAccounts } from '../../infra/dev/src/nats/nats-accounts.ts'

const cases = [
  { age: 'oldest', shards: 1 },
  { age: 'newest', shards: 1 },
  { age: 'newest', shards: 3 },
] as const

const note = (n: number) => ({
  id: newId(),
  type: 'custom.note',
  body: new TextEncoder().encode(JSON.stringify({ v: 1, type: 'custom.note', n })),
})

/** A connection is tried for as long as it takes: what the server says is read from its own greeting. */
async function fetchedInfo(url: string): Promise<void> {
  const { username, password, hostname, port } = new URL(url)
  const who = username === '' ? {} : { user: username, pass: password }
  const socket = connect({ host: hostname, port: Number(port) })
  socket.setEncoding('utf8')
  socket.write(`CONNECT ${JSON.stringify({ verbose: true, ...who })}\r\nPING\r\n`)
  for await (const chunk of socket as AsyncIterable<string>) {
    const [, why] = /-ERR '(.*)'/.exec(chunk) ?? []
    if (why !== undefined) throw new Error(why)
    if (chunk.includes('PONG')) return
  }
}

describe.each(cases)('a reader, $age server, $shards shard(s)', ({ age, shards }) => {
  let nats: RunningNats
  let spool: Bus
  let reader: Bus
  let log: Log
  const heard: string[] = []
  const ref = { tenant: 'acme', session: 'chat' }
  const [first = ''] = logStreams(shards)
  let stream = first

  beforeAll(async () => {
    const services = { gateway: 'a', 'agent-orchestrator': 'b', 'llm-proxy': 'c', persistence: 'd' }
    const accounts = natsAccounts(logStreams(shards), { ...services, spool: 'for-spool', reader: 'for-readers' })
    nats = await startNats({ binary: (await natsBinaries())[age], config: accounts })
    const at = (who: string) => nats.url.replace('//', `//${who}@`)
    spool = await Bus.connect({ servers: at('spool:for-spool'), name: 'spool' })
    await provision(spool, { shards })
    await grantKey(spool, 'a key', 'acme', 'test')
    log = await Log.open(spool, {} as Archive, shards)
    stream = log.subjects.logStream(ref)
    reader = await Bus.connect({ servers: at('reader:for-readers'), name: 'reader' })
    const writer = new ChainWriter(log, ref, 0)
    for (let n = 1; n <= 20; n++) await writer.append(note(n))
    await publishJob(log, ref, { kind: 'run', key: '1' })
    spool.nc.subscribe('>', { callback: (_, message) => void heard.push(message.subject) })
    await spool.nc.flush()
  })
  afterAll(async () => {
    await reader?.close()
    await spool?.close()
    await nats?.stop()
  })

  test('reads: its own consumer, one event by its position, the state of the stream, what is live', async () => {
    const { jsm, js, nc } = reader
    expect((await jsm.streams.info(stream)).state.messages).toBe(20)
    await jsm.consumers.add(stream, { durable_name: 'mine', ack_policy: 'explicit' })
    const seqs: number[] = []
    for await (const message of await (
      await js.consumers.get(stream, 'mine')
    ).fetch({ max_messages: 20, expires: 5000 })) {
      expect(message.subject).toBe(log.subjects.log(ref))
      expect(message.headers!.get('Spool-Prev')).toBe(String(seqs.at(-1) ?? 0))
      seqs.push(message.seq)
      await message.ackAck()
    }
    expect(seqs).toHaveLength(20)
    expect((await jsm.consumers.info(stream, 'mine')).num_ack_pending).toBe(0)
    const ordered = await js.consumers.get(stream)
    const again: number[] = []
    for await (const message of await ordered.consume()) if (again.push(message.seq) === 20) break
    expect(again).toEqual(seqs)
    expect((await jsm.direct.getMessage(stream, { seq: seqs[4]! }))?.seq).toBe(seqs[4])
    expect((await jsm.streams.getMessage(stream, { seq: seqs[4]! }))?.seq).toBe(seqs[4])
    const live = Promise.withResolvers<string>()
    const subscription = nc.subscribe('live.>', { max: 1, callback: (_, message) => live.resolve(message.subject) })
    await nc.flush()
    await new ChainWriter(log, ref, seqs.at(-1)!).append(note(21))
    expect(await live.promise).toBe(log.subjects.live(ref))
    subscription.unsubscribe()
  })

  test('writes nothing: neither by publishing, nor by having an answer sent elsewhere', async () => {
    const before = await extents()
    heard.length = 0
    const place = log.subjects.log(ref).slice('log.'.length)
    const targets = [
      `log.${place}`,
      `live.${place}`,
      `ctl.${place}`,
      `erased.${place}`,
      `intake.${place}.q1`,
      `control.${place}.cancel.c1`,
      `work.run.${place}.2`,
      '$KV.KEYS.abcdef',
      '$O.BLOBS.C.x',
      'query.session.erase',
      'alive.x.work.run.0.a.b.1',
      'status.workers',
      'ready.gateway',
      // As a request: `{}` is one to remove everything.
      `$JS.API.STREAM.PURGE.${stream}`,
    ]
    for (const reply of targets) {
      reader.nc.publish(reply, '{}')
      reader.nc.publish(`$JS.API.STREAM.INFO.${stream}`, '', { reply })
      reader.nc.publish(`$JS.API.STREAM.MSG.GET.${stream}`, '{"seq":1}', { reply })
      reader.nc.publish(`$JS.API.DIRECT.GET.${stream}`, '{"seq":1}', { reply })
      reader.nc.publish(`$JS.API.CONSUMER.INFO.${stream}.mine`, '', { reply })
      reader.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.again`, '1', { reply })
    }
    // And the same from a queue of events that wait to be pulled, and from one that the server is to push.
    await reader.jsm.consumers.add(stream, { durable_name: 'again', ack_policy: 'explicit' })
    for (const reply of targets) reader.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.again`, '1', { reply })
    for (const target of targets) {
      const push = { name: newId(), deliver_subject: target, ack_policy: 'none' as const, inactive_threshold: 1e10 }
      await reader.jsm.consumers.add(stream, push).catch(() => undefined)
    }
    await reader.nc.flush()
    // Asked last: what the server had been told before is done by now.
    await reader.jsm.streams.info(stream)
    expect(heard.filter((subject) => targets.includes(subject))).toEqual([])
    expect(await extents()).toEqual(before)
  })

  test('sees and changes nothing of what is not the log', async () => {
    const { jsm } = reader
    const others = ['INTAKE', 'CONTROL', 'WORK', 'KV_KEYS', 'OBJ_BLOBS']
    const { config } = await spool.jsm.streams.info(stream)
    const attempts: Record<string, () => Promise<unknown>> = {
      purge: () => jsm.streams.purge(stream),
      'purge a session': () => jsm.streams.purge(stream, { filter: log.subjects.log(ref) }),
      'delete a message': () => jsm.streams.deleteMessage(stream, 1),
      'delete the stream': () => jsm.streams.delete(stream),
      'change the stream': () => jsm.streams.update(stream, { ...config, max_bytes: 1 }),
      'make a stream': () => jsm.streams.add({ name: 'MINE', subjects: ['mine'] }),
      'make a stream of copies': () => jsm.streams.add({ name: 'MINE', mirror: { name: 'WORK' } }),
      'list streams': () => jsm.streams.list().next(),
      'delete a consumer': () => jsm.consumers.delete(stream, 'mine'),
      'list consumers': () => jsm.consumers.list(stream).next(),
      ...Object.fromEntries(
        others.flatMap((name) => [
          [`look at ${name}`, () => jsm.streams.info(name)],
          [`read ${name}`, () => jsm.streams.getMessage(name, { seq: 1 })],
          [`read ${name} directly`, () => jsm.direct.getMessage(name, { seq: 1 })],
          [`consume ${name}`, () => jsm.consumers.add(name, { durable_name: 'mine', ack_policy: 'explicit' })],
          [`purge ${name}`, () => jsm.streams.purge(name)],
        ]),
      ),
    }
    const before = await extents()
    const outcomes = await Promise.all(
      Object.entries(attempts).map(async ([name, attempt]) => {
        const outcome = await attempt().then(
          () => 'done',
          () => 'refused',
        )
        return `${name}: ${outcome}`
      }),
    )
    expect(outcomes).toEqual(Object.keys(attempts).map((name) => `${name}: refused`))
    expect(await extents()).toEqual(before)
  })

  test('hears nothing but what is live: no request, no job, no answer to others, and no append that was refused', async () => {
    const listened: string[] = []
    const all = reader.nc.subscribe('>', { callback: (_, message) => void listened.push(message.subject) })
    await reader.nc.flush()
    const { seq } = await log.end(ref)
    await new ChainWriter(log, ref, seq).append(note(22))
    await enqueue(log, log.subjects.intake(ref, 'q2'), '{"text":"a message"}')
    await publishJob(log, ref, { kind: 'run', key: '3' })
    spool.nc.publish('_INBOX.of.spool', 'an answer')
    spool.nc.publish('ctl.0.acme.chat', 'cancel')
    const stale = spool.js.publish(log.subjects.log(ref), 'stale', { expect: { lastSubjectSequence: 1 } })
    await expect(stale).rejects.toThrow(/wrong last sequence/)
    await spool.nc.flush()
    await expect.poll(() => listened.filter((subject) => subject.startsWith('live.'))).toHaveLength(1)
    expect(listened.filter((subject) => !subject.startsWith('live.'))).toEqual([])
    all.unsubscribe()
  })

  test('a password that is wrong, or none, lets nobody in', async () => {
    for (const who of ['reader:wrong@', 'spool:for-readers@', '']) {
      const refused = fetchedInfo(nats.url.replace('//', `//${who}`))
      await expect(refused).rejects.toThrow(/uthorization/)
    }
  })

  async function extents(): Promise<unknown> {
    const found: unknown[] = []
    for await (const { config, state } of spool.jsm.streams.list()) {
      found.push([config.name, config.max_bytes, state.first_seq, state.last_seq, state.messages])
    }
    return found.toSorted()
  }
})
