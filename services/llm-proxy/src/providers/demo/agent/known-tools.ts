import { type DemoLanguage, demoText } from './languages.ts'

/** What a person has said, the newest first. */
export type Words = readonly string[]

/** A tool that the demo model knows how to use. */
interface KnownTool {
  readonly name: 'clock' | 'calculator' | 'demo_wait' | 'demo_postcard' | 'design_document'
  isWanted(text: string): boolean
  input(words: Words, language: DemoLanguage): Readonly<Record<string, string | number>>
}

/** In the order in which they are called. */
export const knownTools: readonly KnownTool[] = [
  {
    name: 'clock',
    isWanted: (text) =>
      /\b(time|clock|date|today|hora|fecha|heure|date)\b|几点|时间|日期|時間|時刻|何時|日付/i.test(text),
    input: () => ({}),
  },
  {
    name: 'calculator',
    isWanted: (text) => expressionIn(text) !== undefined,
    input: (words) => ({ expression: first(words, expressionIn) ?? '6 * 7' }),
  },
  {
    name: 'demo_wait',
    isWanted: (text) =>
      /\b(wait|slow|slowly|espera|esperar|lento|attends|attendre|lent|lentement)\b|等|慢|待|遅/i.test(text),
    input: (words) => ({ seconds: first(words, secondsIn) ?? 3 }),
  },
  {
    name: 'demo_postcard',
    isWanted: (text) => /\b(postcard|postal|carte postale)\b|明信片|葉書|はがき|ハガキ|絵葉書/i.test(text),
    input: (words, language) => ({
      to: first(words, recipientIn) ?? demoText(language, 'friend'),
      text: first(words, quotedIn) ?? (cut(words.at(-1) ?? '', 300) || '…'),
    }),
  },
  {
    name: 'design_document',
    isWanted: (text) =>
      /\b(documents?|design|spec|specification|documentos?|diseño|conception)\b|文档|文件|设计|設計|文書|ドキュメント|仕様/i.test(
        text,
      ),
    input: (words, language) => document(words, language),
  },
]

/** Leaves out what was said by way of a change. */
export const refuses = (text: string) =>
  /\b(no|not|without|don['’]t|drop|remove|skip|sin|quita|sans|pas)\b|不要|别|去掉|なし|抜き|やめ/i.test(text)

/** Asks for a smaller plan. */
export const shortens = (text: string) =>
  /\b(short|shorter|less|fewer|smaller|simpler|only one|menos|más corto|breve|moins|plus court)\b|少|短|简单|減ら|簡単/i.test(
    text,
  )

function document(words: Words, language: DemoLanguage) {
  const request = words.at(-1) ?? ''
  const changes = words.slice(0, -1).toReversed()
  const title = cut(first(words, quotedIn) ?? subjectIn(request) ?? request, 80) || demoText(language, 'document')
  const sections = [
    `# ${title}`,
    `## ${demoText(language, 'goal')}\n\n${request.trim() || title}`,
    ...(changes.length > 0
      ? [`## ${demoText(language, 'wish')}\n\n${changes.map((change) => `- ${change}`).join('\n')}`]
      : []),
    `## ${demoText(language, 'course')}\n\n${demoText(language, 'courseText')}`,
  ]
  return { title, markdown: `${sections.join('\n\n')}\n` }
}

function first<Found>(words: Words, find: (text: string) => Found | undefined): Found | undefined {
  for (const text of words) {
    const found = find(text)
    if (found !== undefined) return found
  }
  return undefined
}

const MAX_LOOKED_AT = 2000

/** Numbers with something between them to calculate; a date is none. */
function expressionIn(text: string): string | undefined {
  // A pile of brackets is looked at from each of them.
  const candidates = text.slice(0, MAX_LOOKED_AT).match(/[\d(][\d\s.()+\-*/%^×÷−]*[\d)]/g) ?? []
  return candidates.find((one) => /\d\s*[+*/%^×÷−]|\d\s+-\s/.test(one) && !/^\d+([-/.]\d+){2}$/.test(one))
}

function secondsIn(text: string): number | undefined {
  const [, said] = /(\d+(?:\.\d+)?)\s*(?:s\b|sec|segundo|秒)/i.exec(text) ?? []
  return said === undefined ? undefined : Math.max(0.1, Math.min(Number(said), 30))
}

function recipientIn(text: string): string | undefined {
  return /(?:postcard|postal|carte postale)\s+(?:to|for|a|para|à|pour)\s+(\p{Lu}[\p{L}'’-]*)/iu.exec(text)?.[1]
}

function quotedIn(text: string): string | undefined {
  return /[“"«「]([^”"»」]{1,200})[”"»」]/u.exec(text)?.[1]?.trim() || undefined
}

function subjectIn(text: string): string | undefined {
  return /(?:document|design|spec|specification|documento|diseño)s?\s+(?:about|for|of|on|sobre|para|de|sur|pour)\s+([^.!?\n]{2,80})/iu.exec(
    text,
  )?.[1]
}

function cut(text: string, characters: number): string {
  return Array.from(text.trim().replace(/\s+/g, ' ')).slice(0, characters).join('')
}
