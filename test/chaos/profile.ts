export const PROFILES = ['single', 'cluster'] as const
/** `cluster`: NATS is three servers, and every stream lies on each. */
export type Profile = (typeof PROFILES)[number]

/** Of each service. */
export const COPIES = 2

/** Of NATS. */
export const SERVERS: Record<Profile, number> = { single: 1, cluster: 3 }
