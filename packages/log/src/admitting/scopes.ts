/** What a key may be used for. One that names none may be used for all of it. */
export const SCOPES = ['read', 'run', 'produce', 'erase'] as const
export type Scope = (typeof SCOPES)[number]

export const isScope = (text: unknown): text is Scope => (SCOPES as readonly unknown[]).includes(text)
