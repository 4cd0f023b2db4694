"""Which errors a person can mend, and the line that says how."""

from __future__ import annotations

import sys

START = "Start a stack with `easymo up`, or check "
KAFKA = "EASYMO_KAFKA_BOOTSTRAP_SERVERS"
POSTGRES = "EASYMO_POSTGRES_DSN"
RIGHTS = (
    "To migrate, the user creates schemas and roles; to consume, it is a member of the roles easymo_…: "
    "GRANT easymo_core, … TO the user."
)

# (module, exception, what to say); `{}` is the error's own text, all there is to say for ours.
MENDABLE = (
    ("infra.settings", "MissingSetting", "{}"),
    ("infra.embedded.failure", "EmbeddedFailure", "{}"),
    ("infra.kafka.connection", "KafkaUnreachable", "{}"),
    ("infra.kafka.connection", "KafkaRefused", "{}"),
    ("infra.kafka.topics", "OrderWouldBreak", "{}"),
    ("consumers.runtime.discovery", "NoSuchDomain", "{}"),
    ("consumers.runtime.accounting", "TooOld", "{}"),
    ("consumers.runtime.replay_choice", "Refused", "{}"),
    ("infra.journal.replays", "NoSuchReplay", "{}"),
    ("infra.journal.moments", "NoMoment", "{}"),
    ("infra.journal.spans", "NoSuchTopic", "{}"),
    ("consumers.dead_letters.finding", "NoSuchLetter", "{}"),
    ("consumers.dead_letters.acts", "NotPossible", "{}"),
    ("consumers.wallet.verifying.statement", "NoSuchAccount", "{}"),
    ("consumers.wallet.finding", "NothingWaits", "{}"),
    ("consumers.wallet.finding", "NobodyKnown", "{}"),
    ("consumers.payments.finding", "NoSuchPayment", "{}"),
    ("consumers.payments.rules.reconciling", "NoStatement", "{}"),
    ("scripts.till.deciding", "NotHandled", "{}"),
    ("scripts.documents.writing", "NotWritten", "{}"),
    ("scripts.scaffold.naming", "Unfit", "{}"),
    ("infra.registry.remote", "RegistryUnreachable", "{}"),
    ("infra.registry.folder", "FolderUnusable", "{}"),
    ("infra.registry.refusals", "Refusal", "{}"),  # two published schemas with one id
    ("schemas.compatibility.vocabulary", "UnusableSchema", "{}"),
    ("aiokafka.errors", "KafkaConnectionError", f"Kafka does not answer: {{}}. {START}{KAFKA}."),
    ("asyncpg", "InvalidCatalogNameError", f"PostgreSQL refuses: {{}}. Check {POSTGRES}."),
    ("asyncpg", "InvalidAuthorizationSpecificationError", f"PostgreSQL refuses: {{}}. Check {POSTGRES}."),
    ("infra.postgres.migrations", "MigrationError", "{}"),
    ("asyncpg", "InsufficientPrivilegeError", f"PostgreSQL refuses: {{}}. {RIGHTS}"),
    ("asyncpg", "UndefinedTableError", "{}: the database is not up to date. Run `easymo migrate`."),
    ("asyncpg", "CannotConnectNowError", "PostgreSQL is starting or stopping: {}. Try again in a moment."),
    ("builtins", "ConnectionRefusedError", f"Nobody answers: {{}}. {START}{POSTGRES} and {KAFKA}."),
)


def explain(error: BaseException) -> str | None:
    """One line for people: what happened and what to do next. None: a defect, show the traceback.

    Looks only at libraries that are loaded: an error from one that is not cannot have happened, and
    importing them all would slow every command down.
    """
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return explain(error.exceptions[0])
    for module, name, text in MENDABLE:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return text.format(error)
    if isinstance(error, FileNotFoundError) and ".s.PGSQL" in str(error):  # the socket of a stopped server
        return f"PostgreSQL does not answer: {error}. {START}{POSTGRES}."
    return None
