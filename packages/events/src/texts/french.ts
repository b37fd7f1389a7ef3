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
  'planner.queued': 'En attente de la fin de la réponse précédente…',
  'planner.time_limit':
    "Cette connexion est restée ouverte aussi longtemps que permis. La réponse continue : reconnectez-vous avec le dernier id d'événement.",
  'planner.reset':
    "Impossible de continuer à partir de ce que vous avez vu. La réponse n'est pas affectée : rechargez les messages de la session.",
  'planner.not_answered':
    "Ce message n'a pas reçu de réponse. Rechargez la session et renvoyez le message s'il n'y figure pas.",
  'chat.interrupted': '[Interrompu]',
  'chat.began_anew':
    'La réponse a dû recommencer, et ce qui en a été reçu ici ne peut pas être retiré. Elle continue : rechargez la conversation dans un instant.',
  'chat.reset': 'Ce flux ne peut pas reprendre là où vous en étiez. Rien n’est perdu : rechargez la conversation.',
  'chat.time_limit':
    'Ce flux est resté ouvert aussi longtemps que permis. La réponse continue. Pour la suite, renvoyez la requête avec l’en-tête Last-Event-ID: {cursor}, ou faites un GET de la même adresse avec ?session_id={session}&after={cursor}.',
  'chat.cancelled': 'La réponse a été annulée. Ce qu’il y en a est conservé.',
  'chat.cancelled_unanswered':
    'Personne n’a répondu à la question à temps, elle a donc été annulée. Rien de ce qui était demandé n’a été fait.',
  'chat.cancelled_refused': 'Ce qui était demandé a été refusé. Rien n’est fait.',
  'chat.cancelled_late': 'Cela a duré plus longtemps que permis et a donc été annulé. Ce qu’il y en a est conservé.',
  'chat.not_started': 'Le message n’a pas été pris en charge. Renvoyez-le dans un instant.',
  'chat.erased': 'Cette conversation a été effacée. Commencez-en une nouvelle.',
  'summary.left_out': 'Des messages précédents sont omis ici ({count}).',
  'confirmation.began': 'Début de la planification de la tâche…',
  'confirmation.acting': 'Début de l’exécution…',
  'confirmation.tool': 'Exécution de {tool}…',
  'confirmation.progress': 'Exécution de {tool}… {percent} %',
  'confirmation.whole_output': 'La sortie complète : {link}',
  'confirmation.question': 'Veuillez confirmer l’exécution de ces tâches ({count}) :\n{tasks}',
  'confirmation.received': 'Votre réponse est reçue. On continue…',
  'confirmation.pending': 'Votre réponse est en sécurité et sera traitée dès que possible. Ne la renvoyez pas.',
  'confirmation.nothing_waits': 'La confirmation a échoué. Veuillez réessayer.',
  'confirmation.timed_out': 'La confirmation n’est pas arrivée à temps ou a été annulée.',
  'confirmation.completed': 'La tâche est terminée.',
  'confirmation.limit': 'La tâche s’est arrêtée ici, car une limite a été atteinte.',
  'confirmation.cancelled': 'La tâche a été annulée.',
  'confirmation.began_anew': 'La réponse recommence…',
  'confirmation.not_taken': 'Le message n’a pas pu être pris en charge. Envoyez-le de nouveau.',
  'confirmation.stream_time_limit':
    'Cette connexion a atteint sa durée maximale. La tâche continue : revenez avec l’id du dernier événement reçu.',
  'confirmation.reload': 'Ce que vous avez de cette conversation ne peut pas être poursuivi. Rechargez ses messages.',
  'confirmation.unknown_action':
    'Cette réponse n’existe pas. Envoyez "CONFIRM_ACTION:confirm", "CONFIRM_ACTION:modify:<ce qui doit changer>" ou "CONFIRM_ACTION:cancel".',
  'confirmation.needs_text': 'Dites ce qui doit changer : "CONFIRM_ACTION:modify:<ce qui doit changer>".',
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
