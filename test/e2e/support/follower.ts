/** Reads a server-sent event stream with nothing but fetch, and judges it: independent of our own client. */

export interface Frame {
  id: string
  event: string
  data: Record<string, unknown> & { type: string; seq: number; prev: number; run?: string }
}

export interface FollowOptions {
  key: string
  after?: string
  /** Let go after so many frames, as a client does whose connection is cut. */
  cutAfter?: number
  signal?: AbortSignal
  onOpen?: () => void
  onFrame?: (frame: Frame) => unknown
}

export interface Followed {
  status: number
  frames: Frame[]
  /** Whether the server ended the stream. */
  ended: boolean
  lastId: string | undefined
}

/** Follows until the server ends the stream, the connection breaks, or the test has seen enough. */
export async function followOnce(url: string, options: FollowOptions, init: RequestInit = {}): Promise<Followed> {
  const followed: Followed = { status: 0, frames: [], ended: false, lastId: options.after }
  const letGo = new AbortController()
  const signal = options.signal === undefined ? letGo.signal : AbortSignal.any([letGo.signal, options.signal])
  try {
    const response = await fetch(url, {
      ...init,
      signal,
      headers: {
        authorization: `Bearer ${options.key}`,
        'accept-encoding': 'identity',
        accept: 'text/event-stream',
        ...(options.after !== undefined && { 'last-event-id': options.after }),
        ...(init.headers as Record<string, string> | undefined),
      },
    })
    followed.status = response.status
    if (response.status !== 200) {
      await response.body?.cancel()
      return followed
    }
    options.onOpen?.()
    for await (const frame of framesOf(response)) {
      followed.frames.push(frame)
      followed.lastId = frame.id
      options.onFrame?.(frame)
      if (followed.frames.length === options.cutAfter) {
        letGo.abort()
        return followed
      }
    }
    followed.ended = true
  } catch (error) {
    if (error instanceof Error && /abort/i.test(error.name)) return followed
    if (!(error instanceof TypeError)) throw error
  }
  return followed
}

async function* framesOf(response: Response): AsyncGenerator<Frame> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of response.body!) {
    rest += decoder.decode(chunk, { stream: true })
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const frame = parseFrame(rest.slice(0, end))
      rest = rest.slice(end + 2)
      if (frame !== null) yield frame
    }
  }
}

function parseFrame(text: string): Frame | null {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart())
  }
  const data = fields.get('data')
  if (data === undefined) return null
  return { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) as Frame['data'] }
}

/** Every problem with a chain of frames: the first is `after`'s successor, each names the one before it, none twice. */
export function chainProblems(frames: readonly Frame[], after = 0): string[] {
  const problems: string[] = []
  let last = after
  for (const { id, event, data } of frames) {
    if (id !== `1-${data.seq}`) problems.push(`${event} has id ${id} and seq ${data.seq}`)
    if (event !== data.type) problems.push(`${id} is named ${event} and holds ${data.type}`)
    if (data.prev !== last) problems.push(`${id} follows ${data.prev}, the one before was ${last}`)
    last = data.seq
  }
  return problems
}

/** The text of a run's answer as a client puts it together. */
export function textOf(frames: readonly Frame[], run?: string): string {
  let text = ''
  for (const { data } of frames) {
    if (run !== undefined && data.run !== run) continue
    if (data.type === 'generation.started' && data['kept'] === 0) text = ''
    if (data.type === 'text.delta') text += data['text'] as string
  }
  return text
}

/** How many tokens of a steady demo answer have come. Not how many events: under load several tokens are merged into one. */
export function tokensIn(frames: readonly Frame[]): number {
  return frames.reduce((count, { data }) => {
    return data.type === 'text.delta' ? count + (data['text'] as string).split(' ').length - 1 : count
  }, 0)
}
