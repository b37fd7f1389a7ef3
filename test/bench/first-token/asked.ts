import { Agent, request } from 'node:http'

/** Where an answer is asked for, and how: Spool's API, or that of the model behind a proxy. */
export interface Asked {
  name: string
  /** A session of its own each time, where there are sessions. */
  urlOf(session: string): string
  headers: Readonly<Record<string, string>>
  bodyOf(words: number): string
}

/** A word of the model is a time with three decimals; nothing else that anybody says looks like it. */
const WORD = /\d{13}\.\d{3}/
const agent = new Agent({ keepAlive: true })
let sessions = 0

export const spool = (url: string, key: string): Asked => ({
  name: 'spool',
  urlOf: (session) => `${url}/v1/sessions/${session}/runs`,
  headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'content-type': 'application/json' },
  bodyOf: (words) => JSON.stringify({ message: `words=${words}` }),
})

export const proxy = (url: string): Asked => ({
  name: 'plain proxy',
  urlOf: () => url,
  headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
  bodyOf: (words) =>
    JSON.stringify({ model: 'a-model', stream: true, messages: [{ role: 'user', content: `words=${words}` }] }),
})

/** Reads a whole answer. Gives back the milliseconds from the request to its first word. */
export function firstWordMs(asked: Asked, words: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = `first-${process.pid}-${++sessions}`
    const startedAt = performance.now()
    let firstMs = 0
    let head = ''
    const asking = request(asked.urlOf(session), { method: 'POST', agent, headers: asked.headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${asked.name} answered ${answer.statusCode}`))
      answer.setEncoding('latin1').on('data', (part: string) => {
        if (firstMs > 0) return
        head += part
        if (WORD.test(head)) firstMs = performance.now() - startedAt
      })
      answer.on('end', () => (firstMs > 0 ? resolve(firstMs) : reject(new Error(`${asked.name} said nothing`))))
      answer.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(asked.bodyOf(words))
  })
}
