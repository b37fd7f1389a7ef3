import { keepsTheWritersRule } from './keeps-the-writers-rule.ts'

keepsTheWritersRule({ age: 'newest', replicas: 3 })
