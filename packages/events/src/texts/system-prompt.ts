import { LANGUAGES, languageOf } from './language.ts'
import { say } from './say.ts'

/** How an agent begins: who it is, and in which language it answers where one is named. */
export function systemPrompt(agentInstructions: string | null, language: string | null): string {
  return [agentInstructions ?? say(language, 'agent.instructions'), language === null ? '' : answerIn(language)]
    .filter((section) => section !== '')
    .join('\n\n')
}

/** Tells a model the language of its answer. Empty for what cannot be the name of a language. */
export function answerIn(tag: string): string {
  const name = tag.trim().replaceAll('_', '-')
  if (/^zh\b.*-(hant|tw|hk|mo)\b/i.test(name)) return 'Answer in Traditional Chinese.'
  const isOurs = LANGUAGES.some((language) => language === name.toLowerCase().split('-', 1)[0])
  if (isOurs) return say(languageOf(name), 'agent.answer_in')
  try {
    return `Answer in ${new Intl.DisplayNames(['en'], { type: 'language' }).of(name)}.`
  } catch {
    return ''
  }
}
