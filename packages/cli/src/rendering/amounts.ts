import type { Body } from './fields.ts'
import { numberOf } from './fields.ts'

export function duration(ms: number | undefined): string {
  if (ms === undefined) return ''
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.round(ms / 60_000)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function tokens(usage: Body): string {
  const all = (numberOf(usage, 'input_tokens') ?? 0) + (numberOf(usage, 'output_tokens') ?? 0)
  return all === 0 ? '' : counted(all, 'token')
}

export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}

/** What there is of these, in one line. */
export function joined(...pieces: readonly (string | undefined)[]): string {
  return pieces.filter(Boolean).join(' · ')
}

/** The time of day here. */
export function clock(at: unknown): string {
  const date = typeof at === 'string' ? new Date(at) : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8)
}

/** The same, with the day where that is not today. */
export function moment(at: unknown): string {
  const date = typeof at === 'string' ? new Date(at) : undefined
  if (date === undefined || Number.isNaN(date.getTime())) return ''
  return dayOf(date) === dayOf(new Date()) ? clock(at) : `${dayOf(date)} ${clock(at)}`
}

const twoDigits = (number: number) => String(number).padStart(2, '0')

const dayOf = (date: Date) => `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`
