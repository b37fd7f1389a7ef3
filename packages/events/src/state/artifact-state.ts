export interface ArtifactState {
  readonly id: string
  /** null: a fork's copy. */
  readonly run: string | null
  readonly kind: string
  readonly title: string
  readonly filename: string
  readonly media_type: string
  readonly content: string | null
  readonly blob: string | null
  readonly at: string
  readonly seq: number
}
