import { OutcomeUnknown } from '../outcome-unknown.ts'
import { ToolError } from '../tool-error.ts'
import type { Answer } from './post.ts'

const maxToldLength = 500

/** What a webhook's answer means: the tool's output, or a `ToolError`. */
export function readAnswer(answer: Answer, repeatable: boolean): unknown {
  const { status, body, cut } = answer
  if (status >= 200 && status < 300) {
    if (cut) {
      throw new ToolError('answer_too_large', `It was done (${status}), but the answer is too long to be read.`)
    }
    return body.length === 0 ? null : outputOf(answer)
  }
  const told = shortText(answer)
  if (status < 400) {
    // After a POST it may be the way to say that it is done.
    const redirected = `The tool's address answered ${status}, a redirect, and those are not followed`
    const advice = 'The operator has to name the new address, or let the tool answer 2xx once it is done.'
    if (repeatable) throw new ToolError('webhook_redirected', `${redirected}. ${advice}`)
    const unknown = `${redirected}: the call may have been carried out, or not. It was not tried again. ${advice}`
    throw new OutcomeUnknown('outcome_unknown', unknown)
  }
  if (status < 500) throw new ToolError('webhook_refused', `The tool refused (${status})${told}`)
  // What stands between says that it did not hear from the tool, not that the tool did nothing.
  if (!repeatable && (status === 502 || status === 504)) {
    throw new OutcomeUnknown(
      'outcome_unknown',
      `A gateway before the tool answered ${status}: whether the call was carried out is not known. It was not tried again.`,
    )
  }
  throw new ToolError('webhook_failed', `The tool failed (${status})${told}`)
}

/** Whether the same request may fare better later. */
export const isPassing = ({ status }: Answer) => status >= 500 || status === 408 || status === 425 || status === 429

function outputOf(answer: Answer): unknown {
  const kind = kindOf(answer)
  if (kind === 'binary') return `[${mediaTypeOf(answer) || 'no media type'}, ${answer.body.length} bytes]`
  const text = textOf(answer)
  if (kind === 'text') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function kindOf(answer: Answer): 'json' | 'text' | 'binary' {
  const type = mediaTypeOf(answer)
  if (answer.packed) return 'binary'
  if (type === 'application/json' || type.endsWith('+json')) return 'json'
  const isText = type === '' || type.startsWith('text/') || /^application\/(xml|yaml|x-yaml|.*\+xml)$/.test(type)
  return isText || type === 'application/x-www-form-urlencoded' ? 'text' : 'binary'
}

const mediaTypeOf = ({ contentType }: Answer) => contentType.split(';', 1)[0]!.trim().toLowerCase()

function textOf({ contentType, body }: Answer): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return new TextDecoder().decode(body)
  }
}

/** What it says about why, where that can be read; a page for browsers cannot. */
function shortText(answer: Answer): string {
  const text = kindOf(answer) === 'binary' || mediaTypeOf(answer) === 'text/html' ? '' : textOf(answer)
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  if (line === '') return '.'
  return `: ${line.length > maxToldLength ? `${line.slice(0, maxToldLength)}…` : line}`
}
