/** One thing in the file that cannot be used, in words for the person who wrote it. */
export interface FileProblem {
  /** Absent where the file as a whole is meant. */
  line?: number
  /** `models.default[0].attempts`; empty where the file could not be read that far. */
  path: string
  problem: string
}

/** `spool.config.yaml` cannot be used. The message lists every problem with its line, and holds no secret. */
export class ConfigFileInvalid extends Error {
  readonly code = 'config_file_invalid'
  readonly retryable = false
  readonly file: string
  readonly problems: readonly FileProblem[]

  /** `shownFile` is how the file is called in the message, where its whole path would only be in the way. */
  constructor(
    file: string,
    problems: readonly FileProblem[],
    { shownFile = file, ...options }: ErrorOptions & { shownFile?: string } = {},
  ) {
    const lines = problems.map(({ line, path, problem }) => {
      const place = line === undefined ? shownFile : `${shownFile}:${line}`
      return `  ${place}  ${path ? `${path}: ${problem}` : problem}`
    })
    const advice = 'docs/models.md and docs/agents.md say what may stand there.'
    super(['The file of models and agents cannot be used:', ...lines, advice].join('\n'), options)
    this.name = 'ConfigFileInvalid'
    this.file = file
    this.problems = problems
  }
}
