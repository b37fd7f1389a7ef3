/** For tests that stand between a copy of a service and its servers: where it finds them instead. */
export type Detour = (instance: string, found: Addresses) => Promise<Addresses>

export interface Addresses {
  natsUrl: string
  databaseUrl: string
}
