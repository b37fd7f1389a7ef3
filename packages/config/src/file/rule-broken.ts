/** What is wrong at a place of the file beyond what its schema says. */
export interface RuleBroken {
  path: PropertyKey[]
  problem: string
}
