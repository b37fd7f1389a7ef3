import type { Texts } from './texts.ts'

export const spanish: Texts = {
  'agent.instructions': 'Eres un asistente de IA servicial.',
  'session.new': 'Nueva conversación',
  'agent.answer_in': 'Responde en español.',
  'status.planning': 'Planificando la tarea…',
  'status.thinking': 'Pensando…',
  'status.acting': 'Empezando…',
  'progress.step': 'Paso {step} de {steps}…',
  'question.plan': 'Confirme estas tareas ({count}):\n{tasks}',
  'question.tool': '¿Se puede llamar a {tool} con estos argumentos?\n{input}',
  'action.confirm': 'confirmar',
  'action.modify': 'modificar',
  'action.cancel': 'cancelar',
  'action.timeout': 'sin respuesta a tiempo',
  'ended.done': 'terminada',
  'ended.limit': 'límite alcanzado',
  'ended.cancelled': 'cancelada',
  'ended.failed': 'fallida',
  'planner.queued': 'Esperando a que termine la respuesta anterior…',
  'planner.time_limit':
    'Esta conexión ha estado abierta todo el tiempo permitido. La respuesta continúa: vuelva a conectarse con el último id de evento.',
  'planner.reset':
    'No se puede continuar desde lo que ya ha visto. La respuesta no se ve afectada: vuelva a cargar los mensajes de la sesión.',
  'planner.not_answered':
    'Este mensaje no tuvo respuesta. Vuelva a cargar la sesión y, si el mensaje no está, envíelo de nuevo.',
  'chat.interrupted': '[Interrumpido]',
  'chat.began_anew':
    'La respuesta tuvo que empezar de nuevo y lo que ya se recibió aquí no se puede retirar. La respuesta continúa: vuelva a cargar la conversación dentro de un momento.',
  'chat.reset': 'Este flujo no puede continuar donde estaba. No se ha perdido nada: vuelva a cargar la conversación.',
  'chat.time_limit':
    'Este flujo ha estado abierto todo el tiempo permitido. La respuesta continúa. Para seguir recibiéndola, envíe de nuevo la petición con la cabecera Last-Event-ID: {cursor}, o haga GET de la misma dirección con ?session_id={session}&after={cursor}.',
  'chat.cancelled': 'La respuesta se canceló. Se conserva lo que había de ella.',
  'chat.cancelled_unanswered':
    'Nadie contestó la pregunta a tiempo, así que se canceló. No se hizo nada de lo que se preguntaba.',
  'chat.cancelled_refused': 'Lo que se preguntaba fue rechazado. No se hace.',
  'chat.cancelled_late': 'Tardó más de lo permitido, así que se canceló. Se conserva lo que había.',
  'chat.not_started': 'El mensaje no se pudo atender. Envíelo de nuevo dentro de un momento.',
  'chat.erased': 'Esta conversación se ha borrado. Empiece una nueva.',
  'summary.left_out': 'Aquí se omiten mensajes anteriores ({count}).',
  'confirmation.began': 'Empezando a planificar la tarea…',
  'confirmation.acting': 'Empezando la ejecución…',
  'confirmation.tool': 'Ejecutando {tool}…',
  'confirmation.progress': 'Ejecutando {tool}… {percent} %',
  'confirmation.whole_output': 'La salida completa: {link}',
  'confirmation.question': 'Confirme que se ejecuten estas tareas ({count}):\n{tasks}',
  'confirmation.received': 'Se recibió su respuesta. Se continúa…',
  'confirmation.pending': 'Su respuesta está a salvo y se atenderá lo antes posible. No la envíe de nuevo.',
  'confirmation.nothing_waits': 'La confirmación falló. Inténtelo de nuevo.',
  'confirmation.timed_out': 'La confirmación no llegó a tiempo o se canceló.',
  'confirmation.completed': 'La tarea está terminada.',
  'confirmation.limit': 'La tarea terminó aquí porque se alcanzó un límite.',
  'confirmation.cancelled': 'La tarea se canceló.',
  'confirmation.began_anew': 'La respuesta empieza de nuevo…',
  'confirmation.not_taken': 'No se pudo atender el mensaje. Envíelo de nuevo.',
  'confirmation.stream_time_limit':
    'Esta conexión llegó a su duración máxima. La tarea continúa: vuelva con el id del último evento que recibió.',
  'confirmation.reload': 'Lo que usted tiene de esta conversación no se puede continuar. Vuelva a cargar sus mensajes.',
  'confirmation.unknown_action':
    'No existe esa respuesta. Envíe "CONFIRM_ACTION:confirm", "CONFIRM_ACTION:modify:<qué cambiar>" o "CONFIRM_ACTION:cancel".',
  'confirmation.needs_text': 'Indique qué debe cambiar: "CONFIRM_ACTION:modify:<qué cambiar>".',
  'refusal.confirmation_unknown': 'Esa pregunta no existe en esta sesión.',
  'refusal.confirmation_answered': 'Esta pregunta ya se respondió: {action}, por {by}, el {at}.',
  'refusal.confirmation_timed_out': 'Nadie respondió a tiempo a esta pregunta, así que se canceló el {at}.',
  'refusal.confirmation_run_ended': 'La ejecución que hizo esta pregunta se está cancelando. No se hace nada.',
  'refusal.confirmation_changed': 'Esto no es lo que pide la pregunta. Vuelva a leerla antes de responder.',
  'refusal.confirmation_needs_text': 'Para modificar, indique en "message" qué debe cambiar.',
  'refusal.confirmation_failed':
    'No se pudo recibir la respuesta tras varios intentos. No se ha hecho nada; vuelva a mirar la pregunta.',
  'refusal.confirmation_input': 'Estos argumentos no son válidos para la herramienta: {problem}',
  'refusal.session_erased': 'Esta sesión se eliminó. Empiece otra con un id nuevo.',
  'refusal.session_busy':
    'La sesión está ocupada con otra ejecución. Espere a que termine o envíe el mensaje con when_busy "enqueue".',
  'refusal.unknown_agent': 'No existe el agente {agent}. GET /v1/agents muestra los que hay.',
  'refusal.unknown_model':
    'No existe el modelo {model}. GET /v1/status muestra los que hay; omita "model" para usar el del agente.',
  'refusal.idempotency_key_reused':
    'Esta clave de idempotencia ya se usó en esta sesión con otro contenido. Use una clave nueva para cada solicitud nueva.',
  'refusal.unknown_run': 'Esa ejecución no existe en esta sesión.',
  'refusal.run_ended': 'La ejecución ya había acabado ({status}). No hay nada que cancelar.',
  'error.step_failed':
    'La ejecución no pudo continuar después de varios intentos. Lo que se había hecho se conserva; envíe el mensaje de nuevo.',
  'error.unfinished':
    'La respuesta no se pudo terminar. Lo que ya estaba escrito se conserva; envíe el mensaje de nuevo.',
  'error.producer_silent':
    'El programa que escribía esta respuesta dejó de responder. Lo que ya estaba escrito se conserva; pregunte de nuevo.',
  'error.message_too_large':
    'Este mensaje, junto con lo que el agente necesita, supera lo que el modelo puede leer de una vez. Acórtelo o elija otro modelo u otro agente.',
  'error.tool_unknown_outcome': 'El programa que ejecutaba {tool} se interrumpió. No se sabe si llegó a tener efecto.',
  'error.tool_cancelled': 'La ejecución se canceló antes de que se hiciera esto.',
  'error.tool_cancelled_unknown': 'La ejecución se canceló mientras se hacía esto. Puede que haya tenido efecto.',
  'error.tool_gave_up':
    '{tool} se inició {attempts} veces y cada vez falló el programa que lo ejecutaba. No se vuelve a iniciar.',
  'error.tool_timed_out':
    '{tool} no terminó en {seconds} s y se detuvo. Lo que hizo hasta entonces puede haber surtido efecto.',
  'error.tool_failed': '{tool} falló. Quien administra este sistema puede ver la causa en su registro.',
  'error.tool_output_too_large': 'La salida de {tool} supera {mebibytes} MiB y no se conservó. Pida menos de una vez.',
  'error.tool_output_not_stored':
    '{tool} terminó, pero su salida es demasiado grande y no se pudo guardar. Quien administra este sistema puede ver la causa en su registro.',
  'error.memory_failed': 'El modelo no pudo decir qué merece recordarse. La respuesta no se ve afectada.',
  'error.memory_timed_out': 'No se determinó a tiempo qué merece recordarse. La respuesta no se ve afectada.',
  'error.request_lost':
    'Lo que la respuesta necesita ya no está en el almacén. La conversación se conserva; envíe el mensaje de nuevo.',
  'error.provider_refused':
    'El proveedor del modelo rechazó el acceso de este sistema. Su mensaje se conserva. Avise a quien lo administra para que revise la clave, o elija otro modelo.',
  'error.provider_rate_limited':
    'El proveedor del modelo no acepta más solicitudes por ahora. Su mensaje se conserva; envíelo de nuevo dentro de unos minutos.',
  'error.provider_quota_exhausted':
    'La cuenta en el proveedor del modelo se quedó sin saldo. Su mensaje se conserva. Avise a quien administra este sistema o elija otro modelo.',
  'error.provider_unreachable':
    'No se pudo conectar con el proveedor del modelo. Su mensaje se conserva; envíelo de nuevo dentro de un momento.',
  'error.provider_unavailable':
    'El proveedor del modelo no puede responder en este momento. Su mensaje se conserva; envíelo de nuevo dentro de unos minutos.',
  'error.provider_timed_out':
    'El modelo no empezó a responder a tiempo. Su mensaje se conserva; envíelo de nuevo o elija otro modelo.',
  'error.provider_stalled':
    'El modelo se detuvo a mitad de la respuesta. Lo que ya estaba escrito se conserva; envíe el mensaje de nuevo.',
  'error.provider_broken':
    'La respuesta del modelo se interrumpió. Lo que ya estaba escrito se conserva; envíe el mensaje de nuevo.',
  'error.provider_unknown_model':
    'El proveedor no conoce este modelo. Su mensaje se conserva. Elija otro modelo o avise a quien administra este sistema.',
  'error.provider_context_too_long':
    'La conversación supera lo que el modelo puede leer de una vez. Todo se conserva. Elija un modelo con más capacidad o empiece una conversación nueva.',
  'error.provider_unsupported':
    'El modelo no puede tratar algo de esta conversación, como un archivo o una imagen. Todo se conserva. Elija otro modelo o envíe el mensaje sin ello.',
  'error.provider_content_filtered':
    'El filtro de seguridad del proveedor del modelo detuvo la respuesta. Todo se conserva. Formule el mensaje de otra manera.',
  'error.provider_bad_request':
    'El proveedor del modelo no aceptó la solicitud. Todo se conserva. Cambie el mensaje o elija otro modelo.',
}
