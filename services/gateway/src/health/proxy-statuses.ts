import { type Bus, type ProxyStatus, type RouteStatus, askStatuses } from '@spool/log'
import * as z from 'zod'

/** Only what is named here is passed on, whatever else a copy may say. */
const routeSchema: z.ZodType<RouteStatus> = z.object({
  model: z.string(),
  provider: z.string(),
  provider_model: z.string(),
  state: z.enum(['ok', 'left_out', 'probing']),
  failures_in_a_row: z.number(),
  calls: z.number(),
  waiting: z.number(),
  last_error: z.object({ code: z.string(), at: z.string() }).nullable(),
  back_at: z.string().nullable(),
})

const proxySchema = z.object({ instance: z.string(), routes: z.array(z.unknown()) })

/** What the copies of llm-proxy say that can be understood. One of another version may be among them. */
export async function proxyStatuses(bus: Bus): Promise<ProxyStatus[]> {
  const answers = await askStatuses(bus, 'llm-proxy')
  return answers.flatMap((answer) => {
    const proxy = proxySchema.safeParse(answer)
    if (!proxy.success) return []
    const routes = proxy.data.routes.map((route) => routeSchema.safeParse(route))
    return [{ instance: proxy.data.instance, routes: routes.flatMap(({ data }) => (data === undefined ? [] : [data])) }]
  })
}
