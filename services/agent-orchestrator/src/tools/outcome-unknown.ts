import { ToolError } from './tool-error.ts'

/** Nobody can say whether it was done, and it must not be done twice: `tool.failed` with outcome `unknown`. */
export class OutcomeUnknown extends ToolError {}
