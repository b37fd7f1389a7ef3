import { draft, estimateTokens, prompt } from '@spool/events'
import { expect, test } from 'vitest'
import { PlayedSession } from '../../test/support/played-session.ts'

const LONG = 'It rained in Nara. '.repeat(60)

function talked(agent: string): PlayedSession {
  const played = new PlayedSession()
  for (let index = 0; index < 12; index++) {
    played.start(`r${index}`, { agent, parts: [{ type: 'text', text: `Question ${index}. ${LONG}` }] })
    played.answer('I see.')
    if (agent === 'remembers') remembered(played, `r${index}`)
  }
  return played
}

/** The memory of a run that has ended is settled, so that it is not the message that is open. */
function remembered(played: PlayedSession, run: string): void {
  played.answer('{"facts": []}')
  played.append(draft('memory.updated', { run, count: 0, memories: [] }, played.now))
}

function sent(played: PlayedSession) {
  return prompt(played.state, played.open()!.id)
}

test('a run of a long conversation begins with its summary, and knows what it knew before', () => {
  const played = talked('remembers')
  played.windowTokens = 2_000
  played.known = [{ id: 'k1', text: 'Lives in Nara.' }]
  played.start('now', { agent: 'remembers', user: 'ada' })
  while (played.open()?.purpose === 'summary') played.answer('They spoke of the rain.')
  expect(played.open()).toMatchObject({ purpose: 'answer', request: { memories: played.known } })
  expect(estimateTokens(sent(played))).toBeLessThan(1_500)
  expect(JSON.stringify(sent(played))).toContain('They spoke of the rain.')
  played.answer('No.')
  expect(played.state.runs.at(-1)?.status).toBe('done')
  expect(played.open()).toMatchObject({ purpose: 'memory', request: { promptTokens: 1_000 } })
})

test('a run goes on with a summary of its own steps, and still knows what it was asked', () => {
  const played = new PlayedSession()
  played.windowTokens = 2_000
  played.start('now', { agent: 'tools' })
  for (let step = 0; step < 14; step++) {
    played.answer('', { name: 'look', input: {} })
    played.workTools(LONG)
    while (played.open()?.purpose === 'summary') played.answer('It looked several times.')
    expect(estimateTokens(sent(played))).toBeLessThan(1_500)
    expect(JSON.stringify(sent(played))).toContain('hello from now')
  }
  expect(played.state.summary?.text).toBe('It looked several times.')
  expect(played.open()?.request).toMatchObject({ resultTokens: expect.any(Number), doneTokens: 333 })
  const [system] = sent(played)
  const done = String(system?.content)
    .split('\n')
    .filter((line) => line.startsWith('- '))
  expect(done.length).toBeGreaterThan(2)
  for (const line of done)
    expect(line).toMatch(/^- look \{\}: completed: It rained in Nara\.|^- \d+ earlier calls: look/)
  played.answer('It rained.')
  expect(played.state.runs.at(-1)?.status).toBe('done')
})

test('a run whose prompt was refused as too long is answered all the same', () => {
  const played = talked('tools')
  played.start('now', { agent: 'tools' })
  for (let calls = 0; calls < 20 && estimateTokens(sent(played)) > 900; calls++) {
    played.stream('')
    const { id } = played.open()!
    const error = { code: 'provider_context_too_long', message: 'No.' }
    played.append(draft('generation.failed', { run: 'now', message: id, attempt: 1, error }, played.now))
    played.close('partial', 'provider_failed')
    played.work()
  }
  while (played.open()?.purpose === 'summary') played.answer('They spoke of the rain.')
  expect(played.open()?.purpose).toBe('answer')
  played.answer('No.')
  expect(played.state.runs.at(-1)).toMatchObject({ status: 'done', error: null })
})

test('a run is cancelled while its conversation is summarised, and the next one takes the summary', () => {
  const played = talked('tools')
  played.windowTokens = 2_000
  played.start('r-cancelled', { agent: 'tools' })
  const summary = played.open()!
  expect(summary.purpose).toBe('summary')
  played.cancel('r-cancelled')
  expect(played.state.runs.at(-1)?.status).toBe('cancelled')
  played.answer('They spoke of the rain.')
  expect(played.state.summary?.text).toBe('They spoke of the rain.')
  expect(played.state.results).toEqual([])
  played.start('now', { agent: 'tools' })
  while (played.open()?.purpose === 'summary') played.answer('They spoke of the rain.')
  expect(played.open()?.purpose).toBe('answer')
})

test.each([1_000, 3_000, 6_000, 16_000])(
  'a result that is far longer than a window of %i is clipped, and its call stays in the prompt',
  (windowTokens) => {
    const played = new PlayedSession()
    played.windowTokens = windowTokens
    played.start('now', { agent: 'tools' })
    played.answer('', { name: 'look', input: {} })
    played.workTools('It rained in 奈良, 7 mm. '.repeat(2_600))
    expect(played.open()).toMatchObject({ purpose: 'answer', request: { resultTokens: expect.any(Number) } })
    expect(played.state.summary).toBeNull()
    expect(estimateTokens(sent(played))).toBeLessThan(windowTokens * 0.75)
    expect(estimateTokens(sent(played))).toBeGreaterThan(windowTokens * 0.3)
    expect(sent(played).at(-1)).toMatchObject({ role: 'tool', content: [{ toolName: 'look' }] })
  },
)

test('what a person has refused, and what failed, is told as that where a summary stands for it', () => {
  const played = new PlayedSession()
  played.windowTokens = 2_000
  played.start('now', { agent: 'tools' })
  played.answer('', { name: 'nothing_like_it', input: { place: 'Nara' } })
  const { up_to, messages } = { up_to: `1-${played.state.seq}`, messages: 2 }
  played.append(draft('session.summarised', { run: 'now', up_to, text: 'They met.', messages }, played.now))
  expect(String(sent(played)[0]?.content)).not.toContain('Already done')
  played.answer('', { name: 'look', input: {} })
  played.workTools('dry')
  expect(String(sent(played)[0]?.content)).toMatch(
    /They met\.\n\nAlready done in this run[^\n]*\n- nothing_like_it \{"place":"Nara"\}: failed: .*nothing_like_it/,
  )
})
