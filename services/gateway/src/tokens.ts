/** What the module is given and does not make itself. */
export const CONFIG = Symbol('config')
export const LOGGER = Symbol('logger')
export const BUS = Symbol('bus')
export const LOG = Symbol('log')
export const HUB = Symbol('hub')
export const QUERIES = Symbol('queries')
export const LIMITS = Symbol('limits')
export const KEYS = Symbol('keys')
