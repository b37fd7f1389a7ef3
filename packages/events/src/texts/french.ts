import type { Texts } from './texts.ts'

export const french: Texts = {
  'agent.instructions': 'Vous êtes un assistant IA serviable.',
  'session.new': 'Nouvelle conversation',
  'agent.answer_in': 'Répondez en français.',
  'status.planning': 'Planification de la tâche…',
  'status.thinking': 'Réflexion…',
  'status.acting': 'Démarrage…',
  'progress.step': 'Étape {step} sur {steps}…',
  'question.plan': 'Veuillez confirmer ces tâches ({count}) :\n{tasks}',
  'question.tool': 'Peut-on appeler {tool} avec ces arguments ?\n{input}',
  'action.confirm': 'confirmer',
  'action.modify': 'modifier',
  'action.cancel': 'annuler',
  'action.timeout': 'pas de réponse à temps',
  'ended.done': 'terminée',
  'ended.limit': 'limite atteinte',
  'ended.cancelled': 'annulée',
  'ended.failed': 'échouée',
  'summary.left_out': 'Des messages précédents sont omis ici ({count}).',
  'refusal.confirmation_unknown': "Cette question n'existe pas dans cette session.",
  'refusal.confirmation_answered': 'Cette question a déjà reçu une réponse : {action}, par {by}, le {at}.',
  'refusal.confirmation_timed_out': "Personne n'a répondu à temps à cette question ; elle a donc été annulée le {at}.",
  'refusal.confirmation_run_ended':
    "L'exécution qui a posé cette question est en cours d'annulation. Rien n'est effectué.",
  'refusal.confirmation_changed': "Ce n'est pas ce que demande la question. Relisez-la avant de répondre.",
  'refusal.confirmation_needs_text': 'Pour modifier, indiquez dans « message » ce qui doit changer.',
  'refusal.confirmation_failed':
    "La réponse n'a pas pu être prise en compte après plusieurs essais. Rien n'a été fait ; consultez à nouveau la question.",
  'refusal.confirmation_input': "Ces arguments ne conviennent pas à l'outil : {problem}",
  'refusal.session_erased': 'Cette session a été effacée. Commencez-en une autre avec un nouvel id.',
  'refusal.session_busy':
    'La session est occupée par une autre exécution. Attendez sa fin, ou envoyez le message avec when_busy "enqueue".',
  'refusal.unknown_agent': "L'agent {agent} n'existe pas. GET /v1/agents donne la liste des agents disponibles.",
  'refusal.unknown_model':
    'Le modèle {model} n\'existe pas. GET /v1/status donne la liste des modèles disponibles ; omettez "model" pour utiliser celui de l\'agent.',
  'refusal.idempotency_key_reused':
    "Cette clé d'idempotence a déjà servi dans cette session avec un autre contenu. Utilisez une nouvelle clé pour chaque nouvelle requête.",
  'refusal.unknown_run': "Cette exécution n'existe pas dans cette session.",
  'refusal.run_ended': "L'exécution avait déjà pris fin ({status}). Il n'y a rien à annuler.",
  'error.step_failed':
    "L'exécution n'a pas pu se poursuivre après plusieurs tentatives. Ce qui a été fait est conservé ; renvoyez le message.",
  'error.unfinished': "La réponse n'a pas pu être terminée. Ce qui est déjà écrit est conservé ; renvoyez le message.",
  'error.producer_silent':
    'Le programme qui écrivait cette réponse ne répond plus. Ce qui est déjà écrit est conservé ; posez la question à nouveau.',
  'error.message_too_large':
    "Ce message, avec ce dont l'agent a besoin, dépasse ce que le modèle peut lire en une fois. Raccourcissez-le ou choisissez un autre modèle ou un autre agent.",
  'error.tool_unknown_outcome':
    "Le programme qui exécutait {tool} s'est arrêté brutalement. On ne sait pas si l'action a pris effet.",
  'error.tool_cancelled': "L'exécution a été annulée avant que cela ne soit fait.",
  'error.tool_cancelled_unknown':
    "L'exécution a été annulée pendant que cela se faisait. L'action a peut-être pris effet.",
  'error.tool_gave_up':
    "{tool} a été lancé {attempts} fois et, chaque fois, le programme qui l'exécutait s'est arrêté brutalement. Il n'est plus relancé.",
  'error.tool_timed_out':
    "{tool} ne s'est pas terminé en {seconds} s et a été arrêté. Ce qu'il avait fait jusque-là a pu prendre effet.",
  'error.tool_failed': "{tool} a échoué. L'administrateur de ce système peut en trouver la cause dans son journal.",
  'error.tool_output_too_large':
    "La sortie de {tool} dépasse {mebibytes} Mio et n'a pas été conservée. Demandez-en moins à la fois.",
  'error.tool_output_not_stored':
    "{tool} a terminé, mais sa sortie est trop volumineuse et n'a pas pu être enregistrée. L'administrateur de ce système peut en trouver la cause dans son journal.",
  'error.memory_failed': "Le modèle n'a pas pu dire ce qui mérite d'être retenu. La réponse n'est pas concernée.",
  'error.memory_timed_out':
    "Ce qui mérite d'être retenu n'a pas été déterminé à temps. La réponse n'est pas concernée.",
  'error.request_lost':
    "Ce dont la réponse a besoin n'est plus dans le stockage. La conversation est conservée ; renvoyez le message.",
  'error.provider_refused':
    "Le fournisseur du modèle a refusé l'accès à ce système. Votre message est conservé. Demandez à l'administrateur de vérifier la clé, ou choisissez un autre modèle.",
  'error.provider_rate_limited':
    "Le fournisseur du modèle n'accepte plus de requêtes pour le moment. Votre message est conservé ; renvoyez-le dans quelques minutes.",
  'error.provider_quota_exhausted':
    "Le compte chez le fournisseur du modèle n'a plus de crédit. Votre message est conservé. Prévenez l'administrateur de ce système ou choisissez un autre modèle.",
  'error.provider_unreachable':
    "Le fournisseur du modèle n'a pas pu être joint. Votre message est conservé ; renvoyez-le dans un instant.",
  'error.provider_unavailable':
    'Le fournisseur du modèle ne peut pas répondre pour le moment. Votre message est conservé ; renvoyez-le dans quelques minutes.',
  'error.provider_timed_out':
    "Le modèle n'a pas commencé à répondre à temps. Votre message est conservé ; renvoyez-le ou choisissez un autre modèle.",
  'error.provider_stalled':
    "Le modèle s'est arrêté au milieu de sa réponse. Ce qui est déjà écrit est conservé ; renvoyez le message.",
  'error.provider_broken':
    "La réponse du modèle s'est interrompue. Ce qui est déjà écrit est conservé ; renvoyez le message.",
  'error.provider_unknown_model':
    "Le fournisseur ne connaît pas ce modèle. Votre message est conservé. Choisissez un autre modèle ou prévenez l'administrateur de ce système.",
  'error.provider_context_too_long':
    'La conversation dépasse ce que le modèle peut lire en une fois. Tout est conservé. Choisissez un modèle de plus grande capacité ou commencez une nouvelle conversation.',
  'error.provider_unsupported':
    'Le modèle ne peut pas traiter un élément de cette conversation, par exemple un fichier ou une image. Tout est conservé. Choisissez un autre modèle ou envoyez le message sans cet élément.',
  'error.provider_content_filtered':
    'Le filtre de sécurité du fournisseur du modèle a arrêté la réponse. Tout est conservé. Reformulez votre message.',
  'error.provider_bad_request':
    "Le fournisseur du modèle n'a pas accepté la requête. Tout est conservé. Modifiez le message ou choisissez un autre modèle.",
}
