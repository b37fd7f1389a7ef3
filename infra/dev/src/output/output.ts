/** How the launcher talks: to a person, to a machine, or to a test. */
export interface Output {
  /** Something is being done, or was found out on the way. */
  say(line: string): void
  /** A part of the start is done. */
  done(what: string, durationMs: number): void
  /** Something went wrong that is being dealt with. */
  warn(line: string): void
  /** It cannot go on. */
  fail(message: string): void
  /** A line that a process of ours wrote. */
  line(process: string, line: string): void
  ready(facts: ReadyFacts): void
}

export interface ReadyFacts {
  url: string
  key: string
  dataFolder: string
  /** Where NATS and Postgres really keep their data, when it is elsewhere. */
  serversFolder: string | undefined
  /** What is answered with where nothing else is asked for. */
  models: string
  durationMs: number
}

/** The command that a newcomer tries first. */
export const curlLine = ({ url, key }: Pick<ReadyFacts, 'url' | 'key'>) =>
  `curl -N -H "authorization: Bearer ${key}" -H "accept: text/event-stream" -H "content-type: application/json" ` +
  `-d '{"message":"Hello"}' ${url}/v1/sessions/hello/runs`
