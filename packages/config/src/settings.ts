import { z } from 'zod'
import { isBaseUrl } from './is-base-url.ts'
import type { SettingMeta } from './setting-meta.ts'

/** The kinds of setting that several services share. Each takes the text of one environment variable. */

interface Range {
  min?: number
  max?: number
}

export const port = () => integer(0, 65_535, 'a port, 0 to 65535 (0 = any free one)')

export const milliseconds = ({ min = 0, max = 86_400_000 }: Range = {}) =>
  integer(min, max, `milliseconds, a whole number from ${min} to ${max}`)

export const wholeNumber = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}) =>
  integer(min, max, `a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`)

export const boolean = () =>
  parsed(
    (text) =>
      ({ true: true, '1': true, yes: true, on: true, false: false, '0': false, no: false, off: false })[
        text.toLowerCase()
      ],
    'true or false',
  )

export const oneOf = <const Word extends string>(...words: readonly [Word, ...Word[]]) =>
  z.enum(words).meta(meta(`one of ${words.join(', ')}`))

/** A URL with one of these schemes (`'http'`, `'https'`). Never echoed: it may carry a password. */
export const url = (...schemes: readonly [string, ...string[]]) =>
  parsed((text) => (hasScheme(text, schemes) ? text : undefined), `a URL (${schemes.join(', ')})`, { showValue: false })

/** Several of them, separated by commas, as the members of a cluster are given. */
export const urls = (...schemes: readonly [string, ...string[]]) =>
  parsed(
    (text) => {
      const list = text.split(',').map((part) => part.trim())
      return list.every((part) => hasScheme(part, schemes)) ? list : undefined
    },
    `one or more URLs (${schemes.join(', ')}), separated by commas`,
    { showValue: false },
  )

/** Where web pages come from: `https://chat.example.org`, several separated by commas, or `*` for all. */
export const origins = () =>
  parsed((text) => {
    const list = text.split(',').map((part) => part.trim())
    return list.every((part) => part === '*' || isOrigin(part)) ? list : undefined
  }, '* or one or more origins, such as https://chat.example.org, without a path, separated by commas')

/** The address of an API, to which paths are added. Never echoed. */
export const baseUrl = () =>
  parsed(
    (text) => (isBaseUrl(text) ? text : undefined),
    'a URL (http, https) without user, password, query or fragment',
    { showValue: false },
  )

/** Text of any form that must never appear in a log or an error. */
export const secret = () =>
  z
    .string()
    .min(1)
    .meta(meta('a non-empty text', { showValue: false }))

export const text = () => z.string().min(1).meta(meta('a non-empty text'))

/** Tenants, sessions and instances: what may stand as one token of a subject. */
export const identifier = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/)
    .meta(meta('1 to 128 letters, digits, - or _'))

/** How many copies of each service to run: `gateway=2,llm-proxy=2`; the ones not named run once. */
export const copies = <const Name extends string>(names: readonly Name[], { max = 64 } = {}) => {
  const allowed = `<service>=<copies>, separated by commas; services: ${names.join(', ')}; copies: 0 to ${max}`
  return z
    .string()
    .transform((input, context) => {
      const counts = Object.fromEntries(names.map((name) => [name, 1])) as Record<Name, number>
      for (const part of input.split(',')) {
        const [name, count, ...rest] = part.split('=').map((word) => word.trim())
        const valid = /^\d+$/.test(count ?? '') && Number(count) <= max && rest.length === 0
        const known = names.find((candidate) => candidate === name)
        if (known && valid) counts[known] = Number(count)
        else context.addIssue({ code: 'custom', message: `${JSON.stringify(part.trim())} does not fit` })
      }
      return counts
    })
    .meta(meta(allowed))
}

function parsed<Value>(parse: (text: string) => Value | undefined, allowed: string, more: SettingMeta = {}) {
  return z
    .string()
    .transform((input, context) => {
      const value = parse(input.trim())
      if (value !== undefined) return value
      context.addIssue({ code: 'custom', message: `must be ${allowed}` })
      return z.NEVER
    })
    .meta(meta(allowed, more))
}

function integer(min: number, max: number, allowed: string) {
  // Number() alone would take '', '0x10' and '1e3' as well.
  return parsed((input) => {
    const value = Number(input)
    return /^-?\d+$/.test(input) && value >= min && value <= max ? value : undefined
  }, allowed)
}

function hasScheme(candidate: string, schemes: readonly string[]): boolean {
  const parsedUrl = URL.parse(candidate)
  return parsedUrl !== null && schemes.includes(parsedUrl.protocol.slice(0, -1))
}

/** As a browser writes it. */
function isOrigin(candidate: string): boolean {
  const parsedUrl = URL.parse(candidate)
  return parsedUrl !== null && parsedUrl.origin === candidate
}

function meta(allowed: string, more: SettingMeta = {}): SettingMeta & Record<string, unknown> {
  return { allowed, showValue: true, ...more }
}
