/** What the demo model says when it plays an agent. `{name}` is a place for a value. */
const en = {
  hello:
    'Hello! I am the demo model of Spool. No language model is behind me: I need no key and no network, and what I say is always the same.',
  heard: 'You said: “{said}”',
  heardNothing: 'You said nothing yet.',
  known: 'I remember from earlier conversations:',
  safe: 'Every word of this answer lies in the log before you see it. Cut the connection, kill a service, come back with the last id you saw: you will miss nothing and read nothing twice.',
  real: 'To talk to a real model, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or write spool.config.yaml, and start again.',
  done: 'Done. This is what came of it:',
  notAllDone: 'Not everything was done. This is what came of it:',
  nothingToDo: 'There was nothing to do.',
  failed: '{tool} failed: {why}',
  denied: '{tool} was not done, because it was refused: {why}',
  timedOut: '{tool} took too long: {why}',
  unknown: 'Whether {tool} took effect is not known: {why}',
  clock: 'Look at the clock',
  calculator: 'Calculate {expression}',
  demo_wait: 'Wait for {seconds} seconds',
  demo_postcard: 'Send a postcard to {to}',
  design_document: 'Write the document “{title}”',
  other: 'Call {tool}',
  step: 'Think about it',
  asked: '{task} (as you asked: “{text}”)',
  friend: 'a friend',
  document: 'Notes',
  goal: 'Goal',
  wish: 'Changed as asked',
  course: 'How it goes',
  courseText: 'First a small version that works, then what makes it good. Each step is tried before the next begins.',
}

export type DemoText = keyof typeof en
type DemoTexts = Readonly<Record<DemoText, string>>

const zh: DemoTexts = {
  hello: '你好！我是 Spool 的演示模型。我背后没有语言模型：不需要密钥，也不需要网络，我说的话总是一样的。',
  heard: '你说：“{said}”',
  heardNothing: '你还什么都没说。',
  known: '我记得之前的对话：',
  safe: '这个回答的每个字在你看到之前都已写入日志。断开连接、停掉服务，再带着最后看到的编号回来：不会漏掉任何内容，也不会重复。',
  real: '要与真正的模型对话，请设置 OPENAI_API_KEY、ANTHROPIC_API_KEY 或 GEMINI_API_KEY，或编写 spool.config.yaml，然后重新启动。',
  done: '完成。结果如下：',
  notAllDone: '没有全部完成。结果如下：',
  nothingToDo: '没有什么要做的。',
  failed: '{tool} 失败了：{why}',
  denied: '{tool} 没有执行，因为被拒绝了：{why}',
  timedOut: '{tool} 用时过长：{why}',
  unknown: '不知道 {tool} 是否已经生效：{why}',
  clock: '看一下时间',
  calculator: '计算 {expression}',
  demo_wait: '等待 {seconds} 秒',
  demo_postcard: '给{to}寄一张明信片',
  design_document: '编写文档《{title}》',
  other: '调用 {tool}',
  step: '想一想',
  asked: '{task}（按你的要求：“{text}”）',
  friend: '朋友',
  document: '笔记',
  goal: '目标',
  wish: '按要求修改',
  course: '步骤',
  courseText: '先做一个能用的小版本，再把它做好。每一步都验证之后才开始下一步。',
}

const ja: DemoTexts = {
  hello:
    'こんにちは。Spool のデモモデルです。言語モデルは使っていません。鍵もネットワークも必要なく、話すことはいつも同じです。',
  heard: 'あなたの言葉：「{said}」',
  heardNothing: 'まだ何も言われていません。',
  known: '以前の会話から覚えていること：',
  safe: 'この答えの一語一語は、表示される前にログに書かれています。接続を切っても、サービスを止めても、最後に見た番号から戻れば、抜けも重複もありません。',
  real: '本物のモデルと話すには、OPENAI_API_KEY、ANTHROPIC_API_KEY、GEMINI_API_KEY のいずれかを設定するか、spool.config.yaml を書いて、もう一度起動してください。',
  done: '完了しました。結果は次のとおりです：',
  notAllDone: 'すべては完了していません。結果は次のとおりです：',
  nothingToDo: 'することはありませんでした。',
  failed: '{tool} は失敗しました：{why}',
  denied: '{tool} は断られたため、実行していません：{why}',
  timedOut: '{tool} は時間がかかりすぎました：{why}',
  unknown: '{tool} が効いたかどうかは分かりません：{why}',
  clock: '時刻を見る',
  calculator: '{expression} を計算する',
  demo_wait: '{seconds} 秒待つ',
  demo_postcard: '{to}に葉書を送る',
  design_document: '文書「{title}」を書く',
  other: '{tool} を呼ぶ',
  step: '考える',
  asked: '{task}（ご要望：「{text}」）',
  friend: '友だち',
  document: 'メモ',
  goal: '目的',
  wish: 'ご要望による変更',
  course: '進め方',
  courseText: 'まず動く小さなものを作り、それから良くしていきます。どの段階も、確かめてから次に進みます。',
}

const es: DemoTexts = {
  hello:
    '¡Hola! Soy el modelo de demostración de Spool. No hay ningún modelo de lenguaje detrás: no necesito clave ni red, y siempre digo lo mismo.',
  heard: 'Has dicho: «{said}»',
  heardNothing: 'Todavía no has dicho nada.',
  known: 'Recuerdo de conversaciones anteriores:',
  safe: 'Cada palabra de esta respuesta está en el registro antes de que la veas. Corta la conexión, mata un servicio y vuelve con el último id que viste: no te perderás nada ni leerás nada dos veces.',
  real: 'Para hablar con un modelo de verdad, define OPENAI_API_KEY, ANTHROPIC_API_KEY o GEMINI_API_KEY, o escribe spool.config.yaml, y arranca de nuevo.',
  done: 'Hecho. Este es el resultado:',
  notAllDone: 'No se ha hecho todo. Este es el resultado:',
  nothingToDo: 'No había nada que hacer.',
  failed: '{tool} ha fallado: {why}',
  denied: '{tool} no se ha hecho, porque se ha rechazado: {why}',
  timedOut: '{tool} ha tardado demasiado: {why}',
  unknown: 'No se sabe si {tool} ha tenido efecto: {why}',
  clock: 'Mirar la hora',
  calculator: 'Calcular {expression}',
  demo_wait: 'Esperar {seconds} segundos',
  demo_postcard: 'Enviar una postal a {to}',
  design_document: 'Escribir el documento «{title}»',
  other: 'Llamar a {tool}',
  step: 'Pensarlo',
  asked: '{task} (como has pedido: «{text}»)',
  friend: 'una amiga',
  document: 'Notas',
  goal: 'Objetivo',
  wish: 'Cambios pedidos',
  course: 'Cómo se hace',
  courseText:
    'Primero una versión pequeña que funcione, después lo que la hace buena. Cada paso se prueba antes del siguiente.',
}

const fr: DemoTexts = {
  hello:
    'Bonjour ! Je suis le modèle de démonstration de Spool. Aucun modèle de langage n’est derrière moi : je n’ai besoin ni de clé ni de réseau, et je dis toujours la même chose.',
  heard: 'Vous avez dit : « {said} »',
  heardNothing: 'Vous n’avez encore rien dit.',
  known: 'Je me souviens de conversations précédentes :',
  safe: 'Chaque mot de cette réponse est dans le journal avant que vous le voyiez. Coupez la connexion, arrêtez un service, revenez avec le dernier identifiant vu : vous ne manquerez rien et ne lirez rien deux fois.',
  real: 'Pour parler à un vrai modèle, définissez OPENAI_API_KEY, ANTHROPIC_API_KEY ou GEMINI_API_KEY, ou écrivez spool.config.yaml, puis redémarrez.',
  done: 'C’est fait. Voici le résultat :',
  notAllDone: 'Tout n’a pas été fait. Voici le résultat :',
  nothingToDo: 'Il n’y avait rien à faire.',
  failed: '{tool} a échoué : {why}',
  denied: '{tool} n’a pas été fait, car cela a été refusé : {why}',
  timedOut: '{tool} a pris trop de temps : {why}',
  unknown: 'On ne sait pas si {tool} a eu un effet : {why}',
  clock: 'Regarder l’heure',
  calculator: 'Calculer {expression}',
  demo_wait: 'Attendre {seconds} secondes',
  demo_postcard: 'Envoyer une carte postale à {to}',
  design_document: 'Écrire le document « {title} »',
  other: 'Appeler {tool}',
  step: 'Y réfléchir',
  asked: '{task} (comme demandé : « {text} »)',
  friend: 'une amie',
  document: 'Notes',
  goal: 'But',
  wish: 'Changements demandés',
  course: 'Déroulement',
  courseText:
    'D’abord une petite version qui marche, puis ce qui la rend bonne. Chaque étape est essayée avant la suivante.',
}

const texts = { en, zh, ja, es, fr } as const
export type DemoLanguage = keyof typeof texts
export const demoLanguages = Object.keys(texts) as readonly DemoLanguage[]

export function demoText(
  language: DemoLanguage,
  text: DemoText,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return texts[language][text].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

/** As Spool tells a model which language to answer in, in that language or in English. */
const asked: readonly (readonly [RegExp, DemoLanguage])[] = [
  [/请用中文回答|Answer in (\w+ )?Chinese/, 'zh'],
  [/日本語で回答|Answer in Japanese/, 'ja'],
  [/Responde en español|Answer in Spanish/, 'es'],
  [/Répondez en français|Answer in French/, 'fr'],
]

/** The one that the system's text asks for; English where it asks for none of these. */
export function demoLanguage(system: string): DemoLanguage {
  return asked.find(([words]) => words.test(system))?.[1] ?? 'en'
}
