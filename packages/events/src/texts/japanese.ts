import type { Texts } from './texts.ts'

export const japanese: Texts = {
  'agent.instructions': 'あなたは親切な AI アシスタントです。',
  'session.new': '新しい会話',
  'agent.answer_in': '日本語で回答してください。',
  'status.planning': 'タスクを計画しています…',
  'status.thinking': '考えています…',
  'status.acting': '開始しています…',
  'progress.step': 'ステップ {step} / {steps}…',
  'question.plan': '次のタスク（{count} 件）を確認してください。\n{tasks}',
  'question.tool': '次の引数で {tool} を呼び出してもよいですか？\n{input}',
  'action.confirm': '承認',
  'action.modify': '変更',
  'action.cancel': 'キャンセル',
  'action.timeout': '時間内に回答なし',
  'ended.done': '完了',
  'ended.limit': '上限に到達',
  'ended.cancelled': 'キャンセル済み',
  'ended.failed': '失敗',
  'planner.queued': '前の回答が終わるのを待っています…',
  'planner.time_limit':
    'この接続は許される最長時間に達しました。回答は続いています。最後のイベント ID を付けて再接続してください。',
  'planner.reset':
    '表示済みの位置から続けることができません。回答に影響はありません。セッションのメッセージを読み込み直してください。',
  'planner.not_answered':
    'このメッセージには回答がありませんでした。セッションを読み込み直し、メッセージがなければもう一度送信してください。',
  'chat.interrupted': '[ストリーム中断]',
  'chat.began_anew':
    '回答を最初からやり直す必要がありましたが、ここで受け取った内容は取り消せません。回答は続いています。しばらくしてから会話を読み込み直してください。',
  'chat.reset':
    'このストリームは、途中から続けることができません。内容は失われていません。会話を読み込み直してください。',
  'chat.time_limit':
    'このストリームは開いていられる最長時間に達しました。回答は続いています。続きを受け取るには、ヘッダー Last-Event-ID: {cursor} を付けてリクエストを送り直すか、同じアドレスに ?session_id={session}&after={cursor} を付けて GET してください。',
  'chat.cancelled': '回答は取り消されました。そこまでの内容は保存されています。',
  'chat.cancelled_unanswered':
    '質問への回答が時間内になかったため、取り消されました。確認を求めた操作は何も実行されていません。',
  'chat.cancelled_refused': '確認を求めた操作は断られたため、実行されません。',
  'chat.cancelled_late': '許された時間を超えたため、取り消されました。そこまでの内容は保存されています。',
  'chat.not_started': 'メッセージは受け付けられませんでした。しばらくしてから送り直してください。',
  'chat.erased': 'この会話は削除されました。新しい会話を始めてください。',
  'summary.left_out': 'ここでは以前のメッセージ（{count} 件）を省略しています。',
  'confirmation.began': 'タスクの計画を始めます…',
  'confirmation.acting': '実行を始めます…',
  'confirmation.tool': '{tool} を実行しています…',
  'confirmation.progress': '{tool} を実行しています… {percent}%',
  'confirmation.whole_output': '出力の全体：{link}',
  'confirmation.question': '次の{count}件のタスクの実行を確認してください：\n{tasks}',
  'confirmation.received': '確認を受け付けました。続けます…',
  'confirmation.pending': '回答は安全に保存されました。できるだけ早く処理されます。もう一度送信しないでください。',
  'confirmation.nothing_waits': '確認に失敗しました。もう一度お試しください。',
  'confirmation.timed_out': '確認が時間切れか、キャンセルされました。',
  'confirmation.completed': 'タスクが完了しました。',
  'confirmation.limit': '上限に達したため、タスクをここで終了しました。',
  'confirmation.cancelled': 'タスクはキャンセルされました。',
  'confirmation.began_anew': '回答を最初からやり直しています…',
  'confirmation.not_taken': 'メッセージを受け付けられませんでした。もう一度送信してください。',
  'confirmation.stream_time_limit':
    'この接続は開いていられる最長時間に達しました。タスクは続いています。最後に受け取ったイベントの id を付けて接続し直してください。',
  'confirmation.reload': 'お手元の内容から続けることはできません。この会話のメッセージを読み込み直してください。',
  'confirmation.unknown_action':
    'そのような回答はありません。"CONFIRM_ACTION:confirm"、"CONFIRM_ACTION:modify:<変更内容>"、"CONFIRM_ACTION:cancel" のいずれかを送信してください。',
  'confirmation.needs_text': '何を変えるかを書いてください："CONFIRM_ACTION:modify:<変更内容>"。',
  'refusal.confirmation_unknown': 'このセッションにそのような質問はありません。',
  'refusal.confirmation_answered': 'この質問にはすでに回答があります：{action}（回答者 {by}、{at}）。',
  'refusal.confirmation_timed_out': 'この質問には時間内に回答がなかったため、{at} にキャンセルされました。',
  'refusal.confirmation_run_ended': 'この質問をした実行はキャンセル中です。何も行われません。',
  'refusal.confirmation_changed': '質問の内容と一致しません。もう一度質問を確認してから回答してください。',
  'refusal.confirmation_needs_text': '変更する場合は、何を変えるかを "message" に書いてください。',
  'refusal.confirmation_failed':
    '何度か試しましたが、回答を受け取れませんでした。何も実行されていません。もう一度質問をご確認ください。',
  'refusal.confirmation_input': 'この引数はツールに適合しません：{problem}',
  'refusal.session_erased': 'このセッションは消去されました。新しい id で別のセッションを始めてください。',
  'refusal.session_busy':
    'セッションは別の実行を処理中です。終了を待つか、when_busy に "enqueue" を指定して送信してください。',
  'refusal.unknown_agent':
    'エージェント {agent} はありません。利用できるエージェントは GET /v1/agents で確認できます。',
  'refusal.unknown_model':
    'モデル {model} はありません。利用できるモデルは GET /v1/status で確認できます。"model" を省略すると、エージェントのモデルが使われます。',
  'refusal.idempotency_key_reused':
    'このべき等キーは、このセッションで別の内容のリクエストに使われています。新しいリクエストには新しいキーを使ってください。',
  'refusal.unknown_run': 'このセッションにそのような実行はありません。',
  'refusal.run_ended': '実行はすでに終了しています（{status}）。キャンセルするものはありません。',
  'error.step_failed':
    '何度か試みましたが、実行を続けられませんでした。それまでの結果は保存されています。メッセージをもう一度送信してください。',
  'error.unfinished':
    '回答を最後まで生成できませんでした。途中までの内容は保存されています。メッセージをもう一度送信してください。',
  'error.producer_silent':
    'この回答を生成していたプログラムから応答がなくなりました。途中までの内容は保存されています。もう一度お試しください。',
  'error.message_too_large':
    'このメッセージは、エージェントに必要な内容と合わせると、モデルが一度に処理できる長さを超えています。短くするか、別のモデルまたはエージェントを選んでください。',
  'error.tool_unknown_outcome':
    '{tool} を実行していたプログラムが異常終了しました。処理が反映されたかどうかは不明です。',
  'error.tool_cancelled': 'この処理を行う前に実行がキャンセルされました。',
  'error.tool_cancelled_unknown': 'この処理の途中で実行がキャンセルされました。処理が反映されている可能性があります。',
  'error.tool_gave_up':
    '{tool} を {attempts} 回開始しましたが、そのたびに実行中のプログラムが異常終了しました。これ以上は再試行しません。',
  'error.tool_timed_out':
    '{tool} は {seconds} 秒以内に終わらなかったため、停止しました。それまでに行った処理は反映されている可能性があります。',
  'error.tool_failed': '{tool} は失敗しました。原因はシステムの管理者がログで確認できます。',
  'error.tool_output_too_large':
    '{tool} の出力が {mebibytes} MiB を超えたため、保存しませんでした。一度に求める量を減らしてください。',
  'error.tool_output_not_stored':
    '{tool} は完了しましたが、出力が大きく、保存できませんでした。原因はシステムの管理者がログで確認できます。',
  'error.memory_failed': '何を覚えておくべきか、モデルが判断できませんでした。回答には影響ありません。',
  'error.memory_timed_out': '何を覚えておくべきか、時間内に判断できませんでした。回答には影響ありません。',
  'error.request_lost':
    '回答に必要なデータがストレージに残っていません。会話は保存されています。メッセージをもう一度送信してください。',
  'error.provider_refused':
    'モデルの提供元がこのシステムのアクセスを拒否しました。メッセージは保存されています。管理者にキーの確認を依頼するか、別のモデルを選んでください。',
  'error.provider_rate_limited':
    'モデルの提供元は現在これ以上リクエストを受け付けていません。メッセージは保存されています。数分後にもう一度送信してください。',
  'error.provider_quota_exhausted':
    'モデルの提供元のアカウントの残高がなくなりました。メッセージは保存されています。管理者に連絡するか、別のモデルを選んでください。',
  'error.provider_unreachable':
    'モデルの提供元に接続できませんでした。メッセージは保存されています。しばらくしてからもう一度送信してください。',
  'error.provider_unavailable':
    'モデルの提供元は現在応答できません。メッセージは保存されています。数分後にもう一度送信してください。',
  'error.provider_timed_out':
    'モデルの回答が時間内に始まりませんでした。メッセージは保存されています。もう一度送信するか、別のモデルを選んでください。',
  'error.provider_stalled':
    'モデルの回答が途中で止まりました。途中までの内容は保存されています。メッセージをもう一度送信してください。',
  'error.provider_broken':
    'モデルの回答が途中で切れました。途中までの内容は保存されています。メッセージをもう一度送信してください。',
  'error.provider_unknown_model':
    '提供元にこのモデルはありません。メッセージは保存されています。別のモデルを選ぶか、管理者に連絡してください。',
  'error.provider_context_too_long':
    '会話が、モデルが一度に処理できる長さを超えています。内容はすべて保存されています。より長い内容を扱えるモデルを選ぶか、新しい会話を始めてください。',
  'error.provider_unsupported':
    'この会話には、ファイルや画像など、モデルが扱えないものが含まれています。内容はすべて保存されています。別のモデルを選ぶか、それを除いて送信してください。',
  'error.provider_content_filtered':
    'モデルの提供元の安全フィルターが回答を止めました。内容はすべて保存されています。別の言い方でお試しください。',
  'error.provider_bad_request':
    'モデルの提供元がリクエストを受け付けませんでした。内容はすべて保存されています。メッセージを変更するか、別のモデルを選んでください。',
}
