/** One thing in the file of models that cannot be used, in words for the person who wrote it. */
export interface ModelsProblem {
  /** Absent where the file as a whole is meant. */
  line?: number
  /** `models.default[0].attempts`; empty where the file could not be read that far. */
  path: string
  problem: string
}

/** The file of models cannot be used. The message lists every problem with its line, and holds no secret. */
export class ModelsInvalid extends Error {
  readonly code = 'models_invalid'
  readonly retryable = false
  readonly file: string
  readonly problems: readonly ModelsProblem[]

  /** `shownFile` is how the file is called in the message, where its whole path would only be in the way. */
  constructor(
    file: string,
    problems: readonly ModelsProblem[],
    { shownFile = file, ...options }: ErrorOptions & { shownFile?: string } = {},
  ) {
    const lines = problems.map(({ line, path, problem }) => {
      const place = line === undefined ? shownFile : `${shownFile}:${line}`
      return `  ${place}  ${path ? `${path}: ${problem}` : problem}`
    })
    const advice = 'docs/models.md says what may stand there.'
    super(['The models cannot be used:', ...lines, advice].join('\n'), options)
    this.name = 'ModelsInvalid'
    this.file = file
    this.problems = problems
  }
}
