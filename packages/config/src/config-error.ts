/** One setting that cannot be used, in words for the person who set it. */
export interface ConfigProblem {
  /** The environment variable; empty for a rule that spans several. */
  variable: string
  problem: string
}

/** The environment does not fit the schema. The message lists every problem, one per line. */
export class ConfigError extends Error {
  readonly code = 'config_invalid'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ variable, problem }) => `  ${variable ? `${variable}: ${problem}` : problem}`)
    super(['The configuration cannot be used:', ...lines].join('\n'), options)
    this.name = 'ConfigError'
    this.problems = problems
  }
}
