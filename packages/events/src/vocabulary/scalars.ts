import * as z from 'zod'

/** What a client, or we, may use as an id: it becomes a token of a NATS subject. */
export const IDENTIFIER = /^[A-Za-z0-9_-]{1,128}$/

/** ISO 8601, UTC, with milliseconds: what `Date.prototype.toISOString` writes. */
export const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** `custom.<name>`; the name may have dots inside. */
export const CUSTOM_TYPE = /^custom\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** `<epoch>-<seq>`, as people and clients see a position. */
export const CURSOR = /^[1-9]\d{0,8}-[1-9]\d{0,15}$/

export const identifier = z.string().regex(IDENTIFIER)
export const instant = z.string().regex(INSTANT)
export const cursorText = z.string().regex(CURSOR)
export const count = z.int().min(0)
export const ordinal = z.int().min(1)
export const milliseconds = z.number().min(0)
export const record = z.record(z.string(), z.unknown())
