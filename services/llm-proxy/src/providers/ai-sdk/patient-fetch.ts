/**
 * `fetch` as Node has it, but for one thing: that one gives up after five minutes of silence, whatever the route's own
 * time-outs say. One connection for each answer: where many share one, they break off together.
 */
import { Agent, EnvHttpProxyAgent, fetch } from 'undici'

const options = { headersTimeout: 0, bodyTimeout: 0, allowH2: false }

/** The proxies of the environment count where Node itself would heed them. */
const dispatcher = process.env['NODE_USE_ENV_PROXY'] === '1' ? new EnvHttpProxyAgent(options) : new Agent(options)

export const patientFetch = ((input: string, init?: object) =>
  fetch(input, { ...init, dispatcher })) as unknown as typeof globalThis.fetch
