/** What Spool itself says to people and, as the default prompt, to models. `{name}` is a place for a value. */
export const english = {
  'agent.instructions': 'You are a helpful AI assistant.',
  'agent.answer_in': 'Answer in English.',
  'status.planning': 'Planning the task…',
  'status.thinking': 'Thinking…',
  'status.acting': 'Starting…',
  'question.plan': 'Please confirm these {count} tasks:\n{tasks}',
  'question.tool': 'May {tool} be called with these arguments?\n{input}',
  'summary.left_out': '{count} earlier messages are left out here.',
  'refusal.confirmation_unknown': 'There is no such question in this session.',
  'refusal.confirmation_answered': 'This question was answered before: {action}, by {by} at {at}.',
  'refusal.confirmation_timed_out': 'Nobody answered this question in time, so it was cancelled at {at}.',
  'refusal.confirmation_run_ended': 'The run that asked this question is being cancelled. Nothing is done.',
  'refusal.confirmation_changed': 'This is not what the question asks for. Look at it again before you answer.',
  'refusal.confirmation_needs_text': 'To modify, say what should be different, in "message".',
  'refusal.confirmation_input': 'These arguments do not fit the tool: {problem}',
  'error.step_failed':
    'The run could not go on after several attempts. What it had done is kept; send the message again.',
  'error.unfinished': 'The answer could not be finished. What came of it is kept; send the message again.',
  'error.message_too_large':
    'This message alone is larger than what the model can take in at once. Shorten it, or choose another model.',
  'error.tool_unknown_outcome': 'The program that ran {tool} died. Whether it took effect is not known.',
} as const

export type TextKey = keyof typeof english
