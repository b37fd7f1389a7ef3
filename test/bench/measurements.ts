import type { Sync } from './figure.ts'

export interface Measurement {
  name: string
  file: string
  syncs: readonly Sync[]
  /** `false`: only where `--only` names it. */
  byDefault: boolean
}

const of = (name: string, more: Partial<Measurement> = {}): Measurement => ({
  name,
  file: `${name}.ts`,
  syncs: ['default'],
  byDefault: true,
  ...more,
})
const bothSyncs: Partial<Measurement> = { syncs: ['default', 'always'] }
const onRequest: Partial<Measurement> = { byDefault: false }

/** In the order in which they run. */
const measurements: readonly Measurement[] = [
  of('latency', bothSyncs),
  of('knee', bothSyncs),
  of('first-token'),
  of('fan-out'),
  of('idle-streams'),
  of('resume'),
  of('reconnect-storm'),
  of('store'),
  of('verify'),
  of('cost'),
  of('spine'),
  of('done', onRequest),
  of('waiting', onRequest),
  of('deadlines', onRequest),
  of('paused-stream', onRequest),
  of('half-open', onRequest),
]

/** @param names separated by commas; absent: all that run without being asked for */
export function measurementsNamed(names: string | undefined): readonly Measurement[] {
  if (names === undefined) return measurements.filter(({ byDefault }) => byDefault)
  return names.split(',').map((name) => {
    const found = measurements.find((one) => one.name === name.trim())
    if (found !== undefined) return found
    const known = measurements.map((one) => one.name).join(', ')
    throw new Error(`There is no measurement "${name}". There are: ${known}`)
  })
}
