/** What a person tells of themselves, sentence by sentence: what the demo model takes for worth remembering. */
export function factsIn(text: string): string[] {
  const sentences = text.match(/[^.!?。！？\n]+[.!?。！？]*/gu) ?? []
  return sentences.flatMap((sentence) => factIn(sentence.trim()) ?? [])
}

function factIn(sentence: string): string | undefined {
  if (/[?？]$/.test(sentence) || sentence.length > 300) return undefined
  const [, said] = english.exec(sentence) ?? []
  if (said !== undefined) return thirdPerson(said)
  return others.some((words) => words.test(sentence)) ? sentence : undefined
}

const english =
  /\b((?:my name is|i am called|i(?: also| really)? (?:like|love|live|work|prefer|hate)|i am|i['’]m) .*)$/i

const others: readonly RegExp[] = [
  /我(叫|的名字|喜欢|喜歡|爱|愛|住|是|更喜欢|在.+工作)/,
  /(私は|私の|僕は|俺は).*(です|ます|好き|だ)/,
  /\b(me llamo|mi nombre es|me gustan?|vivo en|trabajo|prefiero|soy)\b/i,
  /(\bje m['’]appelle|\bj['’](aime|habite)|\bje (suis|vis|travaille|préfère))/i,
]

function thirdPerson(said: string): string {
  const turned = said
    .replace(/^my name is/i, 'The user’s name is')
    .replace(/^i am called/i, 'The user is called')
    .replace(/^(?:i am|i['’]m) /i, 'The user is ')
    .replace(/^i( also| really)? (\w+)/i, (_all, how: string = '', verb: string) => `The user${how} ${verb}s`)
    .replace(/\bmy\b/gi, 'their')
    .replace(/\band i (\w+)/gi, 'and $1s')
  return /[.!。！]$/.test(turned) ? turned : `${turned}.`
}
