/*
 * Who may ask, tell and hear what on the bus: the table that `nats-accounts.ts` writes in the server's language. What it
 * leaves out, a service cannot do.
 */

/** An account of each service; `SPOOL` has the streams, and is the operator's. */
export const SERVICES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence'] as const
export type Service = (typeof SERVICES)[number]
export const OPERATOR = 'spool'
export const READER = 'reader'
export type Party = Service | typeof OPERATOR | typeof READER

const ALL: readonly Party[] = [...SERVICES, OPERATOR]
const [gateway, orchestrator, proxy, persistence] = SERVICES

/**
 * An account that does not import this is answered a second time, by the server itself: that the account has no
 * JetStream of its own. Often that comes first.
 */
const SHADOWS_JETSTREAM = '$JS.API.INFO'

/** Reads a stream of the log: its state, an event by its position, all behind one. */
const reading = (stream: string) => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  ...consuming(stream),
]

const consuming = (stream: string) => [
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
]

/** The reader's consumers are durable, and acknowledged. */
const followingLong = (stream: string) => [...reading(stream), `$JS.API.DIRECT.GET.${stream}.>`, `$JS.ACK.${stream}.>`]

/** A short-lived consumer is deleted by who made it. */
const readingInPassing = (stream: string) => [...reading(stream), `$JS.API.CONSUMER.DELETE.${stream}.*`]

const taking = (stream: string, queue: string) => [
  `$JS.API.CONSUMER.INFO.${stream}.${queue}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${queue}`,
  `$JS.ACK.${stream}.${queue}.>`,
]

const readingBlobs = ['$JS.API.STREAM.MSG.GET.OBJ_BLOBS']
const removingBlobs = ['$JS.API.STREAM.PURGE.OBJ_BLOBS']

/** Of the streams, by who may ask for it: each line is a subject of account SPOOL, and so is what is stored there. */
export function askedOfStreams(
  logs: readonly string[],
): Record<Service | typeof READER, readonly (readonly string[])[]> {
  const opening = [SHADOWS_JETSTREAM, '$JS.API.STREAM.LIST']
  const everyLog = logs.map(readingInPassing)
  const appending = ['log.>']
  return {
    [gateway]: [
      [...opening, ...appending, 'intake.>', 'control.>', 'work.>'],
      // Whether a run that is not in the log yet has been asked for.
      ['$JS.API.STREAM.MSG.GET.INTAKE'],
      // Keys are read, and only the secret of the tickets is made here.
      ['$JS.API.STREAM.INFO.KV_KEYS', ...consuming('KV_KEYS'), '$JS.API.CONSUMER.DELETE.KV_KEYS.*'],
      ['$JS.API.STREAM.MSG.GET.KV_KEYS', '$KV.KEYS.ticket-secret'],
      ['$O.BLOBS.>', ...readingBlobs, ...removingBlobs],
      ...everyLog,
    ],
    [orchestrator]: [
      [...opening, ...appending, 'work.>'],
      ['$JS.API.STREAM.MSG.GET.INTAKE', ...taking('INTAKE', 'intake')],
      taking('CONTROL', 'control'),
      ...['run', 'tool', 'memory'].map((queue) => taking('WORK', queue)),
      ['$O.BLOBS.>', ...readingBlobs, ...removingBlobs],
      ...everyLog,
    ],
    [proxy]: [[...opening, ...appending, 'work.>'], taking('WORK', 'llm'), readingBlobs, ...everyLog],
    [persistence]: [
      [...opening, ...appending, 'work.run.>'],
      [...readingBlobs, ...removingBlobs],
      ...everyLog,
      logs.flatMap((stream) => [`$JS.API.STREAM.PURGE.${stream}`, `$JS.API.STREAM.MSG.DELETE.${stream}`]),
    ],
    [READER]: [[SHADOWS_JETSTREAM], ...logs.map(followingLong)],
  }
}

/** What an account answers, and who may ask for it. */
export interface Request {
  readonly subject: string
  readonly answeredBy: Service
  readonly askedBy: readonly Party[]
  /** Under what name; several that answer to the same one are told apart. Default: the same. */
  readonly as?: string
}

const queries = (names: readonly string[], askedBy: readonly Party[]): Request[] =>
  names.map((name) => ({ subject: `query.${name}`, answeredBy: persistence, askedBy }))

export const REQUESTS: readonly Request[] = [
  ...queries(['tail', 'read', 'has', 'state', 'heights', 'blob', 'blob_chunk'], ALL),
  ...queries(['erase'], [gateway, orchestrator, OPERATOR]),
  ...queries(['recall'], [orchestrator]),
  ...queries(
    ['sessions', 'open_runs', 'session', 'messages', 'message', 'raw', 'run', 'confirmations', 'artifacts'],
    [gateway, OPERATOR],
  ),
  ...queries(['search', 'memories', 'forget'], [gateway, OPERATOR]),
  { subject: 'ready.persistence', answeredBy: persistence, askedBy: [gateway, OPERATOR] },
  { subject: 'ready.agent-orchestrator', answeredBy: orchestrator, askedBy: [gateway] },
  { subject: 'ready.llm-proxy', answeredBy: proxy, askedBy: [gateway] },
  { subject: 'status.agent-orchestrator', answeredBy: orchestrator, askedBy: [gateway] },
  { subject: 'status.llm-proxy', answeredBy: proxy, askedBy: [gateway] },
  { subject: 'followers.*.*.*', answeredBy: gateway, askedBy: [gateway, orchestrator] },
  ...[orchestrator, proxy].flatMap((answeredBy): Request[] => [
    { subject: 'status.workers', answeredBy, askedBy: [OPERATOR], as: `status.workers.${answeredBy}` },
    { subject: 'alive.>', answeredBy, askedBy: [answeredBy] },
  ]),
  ...SERVICES.map((answeredBy): Request => ({
    subject: 'epoch.*',
    answeredBy,
    askedBy: [OPERATOR],
    as: `epoch.${answeredBy}.*`,
  })),
]

/** What an account says to whoever listens. */
export interface Word {
  readonly subject: string
  readonly by: Party
  readonly heardBy: readonly Party[]
  /** Where both sides say it: the server takes imports that go round in a circle for a mistake. */
  readonly as?: string
}

const streaming: readonly Party[] = [orchestrator, proxy]

export const WORDS: readonly Word[] = [
  { subject: 'live.>', by: OPERATOR, heardBy: [gateway, orchestrator, READER] },
  { subject: 'erased.>', by: persistence, heardBy: [orchestrator] },
  { subject: 'diverged.*', by: persistence, heardBy: [...SERVICES, OPERATOR] },
  ...([orchestrator, OPERATOR] as const).map((by): Word => ({ subject: 'answer.>', by, heardBy: [gateway] })),
  ...[orchestrator, proxy, persistence].map((by): Word => ({
    subject: 'ctl.>',
    by,
    heardBy: streaming,
    as: 'heard.ctl.>',
  })),
]
