import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeAll } from './judge-all.ts'
import { agreed } from './support/agreed.ts'
import { harmedClients } from './support/harmed-clients.ts'
import { harmedStores } from './support/harmed-stores.ts'
import { type JudgedMaterial, judgedPlay } from './support/judged-play.ts'
import { notAsWanted } from './support/not-as-wanted.ts'
import { notExcused } from './support/not-excused.ts'
import { unlikeStores } from './support/unlike-stores.ts'
import { wrongEverywhere } from './support/wrong-everywhere.ts'
import { wronglyTold } from './support/wrongly-told.ts'

let material: JudgedMaterial
const theirs = () => material

beforeAll(async () => {
  material = await judgedPlay()
})

afterAll(() => material?.stop())

test('what went well has no faults', async () => {
  const { system, play, of, faults } = material
  const { faults: found, ...counted } = await judgeAll(system, play, [])
  expect(found).toEqual([])
  const logs = play.runs.map(({ session }) => of(session).log)
  expect(counted.sessions).toBe(logs.length)
  expect(counted.events).toBe(logs.flat().length)
  expect(counted.partials).toEqual({ cancelled: 1 })
  for (const { session } of play.runs) expect(faults(agreed(session, of(session).log))).toEqual([])
})

harmedClients(theirs)
unlikeStores(theirs)
wrongEverywhere(theirs)
notAsWanted(theirs)
notExcused(theirs)
wronglyTold(theirs)
// The last one: of what it does to the system there is no way back.
harmedStores(theirs)
