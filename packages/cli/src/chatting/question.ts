import type { ConfirmAnswer } from '@spool/client'
import { harmless } from '../output/harmless.ts'
import { moment } from '../rendering/amounts.ts'
import { type Body, listOf, numberOf, textOf } from '../rendering/fields.ts'

const WORDS: Readonly<Record<string, ConfirmAnswer['action']>> = {
  confirm: 'confirm',
  y: 'confirm',
  yes: 'confirm',
  ok: 'confirm',
  modify: 'modify',
  m: 'modify',
  cancel: 'cancel',
  n: 'cancel',
  no: 'cancel',
}

/** What a person is asked to agree to: every task, with the arguments as the tool will get them, to their end. */
export function questionLines(question: Body): string[] {
  const tasks = listOf(question, 'tasks').flatMap((task) => {
    const index = numberOf(task, 'index') ?? '?'
    const tool = textOf(task, 'tool')
    const input = task['input'] === undefined ? '' : ` ${JSON.stringify(task['input'])}`
    const line = `  ${index}. ${harmless(textOf(task, 'description'))}`
    return tool === '' ? [line] : [line, `     ${harmless(tool + input)}`]
  })
  const round = numberOf(question, 'round') ?? 1
  return [
    `${textOf(question, 'kind') === 'tool' ? 'May this be done?' : 'May this plan be carried out?'}${round > 1 ? ` (round ${round})` : ''}`,
    ...(tasks.length > 0 ? tasks : [`  ${harmless(textOf(question, 'prompt'))}`]),
    `An answer is waited for until ${moment(question['deadline'])}.`,
  ]
}

export function answerPrompt(question: Body): string {
  const modify =
    textOf(question, 'kind') === 'tool'
      ? 'modify <what to change, or the arguments as JSON>'
      : 'modify <what to change>'
  return `confirm, ${optionsOf(question).includes('modify') ? `${modify} ` : ''}or cancel? `
}

/** What a line means as an answer; a text says why it means nothing. */
export function readAnswer(line: string, question: Body): ConfirmAnswer | string {
  const [, word = '', text = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? []
  const action = WORDS[word.toLowerCase().replace(/:$/, '')]
  if (action === undefined || !optionsOf(question).includes(action)) {
    return `Type ${optionsOf(question).join(', ')}: confirm (or y) does what is shown, modify <text> has it changed, cancel (or n) ends the run.`
  }
  if (action !== 'modify') return text === '' ? { action } : { action, message: text }
  if (text === '') return 'Say what is to be changed: modify <text>.'
  const input = textOf(question, 'kind') === 'tool' ? objectOf(text) : undefined
  return input === undefined ? { action, message: text } : { action, input }
}

function optionsOf(question: Body): readonly string[] {
  const options = question['options']
  return Array.isArray(options) ? options.map(String) : ['confirm', 'modify', 'cancel']
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
