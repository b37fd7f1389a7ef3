import type { StreamInfo } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import type { Bus } from '../connecting/bus.ts'
import { BusUnavailable, StreamsWithoutLeader } from '../errors.ts'

/** What the server says beside the streams, which the client keeps to itself. */
interface Listing {
  readonly pageInfo: { readonly missing?: readonly string[] | null }
}

/**
 * The streams that go by such names, as their leaders have them. A cluster leaves out one whose leader does not answer, and
 * tells its name apart: taken for one that does not exist, it would be made anew, or begin again at its first epoch.
 */
export async function streamsNamed(bus: Bus, isAsked: (name: string) => boolean): Promise<Map<string, StreamInfo>> {
  const listing = bus.jsm.streams.list()
  const found = new Map<string, StreamInfo>()
  while (true) {
    const page = await bus.whileConnected(listing.next()).catch((error: unknown) => {
      throw error instanceof errors.TimeoutError ? new BusUnavailable(error) : error
    })
    const silent = (listing as unknown as Listing).pageInfo.missing?.filter(isAsked) ?? []
    if (silent.length > 0) throw new StreamsWithoutLeader(silent)
    if (page.length === 0) return found
    for (const info of page) if (isAsked(info.config.name)) found.set(info.config.name, info)
  }
}
