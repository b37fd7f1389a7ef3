import { expect, test } from 'vitest'
import type { JudgedRun } from '../judged.ts'
import { CALLS, type JudgedMaterial, PLAN, TALK } from './judged-play.ts'

/** The log is right, and those outside were told, or saw, something else. */
export function wronglyTold(material: () => JudgedMaterial): void {
  const judged = (session: string, ...runs: JudgedRun[]) =>
    material().faults(material().of(session), { runs }).join('\n')

  test('the outside world saw each effect once', () => {
    const { of, faults, system } = material()
    const calls = of(CALLS).stored!.calls.filter(({ name }) => name === 'send_letter')
    const letters = new Set(calls.map(({ id }) => id))
    const seen = (effects: number) => ({
      effectsOf: (call: string) => (letters.has(call) ? effects : system.world.effectsOf(call)),
    })
    expect(faults(of(CALLS), { world: seen(1) })).toEqual([])
    expect(faults(of(CALLS), { world: seen(2) })).not.toEqual([])
    expect(faults(of(CALLS), { world: seen(0) })).not.toEqual([])
  })

  test('one person was told that their answer counts, and it is the answer', () => {
    const [run] = material().concerned(PLAN).runs
    const answered = run!.answered!
    const told = (...all: typeof answered) => judged(PLAN, { ...run!, answered: all })
    expect(answered.map(({ status }) => status)).toEqual([200, 200])
    expect(told(...answered)).toBe('')
    expect(told(...answered, { ...answered[0]!, key: 'another' })).toContain('both count')
    expect(told({ ...answered[0]!, action: 'cancel' })).toContain('was accepted, and it is modify')
    expect(told(...answered, { ...answered[0]!, confirmation: 'none' })).toContain('which nobody asked')
  })

  test('a request is one run, however often it was sent, and ends as it was wanted', () => {
    const [run] = material().concerned(TALK).runs
    const told = (other: Partial<JudgedRun>) => judged(TALK, { ...run!, ...other })
    expect(told({ told: [run!.run, 'another'] })).toContain('one request was told of')
    expect(told({ run: 'another', told: [] })).toContain('is not there')
    expect(told({ key: 'another' })).toContain('is not that of the key')
    expect(judged(TALK)).toContain('nobody has begun')
    expect(told({ faults: ['odd'] })).toContain('odd')
    expect(told({ plot: { ...run!.plot, answers: [null] } })).toContain('the answers')
  })
}
