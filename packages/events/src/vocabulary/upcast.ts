import { CURRENT_VERSIONS } from './versions.ts'

export type Body = Readonly<Record<string, unknown>>

/** Per type, from version n (the key) to n + 1. Pure; runs when an event is read, never on what is stored. */
export type Upcasts = Readonly<Record<string, Readonly<Record<number, (body: Body) => Body>>>>

const UPCASTS: Upcasts = {}

export type Upcast = { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly reason: string }

/** Brings a body of an older version to the current one. */
export function upcast(
  type: string,
  body: Body,
  versions: Readonly<Record<string, number>> = CURRENT_VERSIONS,
  upcasts: Upcasts = UPCASTS,
): Upcast {
  const current = versions[type]
  if (current === undefined || body['v'] === current) return { ok: true, body }
  const written = body['v']
  if (!Number.isSafeInteger(written) || (written as number) < 1) {
    return { ok: false, reason: 'v: expected an integer from 1' }
  }
  if ((written as number) > current) {
    return {
      ok: false,
      reason: `v: ${type} version ${written} is newer than version ${current}, which this release reads`,
    }
  }
  let raised = body
  for (let version = written as number; version < current; version++) {
    const step = upcasts[type]?.[version]
    if (step === undefined) return { ok: false, reason: `v: no upcast of ${type} from version ${version}` }
    raised = { ...step(raised), v: version + 1 }
  }
  return { ok: true, body: raised }
}
