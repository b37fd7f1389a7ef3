import type { Child } from './child.ts'

/** A server ended, or stayed silent, before it was ready. */
export class ServerDidNotStart extends Error {
  readonly code = 'server_did_not_start'
  readonly output: string

  constructor(name: string, child: Child, reason: string) {
    const output = child.lastLines
    super(`${name} ${reason}.${output ? ` Its last words:\n${indent(output)}` : ' It said nothing.'}`)
    this.name = 'ServerDidNotStart'
    this.output = output
  }

  /** The port was taken between our look and the server's start: worth another try on another port. */
  get portTaken(): boolean {
    return /address already in use/i.test(this.output)
  }
}

const indent = (text: string) => text.replace(/^/gm, '    ')
