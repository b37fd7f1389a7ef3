/** What belongs to one tenant, to be asked for by its key and by another's. */
export interface Things {
  /** With a title, runs, messages, an artifact, a memory, a blob. */
  readonly session: string
  readonly run: string
  /** What the run answered. */
  readonly message: string
  readonly artifact: string
  readonly blob: string
  /** Of an event in the middle. */
  readonly cursor: string
  readonly memory: string
  readonly user: string
  /** Asks a person, and waits. */
  readonly asking: { readonly session: string; readonly run: string; readonly confirmation: string }
  /** Open, by a producer. */
  readonly produced: { readonly session: string; readonly message: string }
}

/** A word that is in all that the tenant has said, and in nothing else. */
export const WORD = 'Zwiebelkuchen'

/** What somebody of another tenant may get who uses the very same ids. */
export type Other =
  /** It is not there: 404. */
  | 'nothing'
  /** The same for everybody. */
  | 'public'
  /** 200, with nothing in it. */
  | 'empty'
  /** A thing of its own under the same id. */
  | 'its own'

export interface Use {
  readonly other: Other
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Of the answer to whom it belongs to. */
  readonly status?: number
  /** For the owner it is over after this: done last. */
  readonly changes?: true
}

type Uses = Readonly<Record<string, (things: Things) => Use>>

const ofSession =
  (other: Other, more: Partial<Use> = {}) =>
  ({ session }: Things): Use => ({ other, path: { session }, ...more })
const stream = { accept: 'text/event-stream' }
const inPublic = (): Use => ({ other: 'public' })

/**
 * Every operation of the OpenAPI document by its id, in the order in which they can be done one after the other. Whoever adds a
 * route says here how it is asked for the things of a tenant: a test fails until then.
 */
export const EVERY_OPERATION: Uses = {
  readHealth: inPublic,
  readHealthHealth: inPublic,
  readReadiness: inPublic,
  readOpenApi: inPublic,
  readDocs: inPublic,
  readStatus: inPublic,
  readApiStatus: inPublic,
  listAgents: inPublic,

  listSessions: () => ({ other: 'empty' }),
  search: () => ({ other: 'empty', query: { q: WORD } }),
  listMemories: ({ user }) => ({ other: 'empty', query: { user } }),

  readSession: ofSession('nothing'),
  listMessages: ofSession('nothing'),
  readSessionsMessages: ofSession('nothing'),
  readMessage: ({ session, message }) => ({ other: 'nothing', path: { session, message } }),
  readRawMessage: ({ session, message }) => ({ other: 'nothing', path: { session, message } }),
  pullChunks: ({ session, message }) => ({ other: 'nothing', path: { session, message } }),
  readRun: ({ session, run }) => ({ other: 'nothing', path: { session, run } }),
  listConfirmations: ({ asking: { session } }) => ({ other: 'nothing', path: { session } }),
  listArtifacts: ofSession('nothing'),
  readBlob: ({ session, blob }) => ({ other: 'nothing', path: { session, blob } }),
  followSession: ofSession('nothing', { headers: { accept: 'application/json' } }),
  followRun: ({ session, run }) => ({ other: 'nothing', path: { session, run }, headers: stream }),
  followSignals: ({ produced: { session } }) => ({ other: 'nothing', path: { session }, headers: stream }),
  resumeConfirmation: ({ session, cursor }) => ({ other: 'nothing', query: { session_id: session, after: cursor } }),
  resumeChat: ({ session, cursor }) => ({ other: 'nothing', query: { session_id: session, after: cursor } }),
  resumePlanner: ({ session, cursor }) => ({ other: 'nothing', query: { session_id: session, after: cursor } }),
  resumeAgent: ({ session, cursor }) => ({
    other: 'nothing',
    path: { agent_id: 'ours' },
    query: { session_id: session, after: cursor },
  }),

  // What follows writes: the other one never into what is not its own.
  forgetMemory: ({ memory }) => ({ other: 'nothing', path: { memory }, changes: true }),
  forgetUser: ({ user }) => ({ other: 'empty', query: { user }, changes: true }),
  appendChunk: ({ produced }) => ({
    other: 'nothing',
    path: { ...produced },
    body: { text: 'more', sequence: 2 },
    changes: true,
  }),
  emitCustom: ({ produced }) => ({
    other: 'nothing',
    path: { ...produced },
    body: { type: 'custom.seen' },
    status: 201,
    changes: true,
  }),
  finalizeMessage: ({ produced }) => ({ other: 'nothing', path: { ...produced }, changes: true }),
  answerConfirmation: ({ asking: { session, confirmation } }) => ({
    other: 'nothing',
    path: { session, confirmation },
    body: { action: 'modify', message: 'in another way' },
    changes: true,
  }),
  cancelRun: ({ asking: { session, run } }) => ({ other: 'nothing', path: { session, run }, changes: true }),
  forkSession: ({ session, cursor }) => ({
    other: 'nothing',
    path: { session },
    body: { at: cursor, session: `${session}-fork` },
    status: 201,
    changes: true,
  }),
  eraseSession: ofSession('nothing', { changes: true }),

  // Under an id that is another's, too, everybody may begin a session of their own.
  makeTicket: ({ produced: { session } }) => ({ other: 'its own', body: { session }, status: 201, changes: true }),
  openSocket: () => ({ other: 'its own', status: 101, changes: true }),
  uploadBlob: ({ produced: { session } }) => ({
    other: 'its own',
    query: { session },
    body: 'bytes',
    status: 201,
    changes: true,
  }),
  beginMessage: ({ produced: { session } }) => ({
    other: 'its own',
    path: { session: `${session}-again` },
    body: { role: 'assistant' },
    status: 201,
    changes: true,
  }),
  startRun: ({ produced: { session } }) => ({
    other: 'its own',
    path: { session },
    body: { message: 'Hello' },
    headers: { prefer: 'wait=20' },
    changes: true,
  }),
  askConfirmation: ({ produced: { session: session_id } }) => ({
    other: 'its own',
    body: { message: 'Hello', session_id },
    changes: true,
  }),
  askChat: ({ produced: { session: session_id } }) => ({
    other: 'its own',
    body: { message: 'Hello', session_id },
    changes: true,
  }),
  askChatWhole: ({ produced: { session: session_id } }) => ({
    other: 'its own',
    body: { message: 'Hello', session_id },
    changes: true,
  }),
  askPlanner: ({ produced: { session: session_id } }) => ({
    other: 'its own',
    body: { session_id, dialogue_history: [{ role: 'user', content: 'Hello' }] },
    changes: true,
  }),
  // The agent of one tenant is nobody to another.
  askAgent: ({ produced: { session: session_id } }) => ({
    other: 'nothing',
    path: { agent_id: 'ours' },
    body: { message: 'Hello', session_id },
    changes: true,
  }),
}
