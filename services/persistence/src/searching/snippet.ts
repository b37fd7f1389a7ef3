import { setImmediate as nextTurn } from 'node:timers/promises'
import { placedTerms } from '@spool/events'
import type { Wanted } from './wanted.ts'

/** Plain text. Joined, the pieces are an excerpt of the message. */
export interface Piece {
  readonly text: string
  readonly hit?: true
}

/** What is further on is not what a message is found by (`messageLexemes`). */
const MAX_CHARACTERS = 128 * 1024

/** So much of all that is on one page, for a page of long messages must not keep a processor for minutes. */
const PAGE_CHARACTERS = 512 * 1024
/** Then others have their turn: this process also stores what happens in all sessions. */
const TERMS_AT_A_TIME = 1000

/** What making the snippets of one page may still cost. */
export class PageOfSnippets {
  charactersLeft = PAGE_CHARACTERS
  private terms = 0

  /** To be awaited where it is not `undefined`. */
  pause(): Promise<void> | undefined {
    return ++this.terms % TERMS_AT_A_TIME === 0 ? nextTurn() : undefined
  }
}

interface Span {
  readonly start: number
  end: number
}

/** So many characters are shown before the first hit, and so many in all. */
const BEFORE = 60
const LENGTH = 240

/**
 * The place of a text where what is wanted stands first, in pieces, so that nobody has to count characters or marks.
 * Where that is further on than the page may cost, the beginning of the text.
 */
export async function snippetOf(text: string, wanted: Wanted, page = new PageOfSnippets()): Promise<Piece[]> {
  const hits = await hitsIn(text, wanted, page)
  const start = startBefore(text, hits[0]?.start ?? 0)
  const end = endAfter(text, start + LENGTH)
  const pieces: Piece[] = []
  let at = start
  for (const hit of hits.filter((one) => one.start < end)) {
    pieces.push({ text: text.slice(at, hit.start) }, { text: text.slice(hit.start, Math.min(hit.end, end)), hit: true })
    at = Math.min(hit.end, end)
  }
  pieces.push({ text: text.slice(at, end) })
  if (start > 0) pieces.unshift({ text: '…' })
  if (end < text.length) pieces.push({ text: '…' })
  return pieces.filter((piece) => piece.text !== '')
}

/** Those that can be shown: the first, and what is near it. Hits that touch are one. */
async function hitsIn(text: string, { words, beginning }: Wanted, page: PageOfSnippets): Promise<Span[]> {
  const isWord = new Set(words)
  const hits: Span[] = []
  const looked = text.slice(0, Math.min(MAX_CHARACTERS, page.charactersLeft))
  let seen = 0
  for (const { term, start, end } of placedTerms(looked)) {
    const pause = page.pause()
    if (pause !== undefined) await pause
    seen = end
    const first = hits[0]
    if (first !== undefined && start > first.start + LENGTH) break
    const last = hits.at(-1)
    // Where the beginning itself stands there, what goes on from it is not wanted.
    const isBeginning = beginning !== null && term.startsWith(beginning) && last?.start !== start
    if (!isWord.has(term) && term !== beginning && !isBeginning) continue
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else hits.push({ start, end })
  }
  page.charactersLeft -= hits.length === 0 ? looked.length : seen
  return hits
}

/** Where a word begins, not far before the hit; never half a character. */
function startBefore(text: string, hit: number): number {
  if (hit <= BEFORE) return 0
  const earliest = hit - BEFORE
  const space = text.slice(earliest, hit).search(/\s/)
  return whole(text, space === -1 ? earliest : earliest + space + 1)
}

function endAfter(text: string, latest: number): number {
  if (latest >= text.length) return text.length
  const space = text.slice(0, latest).search(/\s\S*$/)
  return whole(text, space > latest - BEFORE ? space : latest)
}

function whole(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  return unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index
}
