import { keepsTheWritersRule } from './keeps-the-writers-rule.ts'

keepsTheWritersRule({ age: 'oldest', replicas: 3 })
