const TEXT =
  /^(?:text\/.+|(?:application|image|model)\/(?:.+\+)?(?:json|xml|yaml)|application\/(?:x-)?(?:javascript|ecmascript|ndjson|jsonl|jsonlines|json-seq|yaml|toml|sql|graphql|sh|www-form-urlencoded|typescript|tex|xhtml\+xml))$/

/** Whether a media type, without its parameters, stands for something to read. */
export const isTextType = (mediaType: string) => TEXT.test(mediaType)
