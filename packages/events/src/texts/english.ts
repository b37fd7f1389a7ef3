/** What Spool itself says to people and, as the default prompt, to models. `{name}` is a place for a value. */
export const english = {
  'agent.instructions': 'You are a helpful AI assistant.',
  'session.new': 'New conversation',
  'agent.answer_in': 'Answer in English.',
  'status.planning': 'Planning the task…',
  'status.thinking': 'Thinking…',
  'status.acting': 'Starting…',
  'progress.step': 'Step {step} of {steps}…',
  'question.plan': 'Please confirm these tasks ({count}):\n{tasks}',
  'question.tool': 'May {tool} be called with these arguments?\n{input}',
  'action.confirm': 'confirm',
  'action.modify': 'modify',
  'action.cancel': 'cancel',
  'action.timeout': 'no answer in time',
  'ended.done': 'done',
  'ended.limit': 'limit reached',
  'ended.cancelled': 'cancelled',
  'ended.failed': 'failed',
  'planner.queued': 'Waiting for the answer before this one…',
  'planner.time_limit':
    'This connection has been open for as long as one may be. The answer goes on: connect again with the last event id to follow it.',
  'planner.reset':
    'What you have seen cannot be continued. The answer is not affected: load the messages of the session again.',
  'planner.not_answered':
    'This message was not answered. Load the session again, and send the message again if it is not there.',
  'chat.interrupted': '[Interrupted]',
  'chat.began_anew':
    'The answer had to begin anew, and what you have of it cannot be taken back here. It goes on: load the conversation again in a moment.',
  'chat.reset': 'This stream cannot be continued where you were. Nothing is lost: load the conversation again.',
  'chat.time_limit':
    'This stream was open for as long as one may be. The answer goes on. To continue, send the request again with the header Last-Event-ID: {cursor}, or GET the same address with ?session_id={session}&after={cursor}.',
  'chat.cancelled': 'The answer was cancelled. What there is of it is kept.',
  'chat.cancelled_unanswered':
    'Nobody answered the question in time, so it was cancelled. Nothing of what was asked about was done.',
  'chat.cancelled_refused': 'What was asked about was refused. It is not done.',
  'chat.cancelled_late': 'It took longer than it may, so it was cancelled. What there is of it is kept.',
  'chat.not_started': 'The message was not taken up. Send it again in a moment.',
  'chat.erased': 'This conversation was erased. Begin a new one.',
  'summary.left_out': 'Earlier messages are left out here ({count}).',
  'confirmation.began': 'Planning the task…',
  'confirmation.acting': 'Starting…',
  'confirmation.tool': 'Running {tool}…',
  'confirmation.progress': 'Running {tool}… {percent} %',
  'confirmation.whole_output': 'The whole output: {link}',
  'confirmation.question': 'Please confirm these tasks ({count}):\n{tasks}',
  'confirmation.received': 'Your answer was received. Going on…',
  'confirmation.pending': 'Your answer is safe, and is taken up as soon as possible. Do not send it again.',
  'confirmation.nothing_waits': 'The confirmation failed. Please try again.',
  'confirmation.timed_out': 'The confirmation came too late or was cancelled.',
  'confirmation.completed': 'The task is complete.',
  'confirmation.limit': 'The task was ended here, because a limit was reached.',
  'confirmation.cancelled': 'The task was cancelled.',
  'confirmation.began_anew': 'The answer begins anew…',
  'confirmation.not_taken': 'The message could not be taken up. Send it again.',
  'confirmation.stream_time_limit':
    'This connection has been open for as long as one may be. The task goes on: come back with the id of the last event that you have received.',
  'confirmation.reload': 'What you have of this conversation cannot be continued. Load its messages again.',
  'confirmation.unknown_action':
    'There is no such answer. Send "CONFIRM_ACTION:confirm", "CONFIRM_ACTION:modify:<what to change>" or "CONFIRM_ACTION:cancel".',
  'confirmation.needs_text': 'Say what to change: "CONFIRM_ACTION:modify:<what to change>".',
  'refusal.confirmation_unknown': 'There is no such question in this session.',
  'refusal.confirmation_answered': 'This question was answered before: {action}, by {by} at {at}.',
  'refusal.confirmation_timed_out': 'Nobody answered this question in time, so it was cancelled at {at}.',
  'refusal.confirmation_run_ended': 'The run that asked this question is being cancelled. Nothing is done.',
  'refusal.confirmation_changed': 'This is not what the question asks for. Look at it again before you answer.',
  'refusal.confirmation_needs_text': 'To modify, say what should be different, in "message".',
  'refusal.confirmation_failed':
    'The answer could not be taken after several attempts. Nothing was done; look at the question again.',
  'refusal.confirmation_input': 'These arguments do not fit the tool: {problem}',
  'refusal.session_erased': 'This session was erased. Start another one with a new id.',
  'refusal.session_busy': 'The session is busy with another run. Wait for its end, or send with when_busy "enqueue".',
  'refusal.unknown_agent': 'There is no agent {agent}. GET /v1/agents lists those there are.',
  'refusal.unknown_model':
    'There is no model {model}. GET /v1/status lists those there are; leave "model" out to use the agent\'s own.',
  'refusal.idempotency_key_reused':
    'This idempotency key was used with another body in this session. Use a new key for a new request.',
  'refusal.unknown_run': 'There is no such run in this session.',
  'refusal.run_ended': 'The run had already ended ({status}). There is nothing to cancel.',
  'error.step_failed':
    'The run could not go on after several attempts. What it had done is kept; send the message again.',
  'error.unfinished': 'The answer could not be finished. What came of it is kept; send the message again.',
  'error.producer_silent':
    'The program that wrote this answer was not heard of any more. What came of it is kept; ask again.',
  'error.message_too_large':
    'This message, with what the agent needs beside it, is larger than what the model can take in at once. Shorten it, or choose another model or agent.',
  'error.tool_unknown_outcome': 'The program that ran {tool} died. Whether it took effect is not known.',
  'error.tool_cancelled': 'The run was cancelled before this was done.',
  'error.tool_cancelled_unknown': 'The run was cancelled while this was being done. It may have taken effect.',
  'error.tool_gave_up':
    '{tool} was begun {attempts} times, and each time the program that ran it died. It is not begun again.',
  'error.tool_timed_out':
    '{tool} did not end within {seconds} s and was stopped. What it had done by then may have taken effect.',
  'error.tool_failed': '{tool} failed. Whoever runs this system finds out why in its log.',
  'error.tool_output_too_large':
    'The output of {tool} is larger than {mebibytes} MiB and was not kept. Ask for less at once.',
  'error.tool_output_not_stored':
    '{tool} is done, but its output is too large for an event and could not be stored. Whoever runs this system finds out why in its log.',
  'error.memory_failed': 'The model could not say what is worth remembering. The answer is not affected.',
  'error.memory_timed_out': 'What is worth remembering was not found in time. The answer is not affected.',
  'error.request_lost':
    'What the answer needs is no longer in the store. The conversation is kept; send the message again.',
  'error.provider_refused':
    'The model provider refused the access of this system. Your message is kept. Tell whoever runs it to check its key, or choose another model.',
  'error.provider_rate_limited':
    'The model provider takes no more requests for now. Your message is kept; send it again in a few minutes.',
  'error.provider_quota_exhausted':
    'The account at the model provider has no credit left. Your message is kept. Tell whoever runs this system, or choose another model.',
  'error.provider_unreachable':
    'The model provider could not be reached. Your message is kept; send it again in a moment.',
  'error.provider_unavailable':
    'The model provider cannot answer at the moment. Your message is kept; send it again in a few minutes.',
  'error.provider_timed_out':
    'The model did not begin to answer in time. Your message is kept; send it again, or choose another model.',
  'error.provider_stalled':
    'The model stopped in the middle of its answer. What came of it is kept; send the message again.',
  'error.provider_broken': 'The answer of the model broke off. What came of it is kept; send the message again.',
  'error.provider_unknown_model':
    'The provider does not know this model. Your message is kept. Choose another model, or tell whoever runs this system.',
  'error.provider_context_too_long':
    'The conversation is longer than what the model can take in at once. Everything is kept. Choose a model that takes in more, or begin a new conversation.',
  'error.provider_unsupported':
    'The model cannot deal with something in this conversation, such as a file or an image. Everything is kept. Choose another model, or send the message without it.',
  'error.provider_content_filtered':
    'The safety filter of the model provider stopped the answer. Everything is kept. Put the message in other words.',
  'error.provider_bad_request':
    'The model provider did not accept the request. Everything is kept. Change the message, or choose another model.',
} as const

export type TextKey = keyof typeof english
