import type { ToolsSettings } from '@spool/config'
import type { Tool } from '../tool.ts'
import type { ToolSource } from '../toolbox.ts'
import { calculator } from './calculator/calculator.ts'
import { clock } from './clock/clock.ts'
import { demoPostcard } from './demo/demo-postcard.ts'
import { demoWait } from './demo/demo-wait.ts'
import { designDocument } from './design-document.ts'
import { httpGet } from './http-get/http-get.ts'
import { problemOfShell } from './shell/problem-of-shell.ts'
import { shell } from './shell/shell.ts'
import { workspaceRead } from './workspace/workspace-read.ts'
import { workspaceWrite } from './workspace/workspace-write.ts'
import { Workspaces } from './workspace/workspaces.ts'

/** The tools that Spool brings along. What is off in the settings is not there. */
export class BuiltInTools implements ToolSource {
  private readonly all: readonly Tool[]

  constructor(private readonly settings: ToolsSettings) {
    const { httpGet: http, workspace, shell: shellSettings } = settings
    const workspaces = workspace === null ? null : new Workspaces(workspace.folder)
    this.all = [
      clock(),
      calculator,
      designDocument,
      demoWait,
      demoPostcard,
      ...(http === null ? [] : [httpGet(http)]),
      ...(workspaces === null ? [] : [workspaceRead(workspaces), workspaceWrite(workspaces)]),
      ...(workspaces === null || shellSettings === null ? [] : [shell(workspaces, shellSettings)]),
    ]
  }

  tools(): readonly Tool[] {
    return this.all
  }

  /** What this machine cannot do that the settings ask for: for the log, at the start. The tools refuse by themselves. */
  async problems(): Promise<string[]> {
    const { workspace, shell: shellSettings } = this.settings
    if (workspace === null || shellSettings === null) return []
    const problem = await problemOfShell(shellSettings)
    return problem === null ? [] : [problem]
  }
}
