import { type SpoolUnderTest } from '@spool/testing'
import { type Followed, type Frame, followOnce } from './follower.ts'

export interface Started {
  status: number
  run: string
  body: Record<string, unknown>
}

/** Asks for a run without streaming it. */
export async function start(
  spool: SpoolUnderTest,
  session: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Started> {
  const response = await fetch(`${spool.url}/v1/sessions/${session}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, run: String(answer['run']), body: answer }
}

/** Starts a run and streams it until its end. */
export function stream(
  spool: SpoolUnderTest,
  session: string,
  body: Record<string, unknown>,
  options: {
    cutAfter?: number
    signal?: AbortSignal
    onFrame?: (frame: Frame) => unknown
    headers?: Record<string, string>
  } = {},
): Promise<Followed> {
  return followOnce(
    `${spool.url}/v1/sessions/${session}/runs`,
    { key: spool.key, ...options },
    {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...options.headers },
    },
  )
}

/**
 * Follows a run until its end, coming back with the last id whenever the connection is lost, in turn at each gateway.
 * What it returns is what a person would have seen.
 */
export async function followRun(
  spool: SpoolUnderTest,
  session: string,
  run: string,
  options: {
    after?: string
    cuts?: readonly number[]
    signal?: AbortSignal
    onFrame?: (frame: Frame) => unknown
  } = {},
): Promise<Frame[]> {
  const frames: Frame[] = []
  const cuts = [...(options.cuts ?? [])]
  let after = options.after
  for (let attempt = 0; ; attempt++) {
    const gateway = spool.urls[attempt % spool.urls.length]!
    const cutAfter = cuts.shift()
    const followed = await followOnce(`${gateway}/v1/sessions/${session}/runs/${run}/events`, {
      key: spool.key,
      ...(after !== undefined && { after }),
      ...(cutAfter !== undefined && { cutAfter }),
      ...(options.onFrame !== undefined && { onFrame: options.onFrame }),
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    frames.push(...followed.frames)
    after = followed.lastId ?? after
    if (options.signal?.aborted === true) return frames
    const last = frames.at(-1)?.data
    if (last !== undefined && last.run === run && isEnd(last.type)) return frames
    if (followed.frames.length === 0) await pause(100)
  }
}

export function isEnd(type: string): boolean {
  return type === 'run.completed' || type === 'run.cancelled' || type === 'run.failed'
}

export async function post(
  spool: SpoolUnderTest,
  path: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${spool.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

export async function get<T>(spool: SpoolUnderTest, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${spool.key}`, accept: 'application/json' }
  const response = await fetch(`${spool.url}${path}`, { headers })
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** Waits for a condition; says what it waited for when it does not come. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${limitMs} ms: ${what}`)
    await pause(20)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
