import { describe, expect, test } from 'vitest'
import type { PromptMessage } from '@spool/events'
import type { Chunk, GenerateRequest } from '../provider.ts'
import { parseDemoModel } from './demo-model.ts'
import { DemoProvider } from './demo-provider.ts'
import { demoScript } from './demo-script.ts'

const saying = (text: string): PromptMessage[] => [{ role: 'user', content: [{ type: 'text', text }] }]

function generate(model: string, request: Partial<GenerateRequest> = {}): AsyncIterable<Chunk> {
  const demo = parseDemoModel(model)
  if (!demo) throw new Error(`not a demo model: ${model}`)
  const signal = new AbortController().signal
  return new DemoProvider(model, demo).generate({ prompt: [], keptText: '', parameters: {}, signal, ...request })
}

async function collect(chunks: AsyncIterable<Chunk>): Promise<{ texts: string[]; finish: Chunk | undefined }> {
  const texts: string[] = []
  let finish: Chunk | undefined
  for await (const chunk of chunks) {
    if (chunk.type === 'text') texts.push(chunk.text)
    else finish = chunk
  }
  return { texts, finish }
}

describe('what it says', () => {
  test('is its script, token by token, and the same every time', async () => {
    const model = 'demo/steady?tokens=50&seed=7'
    const { texts, finish } = await collect(generate(model))
    expect(texts).toEqual(demoScript(model))
    expect(texts).toHaveLength(50)
    expect(new Set(texts).size).toBe(50)
    expect(demoScript('demo/steady?tokens=50&seed=8')).not.toEqual(texts)
    expect(finish).toMatchObject({ type: 'finish', reason: 'stop', usage: { output_tokens: 50 } })
  })

  test('in its plain mode: that it is a demo, and what the user said last', () => {
    const prompt = [
      ...saying('first'),
      { role: 'assistant', content: [{ type: 'text', text: 'yes' }] } as const,
      ...saying('Is it raining?'),
    ]
    const text = demoScript('demo', prompt).join('')
    expect(text).toContain('demo model')
    expect(text).toContain('“Is it raining?”')
  })

  test.each([
    '',
    'plain words',
    ' \n\t',
    'nul \u0000 and a lone \ud83d surrogate \udc00',
    'שלום עולם',
    '🧵'.repeat(30_000),
  ])('as an echo: %.40j, verbatim', async (said) => {
    const { texts } = await collect(generate('demo/echo', { prompt: saying(said) }))
    expect(texts.join('')).toBe(said)
    expect(texts.every((token) => token.isWellFormed() || !said.isWellFormed())).toBe(true)
  })

  test('as emoji: one per token, 100,000 of them, and others get their turn meanwhile', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const { texts } = await collect(generate('demo/emoji?count=100000'))
    clearInterval(timer)
    expect(texts).toHaveLength(100_000)
    expect(texts.every((token) => /^\p{RGI_Emoji}$/v.test(token))).toBe(true)
    expect(turns).toBeGreaterThan(0)
  })

  test('as a clock: when each token was made', async () => {
    const before = performance.timeOrigin + performance.now()
    const { texts } = await collect(generate('demo/clock?tokens=3&tps=100'))
    const times = texts.map(Number)
    expect(times).toHaveLength(3)
    expect(times[0]).toBeGreaterThanOrEqual(before - 0.001)
    // Never before its time, and late tokens do not make those after them later.
    expect(times[2]! - before).toBeGreaterThan(19)
    expect(times.toSorted((one, other) => one - other)).toEqual(times)
  })
})

describe('going on after a kept text', () => {
  test.each(['demo/steady?tokens=30&seed=3', 'demo/emoji?count=30', 'demo', 'demo/echo'])(
    '%s gives exactly its script, wherever it was cut',
    async (model) => {
      const prompt = saying('Say something 🧵 with care.')
      const whole = demoScript(model, prompt).join('')
      for (let cut = 0; cut <= whole.length; cut += 7) {
        const keptText = whole.slice(0, cut)
        const fast = model === 'demo' ? 'demo?tps=0' : model
        const { texts } = await collect(generate(fast, { prompt, keptText }))
        expect(keptText + texts.join('')).toBe(whole)
      }
    },
  )

  test('a clock goes on with the tokens that are missing', async () => {
    const { texts } = await collect(generate('demo/clock?tokens=5'))
    const more = await collect(generate('demo/clock?tokens=5', { keptText: texts.slice(0, 3).join('') }))
    expect(more.texts).toHaveLength(2)
  })

  test('a text that it never said is refused, so that the caller begins anew', async () => {
    const going = collect(generate('demo/steady', { keptText: 'Once upon a time' }))
    await expect(going).rejects.toMatchObject({ code: 'provider_bad_request', retryable: false })
  })
})

describe('its speed', () => {
  test('is the one asked for, without drift: token i at start + i/tps', async () => {
    const start = performance.now()
    await collect(generate('demo/steady?tokens=2001&tps=2000'))
    const tookMs = performance.now() - start
    expect(tookMs).toBeGreaterThan(995)
    // A timer for each, one after the other, takes two seconds at least.
    expect(tookMs).toBeLessThan(1800)
  })
})

describe('the ways it ends early', () => {
  test('max_tokens ends it with the reason "length"', async () => {
    const { texts, finish } = await collect(generate('demo/steady?tokens=9', { parameters: { max_tokens: 4 } }))
    expect(texts).toEqual(demoScript('demo/steady?tokens=9').slice(0, 4))
    expect(finish).toMatchObject({ reason: 'length', usage: { output_tokens: 4 } })
  })

  test('it fails at the token and with the code that were asked for', async () => {
    const texts: string[] = []
    const failing = (async () => {
      for await (const chunk of generate('demo/fail?after=3&code=provider_rate_limited')) {
        if (chunk.type === 'text') texts.push(chunk.text)
      }
    })()
    await expect(failing).rejects.toMatchObject({ code: 'provider_rate_limited', retryable: true })
    expect(texts).toEqual(demoScript('demo/fail').slice(0, 3))
  })

  test('with once=1 it fails only where nothing was kept, and then finishes', async () => {
    const model = 'demo/fail?after=3&once=1&tokens=6'
    const script = demoScript(model)
    await expect(collect(generate(model))).rejects.toMatchObject({ code: 'provider_broken' })
    const { texts } = await collect(generate(model, { keptText: script.slice(0, 3).join('') }))
    expect(texts).toEqual(script.slice(3))
  })

  test.each(['demo/hang?after=2', 'demo/steady?tps=1', 'demo/steady?tokens=10000000'])(
    '%s ends within a tick when it is aborted, with the reason of the abort',
    async (model) => {
      const controller = new AbortController()
      const reason = new Error('the user cancelled')
      let abortedAt = Infinity
      controller.signal.addEventListener('abort', () => (abortedAt = performance.now()))
      const chunks = generate(model, { signal: controller.signal })[Symbol.asyncIterator]()
      await chunks.next()
      setTimeout(() => controller.abort(reason), 20)
      const readOn = async () => {
        while (!(await chunks.next()).done) continue
      }
      await expect(readOn()).rejects.toBe(reason)
      expect(performance.now() - abortedAt).toBeLessThan(1000)
    },
  )
})

test('a name that makes no sense is no demo model', () => {
  const wrong = [
    'demo/',
    'demo/plain',
    'demo/poem',
    'demonstration',
    'demo/steady?tokens=-1',
    'demo/steady?tps=fast',
    'demo/fail?code=oops',
    'gpt-5',
  ]
  expect(wrong.filter((name) => parseDemoModel(name))).toEqual([])
})
