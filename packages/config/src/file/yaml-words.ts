import type { ErrorCode } from 'yaml'

/**
 * What is wrong with the YAML itself, in our words: the parser's are for programmers, and some hold what they found,
 * which may be a key.
 */
export const yamlWords: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) takes no anchor or tag of its own; take that out',
  BAD_ALIAS:
    'the name of an anchor (&name) or alias (*name) is missing or ends with ":"; put a text that begins with & or * into quotes',
  BAD_COLLECTION_TYPE: 'the tag (!name) does not fit what it stands before; take it out',
  BAD_DIRECTIVE: 'a line that begins with % is an instruction to YAML, and this one is not known; take it out',
  BAD_DQ_ESCAPE: 'between double quotes, \\ begins something like \\n, and this is none; use single quotes',
  BAD_INDENT:
    'this is not indented as it should be; the fields of one map begin in the same column, so do the items of one list, and each is deeper than what holds it',
  BAD_PROP_ORDER: 'an anchor (&name) or tag (!name) stands before the sign it has to follow; move it behind',
  BAD_SCALAR_START: 'a text may not begin with this character; put it into quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " or "- " follows on the same line; begin a new line for it, or put the text into quotes',
  BLOCK_IN_FLOW: 'between brackets, maps and lists are written with brackets as well; indentation does not make them',
  DUPLICATE_KEY: 'this key stands here a second time',
  IMPOSSIBLE: 'this cannot be read; write it more plainly',
  KEY_OVER_1024_CHARS: 'a name of more than 1024 characters; look for a quote or a line break that is missing',
  MISSING_CHAR:
    'a character is missing: a closing quote or bracket, a comma between items, ":" after a name, or a space before or after',
  MULTILINE_IMPLICIT_KEY: 'a name goes over several lines; look for ":" or a quote that is missing',
  MULTIPLE_ANCHORS: 'this has two anchors (&name); leave one',
  MULTIPLE_DOCS: 'a second document begins here, and only one is read; take out the line before it (--- or ...)',
  MULTIPLE_TAGS: 'this has two tags (!name); leave one',
  NON_STRING_KEY:
    'a list, a map or a tag stands where a name belongs; put a text that begins with [, { or ! into quotes',
  RESOURCE_EXHAUSTION: 'maps and lists are nested too deeply; nothing in this file needs so many levels',
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) means nothing here; take it out, or put a text that begins with ! into quotes',
  UNEXPECTED_TOKEN:
    'this cannot stand here; put a text with signs in it into quotes, and look for a bracket or comma too many',
}
